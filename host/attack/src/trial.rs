//! One attack, and what came of it.

use groundswell_attackers::{Attacker, By, Expected, Part, When, number, ties, word};
use groundswell_runtime::{
    Award, Column, Error, FaultKind, Input, LoadErrorKind, Mode, Phase, Plugin, Population, Reason,
    RunOptions, Runtime, Scale, Scored, Standings, Ties, shown,
};

use crate::report::Verdict;

/// Members of a population whose ties are looked at.
const MANY: usize = 12_000;
/// Members of a population, and how many of them are asked about at once.
const ROWS: usize = 40;
const BATCH: usize = 16;

/// Everything that a run says of members, bit for bit.
#[derive(Clone, Debug, Default, PartialEq)]
struct Findings {
    numbers: Vec<u64>,
    tiers: Vec<u32>,
    reasons: Vec<Vec<Reason>>,
    awards: Vec<Award>,
}

/// The honest plugin and the honest metric, and what they answer.
pub(crate) struct Honest {
    plugin: Plugin,
    metric: Plugin,
    findings: [Findings; 2],
}

impl Honest {
    pub(crate) fn new(plugin: Plugin, metric: Plugin) -> Result<Self, Error> {
        let findings = [used(&plugin, ROWS, BATCH)?, used(&metric, ROWS, BATCH)?];
        Ok(Self { plugin, metric, findings })
    }

    /// What the one that is like an attacker answers about as many members as that was asked about.
    fn about(&self, attacker: &Attacker, rows: usize, batch: usize) -> Result<Findings, Error> {
        let like = if attacker.part == Part::Metric { &self.metric } else { &self.plugin };
        used(like, rows, batch)
    }

    /// What both answer now.
    fn again(&self) -> Result<[Findings; 2], Error> {
        Ok([used(&self.plugin, ROWS, BATCH)?, used(&self.metric, ROWS, BATCH)?])
    }
}

/// Lets one attack, and looks at what came of it: also whether it is what the suite expects.
pub(crate) fn judge(
    runtime: &Runtime,
    honest: &Honest,
    attacker: &Attacker,
    bytes: &[u8],
) -> (Verdict, bool) {
    // Who waits for many batches gets them.
    let (rows, batch) = if attacker.batches > 1 { (2 * attacker.batches, 2) } else { (ROWS, BATCH) };
    let expected = match runtime.mode() {
        Mode::Fast => attacker.fast,
        _ => attacker.strict,
    };
    let loaded = runtime.load_bytes(&format!("{}.wasm", attacker.name), bytes);
    let outcome = loaded.and_then(|plugin| {
        let first = used(&plugin, rows, batch);
        // Whoever failed must not be better for it the next time.
        match &first {
            Err(error) if !error.is_limit() && used(&plugin, rows, batch).is_ok() => Ok(None),
            _ => first.map(Some),
        }
    });
    let verdict = match outcome {
        Err(error) => stopped(attacker, &error),
        Ok(None) => got_away("it failed, and was used again as if it had not"),
        Ok(Some(_)) if expected == Expected::NotLookedFor => Verdict::NotLookedFor,
        Ok(Some(findings)) => match honest.about(attacker, rows, batch) {
            Ok(good) if good == findings => Verdict::Harmless,
            Ok(_) => got_away("its answers were taken for results"),
            Err(error) => got_away(&format!("the honest plugin fails after it: {error}")),
        },
    };
    let verdict = match honest.again() {
        Ok(after) if after == honest.findings => verdict,
        Ok(_) => got_away("the honest plugin answers otherwise after it"),
        Err(error) => got_away(&format!("the honest plugin fails after it: {error}")),
    };
    let as_expected = fits(expected, &verdict);
    match (expected, verdict) {
        // What should have been stopped is not harmless, whatever it answered.
        (Expected::Stopped { .. }, Verdict::Harmless) => (got_away("nothing stopped it"), false),
        (_, verdict) => (verdict, as_expected),
    }
}

fn got_away(what: &str) -> Verdict {
    Verdict::GotAway { what: what.to_owned() }
}

fn fits(expected: Expected, verdict: &Verdict) -> bool {
    match (expected, verdict) {
        (Expected::Stopped { when, by }, Verdict::Stopped { when: at, by: what, .. }) => {
            when.contains(at) && by.contains(what)
        }
        (Expected::StoppedOrSame { by }, Verdict::Stopped { by: what, .. }) => by.contains(what),
        (Expected::Same | Expected::StoppedOrSame { .. }, Verdict::Harmless) => true,
        (Expected::NotLookedFor, Verdict::NotLookedFor) => true,
        _ => false,
    }
}

