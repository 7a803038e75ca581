//! Files that are no plugins for this host. Nothing in them runs.

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;
use groundswell_runtime::{Limits, Runtime};

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
    assert!(message.contains("bytes, 1,000 are allowed"), "{message}");
}

#[test]
fn a_missing_file_is_not_the_plugins_fault() {
    let error = runtime().load("no-such-plugin.wasm").unwrap_err();
    assert!(!error.is_plugin_fault());
    assert!(error.to_string().starts_with("failed to read plugin no-such-plugin.wasm: "), "{error}");
}
