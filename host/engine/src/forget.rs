//! Forgetting a member, and telling one what is held about them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch, RecordBatchReader};
use arrow_select::filter::filter_record_batch;
use groundswell_ledger::{Ledger, Selection};
use parquet::arrow::ArrowWriter;
use serde::Serialize;

use crate::config::MaxRejected;
use crate::fresh::{FreshFile, digest, folders, make_folder, remove_parts, sweep};
use crate::gate::Gate;
use crate::metrics::read;
use crate::nearest::nearest;
use crate::results::{FILES, RECORD, UNFINISHED};
use crate::snapshot::{Freezing, Names, READING, REJECTED, identities, names};
use crate::sources::{Forgotten, Given, people};
use crate::stored::batches;
use crate::{Config, Error, Snapshot, Table};

/// The file of those who were forgotten, in the state.
const FORGOTTEN: &str = "forgotten.json";
/// Beside a run's results: why they are no longer what its receipt says.
const SUPERSEDED: &str = "superseded.json";

/// Who was forgotten in a community with this state.
pub(crate) fn forgotten(state: &Path) -> Result<Forgotten, Error> {
    let path = state.join(FORGOTTEN);
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| {
            let source = std::io::Error::new(ErrorKind::InvalidData, error.to_string());
            Error::file("read", path)(source)
        }),
        // Where the state cannot be, nobody was forgotten in it.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Forgotten::default())
        }
        Err(error) => Err(Error::file("read", path)(error)),
    }
}

/// What forgetting a member did, and what it could not do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Forgetting {
    /// The ids that are forgotten: the member's own, and aliases.
    pub ids: Vec<String>,
    /// Whether anything of theirs was held. Where nothing was, the ids are known for later data all the same.
    pub held: bool,
    /// Where nothing was held: whether the data names them as it is now, all of which is left out. `None` where something was
    /// held, or the data cannot be read.
    pub named: Option<bool>,
    /// Where nothing was held, and the data does not name them: somebody who is there, and whose id is much like the one that was
    /// asked for.
    pub nearest: Option<String>,
    /// How many snapshots were written anew without them.
    pub snapshots: u64,
    /// How many runs had rows of theirs, which are gone; their receipts are superseded.
    pub runs: u64,
    /// How many entries of the ledger lost the name and the reason; the amounts stay.
    pub entries: u64,
    /// What holds the member still, and has to be seen to by hand.
    pub beyond: Vec<String>,
}

/// Forgets a member in everything that the state holds.
pub(crate) fn forget(config: &Config, member: &str, with: &Freezing<'_>) -> Result<Forgetting, Error> {
    if member.trim().is_empty() {
        return Err(Error::NoId);
    }
    let state = &config.community.state;
    make_folder(state).map_err(Error::file("create", state))?;
    // Whoever forgets somebody else at the same time, or stores what they began before, is waited for.
    let _alone = Gate::shut(state, with.stop)?;
    let mut identities = identities(config, with)?;
    let before = identities.clone();
    let ids = identities.all_of(member);
    // From here on later data of theirs is known, whatever happens next; forgetting again does the rest.
    let known = identities.forgotten_mut();
    if *known == Forgotten::default() {
        *known = Forgotten::new(chance()?);
    }
    ids.iter().for_each(|id| known.add(id));
    write_whole(&state.join(FORGOTTEN), &serde_json::to_vec_pretty(known).unwrap_or_default())?;

    // What processes left behind that were killed may be about them too.
    for (base, prefix) in [("snapshots", READING), ("runs", UNFINISHED)] {
        let base = state.join(base);
        sweep(&base, prefix);
        folders(&base).iter().try_for_each(|folder| remove_parts(folder))?;
    }

    let mut done = Forgetting { ids: ids.clone(), ..Forgetting::default() };
    let mut sources = BTreeSet::new();
    let mut rewritten = BTreeSet::new();
    for folder in folders(&state.join("snapshots")) {
        with.stop.check()?;
        match Snapshot::open(&folder) {
            Ok(snapshot) => {
                sources.extend(snapshot.source_files().map(str::to_owned));
                done.held |= rejected(&snapshot, &ids)?.is_some();
                if snapshot.without_forgotten(config, [&before, &identities], &ids, with)?.is_some() {
                    rewritten.insert(snapshot.hash().to_owned());
                    done.snapshots += 1;
                    done.held = true;
                }
            }
            // One of an earlier version, or a damaged one: its files can be read again.
            Err(_) => {
                fs::remove_dir_all(&folder).map_err(Error::file("remove", &folder))?;
                done.snapshots += 1;
            }
        }
    }
    for folder in folders(&state.join("runs")) {
        with.stop.check()?;
        done.runs += u64::from(forget_in_run(&folder, &ids, &rewritten)?);
    }
    done.entries = Ledger::forget(&state.join("ledger.sqlite"), &ids)?;
    done.held |= done.runs > 0 || done.entries > 0;
    done.beyond.extend(
        sources.into_iter().map(|file| format!("the source file {}", groundswell_runtime::shown(&file, 300))),
    );
    if !config.sources.aliases.is_empty() {
        done.beyond.push("the files of aliases".to_owned());
    }
    done.beyond
        .push("copies of results made with --out, backups, and whatever was delivered or printed".to_owned());
    Ok(done)
}

