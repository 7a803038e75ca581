use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use groundswell::import::{self, ImportError, ImportReport};

use crate::failure::Failure;
use crate::{output, progress};

/// Turn what a site gives away into a community: tables and a community.toml
///
/// Every row is imported, or left out and counted with the reason. Only ids, times, verbs and numbers are written: never a text that
/// somebody wrote.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  groundswell import stackexchange beer.stackexchange.com --out beer
  groundswell import zulip zulip-export --out chat
  groundswell import sourcecred instance --out ours
  groundswell run beer/community.toml")]
pub(crate) enum Import {
    Stackexchange(Stackexchange),
    Zulip(Zulip),
    Sourcecred(Sourcecred),
}

impl Import {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Stackexchange(Stackexchange { folder, out }) => {
                told(&out.out, |progress| import::stackexchange(&folder, &out.out, progress))
            }
            Self::Zulip(Zulip { folder, out }) => {
                told(&out.out, |progress| import::zulip(&folder, &out.out, progress))
            }
            Self::Sourcecred(Sourcecred { from, out }) => {
                told(&out.out, |progress| import::sourcecred(&from, &out.out, progress))
            }
        }
    }
}

/// Where an import writes to.
#[derive(Debug, Args)]
pub(crate) struct Out {
    /// The folder for the tables; made where there is none. A community.toml in it stays as it is
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// From a data dump of a Stack Exchange site: Users, Posts, Votes and Comments, each .xml or .xml.gz
///
/// Every row of the dump is imported, or left out and counted with the reason. Only ids, times, verbs, numbers
/// and tags are written: never a text, never a name.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell import stackexchange beer.stackexchange.com --out beer")]
pub(crate) struct Stackexchange {
    /// The folder with the dump's unpacked files
    folder: PathBuf,
    #[command(flatten)]
    out: Out,
}

/// From an export of a Zulip organization: realm.json and messages-000001.json and so on
///
/// Messages in channels become posts, mentions and quotations, reactions likes; direct messages are left out. Only ids, times,
/// verbs and numbers are written: never a text, the name of a topic or channel, a name or an address.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell import zulip zulip-export --out chat")]
pub(crate) struct Zulip {
    /// The folder of the unpacked export
    folder: PathBuf,
    #[command(flatten)]
    out: Out,
}

/// From graphs of SourceCred: a graph.json, or the folder of an instance
///
/// What an edge becomes is told by the third part of its address, whoever's plugin it is of: AUTHORS, REACTS, MENTIONS and so on.
/// Accounts are called by plugin and account, such as github/octocat; titles and other descriptions are not written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell import sourcecred instance --out ours
  groundswell import sourcecred graph.json.gzip --out ours")]
pub(crate) struct Sourcecred {
    /// The graph, or the folder of an instance in which `sourcecred graph` was run
    #[arg(value_name = "FOLDER_OR_FILE")]
    from: PathBuf,
    #[command(flatten)]
    out: Out,
}

/// Imports, shows how far it is, and tells what came of it.
fn told(
    out: &Path,
    import: impl FnOnce(&dyn Fn(u64, u64, &str)) -> Result<ImportReport, ImportError>,
) -> Result<(), Failure> {
    if out.exists() && !out.is_dir() {
        let failure = Failure::of(format!("--out {} is a file, not a folder", out.display()));
        return Err(failure.with_help("name a folder; it is made where there is none"));
    }
    let bar = progress::bytes("reading");
    let report = import(&|done, total, file| {
        if bar.length() != Some(total) {
            bar.set_length(total);
        }
        if bar.message() != file {
            bar.set_message(file.to_owned());
        }
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let report = report?;
    output::write(|out| {
        writeln!(out, "{report}\n")?;
        for file in &report.written {
            writeln!(out, "wrote {}", output::path(file))?;
        }
        if report.kept_config {
            writeln!(out, "kept the community.toml that was there")?;
        }
        Ok(())
    })
}
