//! How far a long operation has come.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Called with steps of progress, from any thread but from one at a time: with the first and the last of every
/// stage, and in between at most some tens of times a second.
///
/// It must return quickly: the work waits for it.
pub type ProgressFn = Arc<dyn Fn(&Progress) + Send + Sync>;

/// One report of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// Bringing what was read to the disk.
    Snapshot,
    /// Computing the metrics that the plugin asks for.
    Metrics,
    /// Computing those that look at networks, and those of plugins.
    Networks,
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
            Self::Networks => "looking at networks",
            Self::Score => "scoring members",
            Self::Place => "placing members",
            Self::Explain => "explaining scores",
            Self::Decide => "deciding on awards",
            Self::Write => "writing results",
        }
    }

    /// What [`Progress::done`] counts: `"bytes"` (of files as they lie on disk), `"tables"`, `"passes"` (over
    /// the tables), `"metrics"`, `"batches"` or `"files"`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Read => "bytes",
            Self::Snapshot => "tables",
            Self::Metrics => "passes",
            Self::Networks => "metrics",
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

/// The shortest time between two reports within a stage.
const PAUSE: Duration = Duration::from_millis(25);

/// What [`ProgressFn`] promises, made of a function that would take anything: no stage that is over, no step
/// back, not too often.
pub(crate) fn steady(progress: ProgressFn) -> ProgressFn {
    let told: Mutex<Option<(Progress, Instant)>> = Mutex::new(None);
    Arc::new(move |now: &Progress| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = Instant::now();
        let worth_telling = told.as_ref().is_none_or(|(before, at)| {
            let further = now.stage == before.stage && now.done > before.done;
            let due = moment.duration_since(*at) >= PAUSE || now.total == Some(now.done);
            now.stage > before.stage || further && due
        });
        if worth_telling {
            *told = Some((*now, moment));
            // Under the lock, so that no later report overtakes this one.
            progress(now);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_few_and_never_go_back() {
        let heard: Arc<Mutex<Vec<(Stage, u64)>>> = Arc::default();
        let progress = {
            let heard = Arc::clone(&heard);
            steady(Arc::new(move |progress| heard.lock().unwrap().push((progress.stage, progress.done))))
        };
        let tell = |stage, done| progress(&Progress { stage, done, total: Some(100_000) });
        (0..=100_000).for_each(|done| tell(Stage::Read, done));
        let read = heard.lock().unwrap().len();
        assert!((2..1_000).contains(&read), "{read}");
        for (stage, done) in [(Stage::Score, 5), (Stage::Read, 7), (Stage::Score, 4), (Stage::Score, 100_000)]
        {
            tell(stage, done);
        }
        tell(Stage::Score, 0);
        let heard = heard.lock().unwrap();
        assert_eq!(heard.first(), Some(&(Stage::Read, 0)));
        let last = [(Stage::Read, 100_000), (Stage::Score, 5), (Stage::Score, 100_000)];
        assert_eq!(heard.get(read - 1..), Some(last.as_slice()));
    }
}
