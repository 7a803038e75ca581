use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use groundswell::runtime::shown;
use groundswell::{Forgetting, RunOptions};

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::progress::Stages;

/// Forget a member: take them out of snapshots, runs and the ledger, and leave out later data of theirs
#[derive(Debug, Args)]
#[command(after_help = "\
What the member did for others stays, done by somebody unknown. What the command cannot reach, \
such as the files that the data came from, it lists: see to it by hand. There is no way back.
An id that nobody has is forgotten ahead, and the command says so.

Examples:
  groundswell forget community.toml 4962 --yes
  groundswell forget community.toml 4962 --yes --format json")]
pub(crate) struct Forget {
    /// The community's community.toml
    community: PathBuf,
    /// The member's id
    #[arg(allow_negative_numbers = true)]
    member: String,
    /// Really forget: without it nothing is done
    #[arg(long)]
    yes: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Forget {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        if !self.yes {
            let failure =
                Failure::of(format!("nothing was done: {} is forgotten for good", shown(&self.member, 60)));
            return Err(
                failure.with_help("say --yes; `groundswell export-member` shows beforehand what is held")
            );
        }
        let stages = Stages::default();
        let done = community.forget(&self.member, &stages.heard_from(RunOptions::default()));
        stages.finish();
        let done = done.map_err(|error| host::not_forgotten(&community, error))?;
        match self.format {
            Format::Json => output::json(&done),
            Format::Table => output::write(|out| write(out, &done)),
        }
    }
}

fn write(out: &mut impl Write, done: &Forgetting) -> io::Result<()> {
    let ids: Vec<String> = done.ids.iter().map(|id| shown(id, 60)).collect();
    if !done.held {
        let ids = ids.join(" or ");
        match done.named {
            Some(true) => writeln!(
                out,
                "nothing is held of {ids}; the data names them, and what it says of them is left out"
            )?,
            Some(false) => write!(out, "nobody in the data, or in what is kept, has the id {ids}")?,
            None => write!(out, "nobody in what is kept has the id {ids}, and the data cannot be read")?,
        }
        if done.named != Some(true) {
            let near = done.nearest.as_ref();
            let doubt =
                near.map_or_else(String::new, |near| format!("; did you mean `{}`?", shown(near, 60)));
            writeln!(out, "{doubt}\nit is forgotten ahead: whatever later data says of it is left out")?;
        }
        if done.snapshots > 0 {
            writeln!(out, "  {} snapshots that cannot be read were removed", done.snapshots)?;
        }
        return Ok(());
    }
    writeln!(out, "forgotten: {}", ids.join(", "))?;
    writeln!(out, "  {} snapshots written anew", done.snapshots)?;
    writeln!(out, "  {} runs superseded", done.runs)?;
    writeln!(out, "  {} entries of the ledger without name and reason", done.entries)?;
    writeln!(out, "beyond reach, to be seen to by hand:")?;
    done.beyond.iter().try_for_each(|what| writeln!(out, "  - {what}"))
}

/// Show everything that is held about a member, as JSON
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  groundswell export-member community.toml 4962 > 4962.json")]
pub(crate) struct Export {
    /// The community's community.toml
    community: PathBuf,
    /// The member's id
    #[arg(allow_negative_numbers = true)]
    member: String,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let stages = Stages::default();
        let held = community.member_data(&self.member, &stages.heard_from(RunOptions::default()));
        stages.finish();
        let held = held.map_err(|error| host::not_frozen(&community, error))?;
        let nothing = held.data.values().all(Vec::is_empty)
            && held.snapshots.is_empty()
            && held.rejected.is_empty()
            && held.runs.is_empty()
            && held.ledger.is_empty();
        if nothing {
            return Err(Failure::of(format!("nothing is held about {}", shown(&self.member, 60))));
        }
        output::json(&held)
    }
}
