//! Components built once for all tests, and a population that suits any of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

use groundswell_attackers::{number, word};
use groundswell_plugin_build::{Builder, Built};
use groundswell_runtime::{Column, Input, Limits, Plugin, Population, Runtime, Scale, Scored};

/// An attacker's component, or the honest plugin's, `good`.
pub(crate) fn component(name: &str) -> &'static [u8] {
    static MADE: Mutex<BTreeMap<&str, &[u8]>> = Mutex::new(BTreeMap::new());
    let attackers = groundswell_attackers::all();
    let attacker = attackers.iter().find(|attacker| attacker.name == name).expect("an attacker of that name");
    MADE.lock().expect("nobody failed").entry(attacker.name).or_insert_with(|| attacker.bytes().leak())
}

/// The bundled definition.
pub(crate) fn regulars() -> &'static [u8] {
    static BUILT: OnceLock<Built> = OnceLock::new();
    &BUILT
        .get_or_init(|| Builder::new(root().join("plugins/regulars")).build().expect("regulars builds"))
        .bytes
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A plugin of one input `answers@raw`, of which the test writes `score`.
pub(crate) fn homemade(name: &str, score: &str) -> &'static [u8] {
    let source = format!(
        r#"use groundswell_plugin::*;
        #[derive(Clone)]
        pub struct Homemade;
        impl Definition for Homemade {{
            fn describe() -> Description {{
                Description::new("Homemade.")
                    .input(Input::raw("answers", "Answers help."))
                    .tier(Tier::new("member", "Member", "Everybody."))
            }}
            fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {{ Ok(Self) }}
            fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {{
                Ok(members.rows().map(|_| 0).collect())
            }}
            fn explain(&self, members: &Members) -> Result<Contributions, Problem> {{
                Ok(Linear::new([1.0]).explain(members))
            }}
            {score}
        }}
        groundswell_plugin::export!(definition: Homemade);"#
    );
    written(name, &source)
}

/// A metric without inputs, of which the test writes `networks` and `measure`.
pub(crate) fn homemade_metric(name: &str, functions: &str) -> &'static [u8] {
    let source = format!(
        r#"use groundswell_plugin::*;
        pub struct Homemade;
        impl Metric for Homemade {{
            fn describe() -> MetricDescription {{ MetricDescription::new("Homemade.", "points") }}
            {functions}
        }}
        groundswell_plugin::export!(metric: Homemade);"#
    );
    written(name, &source)
}

/// The component of a plugin whose source the test writes.
fn written(name: &str, source: &str) -> &'static [u8] {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    let write = |file: &str, text: &str| std::fs::write(folder.join(file), text).expect("a file");
    let sdk = root().join("plugins/sdk").canonicalize().expect("the SDK");
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
             [lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\
             [dependencies]\ngroundswell-plugin = {{ path = {sdk:?} }}\n"
        ),
    );
    // The versions of the workspace, cut to what is needed here.
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock");
    write("src/lib.rs", source);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cut = Command::new(cargo);
    cut.args(["metadata", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(folder.join("Cargo.toml"));
    assert!(cut.stdout(Stdio::null()).status().expect("cargo").success(), "the lock of {name}");
    let built = Builder::new(folder).target_dir(root().join("target/plugins/homemade")).build();
    built.expect("it builds").bytes.leak()
}

/// All numbers of a run.
pub(crate) fn bits(scored: &Scored) -> Vec<u64> {
    let columns = scored.contributions.iter().flatten().chain(&scored.scores).chain([&scored.base]);
    columns.map(|value| value.to_bits()).collect()
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
            Column::from_words((0..rows).map(word))
        } else {
            Column::Number((0..rows).map(|row| number(&input.metric, row)).collect())
        };
        population.with(input.metric.clone(), column).expect("a usable column")
    })
}
