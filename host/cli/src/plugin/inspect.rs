use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use groundswell::runtime::{
    Input, MeasuringDescription, Plugin, RewardsDescription, Runtime, ScoringDescription, Setting, shown,
};
use serde::Serialize;

use crate::cache::cache;
use crate::failure::Failure;
use crate::output::{self, Format};

/// Say what a plugin is: its inputs, settings, tiers, awards, or what it measures
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  groundswell plugin inspect regulars
  groundswell plugin inspect my-definition.wasm --format json")]
pub(crate) struct Inspect {
    /// The plugin: a bundled one by its name, as in community.toml, or a component's file
    plugin: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Answer<'a> {
    name: &'a str,
    version: &'a str,
    contract: &'a str,
    hash: &'a str,
    bytes: usize,
    scoring: Option<&'a ScoringDescription>,
    rewards: Option<&'a RewardsDescription>,
    measuring: Option<&'a MeasuringDescription>,
}

impl Inspect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let runtime = match cache() {
            Some(cache) => Runtime::builder().cache(cache),
            None => Runtime::builder(),
        };
        let runtime = runtime.build()?;
        let bundled = groundswell_plugins::ALL.iter().find(|(name, _)| self.plugin.as_os_str() == *name);
        let plugin = match bundled {
            Some((name, component)) => runtime.load_bytes(name, component)?,
            // A name and no path: what was meant may be bundled.
            None if !self.plugin.exists() && self.plugin.components().count() == 1 => {
                let names: Vec<&str> = groundswell_plugins::ALL.iter().map(|(name, _)| *name).collect();
                let name = shown(&self.plugin.display().to_string(), 200);
                return Err(Failure::of(format!(
                    "there is no bundled plugin `{name}`, and no file of that name"
                ))
                .with_help(format!(
                    "bundled are {}; anything else is the path of a component",
                    names.join(", ")
                )));
            }
            None => runtime.load(&self.plugin)?,
        };
        match self.format {
            Format::Json => output::json(&Answer {
                name: plugin.name(),
                version: plugin.version(),
                contract: plugin.contract(),
                hash: plugin.hash(),
                bytes: plugin.bytes().len(),
                scoring: plugin.scoring(),
                rewards: plugin.rewards(),
                measuring: plugin.measuring(),
            }),
            Format::Table => output::write(|out| write(out, &plugin)),
        }
    }
}

fn write(out: &mut impl Write, plugin: &Plugin) -> io::Result<()> {
    writeln!(out, "{} {}", plugin.name(), plugin.version())?;
    writeln!(out, "contract {}, {} bytes, hash {}", plugin.contract(), plugin.bytes().len(), plugin.hash())?;
    if let Some(scoring) = plugin.scoring() {
        writeln!(out, "\nscores: {}", text(&scoring.summary))?;
        inputs(out, &scoring.inputs)?;
        settings(out, &scoring.settings)?;
        list(out, "tiers", scoring.tiers.iter().map(|tier| (&tier.id, text(&tier.summary))))?;
    }
    if let Some(rewards) = plugin.rewards() {
        writeln!(out, "\nrewards: {}", text(&rewards.summary))?;
        inputs(out, &rewards.inputs)?;
        settings(out, &rewards.settings)?;
        let awards = rewards.awards.iter();
        list(
            out,
            "awards",
            awards.map(|award| (&award.id, format!("{}: {}", award.kind, text(&award.summary)))),
        )?;
    }
    if let Some(metric) = plugin.measuring() {
        writeln!(out, "\nmeasures: {} ({})", text(&metric.summary), text(&metric.unit))?;
        inputs(out, &metric.inputs)?;
        settings(out, &metric.settings)?;
    }
    Ok(())
}

fn inputs(out: &mut impl Write, inputs: &[Input]) -> io::Result<()> {
    let need = |input: &Input| if input.required { "required: " } else { "" };
    list(
        out,
        "inputs",
        inputs.iter().map(|input| (input.id(), format!("{}{}", need(input), text(&input.why)))),
    )
}

fn settings(out: &mut impl Write, settings: &[Setting]) -> io::Result<()> {
    let row = |setting: &Setting| {
        let default = shown(&setting.default.to_string(), 80);
        (shown(&setting.name, 80), format!("{default} unless set: {}", text(&setting.summary)))
    };
    list(out, "settings", settings.iter().map(row))
}

fn list(
    out: &mut impl Write,
    title: &str,
    rows: impl ExactSizeIterator<Item = (impl Display, String)>,
) -> io::Result<()> {
    if rows.len() > 0 {
        writeln!(out, "  {title}")?;
    }
    for (name, text) in rows {
        writeln!(out, "    {name}  {text}")?;
    }
    Ok(())
}

fn text(text: &str) -> String {
    shown(text, 280)
}
