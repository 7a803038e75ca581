//! What a Groundswell plugin written in Rust depends on.
//!
//! A plugin says who counts in a community, what they get, or both. It sees columns of numbers about members
//! it cannot name, and answers with scores, tiers, reasons and awards; data, ranks, records and every check
//! are the host's. This one is whole:
//!
//! ```
//! use groundswell_plugin::*;
//!
//! struct Helpers;
//!
//! impl Definition for Helpers {
//!     fn describe() -> Description {
//!         Description::new("The tenth who answer most.")
//!             .input(Input::percentile("answers", "Answers help whoever asks."))
//!             .tier(Tier::new("member", "Member", "Everybody else.").rung(0))
//!             .tier(Tier::new("helper", "Helper", "The top tenth.").rung(1).known(KnownTier::MicroInfluencer))
//!     }
//!     fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> { Ok(Self) }
//!     fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> { Ok(members.number("answers").to_vec()) }
//!     fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
//!         Ok(ranking.percentile.iter().map(|&share| u32::from(share > 0.9)).collect())
//!     }
//! }
//!
//! groundswell_plugin::export!(definition: Helpers);
//!
//! // Elsewhere it is a Rust type like any other, and so are its tests.
//! let ranking = Ranking::new(vec![0.5, 1.0], vec![2, 1], vec![0.25, 0.95]);
//! let members = Members::new(&Helpers::describe().inputs, vec![Column::Number(vec![0.5, 1.0])]);
//! assert_eq!(Helpers.place(&members, &ranking)?.tiers(), [0, 1]);
//! # Ok::<(), Problem>(())
//! ```
//!
//! Its manifest names this crate and says `[lib] crate-type = ["cdylib", "rlib"]`; `groundswell plugin build
//! FOLDER` makes the component.
//!
//! # The map
//!
//! | to | use |
//! | --- | --- |
//! | say who counts | [`Definition`]: `describe`, `fit`, `score`, `place`; `explain` comes by itself |
//! | say what they get | [`RewardRules`]: `describe`, `open`, `decide` |
//! | measure who has ties to whom | [`Metric`]: `describe`, `networks`, `measure` over a [`Community`] |
//! | ask for columns, settings, tiers, reasons, awards | [`Description`], [`RewardsDescription`], [`Input`], [`Setting`], [`Tier`], [`AwardKind`] |
//! | know the population | [`Population`]: count, mean, quantiles of every input |
//! | read members | [`Members`]: by column ([`Members::number`], fast) or by row ([`Members::rows`], plain) |
//! | read what the community changed | [`Settings`] |
//! | place and reward | [`Ranking`] → [`Placements`], [`Standings`] → [`Award`]s, each with a [`Reason`] |
//! | add up inputs with weights | [`Linear`]: scores and their explanation |
//! | measure inputs against the population | [`Blend`], from 0 to 1; [`ramp`] between two bounds |
//! | explain anything else | [`waterfall`], which is what `explain` does unless told otherwise |
//! | set staff, celebrities and the inactive aside | [`Aside`], or [`StaffRoles`] and [`Ceiling`] alone |
//! | give up politely | [`Problem`] |
//! | leave a message | [`log`] |
//! | test what the component does | [`Fitted`], and the crate `groundswell-plugin-test` |
//!
//! # What a plugin must not do
//!
//! - **Remember.** The host makes a fresh instance for every batch; an answer that depends on earlier calls is
//!   an answer that changes with the batch size.
//! - **Compute with std's `exp`, `ln`, `powf` or their like.** They differ between processors. Ask for the scale
//!   that has it ([`Input::log1p`], [`Input::percentile`]), use [`log1p`], or take the `libm` crate.
//! - **Answer with NaN or infinity.** Scores and contributions are finite, or the run stops and names the plugin.
//!
//! # Panics
//!
//! A panic in a component ends the call: its message goes to the log first, as a warning, then the component
//! traps and the host names the plugin. Overflowing the stack or the memory leaves no message.
//!
//! # Cost
//!
//! A column arrives as one block and is never copied; a batch of 8,192 members and 8 inputs scored by
//! [`Linear`] takes tens of microseconds. Loops of your own are fastest over `as_chunks::<8>()` of a column: straight
//! lines of vector instructions, where going round a loop costs as much as a step of it. Looking an input up by name is a
//! search: do it once a batch.
//!
//! Components allocate from memory that is theirs from the start, 1 MiB for columns and 128 KiB for all else, before they
//! grow, which costs more than a usual score. An allocator of your own takes its place with
//! `default-features = false`: without the feature `allocator` std's is left as it is.

// The generated bindings name this crate as a plugin would.
extern crate self as groundswell_plugin;

mod aside;
#[doc(hidden)]
pub mod bindings;
mod community;
mod component;
mod convert;
mod definition;
mod describe;
mod explain;
mod export;
mod input;
pub mod log;
mod measure;
mod members;
mod metric;
mod placement;
mod population;
mod problem;
mod reward_rules;
#[cfg(any(all(target_arch = "wasm32", not(target_feature = "atomics"), feature = "allocator"), test))]
mod room;
mod setting;
mod standings;

pub use aside::{Aside, Ceiling, FirstAside, StaffRoles};
pub use community::{Community, Ties};
pub use definition::{Definition, Fitted};
pub use describe::{AwardKind, Description, Kind, KnownTier, Occurs, ReasonText, RewardsDescription, Tier};
pub use explain::{Contributions, Linear, waterfall, waterfall_among};
pub use input::{Effect, Input, InputKey, Key, Scale, Text};
pub use measure::{Blend, Part, count_of_log1p, log1p, ramp};
pub use members::{Column, MISSING, Members, Row};
pub use metric::{Metric, MetricDescription, Network, TieKind};
pub use placement::{Placements, Ranking, Reason};
pub use population::{CategorySummary, NumberSummary, Population, Summary};
pub use problem::Problem;
pub use reward_rules::RewardRules;
pub use setting::{Setting, Settings, Value};
pub use standings::{Award, Standing, Standings};

#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics"), feature = "allocator"))]
#[global_allocator]
static ALLOCATOR: room::Allocator = room::Allocator::new();

/// For the export macro alone.
#[doc(hidden)]
pub mod __private {
    pub use wit_bindgen;

    pub use crate::bindings;
    pub use crate::component::{Manifest, Measuring, Rewards, Scoring};
}
