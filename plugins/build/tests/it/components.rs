//! What comes out: valid, stamped, the same every time, and never more than the contract allows.

use groundswell_contract::Stamp;
use groundswell_plugin_build::{Built, componentize, read_stamp};
use insta::assert_snapshot;

use crate::folder::{Folder, GUEST, Steps};

#[test]
fn a_good_folder_becomes_a_stamped_and_valid_component() {
    let folder = Folder::good();
    let steps = Steps::default();
    let built = folder.builder().on_step(steps.listen()).build().unwrap();
    assert_eq!((built.name.as_str(), built.version.as_str()), ("tiny", "0.3.0"));
    check(&built);

    let lines = steps.lines();
    assert_eq!(
        lines.iter().filter(|line| **line == format!("compiling tiny 0.3.0 with {}", built.route)).count(),
        1
    );
    assert!(lines.last().unwrap().starts_with("built tiny 0.3.0: "), "{lines:?}");

    let file = folder.path().join("tiny.wasm");
    built.write_to(&file).unwrap();
    assert_eq!(std::fs::read(file).unwrap(), built.bytes);
}

#[test]
fn the_same_source_gives_the_same_bytes_in_another_folder() {
    let (here, there) = (Folder::good(), Folder::good());
    let (first, second) = (here.build().unwrap(), there.build().unwrap());
    assert!(
        first.bytes == second.bytes,
        "{} and {} bytes that differ",
        first.bytes.len(),
        second.bytes.len()
    );
}

#[test]
fn no_path_of_this_machine_is_left_in_the_bytes() {
    let folder = Folder::good();
    folder.append(
        "#[unsafe(no_mangle)]\npub extern \"C\" fn _initialize() { std::env::args().next().unwrap(); }",
    );
    let built = folder.build().unwrap();
    let bytes = String::from_utf8_lossy(&built.bytes);
    let mut paths = vec![folder.path().display().to_string(), env!("CARGO_MANIFEST_DIR").to_owned()];
    paths.extend(std::env::home_dir().map(|home| format!("{}/", home.display())));
    for path in paths {
        assert!(!bytes.contains(&path), "{path} is in the bytes");
    }
    assert!(bytes.contains("src/lib.rs"), "the author is still told which line panicked");
}

