//! What an author of plugins tests with: communities by hand or by chance, scaled and ranked as a host would, and the
//! promises that every definition makes.
//!
//! ```
//! use groundswell_plugin::*;
//! use groundswell_plugin_test::{Person, Trial, assert_promises};
//!
//! struct Helpers;
//!
//! impl Definition for Helpers {
//!     fn describe() -> Description {
//!         Description::new("The tenth who answer most.")
//!             .input(Input::percentile("answers", "Answers help whoever asks."))
//!             .tier(Tier::new("member", "Member", "Everybody else.").rung(0))
//!             .tier(Tier::new("helper", "Helper", "The top tenth.").rung(1))
//!     }
//!     fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> { Ok(Self) }
//!     fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> { Ok(members.number(0).to_vec()) }
//!     fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
//!         Ok(ranking.percentile.iter().map(|&share| u32::from(share > 0.9)).collect())
//!     }
//! }
//!
//! // By hand: nine who answered once, and one who answered forty times.
//! let mut people = vec![Person::of(&[("answers", 1.0)]); 9];
//! people.push(Person::of(&[("answers", 40.0)]));
//! let trial = Trial::<Helpers>::new(people);
//! assert_eq!(trial.tiers()[8..], ["member", "helper"]);
//!
//! // By chance: explanations add up, effects are as declared, batches are cut anywhere.
//! assert_promises::<Helpers>();
//! ```
//!
//! A trial calls the definition as a component does, but natively: what the sandbox adds (limits, and the host's own
//! checks) is tried by running the component.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test kit says what is wrong by panicking"
)]

mod chance;
mod person;
mod promises;
mod scale;
mod trial;

pub use chance::assert_promises;
pub use person::Person;
pub use promises::{assert_describes, assert_places};
pub use trial::Trial;