/// Everything that a host does with a plugin, by both of its parts.
fn used(plugin: &Plugin, rows: usize, batch: usize) -> Result<Findings, Error> {
    let options = RunOptions::new().threads(1).batch_rows(batch);
    let mut findings = Findings::default();
    if let Some(told) = plugin.measuring() {
        let networks = plugin.networks(&options)?;
        let ties = networks.iter().map(|_| network(rows)).collect::<Result<Vec<_>, _>>()?;
        // So many ties, and members, that they are handed out in several pieces.
        let members = population(MANY.max(rows), &told.inputs);
        let measured = plugin.measure(&members, &networks, &ties, &options)?;
        findings.numbers = measured.values.iter().map(|value| value.to_bits()).collect();
        return Ok(findings);
    }
    let Some(told) = plugin.scoring() else { return Ok(findings) };
    let scored = plugin.score(&population(rows, &told.inputs), &options)?;
    findings.numbers = numbers(&scored);
    findings.tiers.clone_from(&scored.tiers);
    findings.reasons = (0..rows).map(|row| scored.reasons(row).to_vec()).collect();
    if let Some(rules) = plugin.rewards() {
        let members = population(rows, &rules.inputs);
        findings.awards = plugin.decide(&members, &told.tiers, &Standings::new(&scored), &options)?.awards;
    }
    Ok(findings)
}

fn numbers(scored: &Scored) -> Vec<u64> {
    // What further inputs contribute is not the honest plugin's, as long as it is nothing.
    let of_input = |column: &&Vec<f64>| column.iter().any(|value| *value != 0.0);
    let contributions = scored.contributions.iter().filter(of_input).flatten();
    let all = scored.scores.iter().chain(contributions).chain([&scored.base]);
    all.map(|value| value.to_bits()).collect()
}

/// An error as the suite sees it: whose it is, and whether it can be shown.
fn stopped(attacker: &Attacker, error: &Error) -> Verdict {
    let message = error.to_string();
    let Some((when, by)) = place(error) else {
        return got_away(&format!("somebody else is blamed: {message}"));
    };
    let named = error.plugin().map(|plugin| plugin.name.as_str());
    if named != attacker.is_stamped().then_some(attacker.name) {
        return got_away(&format!("the error does not name it: {message}"));
    }
    // Only the host's own line breaks may stand in it.
    if message.lines().any(|line| shown(line, usize::MAX) != line) {
        return got_away(&format!("its message would change a terminal: {}", shown(&message, 500)));
    }
    if message.len() > MESSAGE {
        return got_away(&format!("its message has {} bytes: {}", message.len(), shown(&message, 200)));
    }
    Verdict::Stopped { when, by, message }
}

/// Bytes of a message that anybody reads: twenty lines of what does not fit, or a plugin's own words.
const MESSAGE: usize = 16 << 10;

/// When, and by what, an attacker was stopped. None: it was not the attacker that was.
fn place(error: &Error) -> Option<(When, By)> {
    match error {
        Error::Load(load) => Some((
            When::Load,
            match load.kind() {
                LoadErrorKind::NotAComponent => By::NoComponent,
                LoadErrorKind::Damaged => By::Damaged,
                LoadErrorKind::Stamp => By::Stamp,
                LoadErrorKind::Contract => By::Contract,
                LoadErrorKind::Mismatch => By::Mismatch,
                LoadErrorKind::Limit => By::Limit,
                LoadErrorKind::Compile => By::Invalid,
                _ => return None,
            },
        )),
        Error::Fault(fault) => Some((
            match fault.phase {
                Phase::Load => When::Load,
                Phase::Describe => When::Describe,
                Phase::Fit => When::Fit,
                Phase::Score => When::Score,
                Phase::Place => When::Place,
                Phase::Explain => When::Explain,
                Phase::Open => When::Open,
                Phase::Decide => When::Decide,
                Phase::Networks => When::Networks,
                Phase::Measure => When::Measure,
                _ => return None,
            },
            match &fault.kind {
                kind if kind.is_limit() => By::Limit,
                FaultKind::Trap { .. } | FaultKind::Exit { .. } => By::Trap,
                FaultKind::Unreadable { .. } | FaultKind::UnreadableCall { .. } | FaultKind::Wasi(_) => {
                    By::Unreadable
                }
                FaultKind::Answer(_) => By::Answer,
                FaultKind::Network(_) => By::Undeclared,
                FaultKind::Impure { .. } => By::Impure,
                FaultKind::Refused { .. } => By::Problem,
                _ => return None,
            },
        )),
        _ => None,
    }
}

/// The ties between members.
fn network(rows: usize) -> Result<Ties, Error> {
    let all = ties(u32::try_from(MANY.max(rows)).unwrap_or(u32::MAX));
    Ties::new(
        all.iter().map(|tie| tie.0).collect::<Vec<_>>(),
        all.iter().map(|tie| tie.1).collect::<Vec<_>>(),
        all.iter().map(|tie| tie.2).collect::<Vec<_>>(),
        all.iter().map(|tie| tie.3).collect::<Vec<_>>(),
    )
}

/// Members with a little of everything that a plugin asks for, some of it missing.
fn population(rows: usize, inputs: &[Input]) -> Population {
    inputs.iter().fold(Population::new(rows), |population, input| {
        let column = if input.scale == Scale::Category {
            Column::from_words((0..rows).map(word))
        } else {
            Column::Number((0..rows).map(|row| number(&input.metric, row)).collect())
        };
        // A column as long as the population, of finite values, is taken; without it the input is missing.
        population.clone().with(input.metric.clone(), column).unwrap_or(population)
    })
}
