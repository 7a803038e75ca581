//! Turns what a site gives away into the tables of a community.
//!
//! One function a kind of source; today [`stackexchange`]. It writes `members.csv`, `activities.csv.gz` and, where
//! none stands yet, a commented `community.toml`, and answers an [`ImportReport`] in which every row of the source is
//! either imported or left out with a reason.
//!
//! Only ids, times, verbs, numbers and the site's own tags are written: never a sentence somebody wrote, never a name.

mod dump;
mod error;
mod ids;
mod mentions;
mod posts;
mod report;
mod stackexchange;
mod tables;

pub use error::ImportError;
pub use report::{FileReport, ImportReport};
pub use stackexchange::stackexchange;
