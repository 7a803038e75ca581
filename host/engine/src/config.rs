//! `community.toml`: what a community is, where its data lies, and which plugins look at it.

mod map;
mod parse;
pub(crate) use parse::is_language;
mod programme;
mod section;
mod shoutout;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use groundswell_runtime::{LimitError, Limits, Mode, Value, read_regular};
use jiff::Timestamp;
use jiff::tz::TimeZone;
pub use map::{Delimiter, Each, FileColumn, MapColumn, MapConfig, Span, TemplatePart, TimeForm};
pub use programme::{AwardConfig, KeyConfig, ProgrammeConfig, TargetConfig};
use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use crate::{ConfigError, Error, Location, Snapshot, Table};

/// Everything that a `community.toml` says, with defaults filled in and paths resolved against its folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[community]`.
    pub community: CommunityConfig,
    /// `[sources]`.
    pub sources: SourcesConfig,
    /// `[metrics.NAME]`, by name.
    pub metrics: BTreeMap<String, MetricConfig>,
    /// `[definitions.NAME]`, by name.
    pub definitions: BTreeMap<String, DefinitionConfig>,
    /// `[programme]`; without it there are no awards.
    pub programme: Option<ProgrammeConfig>,
    /// `[limits]`.
    pub limits: LimitsConfig,
    path: PathBuf,
    text: Arc<str>,
}

impl Config {
    /// Reads a `community.toml`.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or says something that cannot be followed; the error then points into the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = text(path).map_err(Error::file("read", path))?;
        Self::parse(path, &text)
    }

    /// Reads the text of a `community.toml` that stands, or would stand, at `path`.
    ///
    /// # Errors
    ///
    /// As [`Config::read`].
    pub fn parse(path: impl Into<PathBuf>, text: &str) -> Result<Self, Error> {
        parse::parse(path.into(), text)
    }

    /// What is said of a snapshot that no community looks at: all of its time, and everybody.
    pub(crate) fn of_snapshot(snapshot: &Snapshot) -> Self {
        let community = CommunityConfig {
            name: snapshot.hash().get(..12).unwrap_or_default().to_owned(),
            as_of: None,
            window: Window::All,
            population: PopulationKind::All,
            exclude_roles: vec![USUALLY_EXCLUDED.to_owned()],
            count_left_out: true,
            time_zone: TimeZone::UTC,
            state: snapshot.dir().join("state"),
            language: None,
            letters: None,
        };
        let sources = SourcesConfig {
            max_rejected: MaxRejected::Rows(0),
            tables: BTreeMap::new(),
            maps: Vec::new(),
            aliases: Vec::new(),
        };
        Self {
            community,
            sources,
            metrics: BTreeMap::new(),
            definitions: BTreeMap::new(),
            programme: None,
            limits: LimitsConfig { mode: Mode::Strict, batch_size: None, changed: BTreeMap::new() },
            path: snapshot.dir().to_owned(),
            text: "".into(),
        }
    }

    /// What to say where neither the file nor the program names a table.
    pub(crate) fn without_data(&self) -> Error {
        let mut location = self.locate(&["sources", "tables"]);
        location.help =
            Some("add the lines `[sources.tables]` and `activities = \"activities.csv\"`".to_owned());
        let message = "the community has no data: [sources.tables] names none".to_owned();
        ConfigError { message, location }.into()
    }

    /// A path of the file, resolved against the file's folder.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// The file it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a key stands, for errors found later: `["definitions", "regulars", "settings", "ceiling"]`. A number stands for an element of a
    /// list, counted from 0: `["sources", "map", "0", "files"]`. The nearest table around it where the key itself does not
    /// stand in the file.
    pub fn locate(&self, keys: &[&str]) -> Location {
        let mut span = 0..0;
        if let Ok(document) = DeTable::parse(&self.text) {
            let mut place = Place::Table(document.get_ref());
            for wanted in keys {
                let found = match place {
                    Place::Table(table) => table
                        .iter()
                        .find(|(key, _)| key.get_ref() == wanted)
                        .map(|(key, value)| (key.span(), value)),
                    Place::List(list) => wanted
                        .parse()
                        .ok()
                        .and_then(|at: usize| list.get(at))
                        .map(|value| (value.span(), value)),
                    Place::Value => None,
                };
                let Some((key, value)) = found else { break };
                place = Place::of(value.get_ref());
                span = if matches!(place, Place::Value) { value.span() } else { key };
            }
        }
        Location { path: self.path.clone(), text: self.text.clone(), span, help: None }
    }
}

/// Where one stands in a file of TOML.
enum Place<'t> {
    Table(&'t DeTable<'t>),
    List(&'t toml::de::DeArray<'t>),
    Value,
}

impl<'t> Place<'t> {
    fn of(value: &'t DeValue<'t>) -> Self {
        match value {
            DeValue::Table(table) => Self::Table(table),
            // A list of texts is a value like others.
            DeValue::Array(list) if list.iter().any(|one| one.get_ref().as_table().is_some()) => {
                Self::List(list)
            }
            _ => Self::Value,
        }
    }
}

/// The largest `community.toml`, in bytes.
const LARGEST: usize = 1 << 20;
/// The role that is excluded where a community says nothing of roles.
pub(crate) const USUALLY_EXCLUDED: &str = "bot";

