//! The bundled plugins as bytes, for hosts that want one without a file: built from the folders beside
//! this crate's when this crate is built.
//!
//! ```
//! for (name, component) in groundswell_plugins::ALL {
//!     println!("{name}: {} bytes", component.len());
//! }
//! ```
//!
//! # Stubs
//!
//! With `GROUNDSWELL_STUB_PLUGINS=1` in its environment the build script makes empty files instead:
//! `cargo xtask check` saves the time where nothing is run. No host loads a stub.

/// `audience-band`: bands of audience from nano to mega, and how they respond.
pub const AUDIENCE_BAND: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/audience-band.wasm"));

/// `fading-trust`: a metric, EigenTrust whose endorsements fade with their age.
pub const FADING_TRUST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fading-trust.wasm"));

/// `orbit`: love times reach, and four orbits around the core.
pub const ORBIT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/orbit.wasm"));

/// `regulars`, the default: a definition and reward rules.
pub const REGULARS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/regulars.wasm"));

/// `thought-leader`: influencers, who are heard far beyond the community.
pub const THOUGHT_LEADER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/thought-leader.wasm"));

/// `trust-levels`: a ladder of thresholds, from new to leader.
pub const TRUST_LEVELS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/trust-levels.wasm"));

/// `trust-rank`: whom those trust who are trusted themselves.
pub const TRUST_RANK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/trust-rank.wasm"));

/// `word-of-mouth`: who recommends often, and is followed.
pub const WORD_OF_MOUTH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/word-of-mouth.wasm"));

/// Every bundled plugin: the name that a `community.toml` gives, and the component.
pub const ALL: &[(&str, &[u8])] = &[
    ("audience-band", AUDIENCE_BAND),
    ("fading-trust", FADING_TRUST),
    ("orbit", ORBIT),
    ("regulars", REGULARS),
    ("thought-leader", THOUGHT_LEADER),
    ("trust-levels", TRUST_LEVELS),
    ("trust-rank", TRUST_RANK),
    ("word-of-mouth", WORD_OF_MOUTH),
];
