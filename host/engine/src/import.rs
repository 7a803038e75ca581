//! Turns what a site gives away into the tables of a community.
//!
//! One function a kind of source: [`stackexchange`], [`sourcecred`], [`zulip`]. Each writes `members.csv`, `activities.csv.gz` and, where
//! none stands yet, a commented `community.toml`, and answers an [`ImportReport`] in which every row of the source is
//! either imported or left out with a reason.
//!
//! Only ids, times, verbs, numbers and a site's own tags are written: never a sentence somebody wrote, never a name; the accounts of
//! a SourceCred graph are called what their addresses call them.

mod address;
mod counted;
mod dump;
mod error;
mod ids;
mod json;
mod markup;
mod mentions;
mod posts;
mod report;
mod sourcecred;
mod stackexchange;
mod tables;
mod zulip;

use std::path::Path;

pub use error::ImportError;
pub use report::{FileReport, ImportReport};
pub use sourcecred::sourcecred;
pub use stackexchange::stackexchange;
pub use zulip::zulip;

/// The name of the community that a folder or file becomes.
fn name_of(from: &Path, otherwise: &str) -> String {
    let from = from.canonicalize().unwrap_or_else(|_| from.to_owned());
    let name = if from.is_dir() { from.file_name() } else { from.file_stem() };
    name.map_or_else(|| otherwise.to_owned(), |name| name.to_string_lossy().into_owned())
}
