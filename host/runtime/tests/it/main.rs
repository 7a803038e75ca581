//! The runtime through its public face, against real components.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod again;
mod bombs;
mod cache;
mod fast;
mod files;
mod fitted;
mod guests;
mod handles;
mod log;
mod measuring;
mod proposals;
mod runs;
mod shapes;
mod stopping;
mod tasks;
mod tenants;
mod wasi;
mod workers;
