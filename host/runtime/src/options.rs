//! How to run.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::stop::Stop;
use crate::wasi::World;
use crate::{Cancel, Value};

/// A step of a run, as progress reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Scoring every batch.
    Score,
    /// Placing every batch in tiers.
    Place,
    /// Explaining every batch.
    Explain,
    /// Deciding awards for every batch.
    Decide,
}

/// Called after every batch with the step, the batches done and all of them; from any thread.
pub type ProgressFn = Arc<dyn Fn(Step, usize, usize) + Send + Sync>;

/// How to run a plugin over a population.
///
/// ```
/// use groundswell_runtime::RunOptions;
///
/// let options = RunOptions::new().threads(2).batch_rows(4_096);
/// ```
#[derive(Clone, Default)]
pub struct RunOptions {
    pub(crate) settings: Option<Vec<Value>>,
    pub(crate) threads: Option<usize>,
    pub(crate) batch_rows: Option<usize>,
    pub(crate) progress: Option<ProgressFn>,
    pub(crate) stop: Stop,
    pub(crate) world: World,
}

impl RunOptions {
    /// Default settings, as many threads as the machine runs at once, batches of 8,192 members, as of 1970, seed of
    /// zeros.
    pub fn new() -> Self {
        Self::default()
    }

    /// The settings, in declared order, as [`crate::resolve_settings`] gives them.
    pub fn settings(mut self, settings: Vec<Value>) -> Self {
        self.settings = Some(settings);
        self
    }

    /// How many batches are worked on at once. At least 1 is used. Never changes a result.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// How many members a batch has, the last one fewer. At least 1 is used.
    pub fn batch_rows(mut self, rows: usize) -> Self {
        self.batch_rows = Some(rows);
        self
    }

    /// The time at which clocks of WASI stand, since 1970-01-01T00:00:00Z, for guests that import them. They have no time
    /// before: whoever looks from an earlier moment gives that one, as the engine does. Whoever sees to it that results can
    /// be repeated writes it down.
    pub fn as_of(mut self, as_of: Duration) -> Self {
        self.world.as_of = as_of;
        self
    }

    /// What randomness of WASI is made of, for guests that import it: the same numbers in every batch, at any number of
    /// threads. Whoever sees to it that results can be repeated writes it down.
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.world.seed = seed;
        self
    }

    /// Whom to tell after every batch.
    pub fn progress(mut self, progress: ProgressFn) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Ends the run early, with [`Error::Cancelled`](crate::Error::Cancelled), once this is used.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.stop.cancel = Some(cancel);
        self
    }

    /// Ends the run at this moment at the latest, with [`Error::Deadline`](crate::Error::Deadline).
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.stop.deadline = Some(deadline);
        self
    }

    pub(crate) fn thread_count(&self) -> usize {
        let machine = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(machine).max(1)
    }

    pub(crate) fn rows_a_batch(&self) -> usize {
        self.batch_rows.unwrap_or(8_192).max(1)
    }
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("settings", &self.settings)
            .field("threads", &self.threads)
            .field("batch_rows", &self.batch_rows)
            .field("stop", &self.stop)
            .field("world", &self.world)
            .finish_non_exhaustive()
    }
}
