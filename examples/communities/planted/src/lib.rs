//! A generated community in which it is known who is who.
//!
//! Real communities do not say who their micro-influencers are. Here a few members of each [`Kind`] are planted, with
//! wide margins between the kinds, so that a definition can be held against what it should find:
//!
//! | kind | what they do in a year | followers here, elsewhere |
//! | --- | --- | --- |
//! | micro-influencer | answer in 46 weeks and more; of answers 60 % accepted, 65 % thanked for, 40 % endorsed; recommend with effect | 8 to 30; 5 to 30 |
//! | regular | active in 24 weeks and more, answer in half of them; 35 % thanked for, 12 % endorsed | none to 45; none to 45 |
//! | member | active in a few weeks, seldom an answer, never endorsed | none to 45; none to 45 |
//! | bystander | nothing, but are mentioned | none |
//! | celebrity | a post in a dozen weeks, many likes, hardly an answer | two in five members, at most 300; above 100,000 |
//! | staff | answer and volunteer in 44 weeks and more; role `staff` | 10 to 45; 5 to 30 |
//! | bot | a post, a reply and a recommendation every week; role `bot` | none |
//! | lurker | nothing but follow | none |
//! | opted-out | as micro-influencers, but must not be seen by plugins, awards and reports | 8 to 30; 5 to 30 |
//!
//! [`FILES`] is one such community of 600 members, ready to run; [`generate`] makes others in memory and [`write_to`]
//! in a folder, row by row, up to millions of members.
//!
//! # Determinism
//!
//! The same [`Plan`] gives the same tables on any machine: integers only, an own generator of random numbers
//! (SplitMix64), and no clock.
//!
//! ```
//! use groundswell_planted::{Kind, Plan, generate};
//!
//! let plan = Plan { members: 200, ..Plan::default() };
//! let community = generate(&plan);
//! assert_eq!(community.expected.len(), 200);
//! let planted = community.expected.iter().filter(|(_, kind)| *kind == Kind::MicroInfluencer).count();
//! assert_eq!(planted as u32, plan.count(Kind::MicroInfluencer));
//! assert!(community.members_csv.starts_with(b"id,joined_at,role,external_followers,opted_out,region\n"));
//! ```

mod activities;
mod calendar;
mod files;
mod follows;
mod members;
mod plan;
mod random;

pub use files::{Community, FILES, Written, generate, write_to};
pub use plan::{Kind, Plan};
