//! The engine through its public face.

mod community;
mod community_toml;
mod import;
mod malformed;
mod snapshots;
