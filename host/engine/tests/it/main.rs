//! The engine through its public face.

mod bad_input;
mod baselines;
mod community;
mod community_toml;
mod drafts;
mod identities;
mod import;
mod malformed;
mod maps;
mod metrics;
mod own_metrics;
mod planted;
mod processes;
#[cfg(feature = "datafusion")]
mod providers;
mod queries;
mod results;
mod runs;
mod sites;
mod snapshots;
mod sourcecred;
mod sql;
mod traces;
mod validations;
mod zulip;
