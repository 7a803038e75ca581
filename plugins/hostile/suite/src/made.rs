//! Attackers whose bytes are made here: files that are none, components that are small and come to a great deal, and
//! modules that keep the compiler busy.

use groundswell_contract::{STAMP_SECTION, Stamp};
use wasm_encoder as wasm;
use wasm_encoder::{BlockType, ComponentSection, Instruction, ValType};
use wasmparser::Validator;

use crate::Folder;
use crate::attacker::{VERSION, good, playing, stamped};

const SCORING: &str = "groundswell:plugin/scoring@0.1.0";

/// The bytes of an attacker without a source.
pub(crate) fn made(folder: Folder, variant: &str, name: &str) -> Vec<u8> {
    match folder {
        Folder::Script => b"#!/bin/sh\nrm -rf \"$HOME\"\n".to_vec(),
        Folder::CoreModule => wasm::Module::HEADER.to_vec(),
        Folder::CutOff => {
            let good = good();
            good.get(..good.len() / 2).unwrap_or_default().to_vec()
        }
        Folder::NoStamp => empty().finish(),
        Folder::TwoStamps => {
            let mut component = stamped(&empty().finish(), name);
            append(&mut component, &Stamp::new("somebody-else", VERSION).to_json());
            component
        }
        Folder::EnormousStamp => {
            let mut component = empty().finish();
            append(&mut component, format!("[\"{}\"]", "A".repeat(1_000_000)).as_bytes());
            component
        }
        Folder::StampThatLies => lying(variant, name),
        Folder::Door => importing(name, variant, |_| ()),
        Folder::ForeignImport => importing(name, "attack:clock/clock", |clock| {
            clock
                .ty()
                .function()
                .params([("", wasm::PrimitiveValType::Bool); 0])
                .result(Some(wasm::PrimitiveValType::U64.into()));
            clock.export("now", wasm::ComponentTypeRef::Func(0));
        }),
        Folder::OtherContract => foreign(variant, name),
        Folder::Multiply => plugin(name, |component| multiplied(component, variant)),
        Folder::Nest => plugin(name, |component| nested_in_itself(component, variant)),
        Folder::Crowd => plugin(name, |component| crowded(component, variant)),
        Folder::StartLarge => plugin(name, |component| large(component, variant)),
        Folder::SlowToCompile => plugin(name, |component| {
            component.section(&wasm::ModuleSection(&slow(variant)));
        }),
        _ => Vec::new(),
    }
}

fn append(component: &mut Vec<u8>, stamp: &[u8]) {
    wasm::CustomSection { name: STAMP_SECTION.into(), data: stamp.into() }.append_to_component(component);
}

fn lying(variant: &str, name: &str) -> Vec<u8> {
    let (name, version) = match variant {
        "capital-letters" => ("Good", VERSION),
        "no-name" => ("", VERSION),
        "no-version" => (name, "1"),
        _ => (name, "1.0.0-\u{1b}[31m\u{202e}"),
    };
    let mut component = empty().finish();
    append(&mut component, &Stamp::new(name, version).to_json());
    component
}

fn foreign(variant: &str, name: &str) -> Vec<u8> {
    let mut stamp = Stamp::new(name, VERSION);
    match variant {
        "older" => "0.0.9".clone_into(&mut stamp.contract),
        "newer" => "99.0.0".clone_into(&mut stamp.contract),
        _ => stamp.contract_digest = Some("0123456789abcdef".to_owned()),
    }
    let mut component = empty().finish();
    append(&mut component, &stamp.to_json());
    component
}

/// The honest plugin, but for one more import: whoever gives it that has nothing else to refuse.
fn importing(name: &str, import: &str, fill: impl FnOnce(&mut wasm::InstanceType)) -> Vec<u8> {
    let mut component = playing(name);
    // Types are told apart by their number. A stub has none.
    let Ok(known) = Validator::new().validate_all(&component) else { return component };
    let number = known.as_ref().component_type_count();
    let mut interface = wasm::InstanceType::new();
    fill(&mut interface);
    let (mut types, mut imports) = (wasm::ComponentTypeSection::new(), wasm::ComponentImportSection::new());
    types.instance(&interface);
    imports.import(import, wasm::ComponentTypeRef::Instance(number));
    types.append_to_component(&mut component);
    imports.append_to_component(&mut component);
    component
}

