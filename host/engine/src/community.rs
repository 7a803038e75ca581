//! One community: its file, and what can be asked of it.

use std::path::Path;

use arrow_array::RecordBatch;

use crate::forget::{Forgetting, MemberData, forget, held, look_around};
use crate::pipeline::Pipeline;
use crate::progress::steady;
use crate::snapshot::Freezing;
use crate::sources::Given;
use crate::sql::Answer;
use crate::stop::Stop;
use crate::{
    Config, DefinitionOutcome, Error, Explanation, Host, Letter, ProgressFn, Run, RunOptions, Runs, Snapshot,
    Task,
};

/// One data set and its `community.toml`, opened by [`Host::open`].
#[derive(Clone, Debug)]
pub struct Community {
    host: Host,
    config: Config,
    /// Tables that are given instead of files.
    pub(crate) given: Given,
    /// A snapshot that is looked at instead of files.
    pub(crate) frozen: Option<Snapshot>,
}

impl Community {
    pub(crate) fn new(host: Host, config: Config) -> Self {
        Self { host, config, given: Given::new(), frozen: None }
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

    /// Looks at this snapshot instead of the community's files, whatever `[sources]` says.
    #[must_use]
    pub fn with_snapshot(mut self, snapshot: Snapshot) -> Self {
        self.frozen = Some(snapshot);
        self
    }

    pub(crate) fn config_mut(&mut self) -> &mut Config {
        &mut self.config
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
        if let Some(frozen) = &self.frozen {
            return Ok(frozen.clone());
        }
        let base = self.config.community.state.join("snapshots");
        let progress = progress.cloned().map(steady);
        let with = Freezing {
            progress: progress.as_ref(),
            stop: &Stop::default(),
            threads: RunOptions::default().thread_count(),
            known: &base,
        };
        Snapshot::freeze(&self.config, &self.given, &base, &with)
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

    /// The names of the community's definitions, sorted.
    pub fn definitions(&self) -> impl ExactSizeIterator<Item = &str> {
        self.config.definitions.keys().map(String::as_str)
    }

    /// Runs several definitions over one look at the data: it is read once, and the metrics that any of them asks for are
    /// measured in one pass, each once. Then each definition is scored and stored as [`Community::run`] does it, in this
    /// order and each once, when its outcome is asked for; receipts and results are those of running it alone, to the bit.
    ///
    /// What goes wrong with one definition is its own outcome, and the others are run all the same: a plugin that cannot be
    /// loaded or misbehaves, a setting, a metric that the data cannot supply, a metric of the community's own.
    ///
    /// The copy that [`RunOptions::out`] asks for has a folder for each definition, by its name.
    /// [`RunOptions::definition`] counts for nothing here.
    ///
    /// ```no_run
    /// # fn run(community: groundswell::Community) -> Result<(), groundswell::Error> {
    /// let options = groundswell::RunOptions::default();
    /// for groundswell::DefinitionOutcome { definition, outcome, .. } in
    ///     community.run_each(community.definitions(), &options)?
    /// {
    ///     match outcome {
    ///         Ok(run) => println!("{definition}: {:?}", run.members().next()),
    ///         Err(error) => eprintln!("{definition}: {error}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no definition of a name, the data cannot be read or measured, or nobody is in the population. Nothing
    /// is recorded then.
    pub fn run_each<'a>(
        &'a self,
        definitions: impl IntoIterator<Item = impl Into<String>>,
        options: &'a RunOptions,
    ) -> Result<Runs<'a>, Error> {
        self.pipeline(options).run_each(definitions.into_iter().map(Into::into).collect())
    }

    /// [`Community::run_each`] on a thread of its own, all of them. Dropping the task cancels these runs,
    /// and no other that has the same [`Cancel`](crate::Cancel).
    pub fn spawn_run_each(
        &self,
        definitions: impl IntoIterator<Item = impl Into<String>>,
        options: RunOptions,
    ) -> Task<Vec<DefinitionOutcome>, Error> {
        let definitions: Vec<String> = definitions.into_iter().map(Into::into).collect();
        self.spawn(options, move |community, options| {
            community.run_each(definitions, options).map(Iterator::collect)
        })
    }

    /// [`Community::run`] on a thread of its own: to be awaited, or waited for, while this one does something else.
    /// Dropping the task cancels this run, and no other that has the same [`Cancel`](crate::Cancel).
    ///
    /// ```
    /// # async fn run(community: groundswell::Community) -> Result<(), groundswell::Error> {
    /// let run = community.spawn_run(groundswell::RunOptions::default()).await?;
    /// # let _ = run; Ok(()) }
    /// ```
    pub fn spawn_run(&self, options: RunOptions) -> Task<Run, Error> {
        self.spawn(options, Self::run)
    }

