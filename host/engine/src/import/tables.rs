//! The tables an import writes, and the `community.toml` beside them.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder, write::GzEncoder};
use groundswell_runtime::open_regular;
use jiff::Timestamp;

use super::{ImportError, ImportReport};
use crate::fresh::{FreshFile, make_folder};

const MEMBERS: &str = "members.csv";
const ACTIVITIES: &str = "activities.csv.gz";
const CONFIG: &str = "community.toml";

/// What one importer writes.
pub(super) struct Layout {
    /// The columns of `members.csv`: id, joined_at, role, and perhaps one more.
    pub(super) members: &'static [&'static str],
    /// A `community.toml` with `NAME` where the community's name goes.
    pub(super) config: &'static str,
}

/// The columns of `members.csv` without more of them.
pub(super) const MEMBER_COLUMNS: [&str; 3] = ["id", "joined_at", "role"];

/// `members.csv` and `activities.csv.gz` in the making. They get their names when [`Tables::finish`] is called; given
/// up before, they vanish.
pub(super) struct Tables {
    out: PathBuf,
    layout: &'static Layout,
    members: csv::Writer<BufWriter<FreshFile>>,
    activities: csv::Writer<GzEncoder<BufWriter<FreshFile>>>,
    /// Given up after the files in it.
    _made: Made,
}

/// A folder that was made for the tables, which is given up with them.
struct Made(Option<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        // Only an empty one can be removed.
        _ = self.0.as_ref().map(fs::remove_dir);
    }
}

/// A row of `members.csv`.
#[derive(Default)]
pub(super) struct Member<'a> {
    pub(super) id: &'a str,
    pub(super) joined_at: Option<Timestamp>,
    pub(super) role: Option<&'a str>,
    /// The value of the column that the layout has besides.
    pub(super) more: Option<String>,
}

/// A row of `activities.csv.gz`.
pub(super) struct Activity<'a> {
    pub(super) id: &'a str,
    pub(super) actor: Option<&'a str>,
    pub(super) verb: &'a str,
    pub(super) at: Timestamp,
    pub(super) recipient: Option<&'a str>,
    pub(super) object: &'a str,
    pub(super) object_kind: Option<&'a str>,
    pub(super) topic: Option<&'a str>,
    pub(super) weight: Option<i64>,
}

/// Refuses to replace tables that no import wrote.
fn refuse_others(out: &Path) -> Result<(), ImportError> {
    let path = out.join(MEMBERS);
    if fs::symlink_metadata(&path).is_err() {
        return Ok(());
    }
    let mut start = Vec::new();
    let longest = "id,joined_at,role,reputation\n".len() as u64;
    let read = open_regular(&path).and_then(|file| file.take(longest).read_to_end(&mut start));
    let known = [&b"id,joined_at,role,reputation\n"[..], b"id,joined_at,role\n"];
    if read.is_ok() && known.iter().any(|known| start.starts_with(known)) {
        return Ok(());
    }
    let what = "it is there, and no import wrote it: name another folder, or move it away";
    Err(ImportError::Write { path, source: io::Error::new(io::ErrorKind::AlreadyExists, what) })
}

impl Tables {
    pub(super) fn create(out: &Path, layout: &'static Layout) -> Result<Self, ImportError> {
        let made = Made((!out.exists()).then(|| out.to_owned()));
        make_folder(out).map_err(|source| ImportError::Write { path: out.to_owned(), source })?;
        refuse_others(out)?;
        let begin = |file: &str| {
            let path = out.join(file);
            FreshFile::create(&path).map_err(|source| ImportError::Write { path, source })
        };
        let members = BufWriter::new(begin(MEMBERS)?);
        let activities = BufWriter::new(begin(ACTIVITIES)?);
        // No name and no time in the header: the same rows give the same bytes.
        let activities = GzBuilder::new().mtime(0).write(activities, Compression::best());
        let mut tables = Self {
            out: out.to_owned(),
            layout,
            members: csv::Writer::from_writer(members),
            activities: csv::Writer::from_writer(activities),
            _made: made,
        };
        tables.members.write_record(layout.members).map_err(|error| tables.failed(MEMBERS, error))?;
        tables
            .activities
            .write_record([
                "id",
                "actor",
                "verb",
                "at",
                "recipient",
                "object",
                "object_kind",
                "topic",
                "weight",
            ])
            .map_err(|error| tables.failed(ACTIVITIES, error))?;
        Ok(tables)
    }

    pub(super) fn member(
        &mut self,
        member: &Member<'_>,
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        report.members += 1;
        let fields = [
            member.id,
            &text(member.joined_at),
            member.role.unwrap_or_default(),
            member.more.as_deref().unwrap_or_default(),
        ];
        let fields = fields.into_iter().take(self.layout.members.len());
        self.members.write_record(fields).map_err(|error| self.failed(MEMBERS, error))
    }

    pub(super) fn activity(
        &mut self,
        activity: &Activity<'_>,
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        report.activities += 1;
        *report.verbs.entry(activity.verb.to_owned()).or_default() += 1;
        self.activities
            .write_record([
                activity.id,
                activity.actor.unwrap_or_default(),
                activity.verb,
                &activity.at.to_string(),
                activity.recipient.unwrap_or_default(),
                activity.object,
                activity.object_kind.unwrap_or_default(),
                activity.topic.unwrap_or_default(),
                &text(activity.weight),
            ])
            .map_err(|error| self.failed(ACTIVITIES, error))
    }

    /// Gives the tables their names and writes a `community.toml` where there is none.
    pub(super) fn finish(self, name: &str, report: &mut ImportReport) -> Result<(), ImportError> {
        let Self { out, layout, members, activities, _made } = self;
        let failed = |file: &str, source: io::Error| ImportError::Write { path: out.join(file), source };
        let activities = activities
            .into_inner()
            .map_err(|error| failed(ACTIVITIES, error.into_error()))?
            .finish()
            .map_err(|error| failed(ACTIVITIES, error))?;
        let members = members.into_inner().map_err(|error| failed(MEMBERS, error.into_error()))?;
        for (file, writer) in [(MEMBERS, members), (ACTIVITIES, activities)] {
            let whole = writer.into_inner().map_err(|error| failed(file, error.into_error()))?;
            whole.keep().map_err(|error| failed(file, error))?;
            report.written.push(out.join(file));
        }
        let path = out.join(CONFIG);
        let write = || {
            let mut file = FreshFile::create(&path)?;
            file.write_all(config(layout, name).as_bytes())?;
            file.keep_if_new()
        };
        if write().map_err(|error| failed(CONFIG, error))? {
            report.written.push(path);
        } else {
            report.kept_config = true;
        }
        Ok(())
    }

    fn failed(&self, file: &str, error: csv::Error) -> ImportError {
        ImportError::Write { path: self.out.join(file), source: io::Error::other(error) }
    }
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The text of a `community.toml`.
fn config(layout: &Layout, name: &str) -> String {
    // Letters of a folder's name may be any, and a community's name has none that cannot be seen.
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = if name.trim().is_empty() { "my community".to_owned() } else { name };
    layout.config.replacen("NAME", &toml::Value::String(name).to_string(), 1)
}