/// A component that exports the contract's interface, with nothing in it.
fn empty() -> wasm::Component {
    let mut component = wasm::Component::new();
    let mut instances = wasm::ComponentInstanceSection::new();
    instances.export_items([("", wasm::ComponentExportKind::Func, 0); 0]);
    component.section(&instances);
    export(&mut component);
    component
}

fn export(component: &mut wasm::Component) {
    let mut exports = wasm::ComponentExportSection::new();
    exports.export(SCORING, wasm::ComponentExportKind::Instance, 0, None);
    component.section(&exports);
}

/// A component that could be a plugin, were it not for what `fill` puts into it.
fn plugin(name: &str, fill: impl FnOnce(&mut wasm::Component)) -> Vec<u8> {
    let mut component = wasm::Component::new();
    fill(&mut component);
    export(&mut component);
    stamped(&component.finish(), name)
}

/// Instantiates a component that this one has, so many times.
fn instantiate(component: &mut wasm::Component, which: u32, times: u32) {
    let mut instances = wasm::ComponentInstanceSection::new();
    for _ in 0..times {
        instances.instantiate(which, [("", wasm::ComponentExportKind::Func, 0); 0]);
    }
    component.section(&instances);
}

/// Instantiates the first module that a component has, so many times.
fn instantiate_module(component: &mut wasm::Component, times: u32) {
    let mut instances = wasm::InstanceSection::new();
    for _ in 0..times {
        instances.instantiate(0, [("", wasm::ModuleArg::Instance(0)); 0]);
    }
    component.section(&instances);
}

/// Components inside each other, each instantiating the one inside so many times.
fn nested(levels: u32, fan: u32, innermost: wasm::Component) -> wasm::Component {
    (0..levels).fold(innermost, |inner, _| {
        let mut outer = wasm::Component::new();
        outer.section(&wasm::NestedComponentSection(&inner));
        instantiate(&mut outer, 0, fan);
        outer
    })
}

fn multiplied(component: &mut wasm::Component, variant: &str) {
    match variant {
        "components" => {
            component.section(&wasm::NestedComponentSection(&nested(4, 100, wasm::Component::new())));
            instantiate(component, 0, 1);
        }
        "modules" => {
            let mut innermost = wasm::Component::new();
            innermost.section(&wasm::ModuleSection(&wasm::Module::new()));
            instantiate_module(&mut innermost, 10);
            component.section(&wasm::NestedComponentSection(&nested(1, 10, innermost)));
            instantiate(component, 0, 1);
        }
        "declarations" => {
            let mut declaring = wasm::Component::new();
            let mut types = wasm::ComponentTypeSection::new();
            (0..10_000).for_each(|_| types.defined_type().list(wasm::PrimitiveValType::U8));
            declaring.section(&types);
            component.section(&wasm::NestedComponentSection(&nested(1, 200, declaring)));
            instantiate(component, 0, 1);
        }
        // One that instantiates another beside it, through an alias.
        _ => {
            component.section(&wasm::NestedComponentSection(&nested(1, 50, wasm::Component::new())));
            let mut second = wasm::Component::new();
            let mut aliases = wasm::ComponentAliasSection::new();
            let kind = wasm::ComponentOuterAliasKind::Component;
            aliases.alias(wasm::Alias::Outer { kind, count: 1, index: 0 });
            second.section(&aliases);
            instantiate(&mut second, 0, 50);
            component.section(&wasm::NestedComponentSection(&second));
            instantiate(component, 1, 1);
        }
    }
}

fn nested_in_itself(component: &mut wasm::Component, variant: &str) {
    match variant {
        "nine-deep" => {
            component.section(&wasm::NestedComponentSection(&nested(9, 0, wasm::Component::new())));
        }
        "thousand-deep" => {
            component.section(&wasm::NestedComponentSection(&nested(1_500, 0, wasm::Component::new())));
        }
        // Types inside types, which an engine would follow down.
        _ => {
            let mut types = vec![1];
            types.extend([0x41, 1, 1].repeat(200_000));
            types.extend([0x41, 0]);
            component.section(&wasm::RawSection { id: 7, data: &types });
        }
    }
}

