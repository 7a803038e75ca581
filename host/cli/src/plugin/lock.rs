use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use groundswell::RunOptions;
use groundswell::runtime::shown;

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::rewards::write_moves;

/// The most members that are named who would be in another tier.
const MOST: usize = 20;

/// Pin the plugins of a community by the hash of their bytes
#[derive(Debug, Args)]
#[command(after_help = "\
They stand in community.lock beside community.toml. From then on runs that record something refuse others.

Example:
  groundswell plugin lock community.toml")]
pub(crate) struct Lock {
    /// The community's community.toml
    community: PathBuf,
}

impl Lock {
    pub(super) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let path = community.lock_plugins().map_err(|error| host::failed(&community, error))?;
        output::write(|out| writeln!(out, "pinned in {}", output::path(&path)))
    }
}

/// Show what other plugins than the pinned ones would change, before it counts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell plugin upgrade community.toml
  groundswell plugin upgrade community.toml --accept")]
pub(crate) struct Upgrade {
    /// The community's community.toml
    community: PathBuf,
    /// Pin what there is now
    #[arg(long)]
    accept: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Upgrade {
    pub(super) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let failed = |error| host::failed(&community, error);
        let stages = Stages::default();
        let upgrade = community.upgrade(&stages.heard_from(RunOptions::default()));
        stages.finish();
        let upgrade = upgrade.map_err(failed)?;
        if self.format == Format::Json {
            output::json(&upgrade)?;
        } else {
            output::write(|out| {
                if upgrade.plugins.is_empty() {
                    return writeln!(out, "every plugin is the one that is pinned");
                }
                for (place, (before, now)) in &upgrade.plugins {
                    let before = before
                        .as_ref()
                        .map_or_else(|| "nothing".to_owned(), |pin| format!("{} {}", pin.name, pin.version));
                    writeln!(out, "{place}: {} {}, where {before} is pinned", now.name, now.version)?;
                }
                for (definition, moved) in &upgrade.tiers {
                    writeln!(out, "\n{definition}: {} members in another tier", moved.len())?;
                    let mut ways: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
                    for one in moved {
                        let (from, to) =
                            (one.from.as_deref().unwrap_or("-"), one.to.as_deref().unwrap_or("-"));
                        ways.entry((from, to)).or_default().push(&one.member);
                    }
                    for ((from, to), members) in ways {
                        let some: Vec<String> =
                            members.iter().take(MOST).map(|member| shown(member, 40)).collect();
                        let more = if members.len() > MOST { ", …" } else { "" };
                        writeln!(out, "  {from} → {to}: {} ({}{more})", members.len(), some.join(", "))?;
                    }
                }
                writeln!(out, "\nthe next run would change:")?;
                write_moves(out, &upgrade.changes)?;
                upgrade.notes.iter().try_for_each(|note| writeln!(out, "note: {}", shown(note, 400)))
            })?;
        }
        if self.accept {
            community.lock_plugins().map_err(failed)?;
        }
        Ok(())
    }
}
