//! What can go wrong, named.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::text::{Figure, shown};
use crate::{LimitError, LoadError, LoadErrorKind, SettingError};

/// Why the runtime could not do what it was asked.
///
/// Match on the predicates rather than on texts, which may change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine does not work on this machine or with these limits.
    #[error("failed to start the plugin engine: {0}")]
    Engine(String),
    /// A plugin's file cannot be read.
    #[error("failed to read plugin {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that is not a plugin for this host.
    #[error(transparent)]
    Load(Box<LoadError>),
    /// A plugin that broke the contract or a limit, or that says it cannot go on.
    #[error(transparent)]
    Fault(Box<Fault>),
    /// A setting that the plugin does not have or does not allow.
    #[error("plugin {plugin}: {error}")]
    Setting {
        /// The plugin.
        plugin: PluginId,
        /// What is wrong.
        error: Box<SettingError>,
    },
    /// A plugin was asked for a part that it does not have.
    #[error("plugin {plugin} has no {part}: it does not export `{export}`")]
    NoSuchPart {
        /// The plugin.
        plugin: PluginId,
        /// `definition`, `reward rules` or `metric`.
        part: &'static str,
        /// The interface that it would have to export.
        export: &'static str,
    },
    /// The options have another number of settings than the plugin declares.
    #[error(
        "plugin {plugin}: {given} settings were given, it declares {declared}; give all of them in declared order, as \
         `resolve_settings` makes them"
    )]
    #[non_exhaustive]
    SettingCount {
        /// The plugin.
        plugin: PluginId,
        /// How many were given.
        given: usize,
        /// How many it declares.
        declared: usize,
    },
    /// The population lacks a metric without which the plugin has nothing to go by.
    #[error(
        "plugin {plugin} requires metric `{}`, which the population does not have ({}); supply it, or choose a plugin \
         that does without",
        shown(metric, 200),
        shown(why, 280)
    )]
    #[non_exhaustive]
    MissingMetric {
        /// The plugin.
        plugin: PluginId,
        /// The metric's id.
        metric: String,
        /// Why the plugin looks at it, in its own words.
        why: String,
    },
    /// A limit that cannot be what it was asked to be.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The run was cancelled by [`Cancel`](crate::Cancel) or by dropping its [`Task`](crate::Task).
    #[error("the run was cancelled")]
    Cancelled,
    /// The run did not end before its deadline.
    #[error("the run did not end before its deadline; give it more time, more threads, or fewer members")]
    Deadline,
    /// A metric that cannot be used as it is asked for.
    #[error("metric `{metric}` cannot be used: {what}")]
    Population {
        /// The metric's id.
        metric: String,
        /// What is wrong with it.
        what: String,
    },
    /// Standings that are not those of the population, or of the tiers.
    #[error("the standings cannot be used: {0}")]
    Standings(String),
    /// Networks that are none, or not of the members or the metric that they are given with.
    #[error("the ties cannot be used: {0}")]
    Ties(String),
    /// No thread could be had for guests, or one that is not fit for them.
    #[error("failed to run guests: {0}")]
    Threads(String),
    /// Results that Arrow refuses, which would be a defect.
    #[error("failed to make an Arrow batch of the results: {0}")]
    Arrow(String),
}

impl Error {
    /// Whether the plugin is to blame: it cannot be loaded, broke the contract or a limit, or gave up. A file that is
    /// no component at all is whoever's who named it.
    pub fn is_plugin_fault(&self) -> bool {
        match self {
            Self::Load(error) => !error.is_no_component(),
            Self::Fault(_) => true,
            _ => false,
        }
    }

    /// Whether the run was stopped from outside: cancelled, or past its deadline.
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Deadline)
    }

    /// Whether a plugin used more than it may, or would, by what it says of itself when it is loaded.
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Load(error) => error.kind() == LoadErrorKind::Limit,
            Self::Fault(fault) => fault.kind.is_limit(),
            _ => false,
        }
    }

    /// The plugin that the error is about, where it is known.
    pub fn plugin(&self) -> Option<&PluginId> {
        match self {
            Self::Load(error) => error.plugin(),
            Self::Fault(fault) => Some(&fault.plugin),
            Self::Setting { plugin, .. }
            | Self::SettingCount { plugin, .. }
            | Self::MissingMetric { plugin, .. }
            | Self::NoSuchPart { plugin, .. } => Some(plugin),
            Self::Engine(_)
            | Self::Read { .. }
            | Self::Limit(_)
            | Self::Cancelled
            | Self::Deadline
            | Self::Population { .. }
            | Self::Standings(_)
            | Self::Ties(_)
            | Self::Threads(_)
            | Self::Arrow(_) => None,
        }
    }
}

