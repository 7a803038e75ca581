//! Every attacker ends in one named error of its own, and the next good plugin works.

use std::fmt::Write;

use groundswell_runtime::{Error, Plugin, RunOptions, Scored, Standings};

use crate::guests::{attackers, good, population, runtime};

/// Attackers whose attack has nothing to hold on to: no error is the right answer.
const HARMLESS: [&str; 3] = ["flood-log", "good", "remember-calls"];

fn options() -> RunOptions {
    RunOptions::new().threads(2).batch_rows(16)
}

fn score(plugin: &Plugin) -> Result<Scored, Error> {
    let inputs = plugin.scoring().map(|told| told.inputs.clone()).unwrap_or_default();
    plugin.score(&population(40, &inputs), &options())
}

/// Does everything a host does with a plugin.
fn use_fully(plugin: &Plugin) -> Result<(), Error> {
    let (tiers, standings) = if let Some(told) = plugin.scoring() {
        (told.tiers.clone(), Standings::new(&score(plugin)?))
    } else {
        let good = good();
        (good.scoring().unwrap().tiers.clone(), Standings::new(&score(&good)?))
    };
    if let Some(rules) = plugin.rewards() {
        plugin.decide(&population(40, &rules.inputs), &tiers, &standings, &options())?;
    }
    Ok(())
}

#[test]
fn every_attack_is_a_named_error_and_the_next_call_works() {
    let expected = score(&good()).unwrap();
    let mut report = String::new();
    for built in attackers() {
        let file = format!("{}.wasm", built.name);
        let outcome = runtime().load_bytes(&file, &built.bytes).and_then(|plugin| use_fully(&plugin));
        match outcome {
            Ok(()) => {
                assert!(HARMLESS.contains(&built.name.as_str()), "{} got away with it", built.name);
                writeln!(report, "{}: no error", built.name).unwrap();
            }
            Err(error) => {
                assert!(error.is_plugin_fault(), "{}: {error}", built.name);
                writeln!(report, "{}: {error}", built.name).unwrap();
            }
        }
        let after = score(&good()).unwrap();
        assert_eq!(after.scores, expected.scores, "after {}", built.name);
    }
    insta::assert_snapshot!(report);
}

#[test]
fn state_kept_between_calls_finds_nothing_to_keep() {
    let plugin = runtime().load_bytes("remember.wasm", crate::guests::component("remember-calls")).unwrap();
    let inputs = plugin.scoring().unwrap().inputs.clone();
    let members = population(40, &inputs);
    let once = plugin.score(&members, &RunOptions::new().threads(1).batch_rows(40)).unwrap();
    let often = plugin.score(&members, &RunOptions::new().threads(3).batch_rows(7)).unwrap();
    assert_eq!(once.scores, often.scores);
}
