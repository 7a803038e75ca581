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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Which definition it is done for; `None` while data is read and measured, which is for all of them.
    pub definition: Option<Arc<str>>,
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, in [`Stage::unit`]s; never decreases within a stage.
    pub done: u64,
    /// How much there is to do, in the same unit; `None` where that is not known beforehand.
    pub total: Option<u64>,
    /// The how many-th definition it is done for, from 1; 0 where it is for all of them.
    turn: usize,
}

impl Progress {
    /// Of what is done for all definitions.
    pub(crate) fn new(stage: Stage, done: u64, total: Option<u64>) -> Self {
        Self { definition: None, stage, done, total, turn: 0 }
    }
}

/// Tells that what is done is done for the `turn`-th definition, from 1.
pub(crate) fn of_definition(progress: &ProgressFn, turn: usize, definition: &str) -> ProgressFn {
    let (progress, definition): (_, Arc<str>) = (Arc::clone(progress), definition.into());
    Arc::new(move |now: &Progress| {
        progress(&Progress { definition: Some(Arc::clone(&definition)), turn, ..now.clone() });
    })
}

/// What a run is doing, in the order in which it does it. Of several definitions each goes from [`Stage::Score`] on by itself.
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
            let (now_at, before_at) = ((now.turn, now.stage), (before.turn, before.stage));
            let further = now_at == before_at && now.done > before.done;
            let due = moment.duration_since(*at) >= PAUSE || now.total == Some(now.done);
            now_at > before_at || further && due
        });
        if worth_telling {
            *told = Some((now.clone(), moment));
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
        let tell = |stage, done| progress(&Progress::new(stage, done, Some(100_000)));
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

    #[test]
    fn every_definition_goes_through_its_stages_in_its_turn() {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&heard);
        let progress = steady(Arc::new(move |progress: &Progress| {
            let definition = progress.definition.as_deref().unwrap_or("all");
            told.lock().unwrap().push(format!("{definition}: {}", progress.stage));
        }));
        let [first, second] =
            [(1, "first"), (2, "second")].map(|(turn, name)| of_definition(&progress, turn, name));
        let tell = |progress: &ProgressFn, stage| progress(&Progress::new(stage, 1, Some(1)));
        tell(&progress, Stage::Metrics);
        tell(&first, Stage::Score);
        tell(&first, Stage::Write);
        tell(&second, Stage::Score);
        // Late words are not heard.
        tell(&first, Stage::Write);
        tell(&progress, Stage::Metrics);
        tell(&second, Stage::Write);
        assert_eq!(
            *heard.lock().unwrap(),
            [
                "all: computing metrics",
                "first: scoring members",
                "first: writing results",
                "second: scoring members",
                "second: writing results"
            ]
        );
    }
}
