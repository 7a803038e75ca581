use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use groundswell::ledger::{Compared, Past, Selection, Stood};
use groundswell::runtime::shown;
use groundswell::{Community, RunOptions};
use serde_json::json;

use crate::failure::Failure;
use crate::host;
use crate::output::{self, Format};
use crate::progress::Stages;
use crate::table::Lines;
use crate::when::When;

/// Show who was in which tier from period to period, and where the definition became another one
#[derive(Debug, Args)]
#[command(after_help = "\
What was recorded was said by the definition of its time. Where that changed, tiers before and after are not by the same measure, and
the table says so. With --anew every period is computed again by what community.toml says now; to keep an older definition, leave it
there under another name, and name it.

Examples:
  groundswell history community.toml
  groundswell history community.toml --since 2020-01-01 --anew
  groundswell history community.toml --member 4962
  groundswell history c.toml --definition older --anew --since 2020-01-01")]
pub(crate) struct History {
    /// The community's community.toml
    community: PathBuf,
    /// The definition, as [definitions.NAME] names it, or did. Default: the programme's
    #[arg(long, value_name = "NAME")]
    definition: Option<String>,
    /// Of this member alone
    #[arg(long, allow_negative_numbers = true, value_name = "ID")]
    member: Option<String>,
    /// From this moment on; a date means its beginning in the community's time zone. Default: from what was recorded first
    #[arg(long, value_name = "DATE")]
    since: Option<When>,
    /// Compute every period again by what community.toml says now, and compare
    #[arg(long)]
    anew: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A period by what `community.toml` says now, and beside what was recorded.
struct Anew {
    past: Past,
    compared: Compared,
}

impl History {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let community = host::open(&self.community)?;
        let told = |error| host::failed(&community, error);
        let rewards = community.rewards().map_err(told)?;
        let programme = community.config().programme.as_ref().map(|programme| programme.definition.clone());
        let definition = self.definition.clone().or(programme).unwrap_or_default();
        let known = rewards.definitions().map_err(told)?;
        if !known.contains(&definition) && !community.definitions().any(|name| name == definition) {
            let all: BTreeSet<&str> =
                community.definitions().chain(known.iter().map(String::as_str)).collect();
            let all: Vec<&str> = all.into_iter().collect();
            let failure = Failure::of(format!("there is no definition `{}`", shown(&definition, 64)));
            return Err(failure.with_help(format!("definitions are {}", all.join(", "))));
        }
        let since = self.since.as_ref().map(|since| since.in_time_zone_of(&community)).transpose()?;
        let recorded = rewards.past(&definition, since).map_err(told)?;
        let begin = since.or(recorded.first().map(|past| past.as_of));
        let relived = match begin {
            Some(begin) if self.anew => {
                let stages = Stages::default();
                let options = stages.heard_from(RunOptions::default()).definition(&definition);
                let relived = community.relive(begin, &options);
                stages.finish();
                Some(relived.map_err(told)?)
            }
            None if self.anew => {
                let failure = Failure::of("nothing is recorded yet, so that it is not known where to begin");
                return Err(failure.with_help("say it: --since 2020-01-01"));
            }
            _ => None,
        };
        if let Some(member) = &self.member {
            let mut then = rewards.tiers(member).map_err(told)?;
            then.retain(|stood| {
                stood.definition == definition && since.is_none_or(|since| stood.as_of >= since)
            });
            let now = relived.as_ref().map(|relived| relived.tiers(member)).transpose().map_err(told)?;
            if then.is_empty() && now.iter().all(Vec::is_empty) {
                let mut selection = Selection::default();
                selection.member = Some(member.clone());
                rewards.refuse_unknown(&selection).map_err(told)?;
                return Err(nobody(&community, member));
            }
            return match self.format {
                Format::Json => output::json(&json!({
                    "definition": definition, "member": member, "recorded": then, "anew": now,
                })),
                Format::Table => output::write(|out| write_member(out, &then, now.as_deref())),
            };
        }
        let anew = relived.as_ref().map(|relived| -> Result<Vec<Anew>, groundswell::Error> {
            let with = |past: Past| Ok(Anew { compared: relived.compared(&past.period)?, past });
            relived.periods()?.into_iter().map(with).collect()
        });
        let anew = anew.transpose().map_err(told)?;
        match self.format {
            Format::Json => {
                let anew = anew.map(|all| {
                    let told = all.iter().map(|one| json!({ "period": one.past, "compared": one.compared }));
                    told.collect::<Vec<_>>()
                });
                output::json(&json!({ "definition": definition, "recorded": recorded, "anew": anew }))
            }
            Format::Table => output::write(|out| {
                writeln!(out, "{}, as it was recorded:", shown(&definition, 64))?;
                write_past(out, &recorded)?;
                anew.iter().try_for_each(|anew| write_anew(out, &definition, anew))
            }),
        }
    }
}

fn nobody(community: &Community, member: &str) -> Failure {
    Failure::of(format!("nothing is recorded of {} in {}", shown(member, 60), shown(community.name(), 80)))
}

