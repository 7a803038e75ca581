//! Files that are no plugins for this host. Nothing in them runs.

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;
use groundswell_runtime::{Error, Limits, LoadErrorKind, Runtime};

use crate::guests::{component, runtime};

fn refusal(bytes: &[u8]) -> String {
    let error = runtime().load_bytes("x.wasm", bytes).unwrap_err();
    // A file that is no component at all is nobody's plugin.
    let none = matches!(&error, groundswell_runtime::Error::Load(error) if error.is_no_component());
    assert_eq!(error.is_plugin_fault(), !none);
    error.to_string()
}

#[test]
fn what_is_not_a_component_is_named_for_what_it_is() {
    insta::assert_snapshot!(
        refusal(b"#!/bin/sh"),
        @"x.wasm: this is not WebAssembly; build the plugin with `groundswell plugin build FOLDER`"
    );
    insta::assert_snapshot!(
        refusal(b"\0asm\x01\0\0\0"),
        @"x.wasm: this is a core module, not a component; build the plugin with `groundswell plugin build FOLDER`"
    );
    insta::assert_snapshot!(
        refusal(b"\0asm\x0d\0\x01\0"),
        @"x.wasm: the component has no `groundswell-plugin` section, so nobody can say which contract it speaks; build the plugin with `groundswell plugin build FOLDER`"
    );
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let good = component("good");
    assert!(refusal(&good[..good.len() / 2]).starts_with("x.wasm: the component is damaged or cut off: "));
    for end in (8..good.len()).step_by(good.len() / 40) {
        assert!(runtime().load_bytes("x.wasm", &good[..end]).unwrap_err().is_plugin_fault(), "cut at {end}");
    }
}

#[test]
fn another_contract_is_refused_with_the_side_to_upgrade() {
    let other = |contract: &str| {
        let mut odd = Stamp::new("good", "0.1.0");
        odd.contract = contract.to_owned();
        refusal(&stamp(component("good"), &odd).unwrap())
    };
    insta::assert_snapshot!(
        other("0.3.0"),
        @"plugin good 0.1.0 (x.wasm): it speaks contract 0.3.0, this host speaks 0.1.0; upgrade the host, or rebuild the plugin for it"
    );
    insta::assert_snapshot!(
        other("0.0.9"),
        @"plugin good 0.1.0 (x.wasm): it speaks contract 0.0.9, this host speaks 0.1.0; upgrade the plugin: rebuild it"
    );
    let mut draft = Stamp::new("good", "0.1.0");
    draft.contract_digest = Some("0123456789abcdef".to_owned());
    let message = refusal(&stamp(component("good"), &draft).unwrap());
    assert!(
        message.starts_with("plugin good 0.1.0 (x.wasm): it was built for another draft of contract 0.1.0"),
        "{message}"
    );
}

#[test]
fn a_component_over_the_size_cap_is_not_even_read() {
    let small = Runtime::new(Limits { component_bytes: 1_000, ..Limits::new() }).unwrap();
    let message = small.load_bytes("x.wasm", component("good")).unwrap_err().to_string();
    insta::assert_snapshot!(message, @"x.wasm: the file has more than 1,000 bytes; build it without debug information, or raise `component-bytes`");
}

#[test]
fn a_missing_file_is_not_the_plugins_fault() {
    let error = runtime().load("no-such-plugin.wasm").unwrap_err();
    assert!(!error.is_plugin_fault());
    assert!(error.to_string().starts_with("failed to read plugin no-such-plugin.wasm: "), "{error}");
}

#[test]
fn a_stamp_that_no_builder_makes_is_refused() {
    let told = |name: &str, version: &str| {
        let error =
            runtime().load_bytes("x.wasm", &stamp(component("good"), &Stamp::new(name, version)).unwrap());
        let Err(Error::Load(error)) = error else { panic!("{name} {version} loads") };
        assert_eq!((error.kind(), error.plugin(), error.file()), (LoadErrorKind::Stamp, None, "x.wasm"));
        error.to_string()
    };
    let long = format!("a{}", "-b".repeat(32));
    let told = [
        told("Good", "1.0.0"),
        told("", "1.0.0"),
        told(&long, "1.0.0"),
        told("good", "1"),
        told("good", "1.0.0\u{1b}[31m"),
        told("good", "1.0.0-\u{202e}"),
        told("good", &format!("1.0.0-{}", "x".repeat(59))),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn messages_are_bounded_whatever_a_file_says() {
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    let text = format!("[\"{}\"]", "A".repeat(1_000_000));
    let data = text.as_bytes().into();
    wasm_encoder::ComponentSection::append_to_component(
        &wasm_encoder::CustomSection { name: "groundswell-plugin".into(), data },
        &mut component,
    );
    assert!(refusal(&component).chars().count() < 500);
    // Exports by the ten thousand.
    let mut many = wasm_encoder::Component::new();
    let mut instances = wasm_encoder::ComponentInstanceSection::new();
    let none: [(&str, wasm_encoder::ComponentExportKind, u32); 0] = [];
    instances.export_items(none);
    many.section(&instances);
    let mut exports = wasm_encoder::ComponentExportSection::new();
    for name in 0..50_000 {
        exports.export(
            format!("{}{name}", "a".repeat(200)),
            wasm_encoder::ComponentExportKind::Instance,
            0,
            None,
        );
    }
    many.section(&exports);
    let told = refusal(&stamp(&many.finish(), &Stamp::new("many", "1.0.0")).unwrap());
    assert_eq!(told.lines().count(), 1 + 20 + 1);
    assert!(told.ends_with("\n  and 49,981 more"), "{told}");
    assert!(told.len() < 8_000, "{}", told.len());
}

#[test]
#[cfg(unix)]
fn what_is_no_regular_file_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [std::path::Path::new("/dev/zero"), &pipe, folder.path()] {
        let error = runtime().load(path).unwrap_err();
        assert!(!error.is_plugin_fault());
        let expected = format!("failed to read plugin {}: it is not a regular file", path.display());
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn of_a_file_that_is_too_large_one_byte_more_is_read() {
    let small = Runtime::new(Limits { component_bytes: 1_000, instances: 1, ..Limits::new() }).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), component("good")).unwrap();
    assert_eq!(small.read(file.path()).unwrap().len(), 1_001);
    let error = small.load(file.path()).unwrap_err();
    assert!(error.is_limit());
    insta::assert_snapshot!(
        error.to_string().replace(&file.path().display().to_string(), "[file]"),
        @"[file]: the file has more than 1,000 bytes; build it without debug information, or raise `component-bytes`"
    );
}