/// The text of a `community.toml`, read to a bound.
fn text(path: &Path) -> io::Result<String> {
    let wrong = |what: &str| io::Error::new(ErrorKind::InvalidData, what.to_owned());
    let bytes = read_regular(path, LARGEST)?;
    if bytes.len() > LARGEST {
        return Err(wrong("it is larger than 1 MiB, which no community.toml is"));
    }
    String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8: save it so"))
}

/// `[community]`: who is looked at, and from when.
#[derive(Clone, Debug)]
pub struct CommunityConfig {
    /// The community's name.
    pub name: String,
    /// The moment that a run looks from; `None` for the newest time in the data.
    pub as_of: Option<Timestamp>,
    /// How far a run looks back from there. Default: `"365d"`.
    pub window: Window,
    /// Who is scored. Default: `"active"`.
    pub population: PopulationKind,
    /// Members with these roles are not scored. Default: `["bot"]`.
    pub exclude_roles: Vec<String>,
    /// Whether what members do counts for others who are not scored themselves because they opted out or have an excluded
    /// role: their likes, answers and follows. Default: `true`.
    pub count_left_out: bool,
    /// Where the programme's periods begin and end. Default: UTC.
    pub time_zone: TimeZone,
    /// The folder of snapshots, runs and the ledger. Default: `.groundswell` beside the file.
    pub state: PathBuf,
    /// The language of letters to members, such as `"de"`. Default: English.
    pub language: Option<String>,
    /// A folder with the community's own templates of letters, each called `LANGUAGE.txt`. Default: none.
    pub letters: Option<PathBuf>,
}

impl CommunityConfig {
    /// Whether a member's role keeps them from being scored.
    pub(crate) fn excludes(&self, role: Option<&str>) -> bool {
        role.is_some_and(|role| self.exclude_roles.iter().any(|excluded| excluded == role))
    }
}

/// How far a run looks back: the window is open at its start and closed at as-of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// To the beginning: `"all"`.
    All,
    /// So many days of 24 hours, at least 1: `"365d"`.
    Days(u32),
}

impl Window {
    /// The moment (nanoseconds since 1970, UTC) after which the window begins; `None` when it has no beginning.
    pub fn start(self, as_of: i64) -> Option<i64> {
        const DAY: i64 = 86_400_000_000_000;
        match self {
            Self::All => None,
            Self::Days(days) => Some(as_of.saturating_sub(DAY.saturating_mul(i64::from(days)))),
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

/// Who is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PopulationKind {
    /// Members with at least one activity, given or received, in the window.
    Active,
    /// Every member.
    All,
}

/// `[sources]`: where the data lies.
#[derive(Clone, Debug)]
pub struct SourcesConfig {
    /// How many rows of a table may be rejected. Default: `"1%"`.
    pub max_rejected: MaxRejected,
    /// The paths or globs of each table, as they stand in the file; relative to its folder. A table that is not named is unknown.
    pub tables: BTreeMap<Table, Vec<String>>,
    /// `[[sources.map]]`, in the order of the file: further rows of tables, out of files of other forms.
    pub maps: Vec<MapConfig>,
    /// The paths or globs of files with the columns `alias` and `member`: accounts that are one member's. What an alias does
    /// and is done to counts as the member's; of their rows in the table members one is made.
    pub aliases: Vec<String>,
}

/// How many rows of a table may be rejected before the run stops.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MaxRejected {
    /// So many rows.
    Rows(u64),
    /// This percentage of the table's rows, 0 to 100.
    Percent(f64),
}

/// `[metrics.NAME]`: a metric of the community's own, which definitions ask for by its name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MetricConfig {
    /// `plugin`: a plugin that measures, and what it is told.
    Plugin(DefinitionConfig),
    /// `sql`: a question in SQL over the views of [`Community::sql`](crate::Community::sql), whose answer has a column `member` and a
    /// column `value`, a number, and at most a row a member; who has none has no value. Functions that do not say the same
    /// of the same rows, such as `now()`, are refused. It ends after 10,000,000,000 rows and pairs of rows that its steps go
    /// through, the same number on every computer, and after ten minutes.
    Sql(String),
}

/// `[definitions.NAME]`: a plugin that scores members, and what it is told. The same of one that measures.
#[derive(Clone, Debug)]
pub struct DefinitionConfig {
    /// A bundled name or a path, as it stands in the file.
    pub plugin: String,
    /// What differs from the plugin's defaults.
    pub settings: BTreeMap<String, Value>,
    /// The attributes that the plugin may see.
    pub grants: Vec<String>,
}

/// `[limits]`: what plugins may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// How plugins are bounded. Default: `"strict"`.
    pub mode: Mode,
    /// Members a call; `None` for what suits the plugin. At least 1, at most 1,000,000.
    pub batch_size: Option<u32>,
    /// What differs from the host's limits, by the names of [`Limits::all`](crate::Limits::all).
    pub changed: BTreeMap<&'static str, u64>,
}

impl LimitsConfig {
    /// The host's limits with these changes.
    pub(crate) fn applied_to(&self, limits: &Limits) -> Result<Limits, LimitError> {
        let mut limits = limits.clone();
        self.changed.iter().try_for_each(|(name, value)| limits.set(name, *value))?;
        Ok(limits)
    }
}
