//! Groundswell finds and rewards the micro-influencers of an online community.

mod community;
mod config;
mod error;
mod explanation;
mod host;
mod leaderboard;
mod ledger;
mod metrics;
pub mod import;
mod nearest;
mod options;
mod period;
mod pipeline;
mod plugins;
mod population;
mod progress;
mod reason;
mod receipt;
mod results;
mod run;
mod snapshot;
mod sources;
mod time;

pub use community::Community;
pub use config::{
    CommunityConfig, Config, DefinitionConfig, LimitsConfig, MaxRejected, Mode, Period, PopulationKind,
    ProgrammeConfig, SourcesConfig, Value, Window,
};
pub use error::{ConfigError, Error, Location};
pub use explanation::{ExplainedInput, ExplainedTier, ExplainedValue, Explanation, NextTier};
pub use groundswell_runtime::{Effect, Limits, RewardKind};
pub use host::Host;
pub use metrics::{MetricFamily, MetricKind, MetricParameter, metrics};
pub use options::RunOptions;
pub use progress::{Progress, ProgressFn, Stage};
pub use run::{
    AwardResult, Contribution, Ignored, InputValue, LeftOut, MemberResult, PluginInfo, Run, RunInfo,
    TierCount, Unknown,
};
pub use snapshot::{Rejected, RejectedExample, Snapshot};
pub use sources::Table;
