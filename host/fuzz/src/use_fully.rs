//! Everything that a host does with a plugin, and what must hold of what comes out.

use std::collections::BTreeSet;

use groundswell_runtime::{
    Award, Column, Decided, Error, Input, Kind, LoadError, LoadErrorKind, MISSING, Plugin, Population,
    Reason, ReasonText, RunOptions, Scale, Scored, Setting, Standings, Tier, shown,
};

use crate::guests::honest;
use crate::message::assert_plain;

/// Members of the population.
pub(crate) const ROWS: usize = 40;
/// Members of a batch.
const BATCH: usize = 16;
/// Explanations may be off by this share of all that is added up, and by what adding up in another order makes of it.
const TOLERANCE: f64 = 1.000_001e-9;

/// Runs a plugin that was loaded, twice: the second time by two threads, with the same outcome.
pub(crate) fn use_fully(loaded: Result<Plugin, Error>) {
    match loaded {
        Ok(plugin) => {
            assert_described(&plugin);
            let once = run(&plugin, 1);
            assert_eq!(once, run(&plugin, 2), "the outcome depends on the number of threads");
        }
        Err(error) => assert_fault(&error),
    }
}

/// Asserts that a file is refused for what is in it.
pub(crate) fn assert_load_error(error: &LoadError) {
    assert_plain(&error.to_string());
    let kind = error.kind();
    let elsewhere = [LoadErrorKind::NoCompiler, LoadErrorKind::NotPrecompiled];
    assert!(!elsewhere.contains(&kind), "{kind:?} of a component: {error}");
}

/// Asserts that an error is the plugin's own, and can be shown.
pub(crate) fn assert_fault(error: &Error) {
    assert_plain(&error.to_string());
    match error {
        Error::Load(error) => assert_load_error(error),
        Error::Fault(fault) => {
            let rows = fault.rows.clone().unwrap_or(0..1);
            assert!(rows.start < rows.end && rows.end <= ROWS, "it is about rows {rows:?}");
        }
        other => unreachable!("not the plugin's fault: {other}"),
    }
}

/// What a run came to: all numbers as bits, or an error's text.
type Outcome = Result<(Vec<u64>, Vec<u32>, Vec<Award>), String>;

fn run(plugin: &Plugin, threads: usize) -> Outcome {
    let options = RunOptions::new().threads(threads).batch_rows(BATCH);
    let outcome = || {
        let scored = plugin.scoring().map(|told| -> Result<_, Error> {
            let members = population(ROWS, &told.inputs);
            let scored = plugin.score(&members, &options)?;
            assert_scored(&scored, &told.tiers, &told.reasons, plugin);
            Ok(scored)
        });
        let scored = scored.transpose()?;
        let decided = plugin.rewards().map(|rules| -> Result<_, Error> {
            let (tiers, standings) = match (&scored, plugin.scoring()) {
                (Some(scored), Some(told)) => (told.tiers.clone(), Standings::new(scored)),
                _ => nobody_special(),
            };
            let decided = plugin.decide(&population(ROWS, &rules.inputs), &tiers, &standings, &options)?;
            assert_decided(&decided, plugin);
            Ok(decided.awards)
        });
        let awards = decided.transpose()?.unwrap_or_default();
        let Some(scored) = scored else { return Ok((Vec::new(), Vec::new(), awards)) };
        let numbers = scored.contributions.iter().flatten().chain(&scored.scores).chain([&scored.base]);
        Ok((numbers.map(|number| number.to_bits()).collect(), scored.tiers.clone(), awards))
    };
    outcome().map_err(|error: Error| {
        assert_fault(&error);
        error.to_string()
    })
}

/// Tiers and standings for reward rules that come without a definition.
fn nobody_special() -> (Vec<Tier>, Standings) {
    let plain = honest().load();
    let told = plain.as_ref().ok().and_then(Plugin::scoring);
    let tiers = told.map(|told| told.tiers.clone()).unwrap_or_default();
    let mut standings = Standings::default();
    standings.scores = vec![0.0; ROWS];
    standings.ranks = vec![1; ROWS];
    standings.percentiles = vec![0.5; ROWS];
    standings.tiers = vec![0; ROWS];
    standings.previous = vec![None; ROWS];
    standings.best_before = vec![None; ROWS];
    (tiers, standings)
}