/// Says of somebody of whom nothing was held whether the data names them, and whose id is like theirs. They are forgotten by then:
/// what cannot be read is passed over. `frozen` is the data where that is not read from files.
pub(crate) fn look_around(
    config: &Config,
    (given, frozen): (&Given, Option<&Snapshot>),
    member: &str,
    done: &mut Forgetting,
    with: &Freezing<'_>,
) {
    let known = forgotten(&config.community.state).unwrap_or_default();
    let mut near: BTreeSet<String> = BTreeSet::new();
    let mut look = |ids: &mut dyn Iterator<Item = &str>| {
        near.extend(nearest(member, ids.filter(|id| !known.has(id))).map(str::to_owned));
    };
    let current =
        frozen.cloned().map(|frozen| (frozen, None)).or_else(|| as_if_nobody_were(config, given, with));
    if let Some(names) = current.as_ref().and_then(|(snapshot, _)| Names::read(snapshot).ok()) {
        done.named = Some(names.ids.iter().flatten().any(|id| done.ids.iter().any(|gone| gone == id)));
        look(&mut names.ids.iter().flatten());
    }
    let state = &config.community.state;
    for snapshot in folders(&state.join("snapshots")).iter().filter_map(|folder| Snapshot::open(folder).ok())
    {
        if let Ok(names) = Names::read(&snapshot) {
            look(&mut names.ids.iter().flatten());
        }
    }
    let ledger = Ledger::look(&state.join("ledger.sqlite"));
    if let Ok(all) = ledger.and_then(|ledger| ledger.holdings(&Selection::default())) {
        look(&mut all.iter().filter_map(|one| one.member.as_deref()));
    }
    let near = nearest(member, near.iter().map(String::as_str)).filter(|_| done.named != Some(true));
    done.nearest = near.map(str::to_owned);
}

/// The data as if nobody were forgotten, in a folder that is gone with it.
fn as_if_nobody_were(
    config: &Config,
    given: &Given,
    with: &Freezing<'_>,
) -> Option<(Snapshot, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir_in(&config.community.state).or_else(|_| tempfile::tempdir()).ok()?;
    let mut other = config.clone();
    folder.path().clone_into(&mut other.community.state);
    other.sources.max_rejected = MaxRejected::Percent(100.0);
    let with = Freezing { known: folder.path(), ..*with };
    let snapshot = Snapshot::freeze(&other, given, folder.path(), &with).ok()?;
    Some((snapshot, Some(folder)))
}

/// 32 bytes of chance.
fn chance() -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| {
        Error::file("get chance for", "forgotten.json")(std::io::Error::other(error.to_string()))
    })?;
    Ok(key)
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = FreshFile::create(path)?;
        file.write_all(bytes)?;
        file.keep()
    };
    write().map_err(Error::file("write", path))
}