/// The tiers of all of them, most members first, with what a member is called in each period.
fn tiers<'p>(all: impl Iterator<Item = &'p Past> + Clone) -> Vec<&'p str> {
    let mut ids: Vec<(u64, &str)> = Vec::new();
    for (id, members) in all.flat_map(|past| &past.tiers) {
        match ids.iter_mut().find(|(_, known)| known == id) {
            Some((most, _)) => *most = (*most).max(*members),
            None => ids.push((*members, id)),
        }
    }
    ids.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    ids.into_iter().map(|(_, id)| id).collect()
}

/// One row a period, whose last cells are `more`.
fn table<'p>(
    all: impl Iterator<Item = &'p Past> + Clone,
    titles: &[&str],
    more: impl Fn(usize) -> Vec<String>,
) -> Lines {
    let tiers = tiers(all.clone());
    let mut head: Vec<String> = ["period", "members"].map(ToOwned::to_owned).to_vec();
    head.extend(tiers.iter().map(|tier| shown(tier, 30)));
    head.extend(titles.iter().map(ToString::to_string));
    let right: Vec<usize> = (1..head.len() - usize::from(titles.last() == Some(&"scored by"))).collect();
    let mut table = Lines::new(&head, &right);
    for (place, past) in all.enumerate() {
        let mut row = vec![shown(&past.period, 20), past.members.to_string()];
        row.extend(tiers.iter().map(|tier| past.tiers.get(*tier).copied().unwrap_or(0).to_string()));
        row.extend(more(place));
        table.row(row);
    }
    table
}

fn write_past(out: &mut impl Write, all: &[Past]) -> io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "nothing: `groundswell run` records");
    }
    let titles = ["unconfirmed", "higher", "lower", "arrived", "gone", "scored by"];
    let table = table(all.iter(), &titles, |place| {
        let Some(past) = all.get(place) else { return Vec::new() };
        let numbers = [past.unconfirmed, past.higher, past.lower, past.arrived, past.gone];
        let mut cells: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        cells.push(by(past.plugin.as_deref(), past.breaks == Some(true)));
        cells
    });
    writeln!(out, "{table}")?;
    if all.iter().any(|past| past.breaks == Some(true)) {
        writeln!(out, "{CHANGED}")?;
    }
    Ok(())
}

fn write_anew(out: &mut impl Write, definition: &str, all: &[Anew]) -> io::Result<()> {
    writeln!(out, "\n{}, every period by what community.toml says now:", shown(definition, 64))?;
    if all.is_empty() {
        return writeln!(out, "nothing");
    }
    let titles = ["as recorded", "higher now", "lower now", "other tier", "not scored now", "not then"];
    let table = table(all.iter().map(|one| &one.past), &titles, |place| {
        let Some(Anew { compared, .. }) = all.get(place) else { return Vec::new() };
        let Compared { same, higher, lower, aside, missing, more, .. } = *compared;
        [same, higher, lower, aside, missing, more].iter().map(ToString::to_string).collect()
    });
    writeln!(out, "{table}")
}

/// What stands below a table in which something is marked.
const CHANGED: &str = "changed: the definition is another one than in the period before, and tiers on both sides are not by the same measure";

fn by(plugin: Option<&str>, changed: bool) -> String {
    let plugin = plugin.map_or_else(|| "unknown".to_owned(), |plugin| shown(plugin, 60));
    if changed { format!("{plugin}, changed") } else { plugin }
}

/// Where one member stood, and would have stood.
pub(crate) fn write_member(
    out: &mut impl Write,
    recorded: &[Stood],
    anew: Option<&[Stood]>,
) -> io::Result<()> {
    let mut titles = vec!["period", "definition", "counts as", "said to be", "scored by"];
    titles.extend(anew.map(|_| "anew"));
    let mut table = Lines::new(&titles, &[]);
    let anew = anew.unwrap_or_default();
    let mut any = false;
    let more = anew.iter().filter(|now| !recorded.iter().any(|then| same(then, now)));
    let mut rows: Vec<(&Stood, bool)> =
        recorded.iter().map(|one| (one, true)).chain(more.map(|one| (one, false))).collect();
    rows.sort_by_key(|(one, _)| (one.as_of, one.definition.as_str()));
    for (place, (stood, is_recorded)) in rows.iter().enumerate() {
        let earlier = rows
            .iter()
            .take(place)
            .rfind(|(other, recorded)| *recorded && other.definition == stood.definition);
        let earlier = earlier.and_then(|(earlier, _)| earlier.fingerprint.as_ref());
        let changed =
            *is_recorded && earlier.zip(stood.fingerprint.as_ref()).is_some_and(|(then, now)| then != now);
        any |= changed;
        let now = anew.iter().find(|now| same(stood, now));
        let unless = |text: String| if *is_recorded { text } else { String::new() };
        let mut row = vec![
            shown(&stood.period, 20),
            shown(&stood.definition, 64),
            unless(shown(&stood.tier, 64)),
            unless(said(stood)),
            unless(by(stood.plugin.as_deref(), changed)),
        ];
        // There is no column for it where nothing was computed anew.
        row.extend(now.map(said));
        table.row(row);
    }
    writeln!(out, "{table}")?;
    if any {
        writeln!(out, "{CHANGED}")?;
    }
    Ok(())
}

fn said(stood: &Stood) -> String {
    stood.said.as_deref().map_or_else(|| "unknown".to_owned(), |said| shown(said, 64))
}

fn same(one: &Stood, other: &Stood) -> bool {
    (&one.period, &one.definition) == (&other.period, &other.definition)
}
