use std::io::{self, Write};

use clap::{Args, ValueEnum};
use groundswell::MetricFamily;

use crate::failure::Failure;
use crate::output;

/// Columns of a terminal.
const WIDTH: usize = 80;

/// List the metrics that a definition can ask for: id, unit, formula, source
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell metrics | less
  groundswell metrics pagerank reach
  groundswell metrics --format json")]
pub(crate) struct Metrics {
    /// Only metrics in whose name or summary one of these words stands
    words: Vec<String>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// How the list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// As the page of metrics
    Markdown,
}

impl Metrics {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let wanted = |metric: &&MetricFamily| {
            let text = format!("{} {}", metric.name, metric.summary).to_lowercase();
            self.words.is_empty() || self.words.iter().any(|word| text.contains(&word.to_lowercase()))
        };
        let metrics: Vec<&MetricFamily> = groundswell::metrics().iter().filter(wanted).collect();
        if metrics.is_empty() {
            let said = groundswell::runtime::shown(&self.words.join(" "), 80);
            let failure = Failure::of(format!("no metric speaks of `{said}`"));
            return Err(failure.with_help("`groundswell metrics` lists all of them"));
        }
        match self.format {
            Form::Json => return output::json(&metrics),
            Form::Markdown => return output::write(|out| page(out, &metrics)),
            Form::Table => {}
        }
        output::write(|out| {
            for (number, of_group) in groups(&metrics).enumerate() {
                if number > 0 {
                    writeln!(out)?;
                }
                let title = of_group.first().map_or("", |metric| metric.group.title());
                writeln!(out, "{}", title.to_uppercase())?;
                for metric in of_group {
                    writeln!(out)?;
                    write(out, metric)?;
                }
            }
            Ok(())
        })
    }
}

/// Metrics by what they are about.
fn groups<'m>(metrics: &'m [&'static MetricFamily]) -> impl Iterator<Item = &'m [&'static MetricFamily]> {
    metrics.chunk_by(|one, other| one.group == other.group)
}

/// What is to be known of a metric, under a title each.
fn lines(metric: &MetricFamily) -> Vec<(&'static str, String)> {
    let unit = if metric.unit.is_empty() { "none: it is a word" } else { metric.unit };
    let mut lines = vec![
        ("says", metric.summary.to_owned()),
        ("unit", unit.to_owned()),
        ("formula", metric.formula.to_owned()),
        ("looks at", metric.window.to_owned()),
        ("counts", metric.edges.to_owned()),
        ("needs", metric.needs.join(" or ")),
        ("source", metric.source.to_owned()),
    ];
    for parameter in metric.parameters {
        let left_out = match (parameter.required, parameter.default) {
            (true, _) => String::new(),
            (false, Some(default)) => format!("; {default} where it is left out"),
            (false, None) => "; may be left out".to_owned(),
        };
        lines.push((
            "with",
            format!("{}: {} ({}{left_out})", parameter.name, parameter.summary, parameter.kind),
        ));
    }
    lines
}

/// One metric: its id, then what is to be known of it.
fn write(out: &mut impl Write, metric: &MetricFamily) -> io::Result<()> {
    writeln!(out, "{}", metric.id)?;
    for (title, text) in lines(metric) {
        writeln!(out, "  {title:<8} {}", wrapped(&text, 11))?;
    }
    Ok(())
}

/// The page of metrics.
fn page(out: &mut impl Write, metrics: &[&'static MetricFamily]) -> io::Result<()> {
    writeln!(out, "{PAGE}")?;
    for of_group in groups(metrics) {
        let title = of_group.first().map_or("", |metric| metric.group.title());
        writeln!(out, "\n## {title}")?;
        for metric in of_group {
            writeln!(out, "\n### `{}`\n\n{}\n", metric.id, metric.summary)?;
            for (title, text) in lines(metric).into_iter().filter(|(title, _)| *title != "says") {
                writeln!(out, "- **{title}**: {}", text.replace('*', "\\*"))?;
            }
        }
    }
    Ok(())
}

/// What stands above the page of metrics.
const PAGE: &str = "\
# Metrics

What a definition can ask for, and `groundswell sql` and `Community::measure` answer: one number or word a member, looked at from
as-of. An id is a name with parameters in brackets: `given(verb=reply, object-kind=question)`. The same snapshot gives
the same bits on every computer and at any number of threads. What the data cannot supply is unknown and said so, never 0.

This page is written by `groundswell metrics --format markdown`.";

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