/// Takes members out of the results of a run, and says so beside them. Answers whether there was anything of theirs, or of their
/// snapshot.
fn forget_in_run(folder: &Path, ids: &[String], rewritten: &BTreeSet<String>) -> Result<bool, Error> {
    let mut gone = false;
    for name in FILES.into_iter().filter(|name| name.ends_with(".parquet")) {
        let path = folder.join(name);
        if path.is_file() {
            gone |= rewrite(&path, ids)?;
        }
    }
    let receipt = fs::read_to_string(folder.join("receipt.json")).unwrap_or_default();
    let of_them = rewritten.iter().any(|hash| receipt.contains(hash.as_str()));
    if !(gone || of_them) {
        return Ok(false);
    }
    let record = folder.join(RECORD);
    if let Some(mut said) =
        fs::read(&record).ok().and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok())
    {
        let mut digests = serde_json::Map::new();
        for name in FILES.into_iter().filter(|name| *name != RECORD) {
            let path = folder.join(name);
            if path.is_file() {
                let digest = digest(&path).map_err(Error::file("read", &path))?;
                digests.insert(name.to_owned(), digest.into());
            }
        }
        if let Some(said) = said.as_object_mut() {
            said.insert("digests".to_owned(), digests.into());
        }
        write_whole(&record, format!("{said:#}\n").as_bytes())?;
    }
    write_whole(&folder.join(SUPERSEDED), b"{\n  \"superseded\": \"a member was forgotten\"\n}\n")?;
    Ok(true)
}

/// Writes a file of columns anew without the rows of these members; answers whether there were any.
fn rewrite(path: &Path, ids: &[String]) -> Result<bool, Error> {
    let reader = batches(path, None)?;
    let schema = reader.schema();
    let mut gone = false;
    let mut kept: Vec<RecordBatch> = Vec::new();
    for batch in reader {
        let batch = batch.map_err(Error::columns("read", path))?;
        let members = batch.column_by_name("member").and_then(|members| members.as_string_opt::<i32>());
        let Some(members) = members else { return Ok(false) };
        let stays: BooleanArray = members
            .iter()
            .map(|member| Some(member.is_none_or(|member| !ids.iter().any(|id| id == member))))
            .collect();
        gone |= stays.true_count() < batch.num_rows();
        kept.push(filter_record_batch(&batch, &stays).map_err(Error::columns("read", path))?);
    }
    if !gone {
        return Ok(false);
    }
    let mut fresh = FreshFile::create(path).map_err(Error::file("write", path))?;
    let mut writer = ArrowWriter::try_new(&mut fresh, schema, None).map_err(Error::columns("write", path))?;
    for batch in &kept {
        writer.write(batch).map_err(Error::columns("write", path))?;
    }
    writer.close().map_err(Error::columns("write", path))?;
    fresh.keep().map_err(Error::file("write", path))?;
    Ok(true)
}

/// Everything that is held about a member, by where it lies.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MemberData {
    /// The member's own id, and aliases.
    pub ids: Vec<String>,
    /// Rows of the newest data, by table: every row in which the member is named.
    pub data: BTreeMap<String, Vec<serde_json::Value>>,
    /// Rows of older data that is still stored, by snapshot and table.
    pub snapshots: BTreeMap<String, Vec<serde_json::Value>>,
    /// Rows that were left aside and name the member, by snapshot: where they stood, why, and what they said.
    pub rejected: BTreeMap<String, Vec<serde_json::Value>>,
    /// Rows of stored results, by receipt and file.
    pub runs: BTreeMap<String, Vec<serde_json::Value>>,
    /// Entries of the ledger: awards and the tiers of each period.
    pub ledger: Vec<serde_json::Value>,
}

