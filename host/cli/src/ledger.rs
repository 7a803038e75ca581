use std::path::PathBuf;

use clap::{Args, Subcommand};
use groundswell::runtime::shown;

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::progress;

/// Verify the ledger of a community
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Example:
  groundswell ledger verify community.toml")]
pub(crate) enum LedgerCommand {
    Verify(Verify),
}

impl LedgerCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Verify(verify) = self;
        verify.run()
    }
}

/// Verify that nothing in the ledger was edited
#[derive(Debug, Args)]
#[command(after_help = "\
Whoever keeps the hash that is printed, and compares the entry of that number later, will see too whether the whole chain was made anew.

Example:
  groundswell ledger verify community.toml")]
pub(crate) struct Verify {
    /// The community's community.toml
    community: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let bar = progress::count("verifying the ledger");
        let verified = community.verify_ledger(&mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let verified = verified.map_err(|error| host::failed(&community, error))?;
        match self.format {
            Format::Json => output::json(&verified)?,
            Format::Table => output::write(|out| {
                use std::io::Write as _;
                verified.findings.iter().try_for_each(|finding| writeln!(out, "{}", shown(finding, 400)))?;
                let sound =
                    if verified.is_sound() { "nothing was edited" } else { "it was edited, or is damaged" };
                writeln!(
                    out,
                    "{sound}: {} entries, {} of them of members who were forgotten; the newest has the hash {}",
                    verified.entries, verified.forgotten, verified.head
                )
            })?,
        }
        if verified.is_sound() {
            return Ok(());
        }
        let failure = Failure::of("the ledger is not what was written".to_owned());
        Err(failure.with_help("restore a backup from before it was edited, and move ledger.heads beside it away, which knows what came after it; `groundswell \
         ledger verify` on that tells whether it is sound"))
    }
}
