//! A frozen, content-hashed community.

mod canonical;
mod columns;
mod days;
mod dense;
mod dictionary;
mod duplicates;
mod encoded;
mod known;
mod multiset;
mod places;
mod rejections;
mod table;
mod thaw;
mod writer;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::days::Days;
use self::dense::{FEW, Texts, WORDS};
pub(crate) use self::dictionary::Word;
pub(crate) use self::known::State as FileState;
use self::known::{Found, Source, Start, start, taken_of};
use self::rejections::Rejections;
pub(crate) use self::rejections::names;
use self::table::Freezer;
pub(crate) use self::thaw::Names;
use crate::fresh::{FreshFolder, digest, sweep};
use crate::gate::Gate;
use crate::progress::steady;
use crate::sources::{Given, Identities, Meter, SourceFile, Streams, aliases, find};
use crate::stop::Stop;
use crate::{Config, Error, Progress, ProgressFn, Stage, Table};

/// The form of snapshots and of their hashes.
const FORMAT: u32 = 2;
const ABOUT: &str = "snapshot.json";
pub(crate) const REJECTED: &str = "rejected.jsonl";
/// What the names of folders of snapshots begin with as long as they are not whole.
pub(crate) const READING: &str = ".reading-";
/// The folder of tables as they are read, inside that of a snapshot in the making.
const TEXTS: &str = "texts";

/// A frozen, content-hashed community: a folder of Parquet files that nobody changes any more.
///
/// The hash is BLAKE3 over the rows, typed and in UTC nanoseconds; it depends on what the rows say, and not on their order, on the
/// files they came in, on compression, or on the order of columns.
///
/// `members.parquet` has everybody who occurs anywhere, in the order of ids by bytes; a member's number is the row, counted from
/// 0, and `listed` says who stands in the community's own table. `words.parquet` numbers verbs, kinds of objects, topics and
/// products in the order of their bytes. The other tables have these numbers in place of texts; activities and conversions are in
/// the order of time, follows in that of their members.
#[derive(Clone, Debug)]
pub struct Snapshot {
    dir: PathBuf,
    about: About,
}

/// What `snapshot.json` holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct About {
    format: u32,
    hash: String,
    /// The snapshot whose rows were taken over, so that their files were not read again.
    #[serde(default)]
    parent: Option<String>,
    rows: BTreeMap<Table, u64>,
    /// Rows that were looked at, those that were left aside among them.
    #[serde(default)]
    read: BTreeMap<Table, u64>,
    attributes: Vec<String>,
    newest: Option<i64>,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
    /// That of `notes` which speaks of all rows.
    #[serde(default)]
    note_of_days: Option<String>,
    /// The files it was taken of; `None` where rows came from a program.
    #[serde(default)]
    sources: Option<Vec<Source>>,
    /// BLAKE3 of what else decided how they were read.
    #[serde(default)]
    way: String,
    /// The BLAKE3 of each file: damage is found by it, and never read.
    #[serde(default)]
    digests: BTreeMap<String, String>,
    /// The file and line of a row with the newest time.
    #[serde(default)]
    newest_place: Option<(String, u64)>,
}

/// What freezing is done with.
pub(crate) struct Freezing<'f> {
    pub(crate) progress: Option<&'f ProgressFn>,
    pub(crate) stop: &'f Stop,
    pub(crate) threads: usize,
    /// Where snapshots lie that may be used again, or begun with.
    pub(crate) known: &'f Path,
}

impl Snapshot {
    /// Reads the community's files and freezes them in a folder of their hash below `base` (which is made if need be).
    ///
    /// Where a snapshot of the very same files is there already it is used, and nothing is read but the files' bytes for their
    /// hash. Where there is one of some of them, its rows are taken over, and the others alone are read: the new
    /// snapshot names it as its [`parent`](Self::parent) and is the same as if all files had been read. Rows with ids count once
    /// however often they come; a file without ids counts once by its bytes. Nothing in an older snapshot is changed, unless it
    /// is damaged: then it is written anew, and a note says so.
    ///
    /// # Errors
    ///
    /// Where a file is missing, cut off or lacks a needed column, where more rows are rejected than `max-rejected` allows, or where
    /// `base` cannot be written to.
    pub fn take(config: &Config, base: &Path, progress: Option<&ProgressFn>) -> Result<Self, Error> {
        let progress = progress.cloned().map(steady);
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let with = Freezing { progress: progress.as_ref(), stop: &Stop::default(), threads, known: base };
        Self::freeze(config, &Given::new(), base, &with)
    }

