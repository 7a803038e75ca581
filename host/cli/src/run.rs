use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::host::{self, Scoring};
use crate::leaderboard;
use crate::output::{self, Format};
use crate::progress::Stages;

/// Score a community: leaderboard, tiers and awards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell run community.toml --top 10
  groundswell run community.toml --format json > run.json
  groundswell run community.toml --definition mine --dry-run")]
pub(crate) struct Run {
    #[command(flatten)]
    scoring: Scoring,
    /// How many members the table shows; JSON has them all
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = output::number)]
    top: usize,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A folder for a copy of the results
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Store nothing: no results, no history, no awards
    #[arg(long)]
    dry_run: bool,
}

impl Run {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.scoring.community)?;
        let stages = Stages::default();
        let mut options = self.scoring.options(&stages).dry_run(self.dry_run);
        if let Some(out) = &self.out {
            options = options.out(out);
        }
        let run = community.run(&options);
        stages.finish();
        let run = run.map_err(|error| host::failed(&community, error))?;
        match self.format {
            Format::Json => output::json(&run),
            Format::Table => output::write(|out| {
                leaderboard::write(out, community.name(), &run, self.top)?;
                leaderboard::write_hints(out, community.config(), &run)?;
                leaderboard::write_places(out, &run, self.out.as_deref())
            }),
        }
    }
}
