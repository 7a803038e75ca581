//! The default definition and its reward rules, natively: every tier, every rule, every explanation.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod community;
mod definition;
mod rewards;
