use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use groundswell::ledger::{State, Verdict};
use groundswell::runtime::shown;
use groundswell::{Config, Contribution, Run};

use crate::output;
use crate::table::{Lines, Table};

/// How many characters of an id are shown.
const ID: usize = 40;

/// The leaderboard, the tiers, the awards, and what the run did not look at.
pub(crate) fn write(out: &mut impl Write, community: &str, run: &Run, top: usize) -> io::Result<()> {
    write_board(out, &shown(community, 80), run, top)?;
    write_data(out, run)?;
    write_unknown(out, run)?;
    run.info().notes.iter().try_for_each(|note| write_note(out, note))
}

/// The leaderboards of several definitions, one after the other; what is the same for all of them is told once.
#[derive(Default)]
pub(crate) struct Boards {
    /// What none of the runs looked at, once one is told.
    data: Option<Vec<u8>>,
    notes: BTreeSet<String>,
}

impl Boards {
    /// The next leaderboard, and where its results are.
    pub(crate) fn write(
        &mut self,
        out: &mut impl Write,
        config: &Config,
        run: &Run,
        (top, copy): (usize, Option<&Path>),
    ) -> io::Result<()> {
        let of = format!(
            "{}, definition {}",
            shown(&config.community.name, 80),
            shown(&run.info().definition, ID)
        );
        if self.data.is_some() {
            writeln!(out)?;
        }
        write_board(out, &of, run, top)?;
        write_unknown(out, run)?;
        for note in &run.info().notes {
            if self.notes.insert(note.clone()) {
                write_note(out, note)?;
            }
        }
        // Of the others nobody expects any.
        if run.info().programme.is_some() && run.awards().is_empty() {
            writeln!(out, "awards: none")?;
        }
        write_results(out, run, copy)?;
        if self.data.is_none() {
            let mut data = Vec::new();
            write_data(&mut data, run)?;
            write_rejected_file(&mut data, run)?;
            self.data = Some(data);
        }
        Ok(())
    }

    /// What is the same for all, after a line that is empty, and nothing where nothing is to be told.
    pub(crate) fn end(self, out: &mut impl Write) -> io::Result<()> {
        match self.data.filter(|data| !data.is_empty()) {
            Some(data) => {
                writeln!(out)?;
                out.write_all(&data)
            }
            None => Ok(()),
        }
    }
}

/// The leaderboard, the tiers and the awards of what is named so.
fn write_board(out: &mut impl Write, of: &str, run: &Run, top: usize) -> io::Result<()> {
    let info = run.info();
    writeln!(
        out,
        "{of}: {} as of {}, window {}, scored by {} {}\n",
        counted(info.population, "member"),
        info.as_of,
        info.window,
        info.plugin.name,
        info.plugin.version
    )?;
    write_members(out, run, top)?;
    write_tiers(out, run)?;
    write_awards(out, run)
}

/// What else the community has defined, and why there are no awards where a programme would lead one to expect some.
pub(crate) fn write_hints(out: &mut impl Write, config: &Config, run: &Run) -> io::Result<()> {
    let definition = &run.info().definition;
    if let Some(programme) = &config.programme {
        if run.info().programme.is_none() {
            let by = shown(&programme.definition, ID);
            writeln!(out, "awards: none, as the programme rewards by the definition {by}")?;
        } else if run.awards().is_empty() {
            writeln!(out, "awards: none")?;
        }
    }
    let others: Vec<_> =
        config.definitions.keys().filter(|name| *name != definition).map(|name| shown(name, ID)).collect();
    if !others.is_empty() {
        writeln!(out, "also defined: {}; --definition NAME scores by one of them", others.join(", "))?;
    }
    Ok(())
}

/// Where the results are.
pub(crate) fn write_places(out: &mut impl Write, run: &Run, copy: Option<&Path>) -> io::Result<()> {
    write_where(out, run)?;
    write_rejected_file(out, run)?;
    write_copy(out, run, copy)
}

/// The same without what lies in the snapshot.
fn write_results(out: &mut impl Write, run: &Run, copy: Option<&Path>) -> io::Result<()> {
    write_where(out, run)?;
    write_copy(out, run, copy)
}

fn write_where(out: &mut impl Write, run: &Run) -> io::Result<()> {
    match run.results() {
        Some(results) => writeln!(out, "results: {}", output::path(results)),
        None => writeln!(out, "results: not stored, as this was a dry run"),
    }
}

fn write_rejected_file(out: &mut impl Write, run: &Run) -> io::Result<()> {
    if run.results().is_none() || run.rejected().is_empty() {
        return Ok(());
    }
    writeln!(out, "each rejected row: {}", output::path(&run.snapshot().dir().join("rejected.jsonl")))
}

fn write_copy(out: &mut impl Write, run: &Run, copy: Option<&Path>) -> io::Result<()> {
    if let Some(copy) = copy {
        writeln!(out, "copy: {}", output::path(copy))?;
    }
    writeln!(out, "receipt: {}", run.info().receipt)
}

fn write_members(out: &mut impl Write, run: &Run, top: usize) -> io::Result<()> {
    let mut table = Table::new(&["rank", "member", "tier", "score", "weighs most"], &[0, 3]);
    for member in run.members().take(top) {
        let inputs: Vec<_> = member.top_inputs(3).iter().map(input).collect();
        table.row([
            member.rank.to_string(),
            shown(member.member, ID),
            match member.counts_title() {
                Some(counts) => format!("{}, counts as {counts}", member.tier_title()),
                None => member.tier_title(),
            },
            format!("{:.2}", member.score),
            inputs.join(", "),
        ]);
    }
    writeln!(out, "{table}\n")
}