#[test]
fn every_example_is_a_plugin_of_its_own_name() {
    let folder = Folder::good();
    let manifest = std::fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    let examples = "\n[[example]]\nname = \"two\"\ncrate-type = [\"cdylib\"]\npath = \"more/two.rs\"\n\
                    [[example]]\nname = \"one\"\ncrate-type = [\"cdylib\"]\npath = \"more/one.rs\"\n";
    let source =
        GUEST.replace("VERSION", groundswell_contract::VERSION).replace("world.bin", "../src/world.bin");
    folder
        .write("plugin/Cargo.toml", &format!("{manifest}{examples}"))
        .write("plugin/src/lib.rs", "")
        .write("plugin/examples/native.rs", "fn main() {}")
        .write("plugin/more/one.rs", &source)
        .write("plugin/more/two.rs", &source);
    let built = folder.builder().build_examples().unwrap();
    assert_eq!(built.iter().map(|built| built.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    built.iter().for_each(check);
}

#[test]
fn a_wish_for_a_javascript_host_is_refused_with_its_usual_source() {
    assert_snapshot!(importing("__wbindgen_placeholder__"), @"tiny 0.3.0 imports `__wbindgen_placeholder__.now`, which no host offers: a dependency expects a JavaScript host, often by a feature named `js`, `wasm_js` or `wasmbind` (getrandom, uuid, chrono); `cargo tree --target wasm32-unknown-unknown -i wasm-bindgen` shows which. Turn the feature off: a plugin has no clock and no randomness");
}

#[test]
fn a_wish_for_wasi_is_refused() {
    assert_snapshot!(importing("wasi_snapshot_preview1"), @"tiny 0.3.0 imports `wasi_snapshot_preview1.now`, which no host offers: it is part of WASI (files, clocks, randomness, environment), and a plugin has none of these; take what you need as an input or a setting");
}

#[test]
fn an_undefined_function_is_refused() {
    assert_snapshot!(importing("env"), @"tiny 0.3.0 imports `env.now`, which no host offers: a function is declared `extern` and never defined, often by a dependency with C code; a plugin can link Rust only");
}

#[test]
fn another_interface_is_refused() {
    assert_snapshot!(importing("acme:extras/clock@1.0.0"), @"tiny 0.3.0 imports `acme:extras/clock@1.0.0.now`, which no host offers: a plugin can call the contract's `log` and nothing else");
}

#[test]
fn a_plugin_for_another_contract_is_refused() {
    let folder = Folder::with_contract("0.9.0");
    assert_snapshot!(folder.refusal(), @"tiny 0.3.0 imports `groundswell:plugin/types@0.9.0`, which no host offers: the plugin is written for contract 0.9.0, this builder stamps 0.1.0; use the groundswell-plugin and the builder of one release");
}

#[test]
fn a_library_that_exports_nothing_of_the_contract_is_refused() {
    let folder = Folder::good();
    folder.write("plugin/src/lib.rs", "#[unsafe(no_mangle)]\nextern \"C\" fn score() {}\n");
    assert_snapshot!(folder.refusal(), @"tiny 0.3.0 exports nothing of the contract; implement a definition, reward rules or a metric and hand them to the export macro of groundswell-plugin");
}

#[test]
fn a_contract_that_is_only_half_kept_is_refused() {
    let folder = Folder::good();
    let source = std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    folder.write("plugin/src/lib.rs", &source.replace("#describe", "#describe-me"));
    assert_snapshot!(folder.refusal(), @"tiny 0.3.0 cannot be made a component: failed to decode world from module: module was not valid: failed to find export of interface `groundswell:plugin/rewards@0.1.0` function `describe`");
}

#[test]
fn a_plugin_for_tests_of_hosts_may_be_for_another_contract() {
    let folder = Folder::with_contract("0.9.0");
    let built = folder.builder().without_contract_checks().build().unwrap();
    assert_eq!(read_stamp(&built.bytes).unwrap(), Some(Stamp::new("tiny", "0.3.0")));
}

#[test]
fn only_a_core_module_becomes_a_component() {
    let component = Folder::good().build().unwrap().bytes;
    assert_snapshot!(componentize(&component, "x", "1.0.0").unwrap_err(), @"x: not a core module: it is a component already");
    assert_snapshot!(componentize(b"#!/bin/sh", "x", "1.0.0").unwrap_err(), @"x: not a core module: it does not begin as WebAssembly does");
    assert_snapshot!(componentize(b"\0asm\x01\0\0\0\x01\x7f", "x", "1.0.0").unwrap_err(), @"x: not a core module: unexpected end-of-file (at offset 0xa)");
}

/// The refusal of a plugin that calls a function of another module.
fn importing(module: &str) -> String {
    let folder = Folder::good();
    folder.append(&format!(
        "#[link(wasm_import_module = \"{module}\")]\nunsafe extern \"C\" {{ fn now() -> u32; }}\n\
         #[unsafe(no_mangle)]\npub extern \"C\" fn _initialize() {{ if unsafe {{ now() }} == 1 {{ panic!() }} }}"
    ));
    folder.refusal()
}

/// What holds for every component that the builder makes.
pub(crate) fn check(built: &Built) {
    wasmparser::Validator::new().validate_all(&built.bytes).unwrap();
    assert_eq!(read_stamp(&built.bytes).unwrap(), Some(Stamp::new(&built.name, &built.version)));
    for leftover in ["component-type:", "target_features", "wasm-bindgen"] {
        let found = built.bytes.windows(leftover.len()).any(|bytes| bytes == leftover.as_bytes());
        assert!(!found, "{leftover} is left in the bytes");
    }
}
