//! Communities by chance.

use groundswell_plugin::{Definition, Problem, Scale, Setting, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::{Person, Trial, assert_describes};

/// Asserts what every definition promises ([`Trial::assert_promises`], and [`assert_describes`]) of 256 communities by
/// chance, or as many as `PROPTEST_CASES` says, with settings by chance.
///
/// Communities have up to 24 members. Metrics have values as they occur (counts with a long tail, shares, signed
/// weights, words), and some are lacking: of single members, or of all. Settings are within their bounds. A definition
/// may refuse settings as contradictory, and nothing else.
///
/// # Panics
///
/// With the smallest community that was found in which a promise breaks.
pub fn assert_promises<D: Definition>() {
    assert_describes::<D>();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let ran = runner.run(&trials::<D>(), |trial| {
        match trial.fit() {
            Err(Problem::InvalidSetting(_)) => {}
            Err(problem) => panic!("the definition refuses: {problem}"),
            Ok(_) => trial.assert_promises(),
        }
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}

/// Communities of any size up to 24, each with settings.
fn trials<D: Definition>() -> impl Strategy<Value = Trial<D>> {
    let description = D::describe();
    let mut metrics: Vec<(String, bool)> = description
        .inputs
        .iter()
        .map(|input| (input.metric.to_string(), input.scale == Scale::Category))
        .collect();
    metrics.sort();
    metrics.dedup();
    let settings: Vec<_> = description.settings.iter().map(setting).collect();
    let names: Vec<String> = description.settings.iter().map(|setting| setting.name.to_string()).collect();
    let people = (1_usize..=24).prop_flat_map(move |rows| {
        let columns: Vec<_> = metrics.iter().map(|metric| column(metric, rows)).collect();
        columns.prop_map(move |columns| {
            (0..rows)
                .map(|row| {
                    columns
                        .iter()
                        .fold(Person::new(), |person, (metric, cells)| cells[row].tell(person, metric))
                })
                .collect::<Vec<_>>()
        })
    });
    (people, settings).prop_map(move |(people, values)| {
        let changed = names.iter().zip(values).filter_map(|(name, value)| Some((name, value?)));
        changed.fold(Trial::new(people), |trial, (name, value)| trial.with(name, value))
    })
}

#[derive(Clone, Debug)]
enum Cell {
    Missing,
    Number(f64),
    Word(&'static str),
}

impl Cell {
    fn tell(&self, person: Person, metric: &str) -> Person {
        match self {
            Self::Missing => person,
            Self::Number(value) => person.with(metric, *value),
            Self::Word(word) => person.word(metric, word),
        }
    }
}

/// One metric of everybody: lacking, the same for all, or of any values, some lacking.
fn column(
    (metric, words): &(String, bool),
    rows: usize,
) -> impl Strategy<Value = (String, Vec<Cell>)> + use<> {
    let value = if *words { word() } else { number(metric) };
    let some = prop_oneof![1 => Just(Cell::Missing), 5 => value.clone()];
    let cells = prop_oneof![
        1 => Just(vec![Cell::Missing; rows]),
        1 => value.clone().prop_map(move |value| vec![value; rows]),
        4 => vec(value, rows),
        4 => vec(some, rows),
    ];
    (Just(metric.clone()), cells)
}

fn word() -> BoxedStrategy<Cell> {
    prop::sample::select(vec!["member", "staff", "Staff ", "moderator", ""]).prop_map(Cell::Word).boxed()
}

/// Values as they occur, by what the metric is.
fn number(metric: &str) -> BoxedStrategy<Cell> {
    let name = metric.split_once('(').map_or(metric, |(name, _)| name);
    let values = match name {
        "weeks-active-share"
        | "acceptance-rate"
        | "positive-share"
        | "eigentrust"
        | "reciprocity"
        | "ring-share"
        | "new-account-share"
        | "active-follower-share"
        | "follow-through"
        | "pagerank"
        | "clustering"
        | "topic-bridging" => prop_oneof![2 => Just(0.0), 1 => Just(1.0), 6 => 0.0..1.0].boxed(),
        "signed-trust" | "conversion-lift" | "weight-given" | "weight-received" | "burstiness" => {
            prop_oneof![1 => Just(0.0), 3 => -1.0..1.0, 1 => (-40_i32..400).prop_map(f64::from)].boxed()
        }
        "engagement-rate"
        | "recommendations-per-week"
        | "advice-per-week"
        | "thanks-per-answer"
        | "decayed-activity"
        | "response-hours"
        | "conversions"
        | "conversion-value"
        | "betweenness" => prop_oneof![3 => Just(0.0), 3 => 0.0..1.0, 2 => 0.0..50.0, 1 => 0.0..1e9].boxed(),
        _ => {
            let count = |most: u32| (0..most).prop_map(f64::from);
            prop_oneof![3 => Just(0.0), 3 => count(5), 2 => count(200), 1 => count(300_000), 1 => count(u32::MAX)]
                .boxed()
        }
    };
    values.prop_map(Cell::Number).boxed()
}

/// A setting: mostly the default, else any value within the bounds.
fn setting(setting: &Setting) -> BoxedStrategy<Option<Value>> {
    let (least, most) = (setting.least.unwrap_or(-1e6), setting.most.unwrap_or(1e6));
    let any = match &setting.default {
        Value::Boolean(_) => any::<bool>().prop_map(Value::Boolean).boxed(),
        Value::Integer(_) => (least as i64..=most as i64).prop_map(Value::Integer).boxed(),
        Value::Number(_) => {
            prop_oneof![Just(least), Just(most), least..=most].prop_map(Value::Number).boxed()
        }
        Value::Text(default) if setting.choices.is_empty() => Just(Value::Text(default.clone())).boxed(),
        Value::Text(_) => prop::sample::select(setting.choices.clone()).prop_map(Value::Text).boxed(),
    };
    prop_oneof![7 => Just(None), 1 => any.prop_map(Some)].boxed()
}
