use std::path::{Path, PathBuf};

use clap::Args;
use groundswell::{Community, Host, RunOptions};

use crate::cache::cache;
use crate::failure::Failure;
use crate::progress::Stages;

/// What the commands that score a community have in common.
#[derive(Debug, Args)]
pub(crate) struct Scoring {
    /// The community's community.toml
    pub(crate) community: PathBuf,
    /// The definition to score with, as [definitions.NAME] names it. Default: the programme's, else the only one
    #[arg(long, value_name = "NAME")]
    pub(crate) definition: Option<String>,
    /// How many threads at most. Default: as many as there are cores; results are the same with any number
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

impl Scoring {
    /// The options that were given.
    pub(crate) fn options(&self, stages: &Stages) -> RunOptions {
        let mut options = RunOptions::default();
        if let Some(definition) = &self.definition {
            options = options.definition(definition);
        }
        if let Some(threads) = self.threads {
            options = options.threads(threads.get());
        }
        if let Some(listener) = stages.listener() {
            options = options.progress(listener);
        }
        options
    }
}

/// Opens a community in a host that has the bundled plugins.
pub(crate) fn open(path: &Path) -> Result<Community, Failure> {
    let host = match cache() {
        Some(cache) => Host::new()?.with_cache(cache),
        None => Host::new()?,
    };
    let bundled = groundswell_plugins::ALL.iter();
    let host = bundled.fold(host, |host, (name, component)| host.with_bundled(*name, component));
    Ok(host.open(path)?)
}
