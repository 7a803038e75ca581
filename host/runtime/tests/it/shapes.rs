//! Components whose interfaces have the contract's names, and other things in them.
#![expect(clippy::panic, reason = "tests")]

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;
use groundswell_runtime::{Error, LoadErrorKind};
use wasm_encoder as wasm;

use crate::guests::{component, runtime};

fn mismatch(bytes: &[u8]) -> String {
    let error = runtime().load_bytes("x.wasm", bytes).unwrap_err();
    let Error::Load(load) = &error else { panic!("{error}") };
    assert_eq!(load.kind(), LoadErrorKind::Mismatch, "{error}");
    error.to_string()
}

/// The good plugin with one name in place of another of the same length, wherever it stands.
fn renamed(old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut bytes = component("good").to_vec();
    let places: Vec<usize> =
        (0..bytes.len() - old.len()).filter(|&at| bytes[at..].starts_with(old.as_bytes())).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    }
    bytes
}

#[test]
fn a_function_that_is_missing_and_one_too_many_are_named() {
    insta::assert_snapshot!(mismatch(&renamed("[method]model.explain", "[method]model.exhibit")));
}

#[test]
fn a_field_of_another_name_is_shown_wherever_it_matters() {
    insta::assert_snapshot!(mismatch(&renamed("best-before", "last-before")));
}

#[test]
fn a_case_of_another_name_is_shown_in_functions_and_in_types_alone() {
    insta::assert_snapshot!(mismatch(&renamed("invalid-setting", "unusual-setting")));
}

/// A component that exports `scoring` with functions without parameters or answers.
fn offering(names: &[&str]) -> wasm::Component {
    let mut module = wasm::Module::new();
    let mut types = wasm::TypeSection::new();
    types.ty().function([], []);
    let mut functions = wasm::FunctionSection::new();
    functions.function(0);
    let mut exports = wasm::ExportSection::new();
    exports.export("f", wasm::ExportKind::Func, 0);
    let mut code = wasm::CodeSection::new();
    let mut function = wasm::Function::new([]);
    function.instruction(&wasm::Instruction::End);
    code.function(&function);
    module.section(&types).section(&functions).section(&exports).section(&code);
    let mut component = wasm::Component::new();
    component.section(&wasm::ModuleSection(&module));
    let mut instances = wasm::InstanceSection::new();
    let args: [(&str, wasm::ModuleArg); 0] = [];
    instances.instantiate(0, args);
    component.section(&instances);
    let mut aliases = wasm::ComponentAliasSection::new();
    aliases.alias(wasm::Alias::CoreInstanceExport { instance: 0, kind: wasm::ExportKind::Func, name: "f" });
    component.section(&aliases);
    let mut types = wasm::ComponentTypeSection::new();
    let params: [(&str, wasm::ComponentValType); 0] = [];
    types.function().params(params).result(None);
    component.section(&types);
    let mut lifted = wasm::CanonicalFunctionSection::new();
    lifted.lift(0, 0, []);
    component.section(&lifted);
    let mut instances = wasm::ComponentInstanceSection::new();
    instances.export_items(names.iter().map(|&name| (name, wasm::ComponentExportKind::Func, 0)));
    component.section(&instances);
    component
}

fn exporting(mut component: wasm::Component, instance: u32) -> Vec<u8> {
    let mut exports = wasm::ComponentExportSection::new();
    exports.export("groundswell:plugin/scoring@0.1.0", wasm::ComponentExportKind::Instance, instance, None);
    component.section(&exports);
    stamp(&component.finish(), &Stamp::new("odd", "1.0.0")).unwrap()
}

#[test]
fn functions_of_another_type_are_shown_beside_the_contracts() {
    insta::assert_snapshot!(mismatch(&exporting(offering(&["describe"]), 0)));
}

#[test]
fn of_very_many_differences_the_first_are_shown() {
    let names: Vec<String> = (0..5_000).map(|name| format!("n{name}-{}", "long".repeat(60))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let told = mismatch(&exporting(offering(&names), 0));
    assert_eq!(told.lines().count(), 1 + 20 + 1);
    assert!(told.lines().all(|line| line.chars().count() <= 310), "{told}");
    assert_eq!(told.lines().last(), Some("  and 4,986 more"));
}

#[test]
fn imported_types_of_another_shape_are_refused() {
    let mut component = wasm::Component::new();
    let mut instance = wasm::InstanceType::new();
    instance.ty().defined_type().enum_type(["raw", "cooked"]);
    instance.export("scale", wasm::ComponentTypeRef::Type(wasm::TypeBounds::Eq(0)));
    instance.ty().defined_type().enum_type(["one"]);
    instance.export("mystery", wasm::ComponentTypeRef::Type(wasm::TypeBounds::Eq(2)));
    let mut types = wasm::ComponentTypeSection::new();
    types.instance(&instance);
    component.section(&types);
    let mut imports = wasm::ComponentImportSection::new();
    imports.import("groundswell:plugin/types@0.1.0", wasm::ComponentTypeRef::Instance(0));
    component.section(&imports);
    let mut instances = wasm::ComponentInstanceSection::new();
    let none: [(&str, wasm::ComponentExportKind, u32); 0] = [];
    instances.export_items(none);
    component.section(&instances);
    insta::assert_snapshot!(mismatch(&exporting(component, 1)));
}
