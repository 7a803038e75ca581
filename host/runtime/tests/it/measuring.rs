//! Metrics: what they are handed, and what they answer.
#![expect(clippy::unwrap_used, reason = "tests")]

use groundswell_attackers::{all, good, good_metric, ties};
use groundswell_runtime::{
    Cancel, Column, Error, FaultKind, Limits, Measured, Mode, Phase, Plugin, Population, RunOptions, Runtime,
    Ties,
};

/// More than are handed out at once.
const MEMBERS: usize = 140_000;

fn load(name: &str, mode: Mode, limits: Limits) -> Plugin {
    let runtime = Runtime::builder().mode(mode).limits(limits).build().unwrap();
    let bytes = match name {
        "good-metric" => good_metric(),
        name => all().iter().find(|attacker| attacker.name == name).unwrap().bytes(),
    };
    runtime.load_bytes(&format!("{name}.wasm"), &bytes).unwrap()
}

fn metric() -> Plugin {
    load("good-metric", Mode::Strict, Limits { instances: 2, ..Limits::new() })
}

fn answers(row: usize) -> f64 {
    if row % 11 == 10 { f64::NAN } else { (row % 7) as f64 }
}

fn members(rows: usize) -> Population {
    let role = |row: usize| row.is_multiple_of(5).then_some("staff");
    Population::new(rows)
        .with("answers", Column::Number((0..rows).map(answers).collect()))
        .unwrap()
        .with("role", Column::from_words((0..rows).map(role)))
        .unwrap()
}

fn network(rows: usize) -> Ties {
    let all = ties(rows as u32);
    let column = |end: fn(&(u32, u32, u32, f64)) -> u32| all.iter().map(end).collect::<Vec<_>>();
    let weights: Vec<f64> = all.iter().map(|tie| tie.3).collect();
    Ties::new(column(|tie| tie.0), column(|tie| tie.1), column(|tie| tie.2), weights).unwrap()
}

/// Asks which networks it looks at, and measures so many members.
fn measure(metric: &Plugin, rows: usize, ties: &[Ties], options: &RunOptions) -> Result<Measured, Error> {
    let networks = metric.networks(options)?;
    metric.measure(&members(rows), &networks, ties, options)
}

#[test]
fn a_metric_is_handed_every_member_and_every_tie_once() {
    for mode in [Mode::Strict, Mode::Fast] {
        let metric = load("good-metric", mode, Limits { instances: 2, ..Limits::new() });
        let networks = [network(MEMBERS), network(MEMBERS)];
        let measured = measure(&metric, MEMBERS, &networks, &RunOptions::new()).unwrap();
        let mut expected: Vec<f64> =
            (0..MEMBERS).map(|row| answers(row) * if row % 5 == 0 { 2.0 } else { 1.0 }).collect();
        for (_, target, _, weight) in ties(MEMBERS as u32) {
            if let Some(value) = expected.get_mut(target as usize) {
                *value += 0.5 + weight;
            }
        }
        assert_eq!(measured.values.len(), MEMBERS);
        for (row, (told, expected)) in measured.values.iter().zip(&expected).enumerate() {
            assert!(told == expected || told.is_nan() && expected.is_nan(), "{row}: {told} {expected}");
        }
        assert_eq!(measured.usage.fuel.is_some_and(|fuel| fuel > 0), mode == Mode::Strict);
    }
}

#[test]
fn threads_and_earlier_questions_change_no_bit() {
    let metric = metric();
    let networks = [network(9_000), network(9_000)];
    let bits = |threads: usize| -> Vec<u64> {
        let options = RunOptions::new().threads(threads);
        let measured = measure(&metric, 9_000, &networks, &options).unwrap();
        measured.values.iter().map(|value| value.to_bits()).collect()
    };
    let first = bits(1);
    assert_eq!((&first, &first), (&bits(2), &bits(1)));
}

#[test]
fn what_is_no_input_of_the_metric_is_refused() {
    let metric = metric();
    let options = RunOptions::new();
    let declared = metric.networks(&options).unwrap();
    let told = |members: &Population, ties: &[Ties]| {
        metric.measure(members, &declared, ties, &options).unwrap_err().to_string()
    };
    let two = [network(40), network(40)];
    insta::assert_snapshot!(told(&members(40), &two[..1]), @"the ties cannot be used: those of 1 networks were given, and the metric looks at 2 with these settings");
    insta::assert_snapshot!(told(&members(30), &two), @"the ties cannot be used: tie 15 of network 0 is of a member beyond the 30 given");
    insta::assert_snapshot!(told(&members(0), &two), @"the ties cannot be used: there are no members to have any");
    insta::assert_snapshot!(told(&Population::new(40), &two), @"plugin good-metric 0.1.0 requires metric `answers`, which the population does not have (Answers help.); supply it, or choose a plugin that does without");
    insta::assert_snapshot!(metric.score(&members(40), &options).unwrap_err(), @"plugin good-metric 0.1.0 has no definition: it does not export `scoring`");
    let runtime = Runtime::new(Limits { instances: 1, ..Limits::new() }).unwrap();
    let definition = runtime.load_bytes("good.wasm", &good()).unwrap();
    insta::assert_snapshot!(definition.measure(&members(40), &declared, &two, &options).unwrap_err(), @"plugin good 0.1.0 has no metric: it does not export `measuring`");
    assert!(definition.measuring().is_none() && metric.measuring().is_some() && metric.scoring().is_none());
}

#[test]
fn fuel_follows_members_and_ties() {
    let limits = Limits { fuel_per_call: 300_000, fuel_per_row: 1, instances: 2, ..Limits::new() };
    let metric = load("good-metric", Mode::Strict, limits);
    let error = measure(&metric, 2_000, &[network(2_000), network(2_000)], &RunOptions::new());
    let Err(Error::Fault(fault)) = error else { panic!("{error:?}") };
    assert!(matches!(&fault.kind, FaultKind::Fuel { rows: 2_000, ties: 3_998, .. }), "{fault:?}");
    assert_eq!(fault.phase, Phase::Measure);
    let told = fault.to_string();
    let (_, told) = told.split_once(" of ").unwrap();
    insta::assert_snapshot!(told, @"fuel: 305,998 used of 305,998 allowed (300,000 + 1 × (2,000 members + 3,998 ties)); look for a loop that does not end, or raise `fuel-per-call` or `fuel-per-row`");
}

#[test]
fn a_cancelled_metric_ends() {
    let metric = load("ask-forever", Mode::Fast, Limits { instances: 2, ..Limits::new() });
    let cancel = Cancel::new();
    let options = RunOptions::new().cancel(cancel.clone());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(200));
            cancel.cancel();
        });
        let error = measure(&metric, 40, &[network(40), network(40)], &options).unwrap_err();
        assert!(matches!(error, Error::Cancelled), "{error}");
    });
}
