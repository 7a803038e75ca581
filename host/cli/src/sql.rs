use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use groundswell::runtime::shown;
use groundswell::{Answer, RunOptions};

use crate::failure::Failure;
use crate::host;
use crate::output;
use crate::progress::Stages;
use crate::table::Lines;

/// Ask a community's data in SQL
#[derive(Debug, Args)]
#[command(after_help = "\
Tables, all as of as-of:
  members, follows, activities, conversions
  window_activities: those of the window alone
  moment: one row, with as_of and window_start
  metrics('ID', ...): members with these metrics
  definition('NAME'): members as that definition scores them

Examples:
  groundswell sql community.toml \"select count(*) from activities\"
  groundswell sql community.toml \"select * from metrics('answers', 'h-index')\"
  groundswell sql community.toml --format csv \"select * from definition('mine')\"
  groundswell sql .groundswell/snapshots/1a2b... \"select * from members limit 9\"")]
pub(crate) struct Sql {
    /// The community's community.toml, or the folder of a snapshot
    community: PathBuf,
    /// The query: one select
    query: String,
    /// How many threads at most. Default: as many as there are cores
    #[arg(long, value_name = "N", value_parser = output::positive)]
    threads: Option<std::num::NonZeroUsize>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For spreadsheets: null is an empty field
    Csv,
    /// For programs: a list of objects
    Json,
}

impl Sql {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open_either(&self.community)?;
        let stages = Stages::default();
        let options = RunOptions::default();
        let options = match self.threads {
            Some(threads) => options.threads(threads.get()),
            None => options,
        };
        let answer = community.sql(&self.query, &stages.heard_from(options));
        stages.finish();
        let answer = answer.map_err(|error| host::not_frozen(&community, error))?;
        match self.format {
            Form::Json => output::json(&answer),
            Form::Csv => output::write(|out| csv(out, &answer)),
            Form::Table => output::write(|out| table(out, &answer)),
        }
    }
}

fn csv(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let names: Vec<String> = answer.columns().map(output::field).collect();
    writeln!(out, "{}", names.join(","))?;
    for row in answer.rows() {
        let fields: Vec<String> =
            row.iter().map(|cell| cell.as_deref().map_or_else(String::new, output::field)).collect();
        writeln!(out, "{}", fields.join(","))?;
    }
    Ok(())
}

fn table(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let numbers = answer.schema().fields().iter().enumerate();
    let right: Vec<usize> =
        numbers.filter(|(_, field)| field.data_type().is_numeric()).map(|(column, _)| column).collect();
    let names: Vec<String> = answer.columns().map(|name| shown(name, 100)).collect();
    let mut lines = Lines::new(&names, &right);
    let mut rows = 0_u64;
    for row in answer.rows() {
        rows += 1;
        lines.row(row.iter().map(|cell| cell.as_deref().map_or_else(String::new, |cell| shown(cell, 200))));
    }
    writeln!(out, "{lines}")?;
    writeln!(out, "{rows} {}", if rows == 1 { "row" } else { "rows" })
}
