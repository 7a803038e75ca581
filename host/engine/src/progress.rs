//! How far a long operation has come.

use std::fmt;
use std::sync::Arc;

/// Called with every step of progress, from any thread and at most some tens of times a second.
///
/// It must return quickly: the work waits for it.
pub type ProgressFn = Arc<dyn Fn(&Progress) + Send + Sync>;

/// One report of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, in [`Stage::unit`]s; never decreases within a stage.
    pub done: u64,
    /// How much there is to do, in the same unit; `None` where that is not known beforehand.
    pub total: Option<u64>,
}

/// What a run is doing, in the order in which it does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the community's files.
    Read,
    /// Hashing what was read and freezing it.
    Snapshot,
    /// Computing the metrics that the plugin asks for.
    Metrics,
    /// Scoring members.
    Score,
    /// Placing members in tiers.
    Place,
    /// Explaining scores.
    Explain,
    /// Deciding on awards.
    Decide,
    /// Writing the results.
    Write,
}

impl Stage {
    /// A few words for people: `"reading files"`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Read => "reading files",
            Self::Snapshot => "freezing the snapshot",
            Self::Metrics => "computing metrics",
            Self::Score => "scoring members",
            Self::Place => "placing members",
            Self::Explain => "explaining scores",
            Self::Decide => "deciding on awards",
            Self::Write => "writing results",
        }
    }

    /// What [`Progress::done`] counts: `"bytes"` (of files as they lie on disk), `"tables"`, `"metrics"`, `"batches"` or
    /// `"files"`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Read => "bytes",
            Self::Snapshot => "tables",
            Self::Metrics => "metrics",
            Self::Score | Self::Place | Self::Explain | Self::Decide => "batches",
            Self::Write => "files",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
