//! One community: its file, and what can be asked of it.

use std::path::Path;

use arrow_array::RecordBatch;

use crate::pipeline::Pipeline;
use crate::progress::steady;
use crate::sources::Given;
use crate::stop::Stop;
use crate::{Config, Error, Explanation, Host, ProgressFn, Run, RunOptions, Snapshot, Task};

/// One data set and its `community.toml`, opened by [`Host::open`].
#[derive(Clone, Debug)]
pub struct Community {
    host: Host,
    config: Config,
    /// Tables that are given instead of files.
    pub(crate) given: Given,
}

impl Community {
    pub(crate) fn new(host: Host, config: Config) -> Self {
        Self { host, config, given: Given::new() }
    }

    /// The community's name.
    pub fn name(&self) -> &str {
        &self.config.community.name
    }

    /// Its `community.toml`.
    pub fn path(&self) -> &Path {
        self.config.path()
    }

    /// What that file says.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it runs in.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Reads the community's files and freezes them in the state folder.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read, too many rows are rejected, or the state folder cannot be written.
    pub fn snapshot(&self, progress: Option<&ProgressFn>) -> Result<Snapshot, Error> {
        let base = self.config.community.state.join("snapshots");
        let progress = progress.cloned().map(steady);
        Snapshot::freeze(&self.config, &self.given, &base, (progress.as_ref(), &Stop::default()))
    }

    /// Runs one definition over the community, and its programme's reward rules where the definition is
    /// the programme's.
    ///
    /// Results are stored in the state folder under the receipt's hash; history and awards go to the
    /// ledger in one transaction after that. A second run over the same data, plugins and settings finds
    /// its results and adds nothing.
    ///
    /// # Errors
    ///
    /// Where the data cannot be read, a setting or grant is wrong, a needed metric cannot be computed, or
    /// the state cannot be written; and where a plugin misbehaves ([`Error::is_plugin_fault`]). Whatever
    /// goes wrong, nothing is recorded in the ledger.
    ///
    /// # Determinism
    ///
    /// The same snapshot, plugins and settings give the same results to the bit, whatever the number of
    /// threads and partitions and the order of rows in the files.
    pub fn run(&self, options: &RunOptions) -> Result<Run, Error> {
        self.pipeline(options).run()
    }

    /// [`Community::run`] on a thread of its own: to be awaited, or waited for, while this one does something else.
    /// Dropping the task cancels the run.
    ///
    /// ```
    /// # async fn run(community: groundswell::Community) -> Result<(), groundswell::Error> {
    /// let run = community.spawn_run(groundswell::RunOptions::default()).await?;
    /// # let _ = run; Ok(()) }
    /// ```
    pub fn spawn_run(&self, options: RunOptions) -> Task<Run, Error> {
        let cancel = options.cancel.clone().unwrap_or_default();
        let options = options.cancel(cancel.clone());
        let community = self.clone();
        let no_thread =
            |source| Error::File { action: "start a thread for", path: self.path().to_owned(), source };
        Task::start(cancel, no_thread, move || community.run(&options))
    }

    /// Explains one member's score: every input's value, scale, percentile and contribution.
    ///
    /// Uses the stored run of the same receipt where there is one, and writes nothing.
    ///
    /// # Errors
    ///
    /// As [`Community::run`]; and where no member has this id, or the member is left out of the
    /// population, in which case the error says why.
    pub fn explain(&self, member: &str, options: &RunOptions) -> Result<Explanation, Error> {
        self.pipeline(options).explain(member)
    }

    /// Computes metrics for the community's population: one row a member in the order of ids by bytes;
    /// the column `member`, then one column a metric, named by its id. Numbers are `Float64`, categories
    /// `Utf8`; both null where a member has no value, and wholly null where the data cannot supply the
    /// metric. Writes the snapshot and nothing else; with `dry_run` not even that.
    ///
    /// # Errors
    ///
    /// Where the data cannot be read, an id is not a metric's, or nobody is in the population.
    pub fn measure(&self, metrics: &[&str], options: &RunOptions) -> Result<RecordBatch, Error> {
        self.pipeline(options).measure(metrics)
    }

    fn pipeline<'a>(&'a self, options: &'a RunOptions) -> Pipeline<'a> {
        Pipeline::new(&self.host, &self.config, &self.given, options)
    }
}
