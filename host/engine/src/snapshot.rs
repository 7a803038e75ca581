//! A frozen, content-hashed community.

mod canonical;
mod columns;
mod days;
mod duplicates;
mod places;
mod rejections;
mod table;
mod writer;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::days::Days;
use self::rejections::Rejections;
use self::table::Freezer;
use crate::fresh::{FreshFolder, digest};
use crate::progress::steady;
use crate::sources::{Given, Meter, find};
use crate::stop::Stop;
use crate::{Config, Error, Progress, ProgressFn, Stage, Table};

/// The form of snapshots and of their hashes.
const FORMAT: u32 = 1;
const ABOUT: &str = "snapshot.json";
const REJECTED: &str = "rejected.jsonl";
/// What the names of folders of snapshots begin with as long as they are not whole.
const READING: &str = ".reading-";

/// A frozen, content-hashed community: a folder of Parquet files that nobody changes any more.
///
/// The hash is BLAKE3 over the rows, typed and in UTC nanoseconds; it depends on what the rows say, and not on their order, on the
/// files they came in, on compression, or on the order of columns.
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
    rows: BTreeMap<Table, u64>,
    attributes: Vec<String>,
    newest: Option<i64>,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
    /// The BLAKE3 of each table's file: damage is found by it, and never read.
    #[serde(default)]
    digests: BTreeMap<Table, String>,
    /// The file and line of a row with the newest time, where this reading found it.
    #[serde(skip)]
    newest_place: Option<(String, u64)>,
}

impl Snapshot {
    /// Reads the community's files and freezes them in a folder of their hash below `base` (which is made if need be).
    ///
    /// Where the same snapshot is there already it is used; nothing in it is changed, unless it is damaged: then it is
    /// written anew, and a note says so.
    ///
    /// # Errors
    ///
    /// Where a file is missing, cut off or lacks a needed column, where more rows are rejected than `max-rejected` allows, or where
    /// `base` cannot be written to.
    pub fn take(config: &Config, base: &Path, progress: Option<&ProgressFn>) -> Result<Self, Error> {
        let progress = progress.cloned().map(steady);
        Self::freeze(config, &Given::new(), base, (progress.as_ref(), &Stop::default()))
    }

    /// [`Snapshot::take`] with tables that are given instead of files, for those whose progress is told steadily already.
    pub(crate) fn freeze(
        config: &Config,
        given: &Given,
        base: &Path,
        (progress, stop): (Option<&ProgressFn>, &Stop),
    ) -> Result<Self, Error> {
        let tables = Table::ALL.map(|table| find(config, given, table).map(|files| (table, files)));
        let tables: Vec<_> = tables.into_iter().collect::<Result<_, _>>()?;
        if tables.iter().all(|(_, files)| files.is_none()) {
            return Err(config.without_data());
        }
        let total = tables.iter().flat_map(|(_, files)| files).flatten().map(|file| file.bytes).sum();
        let folder = FreshFolder::create(base, READING)?;
        let meter = Meter::new(total, progress, stop);
        let mut freezer = Freezer {
            folder: folder.path(),
            max_rejected: config.sources.max_rejected,
            excluded_roles: &config.community.exclude_roles,
            meter: &meter,
            rejections: Rejections::create(&folder.path().join(REJECTED))?,
            notes: Vec::new(),
            days: Days::default(),
            newest_place: None,
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"groundswell snapshot").update(&FORMAT.to_le_bytes());
        let mut attributes = Vec::new();
        let mut rows = BTreeMap::new();
        for (table, files) in &tables {
            // A table that is not there is unknown, which is not the same as empty.
            hasher.update(&[u8::from(files.is_some())]);
            let Some(files) = files else { continue };
            if *table == Table::Members {
                attributes = freezer.attributes(files)?;
            }
            let frozen = freezer.freeze(*table, files, &attributes)?;
            hasher.update(frozen.hash.as_bytes());
            rows.insert(*table, frozen.rows);
        }
        meter.finish();
        let tell = |done: usize| {
            if let Some(progress) = progress {
                let total = Some(rows.len() as u64);
                progress(&Progress { stage: Stage::Snapshot, done: done as u64, total });
            }
        };
        let Freezer { rejections, mut notes, days, newest_place, .. } = freezer;
        let mut digests = BTreeMap::new();
        for (done, table) in rows.keys().enumerate() {
            tell(done);
            let path = folder.path().join(parquet(*table));
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(Error::file("write", &path))?;
            digests.insert(*table, digest(&path).map_err(Error::file("read", &path))?);
        }
        tell(rows.len());
        stop.check()?;
        notes.extend(days.note().filter(|_| config.community.as_of.is_none()));
        let hash = hasher.finalize().to_hex().to_string();
        let newest = days.newest();
        let rejected = rejections.finish()?;
        let about =
            About { format: FORMAT, hash, rows, attributes, newest, rejected, notes, digests, newest_place };
        write_about(folder.path(), &about)?;
        settle(folder, base, about)
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
        for path in Table::ALL.into_iter().filter_map(|table| snapshot.table(table)) {
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

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The Parquet file of a table; `None` when the community has no such table, which makes what it would say *unknown*.
    pub fn table(&self, table: Table) -> Option<PathBuf> {
        self.file_name(table).map(|name| self.dir.join(name))
    }

    /// The name of a table's file in the folder.
    pub(crate) fn file_name(&self, table: Table) -> Option<String> {
        self.about.rows.contains_key(&table).then(|| parquet(table))
    }

    /// How many rows a table has; 0 also when the community has no such table.
    pub fn rows(&self, table: Table) -> u64 {
        self.about.rows.get(&table).copied().unwrap_or(0)
    }

    /// The newest `at` of activities and conversions, in nanoseconds since 1970 (UTC); `None` when there is none.
    pub fn newest(&self) -> Option<i64> {
        self.about.newest
    }

    /// The file and the line of a row with the newest time; `None` where the snapshot was opened, not taken.
    pub(crate) fn newest_place(&self) -> Option<(&str, u64)> {
        self.about.newest_place.as_ref().map(|(file, line)| (file.as_str(), *line))
    }

    /// The names of the members' attributes, in the order of their bytes. The column of attribute `team` is `attribute:team`.
    pub fn attributes(&self) -> &[String] {
        &self.about.attributes
    }

    /// The rows that were left aside, by table and reason; each single one stands in `rejected.jsonl`, an object a
    /// line: `table`, `file`, `line`, `reason`, `detail` and `raw`, the row's fields with commas between them.
    pub fn rejected(&self) -> &[Rejected] {
        &self.about.rejected
    }

    /// What else should be said about the data: columns nobody reads, files without rows, suspicious dates.
    pub fn notes(&self) -> &[String] {
        &self.about.notes
    }
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
        write_about(folder.path(), &about)?;
        names.splice(0..0, about.rows.keys().map(|table| parquet(*table)));
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
    for table in snapshot.about.rows.keys() {
        let path = dir.join(parquet(*table));
        let found = digest(&path).map_err(Error::file("read", &path))?;
        if snapshot.about.digests.get(table) != Some(&found) {
            return Ok(Some(format!("{} is not what was written", parquet(*table))));
        }
    }
    Ok(None)
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
