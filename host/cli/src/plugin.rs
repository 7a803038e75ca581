mod build;
mod inspect;

use clap::Subcommand;

use crate::failure::Failure;

/// Build plugins, and look into them
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  groundswell plugin build my-definition --out my-definition.wasm
  groundswell plugin inspect my-definition.wasm")]
pub(crate) enum Plugin {
    Build(build::Build),
    Inspect(inspect::Inspect),
}

impl Plugin {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Build(build) => build.run(),
            Self::Inspect(inspect) => inspect.run(),
        }
    }
}
