//! Compiled plugins that are kept, and plugins compiled elsewhere.

use groundswell_runtime::{Cache, Limits, Mode, Origin, Plugin, RunOptions, Runtime};

use crate::guests::{component, population, tight};

fn runtime(mode: Mode, cache: Option<&Cache>) -> Runtime {
    let builder = Runtime::builder().mode(mode).limits(Limits { instances: 4, ..tight() });
    match cache {
        Some(cache) => builder.cache(cache.clone()),
        None => builder,
    }
    .build()
    .unwrap()
}

fn good(runtime: &Runtime) -> Plugin {
    runtime.load_bytes("good.wasm", component("good")).unwrap()
}

fn scores(plugin: &Plugin) -> Vec<u64> {
    let members = population(50, &plugin.scoring().unwrap().inputs);
    let scored = plugin.score(&members, &RunOptions::new()).unwrap();
    scored.scores.iter().map(|score| score.to_bits()).collect()
}

#[test]
fn a_plugin_is_compiled_once_a_mode_and_works_the_same_from_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("compiled")).unwrap();
    let first = good(&runtime(Mode::Strict, Some(&cache)));
    assert_eq!(*first.origin(), Origin::Compiled);
    let second = good(&runtime(Mode::Strict, Some(&cache)));
    assert_eq!(*second.origin(), Origin::Cached);
    assert_eq!((scores(&second), second.hash()), (scores(&first), first.hash()));
    // Code of one mode never serves the other.
    assert_eq!(*good(&runtime(Mode::Fast, Some(&cache))).origin(), Origin::Compiled);
    assert_eq!(*good(&runtime(Mode::Fast, Some(&cache))).origin(), Origin::Cached);
    assert_eq!(cache.info().unwrap().entries, 2);
}

#[test]
fn what_is_not_what_was_written_is_compiled_again_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("compiled")).unwrap();
    let expected = scores(&good(&runtime(Mode::Strict, Some(&cache))));
    let entry = std::fs::read_dir(cache.info().unwrap().folder).unwrap().next().unwrap().unwrap().path();
    let mut code = std::fs::read(&entry).unwrap();
    let middle = code.len() / 2;
    code[middle] ^= 1;
    std::fs::write(&entry, &code).unwrap();
    let plugin = good(&runtime(Mode::Strict, Some(&cache)));
    assert_eq!(*plugin.origin(), Origin::Recompiled);
    assert_eq!(scores(&plugin), expected);
    assert_eq!(*good(&runtime(Mode::Strict, Some(&cache))).origin(), Origin::Cached);
}

#[test]
fn a_cut_off_entry_and_one_of_something_else_are_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("compiled")).unwrap();
    good(&runtime(Mode::Strict, Some(&cache)));
    let entry = std::fs::read_dir(cache.info().unwrap().folder).unwrap().next().unwrap().unwrap().path();
    let code = std::fs::read(&entry).unwrap();
    std::fs::write(&entry, &code[..code.len() / 3]).unwrap();
    assert_eq!(*good(&runtime(Mode::Strict, Some(&cache))).origin(), Origin::Recompiled);
    // Named as it should be, and yet no machine code.
    let name = entry.file_name().unwrap().to_str().unwrap();
    let key = name.split('.').next().unwrap();
    std::fs::remove_file(&entry).unwrap();
    let content = blake3::hash(b"nothing that runs").to_hex();
    std::fs::write(entry.with_file_name(format!("{key}.{content}.cwasm")), b"nothing that runs").unwrap();
    assert_eq!(*good(&runtime(Mode::Strict, Some(&cache))).origin(), Origin::Recompiled);
}

#[test]
fn a_precompiled_plugin_is_the_same_plugin() {
    let strict = runtime(Mode::Strict, None);
    let made = strict.precompile("good.wasm", component("good")).unwrap();
    let expected = good(&strict);
    // SAFETY: it was made a moment ago.
    #[expect(unsafe_code, reason = "the test's own machine code")]
    let load = |runtime: &Runtime, bytes: &[u8]| unsafe { runtime.load_precompiled("good.pre", bytes) };
    let plugin = load(&runtime(Mode::Strict, None), &made).unwrap();
    assert_eq!(*plugin.origin(), Origin::Precompiled);
    assert_eq!((plugin.hash(), scores(&plugin)), (expected.hash(), scores(&expected)));
    let refused = |runtime: &Runtime, bytes: &[u8]| load(runtime, bytes).unwrap_err().to_string();
    let other_mode = refused(&runtime(Mode::Fast, None), &made);
    assert!(
        other_mode.starts_with("good.pre: this is no precompiled plugin for this host: "),
        "{other_mode}"
    );
    let component_itself = refused(&strict, component("good"));
    insta::assert_snapshot!(component_itself, @"good.pre: this is no precompiled plugin for this host: it was not made by `precompile`, or is cut off; precompile it with the same version, mode and limits");
    assert!(load(&strict, &made[..made.len() / 2]).is_err());
}
