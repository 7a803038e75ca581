//! Runs of well-behaved plugins.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use groundswell_runtime::{
    Column, Error, Limits, Plugin, Population, RunOptions, Runtime, Scored, Standings, Value,
    resolve_settings,
};

use crate::guests::{self, bits, good, population, runtime, tight};

fn regulars() -> Plugin {
    runtime().load_bytes("regulars.wasm", guests::regulars()).unwrap()
}

#[test]
fn threads_and_batches_do_not_change_a_bit() {
    let plugin = regulars();
    let members = population(5_000, &plugin.scoring().unwrap().inputs);
    let run =
        |threads, rows| plugin.score(&members, &RunOptions::new().threads(threads).batch_rows(rows)).unwrap();
    let expected = run(1, 8_192);
    for (threads, rows) in [(2, 8_192), (1, 1_000), (3, 77)] {
        let other = run(threads, rows);
        assert_eq!(bits(&other), bits(&expected), "{threads} threads, {rows} rows");
        assert_eq!((&other.tiers, &other.ranks), (&expected.tiers, &expected.ranks));
        assert!((0..5_000).all(|row| other.reasons(row) == expected.reasons(row)));
        let decide = |scored: &Scored| {
            let rules = plugin.rewards().unwrap();
            let tiers = &plugin.scoring().unwrap().tiers;
            let options = RunOptions::new().threads(threads).batch_rows(rows);
            plugin
                .decide(&population(5_000, &rules.inputs), tiers, &Standings::new(scored), &options)
                .unwrap()
        };
        assert_eq!(decide(&other), decide(&expected));
    }
}

#[test]
fn progress_counts_every_batch_of_every_step() {
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let plugin = good();
    let members = population(100, &plugin.scoring().unwrap().inputs);
    let options = RunOptions::new().batch_rows(10).progress(Arc::new(move |_, done, total| {
        assert!(done <= total);
        seen.fetch_add(1, Ordering::Relaxed);
    }));
    plugin.score(&members, &options).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 30);
}

#[test]
fn nobody_to_score_is_not_an_error() {
    let plugin = regulars();
    let scored = plugin.score(&population(0, &plugin.scoring().unwrap().inputs), &RunOptions::new()).unwrap();
    assert!(scored.scores.is_empty() && scored.reasons(0).is_empty());
}

