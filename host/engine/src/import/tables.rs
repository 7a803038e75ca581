//! The tables an import writes, and the `community.toml` beside them.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder, write::GzEncoder};
use jiff::Timestamp;

use super::{ImportError, ImportReport};
use crate::fresh::FreshFile;

const MEMBERS: &str = "members.csv";
const ACTIVITIES: &str = "activities.csv.gz";
const CONFIG: &str = "community.toml";
/// The columns of `members.csv`.
const HEADER: [&str; 4] = ["id", "joined_at", "role", "reputation"];

/// `members.csv` and `activities.csv.gz` in the making. They get their names when [`Tables::finish`] is called; given
/// up before, they vanish.
pub(super) struct Tables {
    out: PathBuf,
    members: csv::Writer<BufWriter<FreshFile>>,
    activities: csv::Writer<GzEncoder<BufWriter<FreshFile>>>,
}

/// A row of `members.csv`.
pub(super) struct Member<'a> {
    pub(super) id: i64,
    pub(super) joined_at: Option<Timestamp>,
    pub(super) role: Option<&'a str>,
    pub(super) reputation: Option<i64>,
}

/// A row of `activities.csv.gz`.
pub(super) struct Activity<'a> {
    pub(super) id: String,
    pub(super) actor: Option<i64>,
    pub(super) verb: &'static str,
    pub(super) at: Timestamp,
    pub(super) recipient: Option<i64>,
    pub(super) object: i64,
    pub(super) object_kind: Option<&'static str>,
    pub(super) topic: Option<&'a str>,
    pub(super) weight: Option<i64>,
}

/// Refuses to replace tables that no import wrote.
fn refuse_others(out: &Path) -> Result<(), ImportError> {
    let path = out.join(MEMBERS);
    let own = HEADER.join(",") + "\n";
    let mut start = vec![0; own.len()];
    let read = fs::File::open(&path).and_then(|mut file| file.read_exact(&mut start));
    let is_own = read.is_ok() && start == own.as_bytes();
    if fs::symlink_metadata(&path).is_err() || is_own {
        return Ok(());
    }
    let what = "it is there, and no import wrote it: name another folder, or move it away";
    Err(ImportError::Write { path, source: io::Error::new(io::ErrorKind::AlreadyExists, what) })
}

impl Tables {
    pub(super) fn create(out: &Path) -> Result<Self, ImportError> {
        fs::create_dir_all(out).map_err(|source| ImportError::Write { path: out.to_owned(), source })?;
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
            members: csv::Writer::from_writer(members),
            activities: csv::Writer::from_writer(activities),
        };
        tables.members.write_record(HEADER).map_err(|error| tables.failed(MEMBERS, error))?;
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
        self.members
            .write_record([
                member.id.to_string().as_str(),
                &text(member.joined_at),
                member.role.unwrap_or_default(),
                &text(member.reputation),
            ])
            .map_err(|error| self.failed(MEMBERS, error))
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
                activity.id.as_str(),
                &text(activity.actor),
                activity.verb,
                &activity.at.to_string(),
                &text(activity.recipient),
                &format!("p{}", activity.object),
                activity.object_kind.unwrap_or_default(),
                activity.topic.unwrap_or_default(),
                &text(activity.weight),
            ])
            .map_err(|error| self.failed(ACTIVITIES, error))
    }

    /// Gives the tables their names and writes a `community.toml` where there is none.
    pub(super) fn finish(self, name: &str, report: &mut ImportReport) -> Result<(), ImportError> {
        let Self { out, members, activities } = self;
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
            file.write_all(config(name).as_bytes())?;
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

fn config(name: &str) -> String {
    let name = toml::Value::String(name.to_owned());
    format!(
        r#"# Written by `groundswell import stackexchange`. Change it as you like: another import keeps this file.

[community]
name = {name}
# The moment a run looks from; without this line, the newest time in the data.
# as-of = 2024-03-31T00:00:00Z
# What counts: all of the site's history. "365d" asks instead who is active now.
window = "all"
# Who is scored: members with an activity, given or received, in the window; or "all".
population = "active"
# The site's own account, -1, has the role bot. Moderators are not marked in a dump.
exclude-roles = ["bot"]
time-zone = "UTC"
state = ".groundswell"

[sources.tables]
# id, joined_at, role, and the attribute reputation, which no plugin sees without a grant
members = "members.csv"
# a dump names neither followers nor purchases: without follows and conversions, audience is unknown
activities = "activities.csv.gz"

[definitions.regulars]
plugin = "regulars"

# Who gets what. Without this part, members are scored and nobody is awarded anything.
[programme]
plugin = "regulars"
definition = "regulars"
period = "month"
"#
    )
}
