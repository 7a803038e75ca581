//! The builder, on small plugins in temporary folders.
#![expect(clippy::unwrap_used, reason = "tests")]

mod components;
mod folder;
mod folders;
mod routes;
mod stamps;
