//! Components built once for all tests, and a population that suits any of them.

use std::path::PathBuf;
use std::sync::OnceLock;

use groundswell_plugin_build::{Builder, Built};
use groundswell_runtime::{Column, Input, Limits, Plugin, Population, Runtime, Scale};

pub(crate) fn attackers() -> &'static [Built] {
    static BUILT: OnceLock<Vec<Built>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../plugins/hostile");
        Builder::new(folder).without_contract_checks().build_examples().expect("the attackers build")
    })
}

pub(crate) fn component(name: &str) -> &'static [u8] {
    &attackers().iter().find(|built| built.name == name).expect("an attacker of that name").bytes
}

/// Limits that a loop reaches in a moment.
pub(crate) fn tight() -> Limits {
    Limits { fuel_per_call: 20_000_000, fuel_per_row: 10_000, memory_bytes: 8 << 20, ..Limits::new() }
}

pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(tight()).expect("an engine"))
}

pub(crate) fn good() -> Plugin {
    runtime().load_bytes("good.wasm", component("good")).expect("the good plugin loads")
}

/// Members with a little of everything that a plugin asks for, some of it missing.
pub(crate) fn population(rows: usize, inputs: &[Input]) -> Population {
    inputs.iter().fold(Population::new(rows), |population, input| {
        let column = if input.scale == Scale::Category {
            let word = |row: usize| [Some("staff"), None, Some("member")][row % 3];
            Column::from_words((0..rows).map(word))
        } else {
            let salt = input.metric.bytes().map(usize::from).sum::<usize>();
            let value = |row: usize| match (row * 31 + salt) % 17 {
                16 => f64::NAN,
                value => value as f64 / 16.0,
            };
            Column::Number((0..rows).map(value).collect())
        };
        population.with(input.metric.clone(), column).expect("a usable column")
    })
}
