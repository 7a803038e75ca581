use std::path::{Path, PathBuf};

use clap::Args;
use groundswell::{Community, Error, Host, RunOptions};

use crate::cache::cache;
use crate::failure::Failure;
use crate::output;
use crate::progress::Stages;

/// What the commands that score a community have in common.
#[derive(Debug, Args)]
pub(crate) struct Scoring {
    /// The community's community.toml
    pub(crate) community: PathBuf,
    /// How many threads at most. Default: as many as there are cores; results are the same with any number
    #[arg(long, value_name = "N", value_parser = output::positive)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

impl Scoring {
    /// The options that were given.
    pub(crate) fn options(&self, stages: &Stages) -> RunOptions {
        let mut options = RunOptions::default();
        if let Some(threads) = self.threads {
            options = options.threads(threads.get());
        }
        stages.heard_from(options)
    }
}

/// Opens a community in a host that has the bundled plugins.
pub(crate) fn open(path: &Path) -> Result<Community, Failure> {
    if path.is_dir() {
        let inside = path.join("community.toml");
        let failure = Failure::of(format!("{} is a folder, not a community.toml", path.display()));
        return Err(failure.with_help(match inside.is_file() {
            true => format!("name the file in it: {}", inside.display()),
            false => "there is none in it; `groundswell init` makes one of tables, `groundswell import` of what a site gives away".to_owned(),
        }));
    }
    Ok(host()?.open(path)?)
}

/// Opens a community, or a snapshot by its folder.
pub(crate) fn open_either(path: &Path) -> Result<Community, Failure> {
    if path.join("snapshot.json").is_file() { Ok(host()?.open_snapshot(path)?) } else { open(path) }
}

/// A host that has the bundled plugins.
fn host() -> Result<Host, Failure> {
    let host = match cache() {
        Some(cache) => Host::new()?.with_cache(cache),
        None => Host::new()?,
    };
    let bundled = groundswell_plugins::ALL.iter();
    Ok(bundled.fold(host, |host, (name, component)| host.with_bundled(*name, component)))
}

/// What went wrong in a run or an explanation, with the way out that only the command knows.
pub(crate) fn failed(community: &Community, error: Error) -> Failure {
    with_way_out(
        community,
        error,
        "results are kept there: name another folder in [community], such as state = \"/var/tmp/groundswell\", or \
         store nothing with `groundswell run --dry-run`",
    )
}

/// The same where the data was to be frozen, and nothing more.
pub(crate) fn not_frozen(community: &Community, error: Error) -> Failure {
    with_way_out(
        community,
        error,
        "the snapshot is kept there: name another folder in [community], such as state = \"/var/tmp/groundswell\"; \
         `groundswell sql` can also be given the folder of a snapshot that is there already",
    )
}

/// The same where a member was to be forgotten.
pub(crate) fn not_forgotten(community: &Community, error: Error) -> Failure {
    with_way_out(
        community,
        error,
        "that is where the member is to be forgotten: do it as a user who can write there",
    )
}

/// Names the way out where the state cannot be written.
fn with_way_out(community: &Community, error: Error, way_out: &str) -> Failure {
    let state = &community.config().community.state;
    let unwritten = match &error {
        Error::File { action, path, .. } => *action != "read" && path.starts_with(state),
        Error::Columns { action, path, .. } => *action == "write" && path.starts_with(state),
        // Of a ledger no other folder is any help: it would be another one, and everything be given a second time.
        _ => false,
    };
    let failure = Failure::from(error);
    if unwritten { failure.with_help(way_out) } else { failure }
}
