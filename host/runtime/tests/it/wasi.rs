//! WASI for guests that import it: answered with nothing, made deterministic, or refused.
#![expect(clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use groundswell_plugin_build::{BuildError, Builder, Stamp, stamp};
use groundswell_runtime::{
    Cache, Error, Fault, FaultKind, Limits, Mode, Plugin, RunOptions, Runtime, RuntimeBuilder, Scored, Value,
    resolve_settings,
};

use crate::guests::{bits, population};
use crate::log::{Here, Sink, keep_listening};

/// 2020-05-31T00:00:00.5Z.
const AS_OF: Duration = Duration::from_millis(1_590_883_200_500);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Where tools, components and compiled plugins stay from run to run: a minute of building, and one of compiling.
fn kept() -> PathBuf {
    root().join("target/plugins")
}

/// What a component is built from.
fn sources(folder: &Path, key: &mut blake3::Hasher) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries.iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(path).unwrap();
        key.update(path.file_name().unwrap().as_encoded_bytes());
        key.update(&bytes.len().to_le_bytes());
        key.update(&bytes);
    }
}

/// The component of a script. `None`, and said aloud, where its language's tools cannot be had here.
fn script(folder: &str) -> Option<Vec<u8>> {
    let source = root().join(folder);
    let mut key = blake3::Hasher::new();
    for folder in ["", "plugins/build/src", "plugins/build/tools", "plugins/build/tools/node", "wit"] {
        let folder = if folder.is_empty() { source.clone() } else { root().join(folder) };
        sources(&folder, &mut key);
    }
    let name = source.file_name().unwrap().to_str().unwrap().to_owned();
    let built = kept().join("built");
    std::fs::create_dir_all(&built).unwrap();
    // Tests run beside each other.
    let lock = File::create(built.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let file = built.join(format!("{name}-{}.wasm", key.finalize().to_hex()));
    if let Ok(bytes) = std::fs::read(&file) {
        return Some(bytes);
    }
    match Builder::new(source).target_dir(kept()).build() {
        Ok(built) => {
            built.write_to(&file).unwrap();
            Some(built.bytes)
        }
        Err(error @ (BuildError::NoTool { .. } | BuildError::Tool { .. })) => {
            println!("skipped: {folder} cannot be built here: {error}");
            None
        }
        Err(error) => panic!("{folder}: {error}"),
    }
}

fn builder() -> RuntimeBuilder {
    let cache = Cache::at(kept().join("compiled")).unwrap();
    Runtime::builder().limits(Limits { instances: 4, ..Limits::new() }).cache(cache)
}

fn probe() -> Option<&'static Plugin> {
    static PROBE: OnceLock<Option<Plugin>> = OnceLock::new();
    let load = || {
        let bytes = script("host/runtime/tests/guests/probe")?;
        Some(builder().build().unwrap().load_bytes("probe.wasm", &bytes).unwrap())
    };
    PROBE.get_or_init(load).as_ref()
}

fn options(plugin: &Plugin, probe: &str) -> RunOptions {
    let settings = &plugin.scoring().unwrap().settings;
    let given = BTreeMap::from([("probe".to_owned(), Value::Text(probe.to_owned()))]);
    RunOptions::new().settings(resolve_settings(settings, &given).unwrap()).as_of(AS_OF).batch_rows(4)
}

fn run(plugin: &Plugin, options: &RunOptions) -> Result<Scored, Error> {
    plugin.score(&population(10, &plugin.scoring().unwrap().inputs), options)
}

/// The one number that a probe finds, in every batch.
fn found(plugin: &Plugin, probe: &str) -> f64 {
    let scored = run(plugin, &options(plugin, probe)).unwrap_or_else(|error| panic!("{probe}: {error}"));
    assert!(scored.scores.iter().all(|score| score.to_bits() == scored.base.to_bits()), "{probe}");
    scored.base
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Fault(fault) => *fault,
        error => panic!("no fault: {error}"),
    }
}

#[test]
fn there_is_no_world_behind_wasi() {
    let Some(plugin) = probe() else { return };
    assert_eq!(found(plugin, "environment"), 0.0);
    // All six ways to a file, and three into a network.
    assert_eq!(found(plugin, "file-errors"), 6.0);
    assert_eq!(found(plugin, "network-errors"), 3.0);
    assert_eq!(found(plugin, "standard-input"), 0.0);
}

