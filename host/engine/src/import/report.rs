use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// What became of a row: what it was imported as, or why it was left out.
pub(super) type Fate = Result<&'static str, &'static str>;

/// Tells how far an import has come, over all of its files.
pub(super) struct Progress<'p> {
    before: Cell<u64>,
    total: u64,
    tell: &'p dyn Fn(u64, u64, &str),
}

impl<'p> Progress<'p> {
    pub(super) fn new(total: u64, tell: &'p dyn Fn(u64, u64, &str)) -> Self {
        Self { before: Cell::new(0), total, tell }
    }

    /// So many bytes of the file at hand were read.
    pub(super) fn tell(&self, bytes: u64, file: &str) {
        let done = self.before.get() + bytes;
        (self.tell)(done, self.total.max(done), file);
    }

    /// The file at hand was read to its end, and had so many bytes.
    pub(super) fn done(&self, bytes: u64, file: &str) {
        self.tell(bytes, file);
        self.before.set(self.before.get() + bytes);
    }
}

/// What an import read, wrote and left out.
///
/// The figures agree: in every file `rows` is the sum of `imported` and `left_out`, and the report's `activities` is
/// the sum of what the files imported (members apart) and of what they gave besides.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The folder that was read.
    pub folder: PathBuf,
    /// The folder that was written to.
    pub out: PathBuf,
    /// One entry for every file read, or for every list of rows in it, in the order in which they were read.
    pub files: Vec<FileReport>,
    /// Rows of `members.csv`.
    pub members: u64,
    /// Rows of `activities.csv.gz`.
    pub activities: u64,
    /// Rows of `activities.csv.gz` by verb.
    pub verbs: BTreeMap<String, u64>,
    /// Further files of the folder, or tables in its files, which were not read.
    pub not_read: Vec<String>,
    /// The files written.
    pub written: Vec<PathBuf>,
    /// Whether a `community.toml` stood there already and was kept as it was.
    pub kept_config: bool,
}

/// What became of the rows of one file, or of one list of rows in it.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file's name, such as `Posts.xml.gz`, and the list where it has several: `zerver_userprofile of realm.json`.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// Rows imported, by the verb of the activity they became, or `member`.
    pub imported: BTreeMap<String, u64>,
    /// Rows left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Activities made besides the rows' own, by verb: a mention inside a comment, an acceptance that no vote dates.
    pub besides: BTreeMap<String, u64>,
    /// Parts of imported rows that were left out, by reason: a mention nobody answers to, an accepted answer that is
    /// not in the dump.
    pub parts_left_out: BTreeMap<String, u64>,
}

impl FileReport {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    /// Whether every row is accounted for, once and only once.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.rows == sum(&self.imported) + sum(&self.left_out)
    }

    pub(super) fn row(&mut self, fate: Result<&'static str, &'static str>) {
        self.rows += 1;
        match fate {
            Ok(verb) => count(&mut self.imported, verb),
            Err(reason) => count(&mut self.left_out, reason),
        }
    }

    pub(super) fn besides(&mut self, verb: &'static str) {
        count(&mut self.besides, verb);
    }

    pub(super) fn part_left_out(&mut self, reason: &'static str) {
        count(&mut self.parts_left_out, reason);
    }
}

impl ImportReport {
    /// Rows read from all files.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Rows imported from all files.
    #[must_use]
    pub fn imported(&self) -> u64 {
        self.files.iter().map(|file| sum(&file.imported)).sum()
    }

    /// Rows left out from all files.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.files.iter().map(|file| sum(&file.left_out)).sum()
    }

    /// Whether every row of the dump and every row of the tables is accounted for, once and only once.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let besides: u64 = self.files.iter().map(|file| sum(&file.besides)).sum();
        self.files.iter().all(FileReport::adds_up)
            && self.members + self.activities == self.imported() + besides
            && self.activities == sum(&self.verbs)
    }
}

/// The report as lines of text: a line a file, and under it one a verb and one a reason.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(f, "{}: {} rows", file.file, file.rows)?;
            let parts = [
                ("imported", &file.imported),
                ("left out", &file.left_out),
                ("besides", &file.besides),
                ("parts left out", &file.parts_left_out),
            ];
            for (title, counts) in parts {
                for (what, rows) in counts {
                    writeln!(f, "  {title}: {rows} {what}")?;
                }
            }
        }
        if !self.not_read.is_empty() {
            writeln!(f, "not read: {}", self.not_read.join(", "))?;
        }
        write!(f, "{} members, {} activities", self.members, self.activities)
    }
}

fn count(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(rows) => *rows += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

fn sum(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}
