//! The engine through its public face.

mod community;
mod community_toml;
mod import;
mod malformed;
mod metrics;
mod planted;
mod runs;
mod snapshots;