    /// [`Snapshot::take`] with tables that are given instead of files, for those whose progress is told steadily already.
    pub(crate) fn freeze(
        config: &Config,
        given: &Given,
        base: &Path,
        with: &Freezing<'_>,
    ) -> Result<Self, Error> {
        let mut tables = Vec::new();
        for table in Table::ALL {
            if let Some(files) = find(config, given, table)? {
                tables.push((table, files));
            }
        }
        if tables.is_empty() {
            return Err(config.without_data());
        }
        Self::freeze_tables(&tables, config, base, with)
    }

    /// One whose members are those of the files as they are now, whatever else is in it; nothing where the community does not have
    /// that table. Where there is a snapshot whose members were read of these very files it is used; else they are read, and
    /// frozen by themselves for others to begin with.
    pub(crate) fn of_members(
        config: &Config,
        given: &Given,
        base: &Path,
        with: &Freezing<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some(files) = find(config, given, Table::Members)? else { return Ok(None) };
        let tables = [(Table::Members, files)];
        let way = way(config, &identities(config, with)?);
        if let Some(sources) = Found::look(tables.to_vec(), with.stop)?.sources() {
            for known in taken_of(with.known, Table::Members, &sources, &way) {
                if is_written(&known, [parquet(Table::Members), WORDS.to_owned()])? {
                    return Ok(Some(known));
                }
            }
        }
        Self::freeze_tables(&tables, config, base, with).map(Some)
    }