/// Members with a little of everything, some of it missing, some of it lost on a logarithmic scale.
pub(crate) fn population(rows: usize, inputs: &[Input]) -> Population {
    inputs.iter().fold(Population::new(rows), |population, input| {
        let salt = input.metric.bytes().map(usize::from).sum::<usize>();
        let column = if input.scale == Scale::Category {
            let word = |row: usize| match (row + salt) % 4 {
                0 => Some("staff"),
                1 => Some("member"),
                2 => Some(""),
                _ => None,
            };
            Column::from_words((0..rows).map(word))
        } else {
            let value = |row: usize| match (row * 31 + salt) % 17 {
                16 => f64::NAN,
                15 => -3.0,
                14 => 1e12,
                value => value as f64 / 16.0,
            };
            Column::Number((0..rows).map(value).collect())
        };
        match population.with(input.metric.clone(), column) {
            Ok(population) => population,
            Err(error) => unreachable!("a usable column is refused: {error}"),
        }
    })
}

fn assert_described(plugin: &Plugin) {
    let id = plugin.id().to_string();
    assert_sentence(plugin.name(), 64);
    assert_sentence(plugin.version(), 64);
    if let Some(told) = plugin.scoring() {
        assert_eq!(format!("{} {}", told.name, told.version), id);
        assert_sentence(&told.summary, 280);
        assert!((1..=64).contains(&told.inputs.len()) && (1..=32).contains(&told.tiers.len()));
        assert!(told.reasons.len() <= 256);
        assert_inputs(&told.inputs);
        assert_settings(&told.settings);
        assert_reasons(&told.reasons);
        assert_ids(told.tiers.iter().map(|tier| tier.id.as_str()));
        let rungs: Vec<_> = told.tiers.iter().filter_map(|tier| tier.rung).collect();
        assert_eq!(rungs.iter().collect::<BTreeSet<_>>().len(), rungs.len(), "two tiers of one rung");
        for tier in &told.tiers {
            assert_sentence(&tier.title, 64);
            assert_sentence(&tier.summary, 280);
        }
    }
    if let Some(told) = plugin.rewards() {
        assert_eq!(format!("{} {}", told.name, told.version), id);
        assert_sentence(&told.summary, 280);
        assert!(told.inputs.len() <= 64 && (1..=64).contains(&told.awards.len()));
        assert!((1..=256).contains(&told.reasons.len()));
        assert_inputs(&told.inputs);
        assert_settings(&told.settings);
        assert_reasons(&told.reasons);
        assert_ids(told.awards.iter().map(|award| award.id.as_str()));
        for award in &told.awards {
            assert_sentence(&award.title, 64);
            assert_sentence(&award.summary, 280);
        }
    }
}

/// Asserts that a text can be shown as it is, in one line.
pub(crate) fn assert_sentence(text: &str, most: usize) {
    assert!(text.chars().count() <= most, "more than {most} characters: {text:?}");
    assert!(shown(text, usize::MAX) == text, "it can fool a reader: {text:?}");
}

fn assert_ids<'a>(ids: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        let kebab = |byte: u8| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
        assert!((1..=64).contains(&id.len()) && id.bytes().all(kebab), "{id:?} is no id");
        assert!(seen.insert(id), "{id} is there twice");
    }
}

pub(crate) fn assert_inputs(inputs: &[Input]) {
    let ids: BTreeSet<_> = inputs.iter().map(Input::id).collect();
    assert_eq!(ids.len(), inputs.len(), "an input is there twice");
    for input in inputs {
        assert!((1..=200).contains(&input.metric.len()));
        assert_sentence(&input.metric, 200);
        assert_sentence(&input.why, 280);
    }
}

pub(crate) fn assert_settings(settings: &[Setting]) {
    assert!(settings.len() <= 64);
    assert_ids(settings.iter().map(|setting| setting.name.as_str()));
    for setting in settings {
        assert_sentence(&setting.summary, 280);
        setting.bounds.choices.iter().for_each(|choice| assert_sentence(choice, 200));
        assert_plain(&setting.default.to_string());
    }
}

