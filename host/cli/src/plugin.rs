mod build;
mod inspect;
mod lock;

use clap::Subcommand;

use crate::failure::Failure;

/// Build plugins, and look into them
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  groundswell plugin build my-definition --out my-definition.wasm
  groundswell plugin inspect my-definition.wasm
  groundswell plugin lock community.toml
  groundswell plugin upgrade community.toml")]
pub(crate) enum Plugin {
    Build(build::Build),
    Inspect(inspect::Inspect),
    Lock(lock::Lock),
    Upgrade(lock::Upgrade),
}

impl Plugin {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Build(build) => build.run(),
            Self::Inspect(inspect) => inspect.run(),
            Self::Lock(lock) => lock.run(),
            Self::Upgrade(upgrade) => upgrade.run(),
        }
    }
}