    fn freeze_tables(
        tables: &[(Table, Vec<SourceFile>)],
        config: &Config,
        base: &Path,
        with: &Freezing<'_>,
    ) -> Result<Self, Error> {
        loop {
            // Who was forgotten since it began is in what was read, if it was read at all.
            let identities = identities(config, with)?;
            match Self::freeze_but_for(&identities, config, tables.to_vec(), base, with) {
                Ok(Some(snapshot)) => return Ok(snapshot),
                Ok(None) => {}
                Err(error) if !error.is_stopped() && identities.are_outdated(&config.community.state)? => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// [`Snapshot::freeze`] without whom these identities forget; nothing where there are more meanwhile.
    fn freeze_but_for(
        identities: &Identities,
        config: &Config,
        tables: Vec<(Table, Vec<SourceFile>)>,
        base: &Path,
        with: &Freezing<'_>,
    ) -> Result<Option<Self>, Error> {
        let mut found = Found::look(tables, with.stop)?;
        let kinds: Vec<Table> = found.tables.iter().map(|(table, _)| *table).collect();
        let sources = found.sources();
        let way = way(config, identities);
        let parent = match sources.as_ref().map(|sources| start(with.known, sources, &kinds, &way)) {
            Some(Start::Whole(mut snapshot)) => match damage(snapshot.dir())? {
                None => {
                    sweep(base, READING);
                    let known = &mut snapshot.about.notes;
                    found.notes.retain(|note| !known.contains(note));
                    known.append(&mut found.notes);
                    return Ok(Some(snapshot));
                }
                // Its files are read again, and it is mended.
                Some(_) => None,
            },
            // Which of a member's rows is the member's own is not to be seen in a snapshot.
            Some(Start::Earlier(snapshot))
                if !(identities.have_aliases() && found.has_new(&snapshot, Table::Members))
                    && damage(snapshot.dir())?.is_none() =>
            {
                Some(snapshot)
            }
            _ => None,
        };
        if let Some(parent) = &parent {
            found.begin_with(parent)?;
        }
        let folder = FreshFolder::create(base, READING)?;
        let read = found.to_read();
        let (mut about, streams) =
            Self::read(config, identities, folder.path(), found, parent.as_ref(), with)?;
        let mut sources = sources;
        if let Some(file) = read.changed(&streams, with.stop)? {
            about
                .notes
                .push(format!("{file}: changed while it was read; the next snapshot reads all files again"));
            sources = None;
        }
        let about = About { sources, way, ..about };
        write_about(folder.path(), &about)?;
        let state = &config.community.state;
        let gate = base.starts_with(state).then(|| Gate::enter(state, with.stop)).transpose()?;
        if gate.is_some() && identities.are_outdated(state)? {
            return Ok(None);
        }
        settle(folder, base, about).map(Some)
    }

    /// Reads all tables into the folder of a snapshot in the making, and says which bytes were read.
    fn read(
        config: &Config,
        identities: &Identities,
        folder: &Path,
        found: Found,
        parent: Option<&Self>,
        with: &Freezing<'_>,
    ) -> Result<(About, Streams), Error> {
        let texts = folder.join(TEXTS);
        fs::create_dir(&texts).map_err(Error::file("create", &texts))?;
        let tables: Vec<(Table, Vec<SourceFile>)> = found
            .tables
            .into_iter()
            .map(|(table, files)| (table, files.into_iter().map(|(file, _)| file).collect()))
            .collect();
        let total = tables.iter().flat_map(|(_, files)| files).map(|file| file.bytes).sum();
        let meter = Meter::new(total, with.progress, with.stop);
        let mut freezer = Freezer {
            folder: &texts,
            max_rejected: config.sources.max_rejected,
            excluded_roles: &config.community.exclude_roles,
            identities,
            meter: &meter,
            rejections: Rejections::create(&folder.join(REJECTED))?,
            notes: found.notes,
            days: Days::default(),
            newest_place: None,
        };
        let mut earlier = BTreeMap::new();
        if let Some(parent) = parent {
            freezer.rejections.carry(&parent.dir.join(REJECTED), &parent.about.rejected)?;
            let own =
                parent.about.notes.iter().filter(|note| Some(*note) != parent.about.note_of_days.as_ref());
            freezer.notes.splice(0..0, own.cloned());
            for (table, read) in &parent.about.read {
                earlier.insert(*table, read.saturating_sub(parent.rows(*table)));
            }
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"groundswell snapshot").update(&FORMAT.to_le_bytes());
        let mut about = About {
            format: FORMAT,
            parent: parent.map(|parent| parent.hash().to_owned()),
            ..About::default()
        };
        for table in Table::ALL {
            let files = tables.iter().find(|(of, _)| *of == table).map(|(_, files)| files);
            // A table that is not there is unknown, which is not the same as empty.
            hasher.update(&[u8::from(files.is_some())]);
            let Some(files) = files else { continue };
            if table == Table::Members {
                about.attributes = freezer.attributes(files)?;
            }
            let before = earlier.get(&table).copied().unwrap_or(0);
            let frozen = freezer.freeze(table, files, &about.attributes, before)?;
            hasher.update(frozen.hash.as_bytes());
            about.rows.insert(table, frozen.rows);
            about.read.insert(table, frozen.read);
        }
        meter.finish();
        let Freezer { rejections, mut notes, days, newest_place, .. } = freezer;
        let kinds: Vec<Table> = about.rows.keys().copied().collect();
        let mut done = 0;
        let mut step = || {
            if let Some(progress) = with.progress {
                let total = Some(files_of(&kinds).len() as u64 - 1);
                progress(&Progress::new(Stage::Snapshot, done, total));
            }
            done += 1;
        };
        step();
        let frozen = Texts {
            folder: &texts,
            tables: &kinds,
            attributes: &about.attributes,
            few: FEW,
            threads: with.threads,
            stop: with.stop,
        };
        frozen.settle(folder, &mut step)?;
        fs::remove_dir_all(&texts).map_err(Error::file("remove", &texts))?;
        for name in files_of(&kinds) {
            let path = folder.join(&name);
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(Error::file("write", &path))?;
            let digest = digest(&path).map_err(Error::file("read", &path))?;
            about.digests.insert(name, digest);
        }
        with.stop.check()?;
        about.note_of_days = days.note().filter(|_| config.community.as_of.is_none());
        notes.extend(about.note_of_days.clone());
        about.hash = hasher.finalize().to_hex().to_string();
        about.newest = days.newest();
        about.rejected = rejections.finish()?;
        // A row that was taken over stands where it stood.
        let label = parent.map(known::label);
        let newest_place = match (newest_place, parent) {
            (Some((file, _)), Some(parent)) if Some(&file) == label.as_ref() => {
                parent.about.newest_place.clone()
            }
            (place, _) => place,
        };
        Ok((About { notes, newest_place, ..about }, meter.into_streams()))
    }

    /// Writes a snapshot anew beside itself, without whom the latter of these identities forget and the former do not yet, and
    /// removes the old one. Answers the new one where it differs.
    ///
    /// It is what it was otherwise. If that is not what would be read of its files today, it is nothing that a snapshot may begin with.
    pub(crate) fn without_forgotten(
        &self,
        config: &Config,
        [before, after]: [&Identities; 2],
        ids: &[String],
        with: &Freezing<'_>,
    ) -> Result<Option<Self>, Error> {
        let base = self.dir.parent().unwrap_or(Path::new(""));
        let folder = FreshFolder::create(base, READING)?;
        // What was left aside before stays so, however many more there are now, and who is whose alias was settled then.
        let mut lenient = config.clone();
        lenient.sources.max_rejected = crate::MaxRejected::Percent(100.0);
        lenient.community.exclude_roles.clear();
        let gone = after.without_aliases();
        let (about, _) = Self::read(&lenient, &gone, folder.path(), Found::of(self)?, Some(self), with)?;
        let as_today = [before, after].iter().any(|identities| self.about.way == way(config, identities));
        let way = if as_today { way(config, after) } else { String::new() };
        let mut about = About { parent: None, sources: self.about.sources.clone(), way, ..about };
        let scrubbed = rejections::scrub(&folder.path().join(REJECTED), ids)?;
        for rejected in &mut about.rejected {
            for example in &mut rejected.examples {
                let place = (rejected.table.clone(), example.file.clone(), example.line);
                if scrubbed.contains(&place) {
                    example.detail.clear();
                }
            }
        }
        // Names stand in quotes in notes.
        let named = |note: &str, id: &String| {
            let id = groundswell_runtime::shown(id, 60);
            note.contains(&format!("`{id}`")) || note.contains(&format!("\"{id}\""))
        };
        about.notes.retain(|note| !ids.iter().any(|id| named(note, id)));
        write_about(folder.path(), &about)?;
        let same = about.hash == self.about.hash;
        if same {
            // Nothing of theirs was in its tables; what else spoke of them is replaced.
            for name in [REJECTED, ABOUT] {
                let (new, old) = (folder.path().join(name), self.dir.join(name));
                fs::rename(&new, &old).map_err(Error::file("replace", old))?;
            }
            return Ok(None);
        }
        let new = settle(folder, base, about)?;
        fs::remove_dir_all(&self.dir).map_err(Error::file("remove", &self.dir))?;
        Ok(Some(new))
    }

    /// Opens a snapshot's folder.
    ///
    /// # Errors
    ///
    /// Where the folder is not there, is of a format that this version does not know, or lacks a file.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(ABOUT);
        let text = fs::read(&path).map_err(Error::file("read", &path))?;
        let damaged = |problem: String| Error::DamagedSnapshot { path: dir.to_owned(), problem };
        let about: About = serde_json::from_slice(&text)
            .map_err(|error| damaged(format!("{ABOUT} cannot be read: {error}")))?;
        if about.format != FORMAT {
            return Err(damaged(format!(
                "it has format {}, and this version reads format {FORMAT}",
                about.format
            )));
        }
        let snapshot = Self { dir: dir.to_owned(), about };
        let tables: Vec<Table> = snapshot.about.rows.keys().copied().collect();
        for path in files_of(&tables).into_iter().map(|name| dir.join(name)) {
            if !path.is_file() {
                return Err(damaged(format!("{} is not there", path.display())));
            }
        }
        Ok(snapshot)
    }

    /// The hash of its content: 64 hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.about.hash
    }

    /// The files that it was taken of, as `community.toml` names them.
    pub(crate) fn source_files(&self) -> impl Iterator<Item = &str> {
        self.about.sources.iter().flatten().map(|source| source.file.as_str())
    }

    /// The hash of the snapshot whose rows were taken over when this one was taken, if there is one.
    pub fn parent(&self) -> Option<&str> {
        self.about.parent.as_deref()
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The Parquet file of a table; `None` when the community has no such table, which makes what it would say *unknown*.
    pub fn table(&self, table: Table) -> Option<PathBuf> {
        self.has(table).then(|| self.dir.join(parquet(table)))
    }

    /// Whether the community has the table.
    pub(crate) fn has(&self, table: Table) -> bool {
        self.about.rows.contains_key(&table)
    }

    /// How many rows a table has; 0 also when the community has no such table.
    pub fn rows(&self, table: Table) -> u64 {
        self.about.rows.get(&table).copied().unwrap_or(0)
    }

    /// The newest `at` of activities and conversions, in nanoseconds since 1970 (UTC); `None` when there is none.
    pub fn newest(&self) -> Option<i64> {
        self.about.newest
    }

    /// The file and the line of a row with the newest time, where there is any.
    pub(crate) fn newest_place(&self) -> Option<(&str, u64)> {
        self.about.newest_place.as_ref().map(|(file, line)| (file.as_str(), *line))
    }

    /// The names of the members' attributes, in the order of their bytes. The column of attribute `team` is `attribute:team`.
    pub fn attributes(&self) -> &[String] {
        &self.about.attributes
    }

    /// The rows that were left aside, by table and reason; each single one stands in `rejected.jsonl`, an object a
    /// line: `table`, `file`, `line`, `reason`, `detail`, `members`, whom the row names, where its fields tell that, and `raw`,
    /// the row's fields with commas between them.
    pub fn rejected(&self) -> &[Rejected] {
        &self.about.rejected
    }

    /// What else should be said about the data: columns nobody reads, files without rows, suspicious dates.
    pub fn notes(&self) -> &[String] {
        &self.about.notes
    }
}

/// Who is who in a community, as its file and its state say.
pub(crate) fn identities(config: &Config, with: &Freezing<'_>) -> Result<Identities, Error> {
    let files = aliases(config)?;
    let stop = with.stop;
    let meter = Meter::new(files.iter().map(|file| file.bytes).sum(), None, stop);
    Identities::read(&files, crate::forget::forgotten(&config.community.state)?, &meter)
}

/// What besides the files themselves decides what is read of them.
fn way(config: &Config, identities: &Identities) -> String {
    let community = &config.community;
    let mut roles = community.exclude_roles.clone();
    roles.sort_unstable();
    // Whether rows may be left aside, whether a row may hide a role, whether dates far ahead are spoken of.
    let mut said =
        format!("{FORMAT} {:?} {roles:?} {}", config.sources.max_rejected, community.as_of.is_none());
    if !identities.are_plain() {
        said.push_str(&identities.digest());
    }
    blake3::hash(said.as_bytes()).to_hex().to_string()
}

/// The names of the files of a snapshot with these tables, but for those that speak of this reading alone.
fn files_of(tables: &[Table]) -> Vec<String> {
    let others = tables.iter().filter(|table| **table != Table::Members);
    let mut names = vec![parquet(Table::Members), WORDS.to_owned()];
    names.extend(others.map(|table| parquet(*table)));
    names
}

/// The name of a table's file.
fn parquet(table: Table) -> String {
    format!("{table}.parquet")
}

fn write_about(folder: &Path, about: &About) -> Result<(), Error> {
    let path = folder.join(ABOUT);
    let write = || {
        let mut file = fs::File::create(&path)?;
        serde_json::to_writer_pretty(&mut file, about)?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    write().map_err(Error::file("write", &path))
}

/// Gives the folder its name. Where another run was faster, its tables are used; they are the same. What stands beside them, from
/// which lines rows were left aside, is then of this reading.
fn settle(folder: FreshFolder, base: &Path, mut about: About) -> Result<Snapshot, Error> {
    let dir = base.join(&about.hash);
    let folder = match folder.keep(&dir) {
        Ok(()) => return Ok(Snapshot { dir, about }),
        // It was there, or another run has just put it there.
        Err((_, folder)) if dir.exists() => folder,
        Err((error, _)) => return Err(Error::file("create", dir)(error)),
    };
    let mut names = vec![REJECTED.to_owned(), ABOUT.to_owned()];
    if let Some(problem) = damage(&dir)? {
        about
            .notes
            .push(format!("the snapshot in {} was damaged ({problem}): it is written anew", dir.display()));
        let tables: Vec<Table> = about.rows.keys().copied().collect();
        names.splice(0..0, files_of(&tables));
    }
    for name in names {
        let (new, old) = (folder.path().join(&name), dir.join(&name));
        fs::rename(&new, &old).map_err(Error::file("replace", old))?;
    }
    Ok(Snapshot { dir, about })
}

/// What is wrong with a snapshot's folder; `None` where each of its files is what was written.
fn damage(dir: &Path) -> Result<Option<String>, Error> {
    let snapshot = match Snapshot::open(dir) {
        Ok(snapshot) => snapshot,
        Err(Error::DamagedSnapshot { problem, .. }) => return Ok(Some(problem)),
        Err(Error::File { path, source, .. }) => return Ok(Some(format!("{}: {source}", path.display()))),
        Err(error) => return Err(error),
    };
    let tables: Vec<Table> = snapshot.about.rows.keys().copied().collect();
    for name in files_of(&tables) {
        if !is_written(&snapshot, [name.clone()])? {
            return Ok(Some(format!("{name} is not what was written")));
        }
    }
    Ok(None)
}

/// Whether these files of a snapshot are what was written.
fn is_written(snapshot: &Snapshot, names: impl IntoIterator<Item = String>) -> Result<bool, Error> {
    for name in names {
        let path = snapshot.dir().join(&name);
        let found = digest(&path).map_err(Error::file("read", &path))?;
        if snapshot.about.digests.get(&name) != Some(&found) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Rows of one table that were left aside for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rejected {
    /// The table.
    pub table: String,
    /// The reason, as a lowercase fragment without the row's values.
    pub reason: String,
    /// How many.
    pub rows: u64,
    /// The first few of them.
    #[serde(default)]
    pub examples: Vec<RejectedExample>,
}

/// One row that was left aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RejectedExample {
    /// The file, as `community.toml` names it.
    pub file: String,
    /// The line on which the row starts, counted from 1.
    pub line: u64,
    /// What exactly is wrong with it.
    pub detail: String,
}
