mod build;
mod inspect;

use clap::Subcommand;

use crate::failure::Failure;

/// Build plugins, and look into them
#[derive(Debug, Subcommand)]
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
