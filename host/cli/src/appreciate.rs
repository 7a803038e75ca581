use std::io::{self, Write};

use clap::{Args, ValueEnum};
use groundswell::runtime::shown;
use groundswell::{AppreciateOptions, Appreciation, Contact};

use crate::failure::Failure;
use crate::host::{self, Scoring};
use crate::output;
use crate::progress::Stages;

/// The most members of a list that are shown to people.
const MOST: usize = 50;

/// Find micro-influencers who may be taken for granted, and what to do about it
#[derive(Debug, Args)]
#[command(after_help = "\
Four lists, each with evidence and a next step:
  overlooked: without thanks, accepted answer, shoutout and badge for --days
  falling: active less than their own past lets expect. An exact randomisation
    test over the fortnights of a year; of those who are told no more than 5 %
    are false alarms, as long as one fortnight says little about the next
    (Benjamini, Hochberg 1995); up to 16 % where members come and go for weeks
  leaving: no longer in the tier, about to lose an award or a circle, or in the
    lowest tenth of the tier's scores
  arrived: micro-influencers for the first time
Nothing is written. Without a programme, what its ledger would say is unknown.

Examples:
  groundswell appreciate community.toml
  groundswell appreciate community.toml --days 30 --weeks 4
  groundswell appreciate community.toml --format csv > contacts.csv")]
pub(crate) struct Appreciate {
    #[command(flatten)]
    scoring: Scoring,
    /// The definition to go by, as [definitions.NAME] names it. Default: the programme's, else the only one
    #[arg(long, value_name = "NAME")]
    definition: Option<String>,
    /// How many days without thanks make somebody overlooked
    #[arg(long, value_name = "N", default_value_t = 90)]
    days: u32,
    /// How many weeks are compared with those before them: 4, 6, 8, 10 or 12
    #[arg(long, value_name = "N", default_value_t = 8)]
    weeks: u32,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// How the lists are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For spreadsheets: the contact list
    Csv,
}

impl Appreciate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.scoring.community)?;
        let stages = Stages::default();
        let mut options = self.scoring.options(&stages);
        if let Some(definition) = &self.definition {
            options = options.definition(definition);
        }
        let wanted = AppreciateOptions::default().days(self.days).weeks(self.weeks);
        let found = community.appreciate(&wanted, &options);
        stages.finish();
        let found = found.map_err(|error| host::failed(&community, error))?;
        match self.format {
            Form::Json => output::json(&found),
            Form::Csv => output::write(|out| contacts(out, &found)),
            Form::Table => output::write(|out| table(out, community.name(), &found)),
        }
    }
}

/// The contact list. What a spreadsheet would take for a formula is made a text.
fn contacts(out: &mut impl Write, found: &Appreciation) -> io::Result<()> {
    writeln!(out, "member,why,evidence,next_step")?;
    for Contact { member, list, evidence, next_step, .. } in found.contacts() {
        let fields = [member, list, evidence, next_step].map(|text| output::field(&no_formula(text)));
        writeln!(out, "{}", fields.join(","))?;
    }
    Ok(())
}

/// A text with an apostrophe before it where it would begin a formula.
fn no_formula(text: &str) -> String {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins { format!("'{text}") } else { text.to_owned() }
}

fn table(out: &mut impl Write, community: &str, found: &Appreciation) -> io::Result<()> {
    let Appreciation { as_of, definition, members, days, test, everybody, .. } = found;
    let many = if *members == 1 { "micro-influencer" } else { "micro-influencers" };
    writeln!(out, "{}: {members} {many} as of {as_of}, by {}", shown(community, 80), shown(definition, 80))?;
    let contacts: Vec<Contact<'_>> = found.contacts().collect();
    let lists = [
        ("overlooked", format!("nobody thanked them for {days} days")),
        (
            "falling",
            format!(
                "active less than their own past lets expect: {} tested, {} too short a time, too seldom or too evenly",
                test.tested, test.untested
            ),
        ),
        ("leaving", "about to leave the tier, or just gone".to_owned()),
        ("arrived", "micro-influencers for the first time".to_owned()),
    ];
    for (list, title) in lists {
        let entries: Vec<&Contact<'_>> = contacts.iter().filter(|contact| contact.list == list).collect();
        let known = list != "arrived" || found.earlier_periods;
        let many = if known { entries.len().to_string() } else { "unknown".to_owned() };
        writeln!(out, "\n{list} ({many}): {title}")?;
        for (place, contact) in entries.iter().take(MOST).enumerate() {
            writeln!(out, "  {}: {}", shown(contact.member, 60), contact.evidence)?;
            // What is the same for the next one is said once.
            let next = entries.get(place + 1).filter(|_| place + 1 < MOST).map(|next| next.next_step);
            if next != Some(contact.next_step) {
                writeln!(out, "    next: {}", contact.next_step)?;
            }
        }
        if let Some(more @ 1..) = entries.len().checked_sub(MOST) {
            writeln!(out, "  and {more} more: --format csv has all of them")?;
        }
    }
    writeln!(
        out,
        "\neverybody together: {:.1} activities a week in the last {} weeks, {:.1} in the {} before",
        everybody.per_week, test.weeks, everybody.per_week_before, test.weeks_before
    )?;
    writeln!(
        out,
        "falling by: {}; of those who are told no more than {:.0} % are false alarms, as long as one fortnight says little \
         about the next",
        test.name,
        test.false_alarms * 100.0
    )?;
    found.notes.iter().try_for_each(|note| writeln!(out, "{note}"))
}

#[cfg(test)]
mod tests {
    use super::no_formula;

    #[test]
    fn what_would_begin_a_formula_is_a_text() {
        for text in ["=1+1", "+1", "-1", "@sum(a)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(no_formula(text), format!("'{text}"));
        }
        for text in ["ada", "a=1", "", "'=1", "7"] {
            assert_eq!(no_formula(text), text);
        }
    }
}
