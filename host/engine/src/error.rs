//! Everything that can go wrong in the engine.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the engine could not do what it was asked to.
///
/// Messages name the place, the figures and the way out. [`Error::location`] says where in `community.toml` the cause
/// stands, where it stands there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `community.toml` says something that cannot be followed.
    #[error(transparent)]
    Config(Box<ConfigError>),

    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {}", path.display(), plainly(source))]
    File {
        /// What was tried: `"read"`, `"write"`, `"create"`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system answered.
        source: io::Error,
    },

    /// The copy of the results that was asked for could not be written; nothing was recorded in the ledger.
    #[error(
        "cannot write a copy of the results to {}: {}; no award was recorded: name another folder, or run without a copy",
        folder.display(), plainly(source)
    )]
    Copy {
        /// The folder.
        folder: PathBuf,
        /// What the operating system answered.
        source: io::Error,
    },

    /// A source file lacks what is needed to read its rows, or ends before its rows do.
    #[error("{path}, table {table}: {problem}", path = path.display())]
    Source {
        /// The table that the file was to fill.
        table: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        problem: String,
    },

    /// More rows of a table were rejected than `max-rejected` allows.
    #[error("{0}")]
    TooManyRejected(String),

    /// A question in SQL cannot be answered.
    #[error("the query cannot be answered: {problem}")]
    Sql {
        /// What is wrong with it.
        problem: String,
    },
    /// One of the community's own metrics cannot be computed.
    #[error("the metric `{name}` of [metrics.{name}]: {problem}")]
    OwnMetric {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A snapshot on disk is not what was written there.
    #[error(
        "the snapshot in {path} is damaged: {problem}; remove that folder and run again",
        path = path.display()
    )]
    DamagedSnapshot {
        /// The snapshot's folder.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },

    /// Columns could not be encoded or decoded.
    #[error("cannot {action} {}: {source}", path.display())]
    Columns {
        /// What was tried: `"read"` or `"write"`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A plugin could not be loaded, broke the contract or a limit, or gave up.
    #[error(transparent)]
    Plugin(#[from] groundswell_runtime::Error),

    /// A plugin asks for an input that this host does not have.
    #[error(
        "plugin {plugin} asks for the input {problem}; correct the plugin, or upgrade this host if the plugin is newer"
    )]
    Input {
        /// The plugin's name and version.
        plugin: String,
        /// The input, and what is wrong with it.
        problem: String,
    },

    /// A metric was asked for that does not exist.
    #[error("cannot measure {0}")]
    Metric(String),

    /// The data cannot supply a metric that a plugin needs.
    #[error(
        "plugin {plugin} needs the metric `{metric}`, which takes {needs}: the data of {} does not have that; add it \
         to the tables, or use a definition that can do without",
        path.display()
    )]
    MissingMetric {
        /// The plugin's name and version.
        plugin: String,
        /// The metric's id.
        metric: String,
        /// The table, and the column where it is one.
        needs: &'static str,
        /// The community's file.
        path: PathBuf,
    },

    /// No member is left to score.
    #[error(
        "nobody is in the population: {inactive} inactive, {opted_out} opted out, {not_yet_joined} not yet joined, \
         {excluded_role} with an excluded role; look at `window`, `as-of`, `population` and `exclude-roles` of {}",
        path.display(), inactive = left_out.inactive, opted_out = left_out.opted_out,
        not_yet_joined = left_out.not_yet_joined, excluded_role = left_out.excluded_role
    )]
    NobodyToScore {
        /// Who was left out.
        left_out: crate::LeftOut,
        /// The community's file.
        path: PathBuf,
    },

    /// A member was asked after who is not in the population.
    #[error("`{}` is not in the population: {reason}", groundswell_runtime::shown(member, 200))]
    NotInPopulation {
        /// The id.
        member: String,
        /// Why.
        reason: String,
    },

    /// A member was to be named, and the id is empty or blank, which nobody's is.
    #[error("the id is empty, which nobody's is: name the member")]
    NoId,

    /// Options of [`Community::appreciate`](crate::Community::appreciate) are out of bounds.
    #[error("cannot look for whom to appreciate: {problem}")]
    Appreciation {
        /// What is wrong, and what would be right.
        problem: String,
    },

    /// A letter to a member cannot be written: there is none in that language, or its template says something that cannot be
    /// followed.
    #[error("the letter {place}: {problem}")]
    Letter {
        /// The file and the line where it is about one, or else the language.
        place: String,
        /// What is wrong, and what to do.
        problem: String,
    },

    /// There is no moment to look from.
    #[error(
        "the data of {} has neither activities nor conversions, so there is no newest time to look from; set `as-of` in \
         [community]",
        path.display()
    )]
    NoTime {
        /// The community's file.
        path: PathBuf,
    },

    /// The newest time in the data is yet to come, and no `as-of` says from when to look.
    #[error(
        "{}lies at {as_of}, which is yet to come, and without `as-of` a run looks from there: nothing was recorded; \
         mend the row, or write `as-of` in [community] of {}",
        newest_row(place.as_ref()), path.display()
    )]
    AsOfToCome {
        /// That time, RFC 3339.
        as_of: String,
        /// The file and the line of a row that has it, where they are known.
        place: Option<(String, u64)>,
        /// The community's file.
        path: PathBuf,
    },

    /// The data engine could not compute the metrics.
    #[error("cannot compute the metrics: {0}")]
    Metrics(Box<dyn std::error::Error + Send + Sync>),

    /// Awards could not be delivered: a target or a key is no good, or the ledger could not be read or written.
    #[error(transparent)]
    Delivery(Box<groundswell_delivery::Error>),

    /// Nobody can tell who opted out since the last run, so that nothing was delivered.
    #[error("nothing is delivered, as nobody can tell who opted out since the last run: {0}")]
    Wishes(Box<Error>),

    /// The ledger could not be read or written, or does not take what was to be recorded.
    #[error(transparent)]
    Ledger(#[from] groundswell_ledger::Error),

    /// By the data nobody has opted out, and by that of the newest run somebody had.
    #[error(
        "by the data nobody has opted out any more, though by that of the newest run somebody had: where the column `opted_out` of the \
         table `members` got lost, bring it back; where they all came back, say so with `groundswell rewards plan --approve`"
    )]
    NoWishes,

    /// What decides is not what was looked at.
    #[error(
        "what decides is {terms} now, and not {seen}, which was looked at: look at `groundswell rewards plan` again"
    )]
    OtherTerms {
        /// What was looked at, escaped.
        seen: String,
        /// What decides now.
        terms: String,
    },

    /// The past was to be gone through over too long a time.
    #[error(
        "from {since} on there are more than {most} periods: begin later, or let [programme] have longer periods"
    )]
    TooManyPeriods {
        /// Where it was to begin.
        since: String,
        /// How many can be gone through.
        most: usize,
    },

    /// Other runs kept changing the history that this one decided by.
    #[error(
        "the history in {} changed while this run decided by it, {times} times in a row; nothing was recorded: run again",
        path.display()
    )]
    HistoryChanged {
        /// The ledger.
        path: PathBuf,
        /// How often it was tried.
        times: u32,
    },
}

