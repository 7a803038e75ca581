//! The engine through its public face.

mod appreciate;
mod bad_input;
mod baselines;
mod community;
mod community_toml;
mod deliveries;
mod drafts;
#[cfg(feature = "datafusion")]
mod functions;
mod identities;
mod import;
mod letters;
mod locks;
mod malformed;
mod maps;
mod measuring;
mod metrics;
mod own_metrics;
mod past;
mod planted;
mod processes;
mod processors;
#[cfg(feature = "datafusion")]
mod providers;
mod queries;
mod results;
mod rewards;
mod runs;
mod several;
mod sites;
mod snapshots;
mod sourcecred;
mod sql;
mod traces;
mod validations;
mod zulip;
