//! Which snapshots there are already, and of which files they were taken.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::thaw::{Earlier, Names};
use crate::fresh::{digest, folders};
use crate::sources::{Origin, SourceFile, Streams};
use crate::stop::Stop;
use crate::{Error, Table};

/// One file that a snapshot was taken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) table: Table,
    /// Its path from the folder of `community.toml`, as it can be shown.
    pub(super) file: String,
    /// BLAKE3 of what its columns were said to mean; empty where they are the table's own.
    pub(super) form: String,
    /// BLAKE3 of its bytes.
    pub(super) hash: String,
}

impl Source {
    /// `None` for rows that come from the program.
    /// `looks` remembers the files' own, as maps may look at one file many times.
    fn of(table: Table, file: &SourceFile, looks: &mut Looks) -> Result<Option<Self>, Error> {
        let form = match &file.origin {
            Origin::Given(_) => return Ok(None),
            Origin::File => String::new(),
            Origin::Mapped(map) => blake3::hash(format!("{map:?}").as_bytes()).to_hex().to_string(),
        };
        let mut hash = match looks.get(&file.path) {
            Some((known, _)) => known.clone(),
            None => {
                // Before its bytes are: what comes in between is a change.
                let state = State::of(&file.path);
                let found = digest(&file.path).map_err(Error::file("read", &file.path))?;
                looks.insert(file.path.clone(), (found.clone(), state));
                found
            }
        };
        let log = log(&file.path);
        if matches!(&file.origin, Origin::Mapped(map) if map.query.is_some()) && log.is_file() {
            hash.push_str(&digest(&log).map_err(Error::file("read", &log))?);
        }
        Ok(Some(Self { table, file: file.label.clone(), form, hash }))
    }
}

/// Where a database has what it was told last, if it does not stand in itself.
fn log(path: &Path) -> PathBuf {
    let mut log = path.to_owned().into_os_string();
    log.push("-wal");
    log.into()
}

/// By file: BLAKE3 of its bytes, and its state before those were read.
type Looks = BTreeMap<PathBuf, (String, State)>;

/// What the system says of a file without reading it. A file that was changed and changed back has another: its length and its
/// time of modification can be what they were, not so the time at which the system itself changed anything of it last. That one
/// goes by ticks of some thousandths of a second at the worst, so that of files that were written just before they are looked
/// at not everything is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    file: Option<Marks>,
    /// Of what a database was told last.
    log: Option<Marks>,
}

impl State {
    pub(crate) fn of(path: &Path) -> Self {
        let marks = |path: &Path| std::fs::metadata(path).ok().map(|about| marks(&about));
        Self { file: marks(path), log: marks(&log(path)) }
    }
}

/// The device, the number of the file on it, its length, and two times in seconds and nanoseconds.
#[cfg(unix)]
type Marks = ([u64; 3], [i64; 4]);

#[cfg(unix)]
fn marks(about: &Metadata) -> Marks {
    use std::os::unix::fs::MetadataExt;
    let times = [about.mtime(), about.mtime_nsec(), about.ctime(), about.ctime_nsec()];
    ([about.dev(), about.ino(), about.len()], times)
}

/// The length, and when it was modified.
#[cfg(not(unix))]
type Marks = (u64, Option<std::time::SystemTime>);

#[cfg(not(unix))]
fn marks(about: &Metadata) -> Marks {
    (about.len(), about.modified().ok())
}

/// A file, and what it is known by; nothing where its rows come from the program.
type Known = (SourceFile, Option<Source>);

/// The files of each table, with what they are known by.
pub(super) struct Found {
    pub(super) tables: Vec<(Table, Vec<Known>)>,
    /// Of files that say what another says.
    pub(super) notes: Vec<String>,
    looks: Looks,
}