impl Error {
    /// Where in `community.toml` the cause stands; `None` when it does not stand there.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Config(error) => Some(&error.location),
            Self::Wishes(error) => error.location(),
            _ => None,
        }
    }

    /// Whether a plugin is to blame, and not the community's data or configuration.
    pub fn is_plugin_fault(&self) -> bool {
        match self {
            Self::Plugin(error) => error.is_plugin_fault(),
            Self::Input { .. } => true,
            _ => false,
        }
    }

    /// Whether a plugin used more than it may.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Plugin(error) if error.is_limit())
    }

    /// Whether the run was stopped from outside: cancelled, or past its deadline.
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Plugin(error) if error.is_stopped())
    }

    /// The same once more, for another who asks for a metric of the community's own; in words alone where it cannot be copied.
    pub(crate) fn again(&self, metric: &str) -> Self {
        match self {
            Self::OwnMetric { name, problem } => {
                Self::OwnMetric { name: name.clone(), problem: problem.clone() }
            }
            Self::Plugin(groundswell_runtime::Error::Fault(fault)) => {
                Self::Plugin(groundswell_runtime::Error::Fault(fault.clone()))
            }
            other => Self::OwnMetric { name: metric.to_owned(), problem: other.to_string() },
        }
    }

    /// What the data engine could not do.
    pub(crate) fn query(error: datafusion::error::DataFusionError) -> Self {
        Self::Metrics(Box::new(error))
    }

    /// A closure for `map_err`, which says what was tried with which file.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// A closure for `map_err`, which says what was tried with which file of columns.
    pub(crate) fn columns<E>(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let path = path.into();
        move |source| Self::Columns { action, path, source: Box::new(source) }
    }
}

fn newest_row(place: Option<&(String, u64)>) -> String {
    let place = place.map(|(file, line)| format!(", {file}, line {line},"));
    format!("the newest row of the data{} ", place.unwrap_or_default())
}

/// What the operating system answered, without its number where that is plain enough.
fn plainly(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "part of that path is a file, not a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// Something in `community.toml` that cannot be followed, and where it stands.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigError {
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// Where it stands, and the way out.
    pub location: Location,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { path, help, .. } = &self.location;
        let (line, column) = self.location.line_and_column();
        write!(f, "{}:{line}:{column}: {}", path.display(), self.message)?;
        help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for ConfigError {}

impl From<groundswell_delivery::Error> for Error {
    fn from(error: groundswell_delivery::Error) -> Self {
        Self::Delivery(Box::new(error))
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}

/// A place in a text file, for pointing at it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file.
    pub path: PathBuf,
    /// All of its text.
    pub text: Arc<str>,
    /// The bytes of `text` that are meant; always within it.
    pub span: Range<usize>,
    /// The way out, as a lowercase fragment.
    pub help: Option<String>,
}

impl Location {
    /// The line and the column (in characters) where the span starts, both counted from 1.
    pub fn line_and_column(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}
