use std::io::{self, Write};

use clap::Args;
use groundswell::MetricFamily;

use crate::failure::Failure;
use crate::output::{self, Format};

/// Columns of a terminal.
const WIDTH: usize = 80;

/// List the metrics that a definition can ask for: id, unit, formula, source
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell metrics | less
  groundswell metrics --format json")]
pub(crate) struct Metrics {
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Metrics {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let metrics = groundswell::metrics();
        if self.format == Format::Json {
            return output::json(&metrics);
        }
        output::write(|out| {
            for (number, metric) in metrics.iter().enumerate() {
                if number > 0 {
                    writeln!(out)?;
                }
                write(out, metric)?;
            }
            Ok(())
        })
    }
}

/// One metric: its id, then what is to be known of it.
fn write(out: &mut impl Write, metric: &MetricFamily) -> io::Result<()> {
    writeln!(out, "{}", metric.id)?;
    let needs = metric.needs.join(" or ");
    let unit = if metric.unit.is_empty() { "none: it is a word" } else { metric.unit };
    let lines = [
        ("says", metric.summary),
        ("unit", unit),
        ("formula", metric.formula),
        ("needs", needs.as_str()),
        ("source", metric.source),
    ];
    for (title, text) in lines.into_iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "  {title:<8} {}", wrapped(text, 11))?;
    }
    for parameter in metric.parameters {
        let needed = if parameter.required { "" } else { ", may be left out" };
        let text = format!("{}{needed}: {}", parameter.name, parameter.summary);
        writeln!(out, "  {:<8} {}", "with", wrapped(&text, 11))?;
    }
    Ok(())
}

/// The text in lines of a terminal's usual width, all but the first with so many blanks before them.
fn wrapped(text: &str, indent: usize) -> String {
    let (mut out, mut column) = (String::new(), indent);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}
