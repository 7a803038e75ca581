//! Handles of resources, of which an instance holds so many.
#![expect(clippy::panic, reason = "tests")]

use groundswell_runtime::{Error, FaultKind, Limits, RunOptions};

use crate::guests::{component, population, runtime, tight};

/// What a plugin is told that holds on to everything.
fn told(name: &str, handles: usize) -> String {
    let limits = Limits { handles, ..tight() };
    let plugin = runtime().load_bytes(name, component(name)).unwrap().with_limits(limits).unwrap();
    let members = population(10, &plugin.scoring().unwrap().inputs);
    let error = plugin.score(&members, &RunOptions::new()).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit());
    let Error::Fault(fault) = &error else { panic!("no fault: {error}") };
    assert!(matches!(fault.kind, FaultKind::Handles { allowed, .. } if allowed == handles), "{fault:?}");
    error.to_string()
}

#[test]
fn whoever_holds_more_handles_than_are_allowed_is_told_how_many() {
    // Its own, and those of WASI.
    for name in ["leak-handles", "leak-pollables"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                told(name, 16).replace(name, "[name]"),
                @"plugin [name] 0.1.0 failed in score: it holds more than the 16 handles of resources that are allowed; drop those that are not needed, or raise `handles`"
            );
        }
    }
    assert!(told("leak-pollables", 17).contains("more than the 17 handles"));
}
