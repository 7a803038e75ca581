//! `cargo xtask bench`: figures, by three programs. Those that need no data engine are a workspace of their own, as they
//! bring what Groundswell is compared with.

use std::process::Command;

use clap::ValueEnum;

use crate::setup;
use crate::step::{Failure, Step, cargo};

/// The manifest of what needs no data engine.
pub(crate) const MANIFEST: &str = "host/bench/Cargo.toml";
/// The package there that needs no sandbox either.
const NETWORK: &str = "groundswell-bench-network";
/// That which does.
const PLUGINS: &str = "groundswell-bench";

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
    /// A programme over the past months of a million members: two minutes
    Simulate,
    /// Twelve metrics over ten million activities beside DuckDB, which pip installs: ten minutes
    Metrics,
    /// Whole runs over 0.1, 1 and 10 million activities, and their peak memory, with a plot: three minutes
    Growth,
    /// The same, and over 100 million; only where it is asked for: by reckoning an hour, and 30 GB of disk
    #[value(name = "growth-100m")]
    GrowthBeyond,
    /// A run's awards into the ledger, entries beside `SQLite`'s own inserts, verifying ten million of them: five minutes
    Ledger,
    /// PageRank, cores and triangles beside NetworKit and igraph, which pip installs: some minutes
    Network,
}

impl Part {
    /// What the programs call it: that of plugins, that of whole runs, that of graphs, and that of the ledger.
    fn names(self) -> [&'static [&'static str]; 4] {
        match self {
            Self::Plugins => [&["compare", "split", "start"], &[], &[], &[]],
            Self::Tenants => [&["tenants"], &[], &[], &[]],
            Self::Beer => [&[], &["beer"], &[], &[]],
            Self::Million => [&[], &["million"], &[], &[]],
            Self::Simulate => [&[], &["simulate"], &[], &[]],
            Self::Metrics => [&[], &["metrics"], &[], &[]],
            Self::Growth => [&[], &["growth"], &[], &[]],
            Self::GrowthBeyond => [&[], &["growth-100m"], &[], &[]],
            Self::Ledger => [&[], &[], &[], &["ledger"]],
            Self::Network => [&[], &[], &["compare"], &[]],
        }
    }
}

pub(crate) fn bench(parts: &[Part]) -> Result<(), Failure> {
    setup()?;
    let all = Part::value_variants();
    let [mut plugins, mut runs, mut graphs, mut ledger] = [const { Vec::new() }; 4];
    let asked = |part: &&Part| match parts {
        [] => **part != Part::GrowthBeyond,
        parts => parts.contains(part),
    };
    for part in all.iter().filter(asked) {
        let [of_plugins, of_runs, of_graphs, of_ledger] = part.names();
        plugins.extend(of_plugins);
        runs.extend(of_runs);
        graphs.extend(of_graphs);
        ledger.extend(of_ledger);
    }
    if !plugins.is_empty() {
        run(apart(PLUGINS), &plugins)?;
    }
    if !ledger.is_empty() {
        run(cargo(["bench", "--locked", "-p", "groundswell-ledger", "--bench", "figures", "--"]), &ledger)?;
    }
    if !runs.is_empty() {
        run(cargo(["bench", "--locked", "-p", "groundswell", "--bench", "figures", "--"]), &runs)?;
    }
    if !graphs.is_empty() {
        run(apart(NETWORK), &graphs)?;
    }
    Ok(())
}

/// Builds and runs a package of the workspace that is apart.
fn apart(package: &str) -> Command {
    let mut run = cargo(["run", "--release", "--locked", "--target-dir", "target/bench"]);
    run.args(["--manifest-path", MANIFEST, "-p", package, "--"]);
    run
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
            let measured = part.names().into_iter().filter(|names| !names.is_empty()).count();
            assert_eq!(measured, 1, "{part:?}");
        }
    }
}
