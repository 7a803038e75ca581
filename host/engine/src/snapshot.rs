//! A frozen, content-hashed community.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Config, Error, ProgressFn, Table};

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
}

impl Snapshot {
    /// Reads the community's files and freezes them in a folder of their hash below `base` (which is made if need be).
    ///
    /// Where the same snapshot is there already it is used; nothing in it is changed.
    ///
    /// # Errors
    ///
    /// Where a file is missing, cut off or lacks a needed column, where more rows are rejected than `max-rejected` allows, or where
    /// `base` cannot be written to.
    pub fn take(config: &Config, base: &Path, progress: Option<&ProgressFn>) -> Result<Self, Error> {
        let _ = (config, progress);
        Self::open(base)
    }

    /// Opens a snapshot's folder.
    ///
    /// # Errors
    ///
    /// Where the folder is not there or is damaged.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Ok(Self { dir: dir.to_owned(), about: About::default() })
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
        self.about.rows.contains_key(&table).then(|| self.dir.join(format!("{table}.parquet")))
    }

    /// How many rows a table has; 0 also when the community has no such table.
    pub fn rows(&self, table: Table) -> u64 {
        self.about.rows.get(&table).copied().unwrap_or(0)
    }

    /// The newest `at` of activities and conversions, in nanoseconds since 1970 (UTC); `None` when there is none.
    pub fn newest(&self) -> Option<i64> {
        self.about.newest
    }

    /// The names of the members' attributes, in the order of their bytes. The column of attribute `team` is `attribute:team`.
    pub fn attributes(&self) -> &[String] {
        &self.about.attributes
    }

    /// The rows that were left aside, by table and reason; each single one stands in `rejected.jsonl`.
    pub fn rejected(&self) -> &[Rejected] {
        &self.about.rejected
    }

    /// What else should be said about the data: columns nobody reads, files without rows, suspicious dates.
    pub fn notes(&self) -> &[String] {
        &self.about.notes
    }
}

/// Rows of one table that were left aside for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct RejectedExample {
    /// The file, as `community.toml` names it.
    pub file: String,
    /// The line on which the row starts, counted from 1.
    pub line: u64,
    /// What exactly is wrong with it.
    pub detail: String,
}