#[test]
fn settings_of_the_wrong_type_are_refused_before_the_plugin_sees_them() {
    let plugin = regulars();
    let members = population(10, &plugin.scoring().unwrap().inputs);
    let mut settings = resolve_settings(&plugin.scoring().unwrap().settings, &Default::default()).unwrap();
    let refusal = |settings: &[Value]| {
        let error = plugin.score(&members, &RunOptions::new().settings(settings.to_vec())).unwrap_err();
        assert!(!error.is_plugin_fault());
        error.to_string().replace(plugin.version(), "[version]")
    };
    insta::assert_snapshot!(refusal(&settings[1..]), @"plugin regulars [version]: 17 settings were given, it declares 18; give all of them in declared order, as `resolve_settings` makes them");
    insta::assert_snapshot!(refusal(&[settings.clone(), vec![Value::Boolean(true)]].concat()), @"plugin regulars [version]: 19 settings were given, it declares 18; give all of them in declared order, as `resolve_settings` makes them");
    insta::assert_snapshot!(refusal(&[]), @"plugin regulars [version]: 0 settings were given, it declares 18; give all of them in declared order, as `resolve_settings` makes them");
    settings[0] = Value::Text("much".to_owned());
    insta::assert_snapshot!(refusal(&settings), @r#"plugin regulars [version]: setting `trust-share` is number, not text ("much")"#);
}

#[test]
fn a_population_without_a_required_metric_fails_before_the_plugin_is_asked() {
    let plugin = regulars();
    let members = Population::new(3).with("answers", Column::Number([1.0, 2.0, 3.0].into())).unwrap();
    let error = plugin.score(&members, &RunOptions::new()).unwrap_err();
    assert!(!error.is_plugin_fault());
    assert!(matches!(&error, Error::MissingMetric { metric, .. } if metric == "weeks-active-share"));
    insta::assert_snapshot!(error.to_string().replace(plugin.version(), "[version]"), @"plugin regulars [version] requires metric `weeks-active-share`, which the population does not have (Regulars are there week after week, not once.); supply it, or choose a plugin that does without");
    let rules = good();
    let standings = Standings::new(
        &good().score(&population(3, &good().scoring().unwrap().inputs), &RunOptions::new()).unwrap(),
    );
    let tiers = &rules.scoring().unwrap().tiers;
    let error = rules.decide(&Population::new(3), tiers, &standings, &RunOptions::new()).unwrap_err();
    insta::assert_snapshot!(error, @"plugin good 0.1.0 requires metric `answers`, which the population does not have (Answers help whoever asks.); supply it, or choose a plugin that does without");
    let error = rules.decide(&Population::new(4), tiers, &standings, &RunOptions::new()).unwrap_err();
    insta::assert_snapshot!(error, @"the standings cannot be used: their columns do not all have the population's 4 rows");
}

#[test]
fn inputs_come_out_with_what_they_lack_and_what_their_scale_lost() {
    let plugin = good();
    let numbers = |values: &[f64]| Column::Number(values.into());
    let members = Population::new(4)
        .with("answers", numbers(&[1.0, f64::NAN, 2.0, f64::NAN]))
        .unwrap()
        .with("received(verb=thank)", numbers(&[-5.0, f64::NAN, 2.0, 7.0]))
        .unwrap();
    let scored = plugin.score(&members, &RunOptions::new()).unwrap();
    let counted: Vec<_> =
        scored.inputs.iter().map(|input| (input.count, input.missing, input.lost)).collect();
    assert_eq!(counted, [(2, 2, 0), (3, 1, 1)]);
    // What is missing, and what was lost, contributes nothing.
    assert_eq!((scored.contributions[0][1], scored.contributions[0][3]), (0.0, 0.0));
    assert_eq!((scored.contributions[1][0], scored.contributions[1][1]), (0.0, 0.0));
}

#[test]
fn what_a_run_used_is_the_same_at_any_number_of_threads() {
    let plugin = regulars();
    let members = population(2_000, &plugin.scoring().unwrap().inputs);
    let usage =
        |threads| plugin.score(&members, &RunOptions::new().threads(threads).batch_rows(150)).unwrap().usage;
    let one = usage(1);
    assert_eq!(one.calls, 1 + 3 * 14);
    assert!(one.fuel.unwrap() > 0 && one.fuel_permille.is_some() && one.peak_memory_bytes > 0);
    assert_eq!((usage(2), usage(3)), (one, one));
}

#[test]
fn limits_beyond_what_the_runtime_was_made_for_are_refused() {
    let more = Limits { memory_bytes: 16 << 20, ..tight() };
    let error = good().with_limits(more).unwrap_err();
    insta::assert_snapshot!(error, @"limit `memory-bytes` cannot be 16,777,216: it is from 65,536 to 8,388,608 bytes");
    let error = runtime().with_limits(Limits { instances: 65, ..tight() }).unwrap_err();
    insta::assert_snapshot!(error, @"limit `instances` cannot be 65: it is from 1 to 64 instances");
    good().with_limits(Limits { memory_bytes: 4 << 20, ..tight() }).unwrap();
}

#[test]
fn every_stack_that_the_limits_allow_can_be_had() {
    let limit = Limits::all().iter().find(|limit| limit.name == "stack-bytes").unwrap();
    let members = population(20, &good().scoring().unwrap().inputs);
    let expected = good().score(&members, &RunOptions::new()).unwrap();
    // From 2 MiB on the engine wants its own stacks to be as large.
    for bytes in [limit.default, 2 << 20, (2 << 20) + 1, limit.most] {
        let limits = Limits { stack_bytes: usize::try_from(bytes).unwrap(), instances: 1, ..tight() };
        let runtime = Runtime::new(limits).unwrap();
        let plugin = runtime.load_bytes("good.wasm", guests::component("good")).unwrap();
        assert_eq!(
            bits(&plugin.score(&members, &RunOptions::new()).unwrap()),
            bits(&expected),
            "{bytes} bytes"
        );
    }
}

#[test]
fn results_go_out_as_arrow() {
    let plugin = good();
    let inputs = plugin.scoring().unwrap().inputs.clone();
    let scored = plugin.score(&population(7, &inputs), &RunOptions::new()).unwrap();
    let batch = scored.to_arrow().unwrap();
    assert_eq!(batch.num_rows(), 7);
    assert_eq!(batch.schema().field(4).name(), &inputs[0].id());
}

#[test]
fn state_kept_between_calls_finds_nothing_to_keep() {
    let plugin = runtime().load_bytes("remember.wasm", guests::component("remember-calls")).unwrap();
    let members = population(40, &plugin.scoring().unwrap().inputs);
    let once = plugin.score(&members, &RunOptions::new().threads(1).batch_rows(40)).unwrap();
    let often = plugin.score(&members, &RunOptions::new().threads(3).batch_rows(7)).unwrap();
    assert_eq!(once.scores, often.scores);
}

#[test]
fn what_is_asked_again_is_neither_counted_nor_heard() {
    let plugin = runtime().load_bytes("rows.wasm", guests::component("count-rows")).unwrap();
    let inputs = plugin.scoring().unwrap().inputs.clone();
    // One member alone has no company to depend on.
    let alone = plugin.score(&population(5, &inputs), &RunOptions::new().batch_rows(1)).unwrap();
    assert_eq!(alone.usage.calls, 1 + 3 * 5);
    for threads in [1, 3] {
        let options = RunOptions::new().threads(threads).batch_rows(2);
        let error = plugin.score(&population(5, &inputs), &options).unwrap_err();
        assert!(error.is_plugin_fault() && !error.is_limit());
        insta::allow_duplicates! {
            insta::assert_snapshot!(error);
        }
    }
}
