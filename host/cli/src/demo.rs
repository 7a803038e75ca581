use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use groundswell::RunOptions;

use crate::failure::Failure;
use crate::progress::Stages;
use crate::{host, leaderboard, output};

/// Run a small community that comes with the command, in a temporary folder
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How many members the table shows
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(|error| unwritten(&error))?;
        unpack(folder.path()).map_err(|error| unwritten(&error))?;
        let community = host::open(&folder.path().join("community.toml"))?;
        let stages = Stages::default();
        let mut options = RunOptions::default().dry_run(true);
        if let Some(listener) = stages.listener() {
            options = options.progress(listener);
        }
        let run = community.run(&options);
        stages.finish();
        let run = run?;
        output::write(|out| {
            leaderboard::write(out, community.name(), &run, self.top)?;
            writeln!(out, "\nNothing was kept. Try next:")?;
            writeln!(
                out,
                "  groundswell metrics                                     what a definition can ask for"
            )?;
            writeln!(
                out,
                "  groundswell import stackexchange FOLDER --out DIR       a community of your own"
            )?;
            writeln!(out, "  groundswell run DIR/community.toml                      its leaderboard")
        })
    }
}

fn unpack(folder: &Path) -> io::Result<()> {
    groundswell_planted::FILES.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::new(&io::Error::new(error.kind(), format!("cannot write the demo's temporary folder: {error}")))
}
