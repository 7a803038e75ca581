//! `cargo xtask`: the commands of this repository.

mod api;
mod arrows;
mod bench;
mod check;
mod contract;
mod demo;
mod files;
mod fuzz;
mod licence;
mod metadata;
mod policy;
mod step;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use step::{Failure, Step};

/// The commands of this repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make sure that plugins can be compiled here: finds the target wasm32-unknown-unknown or gets it
    ///
    /// In this order: the active toolchain has it; rustup adds it; Debian's packages are there, or this is
    /// root on Debian and they can be installed; else it says what to type. Set GROUNDSWELL_WASM_ROUTE to
    /// toolchain, rustup or debian to allow one way only.
    Setup,
    /// Build the command and run it over both example communities
    ///
    /// The first build takes about ten minutes on two cores, nearly all of it DataFusion and wasmtime.
    Demo,
    /// Run all tests, documentation included
    ///
    /// Arguments go to `cargo test`: `cargo xtask test -p groundswell-runtime a_trap`. Without `-p` all crates
    /// are tested. Ends with the sum of all results and the list of what was skipped for want of data or tools.
    Test {
        /// What `cargo test` gets.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check everything that needs no run: format, contract, files, policy, lints, docs
    ///
    /// Stops at the first step that fails and says how to run only that.
    Check {
        /// Run this step alone.
        #[arg(long, value_enum)]
        only: Option<check::Which>,
    },
    /// Look for inputs that break what must hold, guided by what code they reach
    ///
    /// Runs every target, or those that are named, for so many minutes each, as many at a time as there are
    /// processors. What is found is left under target/fuzz/findings, and the command fails. 0 minutes: the seeds and
    /// what was found interesting before are read once. Needs a C++ compiler, since libFuzzer is C++.
    #[command(after_long_help = AFTER_FUZZ)]
    Fuzz {
        /// How long every target is run.
        minutes: u32,
        /// Which ones. Default: all.
        targets: Vec<String>,
        /// Then add to host/fuzz/seeds what reaches more than the seeds there do.
        #[arg(long)]
        keep: bool,
    },
    /// Record the public API of our crates, after a change that is meant
    Api,
    /// Measure: scoring beside native Rust and others, starting, tenants, whole runs, metrics and graphs beside others
    ///
    /// The figures of one run, and how they come about, stand in host/bench/README.md. Nothing else should be busy
    /// meanwhile. Builds in release: what plugins and tenants need takes five to ten minutes the first time on two
    /// cores, what whole runs and metrics need about 20, as DataFusion is among it, what graphs need half a minute.
    Bench {
        /// What to measure; nothing named means everything but growth-100m.
        #[arg(value_enum)]
        parts: Vec<bench::Part>,
    },
}

const AFTER_FUZZ: &str = "What there is to fuzz stands in host/fuzz/targets.toml; a wrong name shows all.";

fn main() -> ExitCode {
    // Cargo takes xtask for the compiler where it builds for fuzzing.
    if let Some(code) = fuzz::compile() {
        return code;
    }
    let arguments = Arguments::parse();
    let done = step::enter_workspace().and_then(|()| match arguments.command {
        Command::Setup => {
            setup().map(|()| println!("ready: build and run everything with `cargo xtask demo`"))
        }
        Command::Demo => demo::demo(),
        Command::Test { arguments } => test::test(&arguments),
        Command::Check { only } => check::check(only),
        Command::Fuzz { minutes, targets, keep } => fuzz::fuzz(minutes, &targets, keep),
        Command::Api => api::record(std::path::Path::new("."))
            .map_err(|error| Step::new("api", "cargo xtask api").failed(&format!("{error:#}"))),
        Command::Bench { parts } => bench::bench(&parts),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            failure.code()
        }
    }
}

/// Makes sure that plugins can be compiled.
fn setup() -> Result<(), Failure> {
    let step = Step::new("setup", "cargo xtask setup");
    let route = groundswell_plugin_build::prepare(None, |line| println!("{line}"))
        .map_err(|error| step.failed(&error))?;
    println!("plugins are compiled with {route}");
    Ok(())
}
