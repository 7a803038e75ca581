//! Limits on components that a community may raise. Components that are small, and would keep the compiler busy for
//! ever, are among the attackers.
#![expect(clippy::panic, reason = "tests")]

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;
use groundswell_runtime::{Error, Limits, LoadErrorKind, Runtime};
use wasm_encoder as wasm;

const SCORING: &str = "groundswell:plugin/scoring@0.1.0";

/// A component that could be a plugin, were it not for what `fill` puts into it.
fn bomb(fill: impl FnOnce(&mut wasm::Component)) -> Vec<u8> {
    let mut component = wasm::Component::new();
    fill(&mut component);
    let mut exports = wasm::ComponentExportSection::new();
    exports.export(SCORING, wasm::ComponentExportKind::Instance, 0, None);
    component.section(&exports);
    stamp(&component.finish(), &Stamp::new("bomb", "1.0.0")).unwrap()
}

/// A module with so many functions that do nothing.
fn functions(count: u32) -> wasm::Module {
    let mut types = wasm::TypeSection::new();
    types.ty().function([], []);
    let (mut declared, mut code) = (wasm::FunctionSection::new(), wasm::CodeSection::new());
    let mut function = wasm::Function::new([]);
    function.instruction(&wasm::Instruction::End);
    for _ in 0..count {
        declared.function(0);
        code.function(&function);
    }
    let mut module = wasm::Module::new();
    module.section(&types).section(&declared).section(&code);
    module
}

fn refusal_of(runtime: &Runtime, bytes: &[u8]) -> String {
    let error = runtime.load_bytes("x.wasm", bytes).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit(), "{error}");
    let Error::Load(load) = &error else { panic!("{error}") };
    assert_eq!(load.kind(), LoadErrorKind::Limit);
    assert_eq!(load.plugin().map(|plugin| plugin.name.as_str()), Some("bomb"));
    error.to_string()
}

#[test]
fn a_community_can_raise_what_is_not_fixed() {
    let lean = Runtime::new(Limits { compile_work: 1_000, instances: 1, ..Limits::new() }).unwrap();
    let small = bomb(|component| _ = component.section(&wasm::ModuleSection(&functions(2))));
    insta::assert_snapshot!(refusal_of(&lean, &small));
    let raised = lean.with_limits(Limits { compile_work: 4_000, ..lean.limits().clone() }).unwrap();
    assert!(!raised.load_bytes("x.wasm", &small).unwrap_err().is_limit());
}
