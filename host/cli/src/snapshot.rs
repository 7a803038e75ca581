use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use groundswell::runtime::shown;
use groundswell::{RunOptions, Snapshot, Table};
use serde_json::json;

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::progress::Stages;

/// Freeze a community's data: read its files and keep what they say under the hash of its content
#[derive(Debug, Args)]
#[command(after_help = "\
Files that were read before are not read again: where files were added, the new snapshot begins \
with the one before.

Examples:
  groundswell snapshot community.toml
  groundswell snapshot community.toml --format json")]
pub(crate) struct Freeze {
    /// The community's community.toml
    community: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Freeze {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let stages = Stages::default();
        let heard = stages.heard_from(RunOptions::default());
        let snapshot = community.snapshot(heard.progress.as_ref());
        stages.finish();
        let snapshot = snapshot.map_err(|error| host::not_frozen(&community, error))?;
        match self.format {
            Format::Json => output::json(&json!({
                "hash": snapshot.hash(),
                "folder": snapshot.dir(),
                "parent": snapshot.parent(),
                "rows": tables(&snapshot).map(|(table, rows)| (table.name().to_owned(), rows.into())).collect::<serde_json::Map<_, _>>(),
                "rejected": snapshot.rejected(),
                "notes": snapshot.notes(),
            })),
            Format::Table => output::write(|out| write(out, &snapshot)),
        }
    }
}

/// The tables that the community has, with their rows.
fn tables(snapshot: &Snapshot) -> impl Iterator<Item = (Table, u64)> {
    let there = Table::ALL.into_iter().filter(|table| snapshot.table(*table).is_some());
    there.map(|table| (table, snapshot.rows(table)))
}

fn write(out: &mut impl Write, snapshot: &Snapshot) -> io::Result<()> {
    writeln!(out, "snapshot {}", snapshot.hash())?;
    writeln!(out, "in       {}", output::path(snapshot.dir()))?;
    if let Some(parent) = snapshot.parent() {
        writeln!(out, "begun    with {parent}, whose files were not read again")?;
    }
    for (table, rows) in tables(snapshot) {
        writeln!(out, "{:<8} {rows} {}", "rows", table.name())?;
    }
    for one in snapshot.rejected() {
        writeln!(out, "{:<8} {} of {}: {}", "rejected", one.rows, one.table, shown(&one.reason, 200))?;
        for example in &one.examples {
            let file = shown(&example.file, 200);
            writeln!(out, "           {file}, line {}: {}", example.line, shown(&example.detail, 300))?;
        }
    }
    for note in snapshot.notes() {
        writeln!(out, "{:<8} {}", "note", shown(note, 500))?;
    }
    Ok(())
}
