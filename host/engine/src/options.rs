//! What can be chosen for one run.

use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use crate::stop::Stop;
use crate::{Cancel, ProgressFn};

/// The most threads, and the most parts of the data engine's work: each part has files open and its share of
/// memory, and a thousand of them get in each other's way.
const MOST: usize = 64;

/// What can be chosen for one run. Nothing in it changes a number of the results, save for
/// [`definition`](Self::definition), which says whose they are.
///
/// ```
/// use groundswell::RunOptions;
///
/// let options = RunOptions::default().definition("regulars").threads(2).dry_run(true);
/// assert_eq!(options.threads, Some(2));
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// Which of the community's definitions. Default: the programme's; without a programme, the only one.
    pub definition: Option<String>,
    /// How many threads at most, at least 1; more than 64 count as 64. Default: as many as the computer has cores.
    pub threads: Option<usize>,
    /// A folder that gets a copy of the results, where several definitions are run one for each inside of it. Default: none.
    pub out: Option<PathBuf>,
    /// Leave the state folder untouched: no results, no history, no awards. Default: no.
    pub dry_run: bool,
    /// Told how far the run has come. Default: nobody.
    pub progress: Option<ProgressFn>,
    /// Ends the run early once it is used. Default: nothing does.
    pub cancel: Option<Cancel>,
    /// When the run ends at the latest. Default: when it is done.
    pub deadline: Option<Instant>,
    /// Into how many parts the data engine splits its work, at least 1; more than 64 count as 64. Default: the number of threads.
    pub partitions: Option<usize>,
    /// Keep history and awards, and no results.
    pub(crate) history_alone: bool,
}

impl RunOptions {
    /// Runs this definition, as `[definitions.NAME]` names it. Only the programme's definition leads to awards.
    #[must_use]
    pub fn definition(mut self, name: impl Into<String>) -> Self {
        self.definition = Some(name.into());
        self
    }

    /// Uses at most so many threads; 0 counts as 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Copies the results into this folder as well, which is made if need be. Files of the same names are replaced.
    #[must_use]
    pub fn out(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out = Some(folder.into());
        self
    }

    /// Leaves the state folder untouched. Awards are then marked as new or not without being recorded.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Reports progress to `progress`, from any thread.
    #[must_use]
    pub fn progress(mut self, progress: ProgressFn) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Ends the run early, with an error of which [`Error::is_stopped`](crate::Error::is_stopped) is true, once
    /// this is used. No award and no history is recorded then; results that were written by then stay, and are found again.
    #[must_use]
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// Ends the run at this moment at the latest, as [`cancel`](Self::cancel) does.
    #[must_use]
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Splits the data engine's work into so many parts; 0 counts as 1.
    #[must_use]
    pub fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = Some(partitions.max(1));
        self
    }

    pub(crate) fn stop(&self) -> Stop {
        Stop { cancel: self.cancel.clone(), deadline: self.deadline }
    }

    pub(crate) fn thread_count(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
            .clamp(1, MOST)
    }

    pub(crate) fn partition_count(&self) -> usize {
        self.partitions.unwrap_or_else(|| self.thread_count()).clamp(1, MOST)
    }
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("definition", &self.definition)
            .field("threads", &self.threads)
            .field("out", &self.out)
            .field("dry_run", &self.dry_run)
            .field("progress", &self.progress.is_some())
            .field("cancel", &self.cancel)
            .field("deadline", &self.deadline)
            .field("partitions", &self.partitions)
            .finish()
    }
}