impl Found {
    /// Looks at the files. One whose bytes another of the same table and form has is read once: without ids, nothing else
    /// tells a file that came twice from rows that are equal.
    pub(super) fn look(tables: Vec<(Table, Vec<SourceFile>)>, stop: &Stop) -> Result<Self, Error> {
        let mut found = Self { tables: Vec::new(), notes: Vec::new(), looks: Looks::new() };
        for (table, files) in tables {
            let mut known: Vec<Known> = Vec::new();
            for file in files {
                stop.check()?;
                let source = Source::of(table, &file, &mut found.looks)?;
                let twin = known.iter().find(|(_, other)| {
                    let same =
                        |one: &Source, other: &Source| one.hash == other.hash && one.form == other.form;
                    source.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| same(one, other))
                });
                match twin {
                    Some((twin, _)) => found.notes.push(format!(
                        "{}: has the same bytes as {}, and is read once",
                        file.label, twin.label
                    )),
                    None => known.push((file, source)),
                }
            }
            found.tables.push((table, known));
        }
        Ok(found)
    }

    /// Puts an earlier snapshot in the place of the files that it was taken of.
    pub(super) fn begin_with(&mut self, earlier: &Snapshot) -> Result<(), Error> {
        let names = Arc::new(Names::read(earlier)?);
        let label = label(earlier);
        let known = earlier.about.sources.as_deref().unwrap_or_default();
        for (table, files) in &mut self.tables {
            files.retain(|(_, source)| source.as_ref().is_none_or(|source| !known.contains(source)));
            if !earlier.has(*table) {
                continue;
            }
            let rows = Earlier {
                snapshot: earlier.clone(),
                table: *table,
                names: Arc::clone(&names),
                label: label.clone(),
            };
            let path = earlier.dir().join(super::parquet(*table));
            let origin = Origin::Given(Arc::new(rows));
            files.insert(0, (SourceFile { path, label: label.clone(), bytes: 0, origin }, None));
        }
        Ok(())
    }

    /// Whether a table has files that an earlier snapshot was not taken of.
    pub(super) fn has_new(&self, earlier: &Snapshot, table: Table) -> bool {
        let known = earlier.about.sources.as_deref().unwrap_or_default();
        let of_table = self.tables.iter().filter(|(of, _)| *of == table);
        of_table
            .flat_map(|(_, files)| files)
            .any(|(_, source)| source.as_ref().is_none_or(|source| !known.contains(source)))
    }

    /// A snapshot alone, whose rows are read again.
    pub(super) fn of(earlier: &Snapshot) -> Result<Self, Error> {
        let tables = earlier.about.rows.keys().map(|table| (*table, Vec::new())).collect();
        let mut found = Self { tables, notes: Vec::new(), looks: Looks::new() };
        found.begin_with(earlier)?;
        Ok(found)
    }

    /// The files that are to be read, with what they were known by before.
    pub(super) fn to_read(&self) -> ToRead {
        let all = self.tables.iter().flat_map(|(_, files)| files);
        let files = all.filter_map(|(file, source)| Some((file.clone(), source.clone()?))).collect();
        ToRead { files, looks: self.looks.clone() }
    }

    /// All sources; `None` where rows come from the program, which nobody could know again.
    pub(super) fn sources(&self) -> Option<Vec<Source>> {
        let all = self.tables.iter().flat_map(|(_, files)| files).map(|(_, source)| source.clone());
        all.collect()
    }
}

/// Files that are to be read, and what they were before.
pub(super) struct ToRead {
    files: Vec<(SourceFile, Source)>,
    looks: Looks,
}

impl ToRead {
    /// The first file that has become another since it was looked at, or was another while it was read: what was read of it may
    /// be neither.
    ///
    /// Of files that are read in one go, `streams` has the hash of the very bytes that were. Of Parquet and databases, of which
    /// here and there something is read, nobody knows those: they are hashed again, and that they were not changed and changed
    /// back their state has to tell.
    pub(super) fn changed(&self, streams: &Streams, stop: &Stop) -> Result<Option<String>, Error> {
        let mut looks = Looks::new();
        for (file, known) in &self.files {
            stop.check()?;
            let stays = self.looks.get(&file.path).is_some_and(|(_, state)| *state == State::of(&file.path));
            let same = stays
                && match streams.get(&file.path) {
                    Some(read) => read.iter().all(|hash| *hash == known.hash),
                    None => Source::of(known.table, file, &mut looks)?.as_ref() == Some(known),
                };
            if !same {
                return Ok(Some(file.label.clone()));
            }
        }
        Ok(None)
    }
}

/// What an earlier snapshot is called where a file would be.
pub(super) fn label(snapshot: &Snapshot) -> String {
    format!("snapshot {}", snapshot.hash().get(..12).unwrap_or_default())
}

/// What a snapshot of these sources can begin with.
pub(super) enum Start {
    /// It is there already.
    Whole(Snapshot),
    /// One of some of the sources is there: the rest has to be read.
    Earlier(Snapshot),
    /// There is none.
    Nothing,
}

/// The snapshots below `base` whose rows of a table were taken of these very sources, read in this way, whatever else is in them.
pub(super) fn taken_of<'s>(
    base: &Path,
    table: Table,
    sources: &'s [Source],
    way: &'s str,
) -> impl Iterator<Item = Snapshot> + 's {
    let all = folders(base).into_iter().filter_map(|folder| Snapshot::open(&folder).ok());
    all.filter(move |snapshot| {
        let of_table = |sources: &[Source]| -> Vec<Source> {
            sources.iter().filter(|source| source.table == table).cloned().collect()
        };
        let same = |known: &[Source]| {
            known.len() == sources.len() && sources.iter().all(|source| known.contains(source))
        };
        snapshot.about.way == way
            && snapshot.about.sources.as_deref().is_some_and(|known| same(&of_table(known)))
    })
}

/// Looks for snapshots below `base` that were taken of these sources, read in this way, or of some of them.
pub(super) fn start(base: &Path, sources: &[Source], tables: &[Table], way: &str) -> Start {
    let mut best: Option<Snapshot> = None;
    for folder in folders(base) {
        let Ok(snapshot) = Snapshot::open(&folder) else { continue };
        let Some(of) = &snapshot.about.sources else { continue };
        if snapshot.about.way != way || of.is_empty() || !of.iter().all(|source| sources.contains(source)) {
            continue;
        }
        if of.len() == sources.len() && tables.iter().eq(snapshot.about.rows.keys()) {
            return Start::Whole(snapshot);
        }
        // The more files need not be read again, the better.
        let taken = |snapshot: &Snapshot| snapshot.about.sources.as_ref().map_or(0, Vec::len);
        if best.as_ref().is_none_or(|best| taken(best) < taken(&snapshot)) {
            best = Some(snapshot);
        }
    }
    best.map_or(Start::Nothing, Start::Earlier)
}
