//! The runtime through its public face, against real components.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod attackers;
mod cache;
mod files;
mod guests;
mod runs;