/// Gathers what is held about a member.
pub(crate) fn held(
    config: &Config,
    snapshot: &Snapshot,
    member: &str,
    with: &Freezing<'_>,
) -> Result<MemberData, Error> {
    let ids = identities(config, with)?.all_of(member);
    let mut all = MemberData { ids: ids.clone(), ..MemberData::default() };
    all.data = rows(snapshot, &ids, with)?;
    all.rejected.extend(rejected(snapshot, &ids)?.map(|rows| (snapshot.hash().to_owned(), rows)));
    let state = &config.community.state;
    let stored = folders(&state.join("snapshots"));
    // One that cannot be opened is of another version, or damaged, and nobody can read it.
    let stored = stored.iter().filter_map(|folder| Snapshot::open(folder).ok());
    for older in stored.filter(|stored| stored.hash() != snapshot.hash()) {
        let found = rows(&older, &ids, with)?.into_iter().filter(|(_, rows)| !rows.is_empty());
        all.snapshots.extend(found.map(|(table, rows)| (format!("{}/{table}", older.hash()), rows)));
        all.rejected.extend(rejected(&older, &ids)?.map(|rows| (older.hash().to_owned(), rows)));
    }
    for folder in folders(&state.join("runs")) {
        let receipt = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for name in FILES.into_iter().filter(|name| name.ends_with(".parquet")) {
            let path = folder.join(name);
            if !path.is_file() {
                continue;
            }
            for batch in batches(&path, None)? {
                let batch = batch.map_err(Error::columns("read", &path))?;
                let rows = of_members(&batch, &["member"], &ids).map_err(Error::columns("read", &path))?;
                let found = objects(&rows);
                if !found.is_empty() {
                    all.runs.entry(format!("{receipt}/{name}")).or_default().extend(found);
                }
            }
        }
    }
    all.ledger = Ledger::held(&state.join("ledger.sqlite"), &ids)?;
    Ok(all)
}

/// The rows of a snapshot that name any of the members, by table.
fn rows(
    snapshot: &Snapshot,
    ids: &[String],
    with: &Freezing<'_>,
) -> Result<BTreeMap<String, Vec<serde_json::Value>>, Error> {
    let mut all: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    let names = Names::read(snapshot)?;
    for table in Table::ALL.into_iter().filter(|table| snapshot.has(*table)) {
        let (path, batches) = read(snapshot, table, None)?;
        for batch in batches {
            with.stop.check()?;
            let batch = batch.map_err(Error::columns("read", &path))?;
            let batch = names.thaw(table, &batch).map_err(Error::columns("read", &path))?;
            let rows = of_members(&batch, people(table), ids).map_err(Error::columns("read", &path))?;
            all.entry(table.name().to_owned()).or_default().extend(objects(&rows));
        }
    }
    Ok(all)
}

/// The rows that were left aside when a snapshot was taken and name any of the members, if there are any.
fn rejected(snapshot: &Snapshot, ids: &[String]) -> Result<Option<Vec<serde_json::Value>>, Error> {
    let path = snapshot.dir().join(REJECTED);
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let entries = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let of_them: Vec<_> = entries.filter(|entry| names(entry, ids)).collect();
    Ok(Some(of_them).filter(|rows| !rows.is_empty()))
}

/// The rows in which any of the columns names any of the members.
fn of_members(
    batch: &RecordBatch,
    columns: &[&str],
    ids: &[String],
) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let named = |row: usize| {
        columns.iter().any(|name| {
            let texts = batch.column_by_name(name).and_then(|texts| texts.as_string_opt::<i32>());
            texts.is_some_and(|texts| texts.is_valid(row) && ids.iter().any(|id| id == texts.value(row)))
        })
    };
    let named: BooleanArray = (0..batch.num_rows()).map(|row| Some(named(row))).collect();
    filter_record_batch(batch, &named)
}

fn objects(batch: &RecordBatch) -> Vec<serde_json::Value> {
    let answer = crate::sql::Answer::new(batch.clone());
    match serde_json::to_value(answer) {
        Ok(serde_json::Value::Array(rows)) => rows,
        _ => Vec::new(),
    }
}
