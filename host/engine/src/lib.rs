//! Groundswell finds and rewards the micro-influencers of an online community: trusted, active members with
//! a modest following. What counts as one is a plugin's to say, in a sandbox; data, metrics, results and the
//! ledger are this crate's.
//!
//! ```no_run
//! use groundswell::{Host, RunOptions};
//!
//! # let regulars: &'static [u8] = &[];
//! let host = Host::new()?.with_bundled("regulars", regulars);
//! let run = host.open("community.toml")?.run(&RunOptions::default())?;
//! for member in run.members().take(10) {
//!     println!("{:>4}  {}  {}  {:.1}", member.rank, member.member, member.tier, member.score);
//! }
//! # Ok::<(), groundswell::Error>(())
//! ```
//!
//! # Map
//!
//! - [`Host`] → [`Community`] → [`Run`], [`Explanation`]: open, run, explain. Calls block; [`RunOptions`] takes a
//!   [`ProgressFn`]. [`Community::run_each`]: several definitions over one look at the data.
//! - [`Community::validate`]: what a run would find, without running. [`Draft`]: a first `community.toml` from files.
//! - [`Community::appreciate`]: whom the community may take for granted. [`Community::letter`]: a member's standing, in plain words.
//! - [`Community::rewards`]: what became of awards, and what people decide. [`Community::verify_ledger`]: that nothing was edited.
//! - [`Config`]: what `community.toml` says. [`Snapshot`]: the data, frozen and hashed.
//! - Spans of `tracing`: `run`, `explain` and `measure` with the field `community`; inside, `activities`, one pass over them, and on
//!   every thread `score` and `decide` with `plugin`, and what plugins log. [`Community::run_each`] has a `run` for what it does
//!   once, and one for each definition with the field `definition`.
//! - [`metrics()`]: what can be measured, and how. [`Community::measure`]: measured, as Arrow columns.
//! - `Community::with_table`, with the feature `datafusion`: tables of that engine instead of files. `definition_udf`: a
//!   definition as a function of its queries.
//! - [`import`]: other people's dumps as communities.
//! - [`Error`]: what went wrong; [`Error::location`] points into `community.toml`.
//!
//! # Determinism
//!
//! The same snapshot, plugins, settings and earlier history give the same receipt and the same results, bit
//! for bit, at any number of threads and partitions and in any order of rows.

mod acquaintance;
mod appreciate;
mod community;
mod config;
mod deliver;
mod draft;
mod error;
mod explanation;
mod forget;
mod fresh;
mod gate;
mod host;
pub mod import;
mod leaderboard;
mod letter;
mod lock;
mod metrics;
mod nearest;
mod options;
mod past;
mod pipeline;
mod plan;
mod plugins;
mod population;
mod probe;
mod programme;
mod progress;
#[cfg(feature = "datafusion")]
mod provider;
mod query;
mod reason;
mod receipt;
mod results;
mod rewards;
mod run;
mod simulate;
mod snapshot;
mod sources;
mod sql;
mod stop;
mod stored;
mod time;
mod validation;
mod verb;
mod wishes;

/// The data engine, of the version whose tables [`Community::with_table`] takes.
#[cfg(feature = "datafusion")]
pub use datafusion;
/// How awards are handed to the platform, and what a receiver needs.
pub use groundswell_delivery as delivery;
/// What became of awards, and what people decide about them.
pub use groundswell_ledger as ledger;
pub use groundswell_ledger::Period;
/// The sandbox itself, for those who load a plugin without a community.
pub use groundswell_runtime as runtime;

pub use appreciate::{
    AppreciateOptions, Appreciation, Arrived, CommunityPace, Contact, DeclineTest, Falling, Leaving,
    LeavingReason, Overlooked,
};
pub use community::Community;
pub use config::{
    AwardConfig, CommunityConfig, Config, DefinitionConfig, Delimiter, Each, FileColumn, KeyConfig,
    LimitsConfig, MapColumn, MapConfig, MaxRejected, MetricConfig, PopulationKind, ProgrammeConfig,
    SourcesConfig, Span, TargetConfig, TemplatePart, TimeForm, Window,
};
pub use deliver::{Backlog, Delivering};
pub use draft::{Draft, DraftedFile, Taken};
pub use error::{ConfigError, Error, Location};
pub use explanation::{ExplainedInput, ExplainedTier, ExplainedValue, Explanation, NextTier};
pub use forget::{Forgetting, MemberData};
pub use groundswell_runtime::{
    Cache, Cancel, Effect, Fitted, Kind, Limits, Mode, Task, Usage, Value, Workers,
};
pub use host::Host;
pub use letter::Letter;
#[doc(hidden)]
pub use letter::sample_letter;
pub use lock::{Pin, TierMove, Upgrade};
pub use metrics::{MetricFamily, MetricGroup, MetricKind, MetricParameter, ParameterKind, metrics};
pub use options::RunOptions;
pub use past::Relived;
pub use pipeline::{DefinitionOutcome, Runs};
pub use progress::{Progress, ProgressFn, Stage};
#[cfg(feature = "datafusion")]
pub use provider::definition_udf;
pub use rewards::Rewards;
pub use run::{
    AwardResult, Contribution, Ignored, InputValue, LeftOut, MemberResult, PluginInfo, Run, RunInfo,
    TierCount, Unknown,
};
pub use simulate::{Fairness, PassedOver, SimulatedPeriod, Simulation};
pub use snapshot::{Rejected, RejectedExample, Snapshot};
pub use sources::Table;
pub use sql::Answer;
pub use time::UnixUnit;
pub use validation::{CheckedPlugin, CheckedTable, UnknownInput, Unsupplied, Validation};