    fn spawn<T: Send + 'static>(
        &self,
        options: RunOptions,
        work: impl FnOnce(&Self, &RunOptions) -> Result<T, Error> + Send + 'static,
    ) -> Task<T, Error> {
        let community = self.clone();
        let callers = options.cancel.clone();
        let no_thread =
            |source| Error::File { action: "start a thread for", path: self.path().to_owned(), source };
        Task::start(callers.as_ref(), no_thread, move |cancel| work(&community, &options.cancel(cancel)))
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

    /// A letter to a member, in plain words: their tier, what counted most, what changed since the last period, how to reach the
    /// next tier, and how to object.
    ///
    /// `language` is one of those that come along, `"en"` and `"de"`, or one that the community's own templates have
    /// ([`CommunityConfig::letters`](crate::CommunityConfig::letters)); without it the community's, else English. Numbers and
    /// dates are written as that language does; dates are those of the community's time zone. What a plugin says (titles,
    /// reasons) stays in its own words. What changed is what the ledger says of earlier periods; without a programme that is
    /// unknown, and said so. Writes nothing.
    ///
    /// # Errors
    ///
    /// As [`Community::explain`]; and [`Error::Letter`] where there is no template in that language, or one says something that
    /// cannot be followed.
    pub fn letter(
        &self,
        member: &str,
        language: Option<&str>,
        options: &RunOptions,
    ) -> Result<Letter, Error> {
        self.pipeline(options).letter(member, language)
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

    /// Forgets a member, and all accounts that are theirs: takes their rows out of every snapshot and every run in the state
    /// folder, and their name and the reasons out of the ledger. What they did for others stays, done by somebody unknown. Keeps
    /// hashes of their ids with a secret key, so that data that names them later is left out.
    ///
    /// Runs over data that was about them can no longer be repeated; `superseded.json` beside their receipts says so.
    ///
    /// Somebody of whom nothing is held is forgotten ahead: what later data says of that id is left out. The data is read then, to
    /// say whether it names them, and whose id is like theirs.
    ///
    /// # Errors
    ///
    /// [`Error::NoId`] for an empty id; and where the state cannot be read or written. Nothing is lost then but what was to
    /// be; forgetting once more does the rest.
    pub fn forget(&self, member: &str, options: &RunOptions) -> Result<Forgetting, Error> {
        self.freezing(options, |with| {
            let mut done = forget(&self.config, member, with)?;
            if !done.held {
                look_around(&self.config, (&self.given, self.frozen.as_ref()), member, &mut done, with);
            }
            Ok(done)
        })
    }

    /// Everything that the state folder holds about a member: for whoever asks what is known about them.
    ///
    /// # Errors
    ///
    /// Where the data cannot be read.
    pub fn member_data(&self, member: &str, options: &RunOptions) -> Result<MemberData, Error> {
        let snapshot = self.snapshot(options.progress.as_ref())?;
        self.freezing(options, |with| held(&self.config, &snapshot, member, with))
    }

    fn freezing<T>(&self, options: &RunOptions, work: impl FnOnce(&Freezing<'_>) -> T) -> T {
        let known = self.config.community.state.join("snapshots");
        work(&Freezing {
            progress: options.progress.clone().map(steady).as_ref(),
            stop: &options.stop(),
            threads: options.thread_count(),
            known: &known,
        })
    }

    /// Answers a question in SQL over the community's snapshot.
    ///
    /// | view | columns |
    /// | --- | --- |
    /// | `members` | id, listed, opted_out, joined_at, role, external_followers, and each attribute: everyone who occurs anywhere |
    /// | `follows` | follower, followed, since |
    /// | `activities` | id, actor, verb, at, recipient, object, object_kind, topic, product, weight |
    /// | `window_activities` | the same, of the window alone |
    /// | `conversions` | member, product, at, value, referrer |
    /// | `moment` | as_of, window_start: one row |
    ///
    /// Nothing after as-of is there. `metrics('answers', 'pagerank(graph=follows)')` is a table too: `member` and a column
    /// for each metric, over the population; and so is `definition('regulars')`: `member`, `rank`, `score`, `percentile` and
    /// `tier`, as a dry run of it says. Queries read and do nothing else: whatever would change something is refused.
    ///
    /// # Limits
    ///
    /// A query has at most 16 KiB and 1,000 words and signs besides values, its answer at most 512 MiB; rows that are sorted or
    /// grouped go to temporary files beyond that. Cancelling and the deadline of `options` end it wherever it is.
    ///
    /// # Errors
    ///
    /// [`Error::Sql`] for a query that cannot be answered, and whatever the functions in it fail by.
    pub fn sql(&self, query: &str, options: &RunOptions) -> Result<Answer, Error> {
        self.pipeline(options).sql(query, self)
    }

    pub(crate) fn pipeline<'a>(&'a self, options: &'a RunOptions) -> Pipeline<'a> {
        Pipeline::new(&self.host, &self.config, (&self.given, self.frozen.as_ref()), options)
    }
}
