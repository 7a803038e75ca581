//! The builder, on small plugins in temporary folders.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod components;
mod folder;
mod folders;
mod routes;
mod stamps;
