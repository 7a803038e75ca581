//! The ledger of a community: which awards it gave, held and took back, and where its members stood.
//!
//! One SQLite file. Every change is an entry behind the newest one, chained to it by a hash; what people see of it (who has
//! what, balances, memberships) follows from the entries. There are no plugins, no metrics and no data engine here: a run
//! brings standings and proposals, and the ledger decides by the community's terms what becomes of them.
//!
//! ```
//! use groundswell_ledger::{
//!     AwardTerms, Calendar, Chapter, Committed, Kind, Ledger, Period, Programme, Proposal, Proposals, Round, ScoredBy,
//!     Selection, Standing,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("ledger.sqlite");
//! let mut badge = AwardTerms::new("helper", Kind::Badge);
//! badge.budget = Some(1);
//! let calendar = Calendar::new(Period::Month, jiff::tz::TimeZone::UTC);
//! let programme = Programme::new(vec![badge], calendar, "what decides");
//!
//! let mut ledger = Ledger::open(&path)?;
//! let chapter = Chapter { definition: "regulars", period: "1970-01", start: 0, as_of: 5, runs: 1 };
//! let history = ledger.history(&chapter)?.digest();
//! let proposal = |member, score| Proposal { member, award: "helper", amount: 1, reason: "helps", score };
//! let all = [proposal("ada", 2.0), proposal("bob", 3.0)];
//! let standings = ["ada", "bob"].map(|member| Standing { member, tier: "micro", rung: Some(2), said: "micro", score: 1.0, role: None });
//! let proposals = Proposals { programme: &programme, actor: "regulars 0.1.0", decided_by: &history, all: &all };
//! let round =
//!     Round { chapter, receipt: "r1", by: ScoredBy::default(), unknown: &[], standings: &standings, proposals: Some(proposals), opted_out: &[] };
//! let Committed::Recorded(outcome) = ledger.commit(&round)? else { unreachable!("nobody else writes") };
//!
//! // There is a budget for one, and bob's score is higher: ada's is held, and not lost.
//! assert_eq!(outcome.moves.len(), 2);
//! let states: Vec<_> =
//!     ledger.holdings(&Selection::default())?.into_iter().map(|one| (one.member, one.state.name())).collect();
//! assert_eq!(states, [(Some("bob".to_owned()), "granted"), (Some("ada".to_owned()), "held")]);
//! assert!(Ledger::verify(&path, &[], &mut |_, _| ())?.is_sound());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! - [`Ledger`]: the file. [`Ledger::plan`] and [`Ledger::commit`]: a run's [`Round`]. [`Ledger::act`]: what a person decides.
//! - [`Programme`], [`AwardTerms`]: the community's terms. [`Calendar`]: its periods. [`Moment`], [`Share`]: how times and
//!   shares are written.
//! - [`Kind`], [`State`], [`may_follow`]: the lives of awards.
//! - [`Ledger::holdings`], [`Ledger::balances`], [`Ledger::story`], [`Ledger::tiers`]: looking, now or at any moment.
//! - [`Ledger::past`]: the tiers of a definition from period to period, and where it became another one.
//! - [`Ledger::due`], [`Ledger::delivered`], [`Ledger::later`], [`Ledger::dead`], [`Ledger::retry`], [`Ledger::withdraw`]: what the
//!   platform is to be told.
//! - [`Ledger::verify`]: whether anything was edited. [`Ledger::forget`]: for who wants to be.
//!
//! # Time
//!
//! Every entry has two times: the community's (as-of of the run, or of the newest run before a person decided), which decides
//! on everything, and the clock's, which decides on nothing.
//!
//! # What the chain shows
//!
//! An entry's hash covers the one before, its public fields, and a salted commitment to member and reason. Whoever edits an
//! entry, a name, a reason, a tier or anything that follows from them, is seen. Whoever makes the whole chain anew from some
//! entry on, or takes away its end, is seen by the heads that are kept beside it in `ledger.heads`; who changes those too, by
//! whoever kept a later head elsewhere, and by nobody else.

mod calendar;
mod chain;
mod claim;
mod commit;
mod decide;
mod error;
mod expiry;
mod forget;
mod forward;
mod heads;
mod history;
mod life;
mod moment;
mod orders;
mod outbox;
mod past;
mod people;
mod share;
mod store;
mod terms;
mod text;
mod verdict;
mod verify;
mod view;
mod why;
mod write;

pub use calendar::{Calendar, Period, PeriodAt};
pub use chain::Hash;
pub use commit::{Committed, Move, Outcome, Proposals, Round, ScoredBy, Standing};
pub use error::Error;
pub use history::{Before, Chapter, History};
pub use life::{Kind, State, may_follow};
pub use moment::Moment;
pub use outbox::{Parcel, Waiting};
pub use past::{Break, Compared, Past};
pub use people::{Act, Decision};
pub use share::Share;
pub use store::Ledger;
pub use terms::{AwardTerms, LARGEST, MOST_RUNS, Programme};
pub use verdict::{Bar, BudgetUse, Hold, Proposal, Verdict};
pub use verify::Verified;
pub use view::{Balance, Holding, Selection, Stood};
