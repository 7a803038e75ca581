use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use groundswell::import;

use crate::failure::Failure;
use crate::{output, progress};

/// Turn what a site gives away into a community: tables and a community.toml
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  groundswell import stackexchange beer.stackexchange.com --out beer
  groundswell run beer/community.toml")]
pub(crate) enum Import {
    Stackexchange(Stackexchange),
}

impl Import {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Stackexchange(import) => import.run(),
        }
    }
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
    /// The folder for the tables; made where there is none. A community.toml in it stays as it is
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Stackexchange {
    fn run(self) -> Result<(), Failure> {
        if self.out.exists() && !self.out.is_dir() {
            let failure = Failure::of(format!("--out {} is a file, not a folder", self.out.display()));
            return Err(failure.with_help("name a folder; it is made where there is none"));
        }
        let bar = progress::bytes("reading the dump");
        let report = import::stackexchange(&self.folder, &self.out, &|done, total, file| {
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
}
