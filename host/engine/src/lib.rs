//! Groundswell finds and rewards the micro-influencers of an online community.

mod config;
mod error;
pub mod import;
mod nearest;
mod progress;
mod snapshot;
mod sources;
mod time;

pub use config::{
    CommunityConfig, Config, DefinitionConfig, LimitsConfig, MaxRejected, Mode, Period, PopulationKind,
    ProgrammeConfig, SourcesConfig, Window,
};
pub use error::{ConfigError, Error, Location};
pub use groundswell_runtime::Value;
pub use progress::{Progress, ProgressFn, Stage};
pub use snapshot::{Rejected, RejectedExample, Snapshot};
pub use sources::Table;
