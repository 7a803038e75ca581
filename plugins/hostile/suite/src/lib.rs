//! The attackers: plugins that try to break out, hang, lie or crash the host, as data for anybody's tests.
//!
//! Each says in a sentence what it tries, and what a host has to answer. A host that runs other people's plugins loads
//! each, does with it everything that it does with a plugin, and compares; the crate `groundswell-attack` does that for
//! a host of this project's runtime, and the command `groundswell attack` for one with a community's limits.
//!
//! ```
//! use groundswell_attackers::{By, Expected, When, all};
//!
//! let attackers = all();
//! let spin = attackers.iter().find(|attacker| attacker.name == "spin-in-fit").unwrap();
//! assert_eq!(spin.tries, "Never finishes one thing that it is asked.");
//! assert_eq!(spin.strict, Expected::Stopped { when: &[When::Fit], by: &[By::Limit] });
//! println!("{}: {} bytes", spin.name, spin.bytes().len());
//! ```
//!
//! # Adding one
//!
//! A folder under `plugins/hostile/attacks`, with one of `attack.rs` (replaces methods of an honest plugin), `metric.rs` (the same of an honest metric), `attack.wat`
//! (a component, or what differs from the honest module in `base.wat`) and `attack.txt` (bytes that are made in this
//! crate, in `made.rs`). A component that imports more than the contract offers has a `world.wit`. Its first line says what it tries. A family lists its variants in `variants.txt`. Until
//! `expected.rs` says what has to stop it nothing compiles.
//!
//! # Stubs
//!
//! With `GROUNDSWELL_STUB_PLUGINS=1` in its environment the build script makes empty files in place of components, as
//! that of `groundswell-plugins` does.

mod attacker;
mod expected;
mod made;
mod members;

pub use attacker::{Attacker, Folder, VERSION, all, good, good_metric};
pub use expected::{By, Expected, Part, When};
pub use members::{number, ties, word};