/// A plugin's name and version, as stamped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PluginId {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", shown(&self.name, 64), shown(&self.version, 64))
    }
}

/// What a plugin was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Being made ready: instantiation and `start` functions.
    Load,
    /// `scoring.describe`, `rewards.describe` or `measuring.describe`.
    Describe,
    /// `model.fit`.
    Fit,
    /// `model.score`.
    Score,
    /// `model.place`.
    Place,
    /// `model.explain`.
    Explain,
    /// `rules.open`.
    Open,
    /// `rules.decide`.
    Decide,
    /// `measuring.networks`.
    Networks,
    /// `measuring.measure`.
    Measure,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Load => "load",
            Self::Describe => "describe",
            Self::Fit => "fit",
            Self::Score => "score",
            Self::Place => "place",
            Self::Explain => "explain",
            Self::Open => "open",
            Self::Decide => "decide",
            Self::Networks => "networks",
            Self::Measure => "measure",
        })
    }
}

/// A plugin that broke the contract or a limit, or that says it cannot go on. Its instance is gone; the
/// host and every other plugin are as before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// Who.
    pub plugin: PluginId,
    /// Doing what.
    pub phase: Phase,
    /// The rows of the population that it was about, where it was about members.
    pub rows: Option<Range<usize>>,
    /// Whether it had answered about these rows, and a fresh instance was asked about them again, in other company, to
    /// compare.
    pub asked_again: bool,
    /// What happened.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin {} failed in {}", self.plugin, self.phase)?;
        if let Some(rows) = &self.rows {
            let again = if self.asked_again { ", asked again in other company" } else { "" };
            write!(f, " (members {} to {}{again})", Figure(rows.start + 1), Figure(rows.end))?;
        } else if self.asked_again {
            write!(f, " (asked again, with other amounts at a time)")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::Load(Box::new(error))
    }
}

/// What a plugin did wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// It used up its fuel.
    #[non_exhaustive]
    Fuel {
        /// What it had used when it was stopped.
        used: u64,
        /// What the call had.
        allowed: u64,
        /// The part that does not depend on the batch.
        per_call: u64,
        /// What each row added.
        per_row: u64,
        /// Rows of the batch.
        rows: usize,
        /// Ties that were measured, each a row more.
        ties: usize,
    },
    /// It took longer than a call may.
    #[non_exhaustive]
    Wall {
        /// The limit: `wall-millis` in strict mode, `fast-wall-millis` in fast mode.
        limit: &'static str,
        /// Its value, in milliseconds.
        allowed_millis: u64,
    },
    /// It asked for more memory.
    #[non_exhaustive]
    Memory {
        /// The limit, in bytes.
        allowed: usize,
        /// What it would have had, in bytes.
        requested: usize,
    },
    /// It asked for larger tables.
    #[non_exhaustive]
    Table {
        /// The limit, in elements.
        allowed: usize,
        /// What it would have had.
        requested: usize,
    },
    /// It recursed too deeply.
    #[non_exhaustive]
    Stack {
        /// The limit, in bytes.
        allowed: usize,
    },
    /// It trapped.
    #[non_exhaustive]
    Trap {
        /// The engine's words.
        what: String,
        /// The last thing it logged or wrote to standard error, often the panic's message; where it did neither, the last
        /// thing it printed.
        last_words: Option<String>,
    },
    /// Its answer is larger than the host copies.
    #[non_exhaustive]
    AnswerTooLarge {
        /// What the host copies at most, in bytes.
        allowed: usize,
        /// The part that does not depend on the batch.
        per_call: usize,
        /// What each row added.
        per_row: usize,
        /// Rows of the batch.
        rows: usize,
    },
    /// A message that it logged is larger than the host copies.
    #[non_exhaustive]
    LogTooLarge {
        /// What the host copies at most, in bytes.
        allowed: usize,
    },
    /// Its answer could not be taken over: it is not of the contract's types.
    #[non_exhaustive]
    Unreadable {
        /// The engine's words.
        what: String,
    },
    /// A call that it made could not be carried out: of `log` with arguments that are not of the contract's types, or
    /// of what looks after its resources with a handle that it does not have.
    #[non_exhaustive]
    UnreadableCall {
        /// The engine's words.
        what: String,
    },
    /// It ended itself, as programs do and plugins may not.
    #[non_exhaustive]
    Exit {
        /// Whether it called that a success.
        success: bool,
    },
    /// It holds more handles of resources than it may.
    #[non_exhaustive]
    Handles {
        /// The limit.
        allowed: usize,
    },
    /// It asked WASI for what no host gives.
    Wasi(String),
    /// It asked for a network or an input that it did not declare, or too early.
    Network(String),
    /// Its answer breaks the contract.
    Answer(String),
    /// It answers otherwise when a fresh instance is asked about the same members in other company: its answers depend
    /// on earlier calls, on the order of rows, or on who else is in a batch.
    #[non_exhaustive]
    Impure {
        /// Both answers.
        what: String,
    },
    /// It says that it cannot go on, in its own words.
    #[non_exhaustive]
    Refused {
        /// What it cannot go on with.
        problem: ProblemKind,
        /// Its words, escaped and cut.
        words: String,
    },
}

