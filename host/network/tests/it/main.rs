//! The algorithms through their public face: against other people's results, and against brute force.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod data;
mod random;
mod reference;
mod same_bits;