fn crowded(component: &mut wasm::Component, variant: &str) {
    match variant {
        "components" => {
            for _ in 0..101 {
                component.section(&wasm::NestedComponentSection(&wasm::Component::new()));
            }
        }
        "modules" => {
            for _ in 0..257 {
                component.section(&wasm::ModuleSection(&wasm::Module::new()));
            }
        }
        "functions" => {
            component.section(&wasm::ModuleSection(&functions((0, 0), 0, 1_000_001, &[])));
        }
        // Of another component's functions, which the engine would have to join.
        "exports" => {
            let mut inner = wasm::Component::new();
            let mut lifted = wasm::CanonicalFunctionSection::new();
            lifted.lift(0, 0, []);
            inner.section(&lifted);
            component.section(&wasm::NestedComponentSection(&inner));
        }
        _ => {
            let mut module = wasm::Module::new();
            let mut tables = wasm::TableSection::new();
            (0..9).for_each(|_| _ = tables.table(table(1)));
            module.section(&tables);
            component.section(&wasm::ModuleSection(&module));
            instantiate_module(component, 1);
        }
    }
}

fn table(minimum: u64) -> wasm::TableType {
    wasm::TableType {
        element_type: wasm::RefType::FUNCREF,
        minimum,
        maximum: None,
        table64: false,
        shared: false,
    }
}

fn large(component: &mut wasm::Component, variant: &str) {
    let mut module = wasm::Module::new();
    let memory = |minimum| wasm::MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    let (mut memories, mut tables) = (wasm::MemorySection::new(), wasm::TableSection::new());
    match variant {
        "memory" => _ = memories.memory(memory(65_536)),
        "memories" => (0..2).for_each(|_| _ = memories.memory(memory(1))),
        "table" => _ = tables.table(table(10_000_001)),
        _ => {}
    }
    if !tables.is_empty() {
        module.section(&tables);
    }
    if !memories.is_empty() {
        module.section(&memories);
    }
    component.section(&wasm::ModuleSection(&module));
    instantiate_module(component, if variant == "instances" { 65 } else { 1 });
}

/// A module with one type and so many functions of it, all with this body.
fn functions(ty: (usize, usize), locals: u32, count: u32, body: &[Instruction<'_>]) -> wasm::Module {
    let mut module = wasm::Module::new();
    let mut types = wasm::TypeSection::new();
    let values = |count| std::iter::repeat_n(ValType::I64, count);
    types.ty().function(values(ty.0), values(ty.1));
    let (mut declared, mut code) = (wasm::FunctionSection::new(), wasm::CodeSection::new());
    let mut function = wasm::Function::new([(locals, ValType::I64)]);
    body.iter().for_each(|instruction| _ = function.instruction(instruction));
    function.instruction(&Instruction::End);
    for _ in 0..count {
        declared.function(0);
        code.function(&function);
    }
    module.section(&types).section(&declared).section(&code);
    module
}

fn many<const N: usize>(these: [Instruction<'static>; N], times: usize) -> Vec<Instruction<'static>> {
    std::iter::repeat_n(these, times).flatten().collect()
}

fn slow(variant: &str) -> wasm::Module {
    let pass: Vec<_> = (0..16).map(Instruction::LocalGet).collect();
    match variant {
        "function" => functions((0, 0), 0, 1, &vec![Instruction::Nop; 7_654_322]),
        "locals" => functions((0, 0), 2_001, 1, &[]),
        "arity" => functions((40, 40), 0, 1, &[Instruction::Unreachable]),
        // Three bytes each.
        "loops" => {
            functions((0, 0), 0, 1, &many([Instruction::Loop(BlockType::Empty), Instruction::End], 50_000))
        }
        // Fifteen gigabytes in the compiler.
        "values-that-meet" => {
            let meet = many([Instruction::Block(BlockType::FunctionType(0)), Instruction::End], 17_000);
            functions((16, 16), 0, 1, &[pass, meet].concat())
        }
        // Each passes on what the one before answered.
        "calls" => functions((16, 16), 0, 1, &[pass, vec![Instruction::Call(0); 150_000]].concat()),
        _ => functions((0, 0), 0, 1, &many([Instruction::MemoryGrow(0)], 80_000)),
    }
}