#[test]
fn the_time_is_as_of_and_nobody_sleeps() {
    let Some(plugin) = probe() else { return };
    assert_eq!(found(plugin, "now"), AS_OF.as_secs_f64());
    assert_eq!(found(plugin, "now-in-nanoseconds"), 500_000_000.0);
    // A year, each of fifteen times that it is asked; that this ends shows that nothing waited for it.
    assert_eq!(found(plugin, "slept"), 365.0 * 86_400.0);
}

#[test]
fn randomness_is_the_seeds_and_the_same_in_every_batch_on_any_thread() {
    let Some(plugin) = probe() else { return };
    let numbers = |seed: u8, threads: usize, rows: usize| {
        let options = options(plugin, "entropy").seed([seed; 32]).threads(threads).batch_rows(rows);
        bits(&run(plugin, &options).unwrap())
    };
    let one = numbers(1, 1, 4);
    assert_eq!(one, numbers(1, 1, 4));
    assert_eq!(one, numbers(1, 2, 4));
    assert_eq!(one, numbers(1, 2, 3));
    assert_ne!(one, numbers(2, 1, 4));
}

#[test]
fn output_goes_to_the_log_within_its_limits() {
    let Some(plugin) = probe() else { return };
    keep_listening();
    let (sink, bytes) = (Sink::default(), plugin.bytes());
    let runtime = builder().workers(Arc::new(Here)).build().unwrap();
    std::thread::scope(|scope| {
        let work = || {
            let plugin = runtime.load_bytes("probe.wasm", bytes).unwrap();
            let run = || run(&plugin, &options(&plugin, "printed").batch_rows(10)).map(drop).unwrap();
            tracing::subscriber::with_default(sink.clone(), run);
        };
        let stack = 2 * runtime.limits().thread_stack_bytes();
        std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work).unwrap();
    });
    insta::assert_snapshot!(sink.0.lock().unwrap().join("\n"), @r"
    INFO for everybody\u{1b}[2J
    WARN a warning
    INFO without an end
    DEBUG said 3 times in this run: for everybody\u{1b}[2J
    DEBUG said 3 times in this run: a warning
    DEBUG said 3 times in this run: without an end
    ");
}

/// An instance that is kept warm is asked again and again, by a guest that keeps what it likes.
#[test]
fn fast_mode_has_no_world_behind_wasi_either_and_answers_the_same_bits() {
    let Some(strict) = probe() else { return };
    let runtime = builder().mode(Mode::Fast).build().unwrap();
    let fast = runtime.load_bytes("probe.wasm", strict.bytes()).unwrap();
    for probe in ["environment", "file-errors", "network-errors", "standard-input", "now", "slept", "entropy"]
    {
        let scored = |plugin: &Plugin, threads: usize, rows: usize| {
            let options = options(plugin, probe).seed([7; 32]).threads(threads).batch_rows(rows);
            bits(&run(plugin, &options).unwrap_or_else(|error| panic!("{probe}: {error}")))
        };
        let expected = scored(strict, 1, 4);
        for (threads, rows) in [(1, 4), (2, 4), (1, 10)] {
            assert_eq!(scored(&fast, threads, rows), expected, "{probe}, {threads} threads, {rows} rows");
        }
    }
}

#[test]
fn loops_of_calls_of_the_host_end_by_the_deadline_in_fast_mode() {
    let Some(strict) = probe() else { return };
    let limits = Limits { instances: 4, fast_wall_millis: 500, ..Limits::new() };
    let runtime = builder().mode(Mode::Fast).limits(limits).build().unwrap();
    let plugin = runtime.load_bytes("probe.wasm", strict.bytes()).unwrap();
    for probe in ["sleep-for-ever", "print-for-ever"] {
        let fault = fault(run(&plugin, &options(&plugin, probe)).unwrap_err());
        assert!(matches!(fault.kind, FaultKind::Wall { .. }), "{probe}: {fault}");
    }
    let fault = fault(run(&plugin, &options(&plugin, "exit")).unwrap_err());
    assert!(matches!(fault.kind, FaultKind::Exit { .. }), "{fault}");
}

#[test]
fn loops_of_calls_of_the_host_end_by_fuel() {
    let Some(plugin) = probe() else { return };
    let limits = Limits { fuel_per_call: 300_000_000, fuel_per_row: 0, ..plugin.runtime().limits().clone() };
    let plugin = plugin.with_limits(limits).unwrap();
    for probe in ["sleep-for-ever", "print-for-ever"] {
        let fault = fault(run(&plugin, &options(&plugin, probe)).unwrap_err());
        assert!(matches!(fault.kind, FaultKind::Fuel { .. }), "{probe}: {fault}");
    }
}

#[test]
fn what_a_guest_may_not_do_is_a_named_fault() {
    let Some(plugin) = probe() else { return };
    let told = |probe: &str| run(plugin, &options(plugin, probe)).unwrap_err().to_string();
    insta::assert_snapshot!(told("exit"), @"plugin probe 0.1.0 failed in score: it ended itself, calling that a failure; a plugin answers, or says what it cannot go on with");
    let wrong = told("wrong");
    assert!(wrong.starts_with("plugin probe 0.1.0 failed in score: it trapped (wasm trap: "), "{wrong}");
    // The exception, and no advice to whoever builds interpreters.
    assert!(wrong.contains("ValueError") && wrong.contains("what went wrong"), "{wrong}");
    // And an honest question after all that.
    assert_eq!(found(plugin, "environment"), 0.0);
}

#[test]
fn what_is_not_in_the_table_is_refused_when_it_is_loaded() {
    let Some(plugin) = probe() else { return };
    // The names of imports are all that changes: of the same length, so that nothing else has to.
    let told = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let (mut bytes, from) = (plugin.bytes().to_vec(), from.as_bytes());
        let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
        plugin.runtime().load_bytes("probe.wasm", &bytes).unwrap_err().to_string()
    };
    insta::assert_snapshot!(told("wasi:random/random@0.2.", "wasi:keyval/store1@0.2."), @r"
    plugin probe 0.1.0 (probe.wasm): it does not fit the contract; mend what follows, and build the plugin with `groundswell plugin build FOLDER`:
      - it imports `wasi:keyval/store1@0.2.4`: a plugin has no storage, services or devices; leave out what imports it
    ");
    insta::assert_snapshot!(told("wasi:random/random@0.2.", "wasi:random/rondom@0.2."), @r"
    plugin probe 0.1.0 (probe.wasm): it does not fit the contract; mend what follows, and build the plugin with `groundswell plugin build FOLDER`:
      - it imports `wasi:random/rondom@0.2.4`: WASI 0.2 has no such interface, or only as a proposal
    ");
    insta::assert_snapshot!(told("wasi:random/random@0.2.", "wasi:random/random@0.3."), @r"
    plugin probe 0.1.0 (probe.wasm): it does not fit the contract; mend what follows, and build the plugin with `groundswell plugin build FOLDER`:
      - it imports `wasi:random/random@0.3.4`: this host has WASI 0.2, preview 2: build the plugin for that
    ");
    insta::assert_snapshot!(told("wasi:sockets/tcp@0.2.", "wasi:http/types1@0.2."), @r"
    plugin probe 0.1.0 (probe.wasm): it does not fit the contract; mend what follows, and build the plugin with `groundswell plugin build FOLDER`:
      - it imports `wasi:http/types1@0.2.4`: a plugin has no network; build it without `fetch` and HTTP
    ");
}

#[test]
fn examples_in_other_languages_score_the_same_bits_at_any_number_of_threads() {
    for (folder, name) in
        [("examples/plugins/helpers-py", "helpers-py"), ("examples/plugins/helpers-js", "helpers-js")]
    {
        let Some(bytes) = script(folder) else { continue };
        let plugin = builder().build().unwrap().load_bytes(name, &bytes).unwrap();
        assert_eq!((plugin.name(), plugin.version()), (name, "0.1.0"));
        let inputs = &plugin.scoring().unwrap().inputs;
        let members = population(1_000, inputs);
        let scored = |threads: usize, rows: usize| {
            plugin.score(&members, &RunOptions::new().threads(threads).batch_rows(rows)).unwrap()
        };
        let one = scored(1, 256);
        for (threads, rows) in [(1, 256), (2, 256), (2, 100)] {
            let other = scored(threads, rows);
            assert_eq!((bits(&other), &other.tiers), (bits(&one), &one.tiers), "{name} {threads} {rows}");
        }
        let helpers = one.tiers.iter().filter(|&&tier| tier == 1).count();
        assert!((50..150).contains(&helpers), "{name}: {helpers}");
        // A stamp of another name is the description's to contradict.
        let other = stamp(&bytes, &Stamp::new("someone-else", "0.1.0")).unwrap();
        assert!(plugin.runtime().load_bytes(name, &other).is_err());
    }
}
