use std::path::PathBuf;

use clap::{Args, Subcommand};
use groundswell::ledger::Hash;
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
Whoever keeps the head that is printed, and hands it in later with --known, sees too whether the whole chain was made anew.

Examples:
  groundswell ledger verify community.toml
  groundswell ledger verify community.toml --known 10=HASH")]
pub(crate) struct Verify {
    /// The community's community.toml
    community: PathBuf,
    /// A head that was kept elsewhere: the number of an entry and its hash; may be repeated
    #[arg(long, value_name = "NUMBER=HASH", value_parser = head)]
    known: Vec<(u64, Hash)>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn head(text: &str) -> Result<(u64, Hash), String> {
    let head = text.split_once('=').and_then(|(number, hash)| number.parse().ok().zip(Hash::of_hex(hash)));
    head.ok_or_else(|| {
        "write it as ledger verify prints it: a number, =, and 64 hexadecimal digits".to_owned()
    })
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let bar = progress::count("verifying the ledger");
        let verified = community.verify_ledger(&self.known, &mut |done, all| {
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
                    "{sound}: {} entries, {} of them of members who were forgotten; the head to keep elsewhere is {}={}",
                    verified.entries, verified.forgotten, verified.entries, verified.head
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