/// An input, the member's value and what it adds.
fn input(input: &Contribution<'_>) -> String {
    let metric = input.input.rsplit_once('@').map_or(input.input, |(metric, _)| metric);
    format!("{} {} ({:+.2})", shown(metric, 60), input.value, input.contribution)
}

fn write_tiers(out: &mut impl Write, run: &Run) -> io::Result<()> {
    let mut table = Table::new(&["tier", "members"], &[1]);
    for tier in run.tiers() {
        table.row([tier.title, tier.members.to_string()]);
    }
    writeln!(out, "{table}\n")
}

/// What the rules do not propose any more, and there is room for now.
fn write_released(out: &mut impl Write, run: &Run) -> io::Result<()> {
    let mut released: BTreeMap<&str, u64> = BTreeMap::new();
    let proposed: BTreeSet<(&str, &str)> =
        run.awards().iter().map(|award| (award.member.as_str(), award.award.as_str())).collect();
    for change in run.changes() {
        let held = change.from == Some(State::Held) && change.to.is_had();
        if held && !proposed.contains(&(change.member.as_str(), change.award.as_str())) {
            *released.entry(&change.award).or_default() += 1;
        }
    }
    released
        .iter()
        .try_for_each(|(award, number)| writeln!(out, "held before, given now: {number} of {award}"))?;
    let gone = [
        (State::Revoked, "taken back"),
        (State::Revoking, "to be taken back once a person agrees"),
        (State::Leaving, "about to be left"),
        (State::Left, "left"),
        (State::Lapsed, "no longer waiting"),
        (State::Expired, "expired"),
    ];
    for (state, words) in gone {
        let mut awards: BTreeMap<&str, u64> = BTreeMap::new();
        for change in run.changes().iter().filter(|change| change.to == state) {
            *awards.entry(&change.award).or_default() += 1;
        }
        let all = awards.iter().map(|(award, number)| format!("{number} of {award}"));
        let all: Vec<String> = all.collect();
        if !all.is_empty() {
            writeln!(out, "{words}: {}", all.join(", "))?;
        }
    }
    Ok(())
}

fn write_awards(out: &mut impl Write, run: &Run) -> io::Result<()> {
    /// How many there are of an award, how many of them are new, how many are held or wait, and one for example.
    #[derive(Default)]
    struct Given<'a> {
        all: u64,
        new: u64,
        held: u64,
        waiting: u64,
        example: Option<&'a groundswell::AwardResult>,
    }
    write_released(out, run)?;
    if run.awards().is_empty() {
        return Ok(());
    }
    let mut kinds: BTreeMap<&str, Given<'_>> = BTreeMap::new();
    for award in run.awards() {
        let given = kinds.entry(&award.award).or_default();
        given.all += u64::from(matches!(award.status, Verdict::Given | Verdict::Has));
        given.new += u64::from(award.new);
        given.held += u64::from(matches!(award.status, Verdict::Held(_)));
        given.waiting += u64::from(award.status == Verdict::Pending);
        given.example.get_or_insert(award);
    }
    // Most programmes hold nothing back.
    let holds = kinds.values().any(|given| given.held + given.waiting > 0);
    let of = |cells: [String; 7]| {
        cells
            .into_iter()
            .enumerate()
            .filter(move |(column, _)| holds || !(4..6).contains(column))
            .map(|(_, cell)| cell)
    };
    let titles = ["award", "kind", "given", "new", "held", "waits", "for example"].map(str::to_owned);
    let right: &[usize] = if holds { &[2, 3, 4, 5] } else { &[2, 3] };
    let mut table = Lines::new(&of(titles).collect::<Vec<_>>(), right);
    for given in kinds.values() {
        let Some(example) = given.example else { continue };
        table.row(of([
            example.title.clone(),
            example.kind.to_string(),
            given.all.to_string(),
            given.new.to_string(),
            given.held.to_string(),
            given.waiting.to_string(),
            format!("{}: {}", shown(&example.member, ID), example.reason),
        ]));
    }
    writeln!(out, "{table}\n")
}

/// What was rejected, left out or ignored.
fn write_data(out: &mut impl Write, run: &Run) -> io::Result<()> {
    for rejected in run.rejected() {
        let reason = shown(&rejected.reason, 200);
        write!(out, "rejected: {} of {}: {reason}", counted(rejected.rows, "row"), rejected.table)?;
        match rejected.examples.first() {
            Some(first) => writeln!(out, "; the first in {}, line {}", shown(&first.file, 200), first.line)?,
            None => writeln!(out)?,
        }
    }
    let left_out = run.info().left_out;
    let reasons = [
        ("inactive", left_out.inactive),
        ("opted out", left_out.opted_out),
        ("with an excluded role", left_out.excluded_role),
        ("not yet joined", left_out.not_yet_joined),
    ];
    for (reason, members) in reasons.into_iter().filter(|(_, members)| *members > 0) {
        writeln!(out, "left out: {} {reason}", counted(members, "member"))?;
    }
    let ignored = run.info().ignored;
    let tables = [
        ("activities", ignored.activities),
        ("conversions", ignored.conversions),
        ("follows", ignored.follows),
    ];
    for (table, rows) in tables.into_iter().filter(|(_, rows)| *rows > 0) {
        writeln!(out, "ignored: {} of {table} later than as-of", counted(rows, "row"))?;
    }
    Ok(())
}

fn write_unknown(out: &mut impl Write, run: &Run) -> io::Result<()> {
    run.info().unknown.iter().try_for_each(|unknown| {
        writeln!(out, "unknown: {}, which takes {}", shown(&unknown.metric, 200), unknown.needs)
    })
}

fn write_note(out: &mut impl Write, note: &str) -> io::Result<()> {
    writeln!(out, "note: {}", shown(note, 400))
}

/// So many of something.
pub(crate) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
