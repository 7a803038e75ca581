//! Which snapshots there are already, and of which files they were taken.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Snapshot;
use super::thaw::{Earlier, Names};
use crate::fresh::{digest, folders};
use crate::sources::{Origin, SourceFile};
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
    /// `digests` remembers the files' own, as maps may look at one file many times.
    fn of(
        table: Table,
        file: &SourceFile,
        digests: &mut BTreeMap<PathBuf, String>,
    ) -> Result<Option<Self>, Error> {
        let form = match &file.origin {
            Origin::Given(_) => return Ok(None),
            Origin::File => String::new(),
            Origin::Mapped(map) => blake3::hash(format!("{map:?}").as_bytes()).to_hex().to_string(),
        };
        let mut hash = match digests.get(&file.path) {
            Some(known) => known.clone(),
            None => {
                let found = digest(&file.path).map_err(Error::file("read", &file.path))?;
                digests.insert(file.path.clone(), found.clone());
                found
            }
        };
        // What a database was told last may stand beside it.
        let mut log = file.path.clone().into_os_string();
        log.push("-wal");
        if matches!(&file.origin, Origin::Mapped(map) if map.query.is_some()) && Path::new(&log).is_file() {
            hash.push_str(&digest(Path::new(&log)).map_err(Error::file("read", &log))?);
        }
        Ok(Some(Self { table, file: file.label.clone(), form, hash }))
    }
}

/// A file, and what it is known by; nothing where its rows come from the program.
type Known = (SourceFile, Option<Source>);

/// The files of each table, with what they are known by.
pub(super) struct Found {
    pub(super) tables: Vec<(Table, Vec<Known>)>,
    /// Of files that say what another says.
    pub(super) notes: Vec<String>,
}

impl Found {
    /// Looks at the files. One whose bytes another of the same table and form has is read once: without ids, nothing else
    /// tells a file that came twice from rows that are equal.
    pub(super) fn look(tables: Vec<(Table, Vec<SourceFile>)>, stop: &Stop) -> Result<Self, Error> {
        let mut found = Self { tables: Vec::new(), notes: Vec::new() };
        let mut digests = BTreeMap::new();
        for (table, files) in tables {
            let mut known: Vec<Known> = Vec::new();
            for file in files {
                stop.check()?;
                let source = Source::of(table, &file, &mut digests)?;
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
        let mut found = Self { tables, notes: Vec::new() };
        found.begin_with(earlier)?;
        Ok(found)
    }

    /// The files that are to be read, with what they were known by before.
    pub(super) fn to_read(&self) -> Vec<(SourceFile, Source)> {
        let all = self.tables.iter().flat_map(|(_, files)| files);
        all.filter_map(|(file, source)| Some((file.clone(), source.clone()?))).collect()
    }

    /// All sources; `None` where rows come from the program, which nobody could know again.
    pub(super) fn sources(&self) -> Option<Vec<Source>> {
        let all = self.tables.iter().flat_map(|(_, files)| files).map(|(_, source)| source.clone());
        all.collect()
    }
}

/// The first of some files that has become another since it was looked at: what was read of it may be of neither.
pub(super) fn changed(files: &[(SourceFile, Source)], stop: &Stop) -> Result<Option<String>, Error> {
    let mut digests = BTreeMap::new();
    for (file, known) in files {
        stop.check()?;
        if Source::of(known.table, file, &mut digests)?.as_ref() != Some(known) {
            return Ok(Some(file.label.clone()));
        }
    }
    Ok(None)
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
