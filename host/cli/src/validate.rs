use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use groundswell::runtime::shown;
use groundswell::{Config, RunOptions, Validation};

use crate::failure::Failure;
use crate::host;
use crate::leaderboard::counted;
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::table::Table;

/// Verbs that the table shows; JSON has them all.
const VERBS: usize = 20;

/// Read a community's data and plugins, run nothing, and say what a run would find
///
/// Reads every table to its end, whatever is wrong with the others, loads the plugins and checks what they are told: they are
/// asked about made-up members, too, whether they refuse their settings. Nobody is scored, and nothing stored.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell validate community.toml
  groundswell validate community.toml --format json

Exit codes: 0 a run can begin; 2 something is in the way of it; 3 only a plugin is.")]
pub(crate) struct Validate {
    /// The community's community.toml
    community: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Validate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let stages = Stages::default();
        let validation = community.validate(&stages.heard_from(RunOptions::default()));
        stages.finish();
        let validation = validation?;
        match self.format {
            Format::Json => output::json(&validation)?,
            Format::Table => output::write(|out| write(out, &validation, community.config()))?,
        }
        Failure::all(validation.problems.into_iter().map(Failure::from).collect())
    }
}

fn write(out: &mut impl Write, validation: &Validation, config: &Config) -> io::Result<()> {
    writeln!(out, "{}: nothing was run, and nothing stored\n", shown(&validation.community, 80))?;
    write_tables(out, validation)?;
    write_verbs(out, validation)?;
    for rejected in &validation.rejected {
        let reason = shown(&rejected.reason, 200);
        writeln!(out, "rejected: {} of {}: {reason}", counted(rejected.rows, "row"), rejected.table)?;
        for example in &rejected.examples {
            let (file, detail) = (shown(&example.file, 200), shown(&example.detail, 300));
            writeln!(out, "  {file}, line {}: {detail}", example.line)?;
        }
    }
    for note in &validation.notes {
        writeln!(out, "note: {}", shown(note, 400))?;
    }
    match (config.community.as_of, &validation.newest) {
        (Some(as_of), _) => writeln!(out, "a run looks from {as_of}, window {}", config.community.window)?,
        (None, Some(newest)) => {
            writeln!(
                out,
                "a run looks from {newest}, the newest time in the data, window {}",
                config.community.window
            )?;
        }
        (None, None) => {}
    }
    for checked in &validation.plugins {
        let (name, version) = (&checked.plugin.name, &checked.plugin.version);
        writeln!(
            out,
            "{}: {name} {version}, {}",
            shown(&checked.part, 80),
            counted(checked.inputs as u64, "input")
        )?;
    }
    for unknown in &validation.unknown {
        let (metric, part) = (shown(&unknown.metric, 200), shown(&unknown.part, 80));
        let without = if unknown.required { "" } else { " and can do without" };
        writeln!(out, "unknown: {metric}, which takes {}; {part} asks for it{without}", unknown.needs)?;
    }
    for unsupplied in &validation.unsupplied {
        writeln!(
            out,
            "no {}, so unknown to any plugin: {}",
            unsupplied.needs,
            unsupplied.metrics.join(", ")
        )?;
    }
    let told = match validation.problems.len() {
        0 => "a run can begin".to_owned(),
        1 => "a run cannot begin: one thing is in the way".to_owned(),
        problems => format!("a run cannot begin: {problems} things are in the way"),
    };
    writeln!(out, "\n{told}")
}

fn write_tables(out: &mut impl Write, validation: &Validation) -> io::Result<()> {
    if validation.tables.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["table", "rows", "rejected", "files"], &[1, 2]);
    for checked in &validation.tables {
        let files = match checked.files.as_slice() {
            [first, rest @ ..] if rest.len() > 2 => format!("{} and {} more", shown(first, 60), rest.len()),
            files => files.iter().map(|file| shown(file, 60)).collect::<Vec<_>>().join(", "),
        };
        let rows = checked.rows.map_or_else(|| "unread".to_owned(), |rows| rows.to_string());
        table.row([checked.table.to_string(), rows, checked.rejected.to_string(), files]);
    }
    writeln!(out, "{table}\n")
}

/// The most frequent verbs.
fn write_verbs(out: &mut impl Write, validation: &Validation) -> io::Result<()> {
    if validation.verbs.is_empty() {
        return Ok(());
    }
    let mut verbs: Vec<(&String, &u64)> = validation.verbs.iter().collect();
    verbs.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let told: Vec<String> =
        verbs.iter().take(VERBS).map(|(verb, count)| format!("{} {count}", shown(verb, 40))).collect();
    let more = match verbs.len().checked_sub(VERBS) {
        Some(more) if more > 0 => format!(", and {more} more"),
        _ => String::new(),
    };
    writeln!(out, "verbs: {}{more}", told.join(", "))
}
