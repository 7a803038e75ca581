//! Builds a plugin's source folder into a component that every Groundswell host accepts: compiled for
//! `wasm32-unknown-unknown`, encoded as a component, checked against the contract and stamped with
//! contract, name and version. Plugins in JavaScript and Python are made into components by the tools of their
//! languages, and checked and stamped in the same way.
//!
//! ```no_run
//! use groundswell_plugin_build::Builder;
//!
//! let built = Builder::new("plugins/regulars").on_step(|line| eprintln!("{line}")).build()?;
//! println!("{} {}: {} bytes by {}", built.name, built.version, built.bytes.len(), built.route);
//! built.write_to("regulars.wasm")?;
//! # Ok::<(), groundswell_plugin_build::BuildError>(())
//! ```
//!
//! # Finding the target
//!
//! The target is looked for in this order; [`Built::route`] says which [`Route`] was taken:
//!
//! 1. [`Route::Toolchain`]: the active toolchain has it.
//! 2. [`Route::Rustup`]: `rustup target add` gets it.
//! 3. [`Route::Debian`]: Debian's packages, installed where this process may, build std from source.
//! 4. An error with the commands to type.
//!
//! The environment variable `GROUNDSWELL_WASM_ROUTE` (`toolchain`, `rustup` or `debian`) or
//! [`Builder::route`] forces one.
//!
//! # Other languages
//!
//! A folder with `plugin.js` and `package.json` is built by componentize-js, one with `plugin.py` and `pyproject.toml`
//! by componentize-py. Name and version come from the manifest, and so does the world of the contract, `definition`
//! where nothing else is said: `"groundswell": { "world": "community-plugin" }`, or `[tool.groundswell]` with `world`.
//! The worlds are those of the contract: `definition`, `reward-rules`, `community-plugin` and `metric`.
//! The tools are installed once, by npm and by pip, each of one version; npm's packages to the digest.
//!
//! # Determinism
//!
//! One source, one toolchain, one route: the same bytes, wherever the workspace and the target directory
//! lie. Paths are remapped and names stripped. A path dependency outside the plugin's workspace
//! takes part in Cargo's hashes with its path, which may reorder functions.
//!
//! # Cargo within Cargo
//!
//! The builder may be called from build scripts, tests and `cargo run`. The Cargo it starts gets its own
//! target directory and none of the outer one's variables, so neither waits for the other.

mod builder;
mod cargo;
mod component;
mod debian;
mod error;
mod manifest;
mod narrow;
mod route;
mod script;
mod sections;
mod stamp;
mod tools;

pub use builder::{Builder, Built};
pub use component::componentize;
pub use error::BuildError;
pub use groundswell_contract::Stamp;
pub use route::{Route, prepare};
pub use stamp::{read_stamp, stamp};