/// What a plugin says that it cannot go on with: the contract's typed problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A setting, which whoever runs the plugin can change.
    InvalidSetting,
    /// An input that is not as the plugin needs it.
    UnsupportedInput,
    /// Anything else.
    Other,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidSetting => "invalid setting",
            Self::UnsupportedInput => "unsupported input",
            Self::Other => "problem",
        })
    }
}

impl FaultKind {
    /// Whether it used more than it may.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::Fuel { .. }
                | Self::Wall { .. }
                | Self::Memory { .. }
                | Self::Table { .. }
                | Self::Stack { .. }
                | Self::AnswerTooLarge { .. }
                | Self::LogTooLarge { .. }
                | Self::Handles { .. }
        )
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel { used, allowed, per_call, per_row, rows, ties } => {
                write!(f, "it ran out of fuel: {} used of {} allowed", Figure(*used), Figure(*allowed))?;
                if *ties > 0 {
                    let [members, ties] = [rows, ties].map(|count| Figure(*count));
                    write!(
                        f,
                        " ({} + {} × ({members} members + {ties} ties))",
                        Figure(*per_call),
                        Figure(*per_row)
                    )?;
                } else if let Some(per_thousand) = (u128::from(*used) * 1_000).checked_div(*rows as u128) {
                    let (per_call, per_row, rows) = (Figure(*per_call), Figure(*per_row), Figure(*rows));
                    write!(
                        f,
                        " ({per_call} + {per_row} × {rows} rows), which is {} per 1,000 members",
                        Figure(per_thousand)
                    )?;
                }
                write!(f, "; look for a loop that does not end, or raise `fuel-per-call` or `fuel-per-row`")
            }
            Self::Wall { limit, allowed_millis } => write!(
                f,
                "it took longer than {} ms; look for a loop that does not end, or raise `{limit}`",
                Figure(*allowed_millis)
            ),
            Self::Memory { allowed, requested } => write!(
                f,
                "it asked for {} bytes of memory, {} are allowed; keep less at a time, or raise `memory-bytes`",
                Figure(*requested),
                Figure(*allowed)
            ),
            Self::Table { allowed, requested } => write!(
                f,
                "it asked for {} table elements, {} are allowed; raise `table-elements` if it needs them",
                Figure(*requested),
                Figure(*allowed)
            ),
            Self::Stack { allowed } => write!(
                f,
                "it used up its stack of {} bytes; look for recursion that does not end, or raise `stack-bytes`",
                Figure(*allowed)
            ),
            Self::Trap { what, last_words } => {
                write!(f, "it trapped ({what})")?;
                match last_words {
                    Some(words) => write!(f, "; its last words: {words}"),
                    None => Ok(()),
                }
            }
            Self::AnswerTooLarge { allowed, per_call, per_row, rows } => {
                write!(f, "its answer has more than the {} bytes that are allowed", Figure(*allowed))?;
                if *rows > 0 {
                    let (per_call, per_row, rows) = (Figure(*per_call), Figure(*per_row), Figure(*rows));
                    write!(f, " ({per_call} + {per_row} × {rows} rows)")?;
                }
                write!(f, "; answer shorter, or raise `answer-bytes` or `answer-bytes-per-row`")
            }
            Self::LogTooLarge { allowed } => write!(
                f,
                "it logged a message of more than the {} bytes that are allowed; log less at a time, or raise \
                 `answer-bytes`",
                Figure(*allowed)
            ),
            Self::Unreadable { what } => write!(f, "its answer cannot be taken over: {what}"),
            Self::UnreadableCall { what } => write!(f, "a call that it made cannot be carried out: {what}"),
            Self::Exit { success } => write!(
                f,
                "it ended itself, {}; a plugin answers, or says what it cannot go on with",
                if *success { "calling that a success" } else { "calling that a failure" }
            ),
            Self::Handles { allowed } => write!(
                f,
                "it holds more than the {} handles of resources that are allowed; drop those that are not needed, or \
                 raise `handles`",
                Figure(*allowed)
            ),
            Self::Answer(what) | Self::Impure { what } | Self::Wasi(what) | Self::Network(what) => {
                f.write_str(what)
            }
            Self::Refused { problem, words } => write!(f, "it says: {problem}: {words}"),
        }
    }
}