fn assert_reasons(reasons: &[ReasonText]) {
    assert_ids(reasons.iter().map(|reason| reason.id.as_str()));
    for reason in reasons {
        assert_sentence(&reason.text, 280);
        assert!(!reason.text.replace("{value}", "").contains(['{', '}']), "{:?}", reason.text);
    }
}

/// Asserts that a reason points to what is there.
fn assert_reason(reason: Reason, reasons: &[ReasonText], inputs: usize) {
    let Some(text) = reasons.get(reason.text as usize) else { unreachable!("there is no reason {reason:?}") };
    match reason.input {
        Some(input) => assert!((input as usize) < inputs, "there is no input {input}"),
        None => assert!(!text.text.contains("{value}"), "a value of nothing"),
    }
}

fn assert_scored(scored: &Scored, tiers: &[Tier], reasons: &[ReasonText], plugin: &Plugin) {
    let Scored { scores, ranks, percentiles, contributions, base, inputs, .. } = scored;
    assert_eq!([scores.len(), ranks.len(), percentiles.len(), scored.tiers.len()], [ROWS; 4]);
    assert!(scores.iter().all(|score| score.is_finite()) && base.is_finite());
    for ((score, rank), percentile) in scores.iter().zip(ranks).zip(percentiles) {
        let above = scores.iter().filter(|other| *other > score).count();
        let equal = scores.iter().filter(|other| *other == score).count();
        assert_eq!(*rank as usize, above + 1);
        let below = ROWS - above - equal;
        assert!(
            (percentile - (below as f64 + equal as f64 / 2.0) / ROWS as f64).abs() < 1e-12,
            "{percentile}"
        );
    }
    assert!(scored.tiers.iter().all(|tier| (*tier as usize) < tiers.len()));
    for row in 0..ROWS {
        assert!(scored.reasons(row).len() <= 8);
        scored.reasons(row).iter().for_each(|reason| assert_reason(*reason, reasons, inputs.len()));
    }
    assert_eq!(contributions.len(), inputs.len());
    for (contributions, input) in contributions.iter().zip(inputs) {
        assert_eq!(contributions.len(), ROWS);
        let missing: Vec<bool> = match &input.scaled {
            Column::Number(values) => values.iter().map(|value| value.is_nan()).collect(),
            Column::Category { codes, .. } => codes.iter().map(|code| *code == MISSING).collect(),
        };
        assert!(contributions.iter().zip(missing).all(|(it, missing)| !missing || *it == 0.0));
    }
    for (row, score) in scores.iter().enumerate() {
        let parts = || contributions.iter().filter_map(|column| column.get(row));
        let size = parts().fold(base.abs(), |size, part| size + part.abs());
        assert!((parts().fold(*base, |sum, part| sum + part) - score).abs() <= TOLERANCE * size, "row {row}");
    }
    let most = plugin.runtime().limits().memory_bytes as u64;
    assert!(scored.usage.peak_memory_bytes <= most, "{} bytes of memory", scored.usage.peak_memory_bytes);
    let batch = scored.to_arrow();
    assert_eq!(batch.map(|batch| batch.num_rows()).ok(), Some(ROWS), "results that Arrow refuses");
}

fn assert_decided(decided: &Decided, plugin: &Plugin) {
    let Some(rules) = plugin.rewards() else { return };
    let mut given = BTreeSet::new();
    assert!(decided.awards.is_sorted_by_key(|award| award.row), "awards out of order");
    for award in &decided.awards {
        let Some(kind) = rules.awards.get(award.award as usize) else { unreachable!("no award {award:?}") };
        assert!((award.row as usize) < ROWS && award.amount >= 1);
        assert!(kind.kind == Kind::Points || award.amount == 1, "{} of {}", award.amount, kind.id);
        assert!(given.insert((award.row, award.award)), "the same award twice");
        assert_reason(award.reason, &rules.reasons, rules.inputs.len());
    }
    for row in 0..ROWS as u32 {
        assert!(decided.awards.iter().filter(|award| award.row == row).count() <= 16);
    }
}
