//! Runs of well-behaved plugins.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use groundswell_runtime::{Plugin, RunOptions, Scored, Standings, Value};

use crate::guests::{good, population, runtime};

fn regulars() -> Plugin {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../plugins/regulars");
    let built = groundswell_plugin_build::Builder::new(folder).build().expect("regulars builds");
    runtime().load_bytes("regulars.wasm", &built.bytes).unwrap()
}

fn bits(scored: &Scored) -> Vec<u64> {
    let columns = scored.contributions.iter().flatten().chain(&scored.scores).chain([&scored.base]);
    columns.map(|value| value.to_bits()).collect()
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
    let wrong = vec![Value::Text("much".to_owned())];
    let error = plugin.score(&members, &RunOptions::new().settings(wrong)).unwrap_err();
    assert!(!error.is_plugin_fault());
    assert!(error.to_string().starts_with("plugin regulars "), "{error}");
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
