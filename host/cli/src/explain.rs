use std::io::{self, Write};

use clap::Args;
use groundswell::Explanation;
use groundswell::runtime::shown;

use crate::failure::Failure;
use crate::host::{self, Scoring};
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::table::Table;

/// Explain one member's score and tier: every input's value, percentile and contribution
#[derive(Debug, Args)]
#[command(after_help = "\
With --letter it is a letter to the member, in plain words: tier, what counted, what has changed since the last period, what
comes next. A community's own words go into a folder that [community] names: letters = \"letters\", with en.txt, de.txt, …

Examples:
  groundswell explain community.toml 4962
  groundswell explain community.toml 4962 --letter --language de
  groundswell explain community.toml 4962 --definition mine --format json
  groundswell explain community.toml -- --an-id-that-looks-like-an-option")]
pub(crate) struct Explain {
    #[command(flatten)]
    scoring: Scoring,
    /// The definition to explain by, as [definitions.NAME] names it. Default: the programme's, else the only one
    #[arg(long, value_name = "NAME")]
    definition: Option<String>,
    /// The member's id
    #[arg(allow_negative_numbers = true)]
    member: String,
    /// Write a letter to the member
    #[arg(long)]
    letter: bool,
    /// The letter's language: en, de, or one that the community has a template for. Default: [community] language, else en
    #[arg(long, requires = "letter")]
    language: Option<String>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Explain {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.scoring.community)?;
        let stages = Stages::default();
        let mut options = self.scoring.options(&stages);
        if let Some(definition) = &self.definition {
            options = options.definition(definition);
        }
        if self.letter {
            let letter = community.letter(&self.member, self.language.as_deref(), &options);
            stages.finish();
            let letter = letter.map_err(|error| host::failed(&community, error))?;
            return match self.format {
                Format::Json => output::json(&letter),
                Format::Table => output::write(|out| out.write_all(letter.text.as_bytes())),
            };
        }
        let explanation = community.explain(&self.member, &options);
        stages.finish();
        let explanation = explanation.map_err(|error| host::failed(&community, error))?;
        match self.format {
            Format::Json => output::json(&explanation),
            Format::Table => output::write(|out| write(out, &explanation)),
        }
    }
}

fn write(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    let Explanation { member, rank, of, score, percentile, tier, .. } = explanation;
    writeln!(
        out,
        "{}: rank {rank} of {of}, score {score:.2}, percentile {}",
        shown(member, 200),
        percent(*percentile)
    )?;
    writeln!(out, "tier: {}. {}", tier.title, tier.summary)?;
    for reason in &explanation.reasons {
        writeln!(out, "  - {reason}")?;
    }
    if let Some(next) = &explanation.next_tier {
        let lowest = next.lowest_score.map_or_else(String::new, |score| format!(", scores from {score:.2}"));
        writeln!(
            out,
            "next tier: {}. {} It has {} members{lowest}.",
            next.tier.title, next.tier.summary, next.members
        )?;
    }
    let titles = ["input", "value", "scaled", "percentile", "contribution", "why"];
    let mut table = Table::new(&titles, &[1, 2, 3, 4]);
    let base = format!("{:.2}", explanation.base);
    let empty = String::new;
    table.row(["base".to_owned(), empty(), empty(), empty(), base, "the score at the medians".to_owned()]);
    for input in &explanation.inputs {
        table.row([
            shown(&input.input, 100),
            format!("{} {}", input.value, input.unit).trim_end().to_owned(),
            input.scaled.to_string(),
            input.percentile.map_or_else(String::new, percent),
            format!("{:+.2}", input.contribution),
            input.why.clone(),
        ]);
    }
    table.row(["score".to_owned(), empty(), empty(), empty(), format!("{score:.2}"), empty()]);
    writeln!(out, "\n{table}")
}

/// A share as people read percentiles.
fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}
