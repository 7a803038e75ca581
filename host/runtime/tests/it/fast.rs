//! Fast mode: the same answers, and state between calls found out.

use groundswell_runtime::{Limits, Mode, Plugin, RunOptions, Runtime, Standings};

use crate::guests::{bits, component, population, regulars, runtime, tight};

fn fast() -> Runtime {
    Runtime::builder().mode(Mode::Fast).limits(tight()).build().unwrap()
}

fn load(runtime: &Runtime, name: &str) -> Plugin {
    let bytes = if name == "regulars" { regulars() } else { component(name) };
    runtime.load_bytes(&format!("{name}.wasm"), bytes).unwrap()
}

#[test]
fn fast_and_strict_mode_answer_the_same_bits() {
    let fast = fast();
    for name in ["regulars", "good"] {
        let (strict, fast) = (load(runtime(), name), load(&fast, name));
        let members = population(3_000, &strict.scoring().unwrap().inputs);
        let rules = strict.rewards().unwrap();
        let rewarded = population(3_000, &rules.inputs);
        let run = |plugin: &Plugin, threads, rows| {
            let options = RunOptions::new().threads(threads).batch_rows(rows);
            let scored = plugin.score(&members, &options).unwrap();
            let tiers = &plugin.scoring().unwrap().tiers;
            let decided = plugin.decide(&rewarded, tiers, &Standings::new(&scored), &options).unwrap();
            (scored, decided.awards)
        };
        let (expected, awards) = run(&strict, 1, 8_192);
        assert_eq!(awards.is_empty(), name == "regulars", "{name}");
        for (threads, rows) in [(1, 8_192), (2, 8_192), (1, 500), (2, 500), (1, 77), (2, 77)] {
            let (scored, decided) = run(&fast, threads, rows);
            let what = format!("{name}, {threads} threads, {rows} rows");
            assert_eq!(bits(&scored), bits(&expected), "{what}");
            assert_eq!((&scored.tiers, &scored.ranks), (&expected.tiers, &expected.ranks), "{what}");
            assert!((0..3_000).all(|row| scored.reasons(row) == expected.reasons(row)), "{what}");
            assert_eq!(decided, awards, "{what}");
            assert_eq!((scored.usage.fuel, scored.usage.fuel_permille), (None, None));
        }
    }
}

/// The one thing that `fast` does not promise, and that nobody finds: the bits of what is no number are the processor's.
#[test]
fn bits_of_what_is_no_number_are_canonical_in_strict_mode_and_the_processors_in_fast_mode() {
    let scores = |plugin: &Plugin| {
        let members = population(40, &plugin.scoring().unwrap().inputs);
        plugin.score(&members, &RunOptions::new().threads(1).batch_rows(16)).unwrap().scores
    };
    let honest = scores(&load(runtime(), "good"));
    assert_eq!(scores(&load(runtime(), "read-nan-bits")), honest);
    let seen = scores(&load(&fast(), "read-nan-bits"));
    let signed = honest.iter().map(|score| score + 1.0).collect();
    // Where x86-64 makes one of 0 / 0 its sign is set; on ARM and RISC-V it is not.
    assert_eq!(seen, if cfg!(target_arch = "x86_64") { signed } else { honest });
}

#[test]
fn a_plugin_that_remembers_is_found_out() {
    let plugin = load(&fast(), "remember-calls");
    let members = population(40, &plugin.scoring().unwrap().inputs);
    let error = plugin.score(&members, &RunOptions::new().threads(1).batch_rows(10)).unwrap_err();
    assert!(error.is_plugin_fault() && !error.is_limit());
    insta::assert_snapshot!(error);
}

#[test]
fn a_call_beyond_the_deadline_names_the_limit() {
    let plugin = load(&fast(), "spin-in-score");
    let plugin = plugin.with_limits(Limits { fast_wall_millis: 200, ..tight() }).unwrap();
    let members = population(40, &plugin.scoring().unwrap().inputs);
    let error = plugin.score(&members, &RunOptions::new()).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit());
    insta::assert_snapshot!(error);
}
