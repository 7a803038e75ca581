//! Runs sandboxed Groundswell scoring plugins over columns of members.
//!
//! A plugin is a WebAssembly component that says who a community's micro-influencers are, and perhaps
//! what they get. This crate loads it, bounds everything it may use, checks everything it answers, and
//! does the arithmetic that must mean the same for every plugin: scales, percentiles, ranks. It knows
//! nothing of files of members, metrics or rewards already given; that is the crate `groundswell`.
//!
//! ```no_run
//! use groundswell_runtime::{Column, Limits, Population, RunOptions, Runtime};
//!
//! let runtime = Runtime::new(Limits::new())?;
//! let plugin = runtime.load("regulars.wasm")?;
//! let members = Population::new(3)
//!     .with("members-helped", Column::Number([12.0, 0.0, 3.0].into()))?
//!     .with("weeks-active-share", Column::Number([0.5, 0.0, 0.25].into()))?;
//! let scored = plugin.score(&members, &RunOptions::new())?;
//! println!("{:?}", scored.ranks);
//! # Ok::<(), groundswell_runtime::Error>(())
//! ```
//!
//! # Map
//!
//! - [`Runtime`] → [`Plugin`]: load; shareable, stateless.
//! - [`Population`], [`Column`]: what a run is about.
//! - [`Plugin::score`] → [`Scored`]; [`Plugin::decide`] → [`Award`]s; [`Plugin::measure`] over [`Ties`] → [`Measured`].
//! - [`Plugin::fit`] → [`Fitted`]: scores of anybody, the population held fixed.
//! - [`Limits`]: what a plugin may use. [`Error`], [`Fault`]: what went wrong.
//! - [`ExactSum`], [`ranks`], [`percentiles`], [`quantile`]: the arithmetic.
//!
//! # Determinism
//!
//! The same plugin bytes, population, settings and batch size give the same bits, at any number of
//! threads and on any CPU: every batch and every question gets a fresh instance, NaNs are canonical,
//! relaxed SIMD is refused, and fuel, not time, decides when a plugin has used too much.

mod answer;
mod arrow;
mod ask;
mod batches;
mod bindings;
mod cache;
mod call;
mod check;
mod code;
mod compile;
mod convert;
mod cost;
mod decide;
mod description;
mod error;
mod exact;
mod features;
mod file;
mod fitted;
mod limits;
mod lines;
mod load;
mod load_error;
mod measure;
mod mode;
mod network;
mod options;
mod outline;
mod parts;
mod plugin;
mod population;
mod runtime;
mod score;
mod setting;
mod signature;
mod statistics;
mod stop;
mod task;
mod text;
mod ties;
mod trace;
mod type_depth;
mod usage;
mod wasi;
mod workers;

pub use cache::{Cache, CacheError, CacheInfo};
pub use compile::Origin;
pub use decide::{Award, Decided, Standings};
pub use description::{
    AwardKind, Effect, Input, Kind, KnownTier, MeasuringDescription, Network, Occurs, Reason, ReasonText,
    RewardsDescription, Scale, ScoringDescription, TieKind, Tier,
};
pub use error::{Error, Fault, FaultKind, Phase, PluginId, ProblemKind};
pub use exact::ExactSum;
#[doc(hidden)]
pub use file::{open as open_regular, read as read_regular};
pub use fitted::Fitted;
pub use limits::{Limit, LimitError, Limits};
pub use load_error::{LoadError, LoadErrorKind};
pub use measure::Measured;
pub use mode::Mode;
pub use options::{ProgressFn, RunOptions, Step};
pub use plugin::Plugin;
pub use population::{Column, MISSING, Population};
pub use runtime::{Runtime, RuntimeBuilder};
pub use score::{Scored, ScoredInput};
pub use setting::{Bounds, Setting, SettingError, Value, resolve_settings};
pub use statistics::{percentiles, quantile, ranks};
pub use stop::Cancel;
#[doc(hidden)]
pub use stop::Stop;
pub use task::Task;
pub use text::shown;
pub use ties::Ties;
pub use usage::Usage;
pub use workers::Workers;
