//! `cargo xtask check`: what can be said of the code without running it.

use std::path::Path;

use clap::ValueEnum;

use crate::step::{Failure, Step, cargo};
use crate::{api, bench, contract, files, policy};

/// A step of the check, cheap ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The code is formatted.
    Format,
    /// A changed contract has a line in its changelog.
    Contract,
    /// No file is too long, no WebAssembly is committed.
    Files,
    /// Dependencies keep to deny.toml, and our own crates to the arrows between them.
    Policy,
    /// The public API is what is on record.
    Api,
    /// Clippy is content, without the compiler of plugins too.
    Clippy,
    /// The documentation builds, and its links lead somewhere.
    Docs,
}

pub(crate) fn check(only: Option<Which>) -> Result<(), Failure> {
    let lock = Step::new("keeping Cargo.lock as it is", "cargo metadata --locked --format-version 1");
    let read = || std::fs::read("Cargo.lock").map_err(|error| lock.failed(&format!("Cargo.lock: {error}")));
    let before = read()?;
    let all = Which::value_variants().iter().copied();
    for which in all.filter(|which| only.is_none_or(|only| only == *which)) {
        let name = which.name();
        println!("check: {name}");
        which.run(&Step::new(&name, format!("cargo xtask check --only {name}")))?;
    }
    if read()? != before {
        return Err(
            lock.failed(&"a step has changed it; commit it together with the manifest that asked for it")
        );
    }
    println!("check: all is well");
    Ok(())
}

impl Which {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, step: &Step) -> Result<(), Failure> {
        match self {
            Self::Format => {
                step.run(&mut cargo(["fmt", "--all", "--check"]))?;
                // A workspace of its own.
                step.run(&mut cargo(["fmt", "--all", "--check", "--manifest-path", bench::MANIFEST]))
            }
            Self::Contract => contract::check(Path::new("wit"), groundswell_contract::IS_DRAFT)
                .map_err(|error| step.failed(&error)),
            Self::Files => files::check(step),
            Self::Policy => policy::check(step),
            Self::Api => api::check(Path::new("."), step),
            Self::Clippy => {
                let run = |mut clippy: std::process::Command| {
                    step.run(
                        clippy
                            .args(["--locked", "--", "-D", "warnings"])
                            .env("GROUNDSWELL_STUB_PLUGINS", "1"),
                    )
                };
                run(cargo(["clippy", "--workspace", "--all-targets"]))?;
                run(cargo(["clippy", "-p", "groundswell-runtime", "--no-default-features"]))
            }
            Self::Docs => step.run(
                cargo(["doc", "--workspace", "--no-deps", "--locked"])
                    .env("GROUNDSWELL_STUB_PLUGINS", "1")
                    .env("RUSTDOCFLAGS", "-D warnings"),
            ),
        }
    }
}
