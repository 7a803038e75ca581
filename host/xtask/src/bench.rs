//! `cargo xtask bench`: figures, by two programs. The one that needs no data engine is a workspace of its own, as it brings
//! what Groundswell is compared with.

use std::process::Command;

use clap::ValueEnum;

use crate::setup;
use crate::step::{Failure, Step, cargo};

/// The manifest of what needs no data engine.
pub(crate) const MANIFEST: &str = "host/bench/Cargo.toml";

/// A thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Scoring beside native Rust, Extism, Rhai and Lua; where the time goes; starting: two minutes
    Plugins,
    /// A hundred tenants, undisturbed and beside a hostile one: half a minute
    Tenants,
    /// A run over the beer community from its files: half a minute
    Beer,
    /// A run over a million members, and its peak memory: a minute
    Million,
}

impl Part {
    /// What the programs call it: those that need no data engine, and those that do.
    fn names(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Plugins => (&["compare", "split", "start"], &[]),
            Self::Tenants => (&["tenants"], &[]),
            Self::Beer => (&[], &["beer"]),
            Self::Million => (&[], &["million"]),
        }
    }
}

pub(crate) fn bench(parts: &[Part]) -> Result<(), Failure> {
    setup()?;
    let all = Part::value_variants();
    let (mut plain, mut whole) = (Vec::new(), Vec::new());
    for part in all.iter().filter(|part| parts.is_empty() || parts.contains(part)) {
        let (of_plugins, of_runs) = part.names();
        plain.extend(of_plugins);
        whole.extend(of_runs);
    }
    if !plain.is_empty() {
        let mut build = cargo(["run", "--release", "--locked", "--target-dir", "target/bench"]);
        build.args(["--manifest-path", MANIFEST, "--"]);
        run(build, &plain)?;
    }
    if !whole.is_empty() {
        run(cargo(["bench", "--locked", "-p", "groundswell", "--bench", "figures", "--"]), &whole)?;
    }
    Ok(())
}

fn run(mut program: Command, parts: &[&str]) -> Result<(), Failure> {
    Step::new("bench", "cargo xtask bench").run(program.args(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_measured_by_one_of_the_programs() {
        for part in Part::value_variants() {
            let (of_plugins, of_runs) = part.names();
            assert!(of_plugins.is_empty() != of_runs.is_empty(), "{part:?}");
        }
    }
}
