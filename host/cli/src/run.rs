use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use groundswell::{Community, DefinitionOutcome, RunOptions};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::failure::Failure;
use crate::host::{self, Scoring};
use crate::leaderboard::{self, Boards};
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::watch;

/// Score a community: leaderboard, tiers and awards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell run community.toml --top 10
  groundswell run community.toml --format json > run.json
  groundswell run community.toml --definition mine --dry-run
  groundswell run community.toml --definition mine --definition theirs

With several definitions the data is read and measured once, and one leaderboard follows the other; in JSON each
definition's answer stands by its name, or its `error`. One that fails leaves the others alone.")]
pub(crate) struct Run {
    #[command(flatten)]
    scoring: Scoring,
    /// A definition to score with, as [definitions.NAME] names it; more than one where it is repeated. Default: all
    #[arg(long = "definition", value_name = "NAME")]
    definitions: Vec<String>,
    /// How many members the table shows; JSON has them all
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = output::number)]
    top: usize,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// A folder for a copy of the results; of several definitions it has a folder for each
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Store nothing: no results, no history, no awards
    #[arg(long)]
    dry_run: bool,
}

impl Run {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.scoring.community)?;
        let mut names = self.definitions.clone();
        if names.is_empty() {
            names.extend(community.definitions().map(str::to_owned));
        }
        let first = names.first().cloned();
        match first.filter(|first| names.iter().all(|name| name == first)) {
            Some(only) => self.run_one(&community, &only),
            None => self.run_each(&community, names),
        }
    }

    fn options(&self, stages: &Stages) -> RunOptions {
        let options = self.scoring.options(stages).dry_run(self.dry_run);
        match &self.out {
            Some(out) => options.out(out),
            None => options,
        }
    }

    fn run_one(&self, community: &Community, definition: &str) -> Result<(), Failure> {
        let stages = Stages::default();
        let run = community.run(&self.options(&stages).definition(definition));
        stages.finish();
        let run = run.map_err(|error| host::failed(community, error))?;
        match self.format {
            Format::Json => output::json(&run),
            Format::Table => output::write(|out| {
                leaderboard::write(out, community.name(), &run, self.top)?;
                leaderboard::write_hints(out, community.config(), &run)?;
                leaderboard::write_places(out, &run, self.out.as_deref())
            }),
        }
    }

    /// Runs several definitions, and tells of each as soon as it is done.
    fn run_each(&self, community: &Community, names: Vec<String>) -> Result<(), Failure> {
        let stages = Stages::of_several();
        let options = self.options(&stages);
        let runs = community.run_each(names, &options);
        stages.finish();
        let runs = runs.map_err(|error| host::failed(community, error))?;
        let runs = runs.inspect(|_| stages.finish());
        let mut out = output::Parts::new();
        let failures = match self.format {
            Format::Json => write_json(&mut out, community, runs),
            Format::Table => self.write_boards(&mut out, community, runs),
        };
        let failures = failures.map_err(|error| Failure::of(format!("cannot write the answer: {error}")))?;
        out.end()?;
        if !failures.is_empty() {
            // Those that did not fail have warned too.
            watch::warnings().iter().for_each(|warning| crate::output::say!("{warning}"));
        }
        Failure::all(failures)
    }

    fn write_boards(
        &self,
        out: &mut impl Write,
        community: &Community,
        runs: impl Iterator<Item = DefinitionOutcome>,
    ) -> std::io::Result<Vec<Failure>> {
        let (mut boards, mut failures) = (Boards::default(), Vec::new());
        for DefinitionOutcome { definition, outcome, .. } in runs {
            match outcome {
                Ok(run) => {
                    let copy = self.out.as_ref().map(|out| out.join(&definition));
                    boards.write(out, community.config(), &run, (self.top, copy.as_deref()))?;
                    out.flush()?;
                }
                Err(error) => failures.push(host::failed(community, error).of_definition(&definition)),
            }
        }
        boards.end(out)?;
        Ok(failures)
    }
}

/// An object with the answer of each definition by its name.
fn write_json(
    out: &mut impl Write,
    community: &Community,
    runs: impl Iterator<Item = DefinitionOutcome>,
) -> std::io::Result<Vec<Failure>> {
    #[derive(Serialize)]
    struct Failed {
        error: String,
    }
    let mut failures = Vec::new();
    let mut json = serde_json::Serializer::pretty(&mut *out);
    let mut answers = json.serialize_map(None)?;
    for DefinitionOutcome { definition, outcome, .. } in runs {
        match outcome {
            Ok(run) => answers.serialize_entry(&definition, &run)?,
            Err(error) => {
                answers.serialize_entry(&definition, &Failed { error: error.to_string() })?;
                failures.push(host::failed(community, error).of_definition(&definition));
            }
        }
    }
    answers.end()?;
    writeln!(out)?;
    Ok(failures)
}
