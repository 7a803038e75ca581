//! Components that are small, and would keep the compiler busy for ever, or fill the memory.
#![expect(clippy::panic, reason = "tests")]

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;
use groundswell_runtime::{Error, Limits, LoadErrorKind, Runtime};
use wasm_encoder as wasm;
use wasm_encoder::{BlockType, Instruction, ValType};

use crate::guests::runtime;

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

fn module(fill: impl FnOnce(&mut wasm::Module)) -> wasm::Module {
    let mut module = wasm::Module::new();
    fill(&mut module);
    module
}

/// A module with one type and so many functions of it, all with this body.
fn functions(ty: (usize, usize), locals: u32, count: u32, body: &[Instruction<'_>]) -> wasm::Module {
    module(|module| {
        let mut types = wasm::TypeSection::new();
        let values = |count| std::iter::repeat_n(ValType::I64, count);
        types.ty().function(values(ty.0), values(ty.1));
        let mut declared = wasm::FunctionSection::new();
        let mut code = wasm::CodeSection::new();
        let mut function = wasm::Function::new([(locals, ValType::I64)]);
        body.iter().for_each(|instruction| _ = function.instruction(instruction));
        function.instruction(&Instruction::End);
        for _ in 0..count {
            declared.function(0);
            code.function(&function);
        }
        module.section(&types).section(&declared).section(&code);
    })
}

fn many<const N: usize>(these: [Instruction<'static>; N], times: usize) -> Vec<Instruction<'static>> {
    std::iter::repeat_n(these, times).flatten().collect()
}

/// Instantiates the first module that a component has, so many times.
fn instantiate_modules(component: &mut wasm::Component, count: u32) {
    let mut instances = wasm::InstanceSection::new();
    for _ in 0..count {
        let args: [(&str, wasm::ModuleArg); 0] = [];
        instances.instantiate(0, args);
    }
    component.section(&instances);
}

/// Components inside each other, each instantiating the one inside so many times.
fn nested(levels: u32, fan: u32, innermost: wasm::Component) -> wasm::Component {
    (0..levels).fold(innermost, |inner, _| {
        let mut outer = wasm::Component::new();
        outer.section(&wasm::NestedComponentSection(&inner));
        let mut instances = wasm::ComponentInstanceSection::new();
        for _ in 0..fan {
            let args: [(&str, wasm::ComponentExportKind, u32); 0] = [];
            instances.instantiate(0, args);
        }
        outer.section(&instances);
        outer
    })
}

fn refusal_of(runtime: &Runtime, bytes: &[u8]) -> String {
    let error = runtime.load_bytes("x.wasm", bytes).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit(), "{error}");
    let Error::Load(load) = &error else { panic!("{error}") };
    assert_eq!(load.kind(), LoadErrorKind::Limit);
    assert_eq!(load.plugin().map(|plugin| plugin.name.as_str()), Some("bomb"));
    error.to_string()
}

fn refusal(fill: impl FnOnce(&mut wasm::Component)) -> String {
    refusal_of(runtime(), &bomb(fill))
}

#[test]
fn components_that_instantiate_each_other_are_counted_as_if_written_out() {
    let mut told = Vec::new();
    let inside = |levels, fan| {
        refusal(|component| {
            let inner = nested(levels, fan, wasm::Component::new());
            component.section(&wasm::NestedComponentSection(&inner));
            let mut instances = wasm::ComponentInstanceSection::new();
            let args: [(&str, wasm::ComponentExportKind, u32); 0] = [];
            instances.instantiate(0, args);
            component.section(&instances);
        })
    };
    told.push(inside(3, 100));
    told.push(inside(4, 100));
    told.push(inside(9, 0));
    // Instances of modules multiply with them.
    told.push(refusal(|component| {
        let mut innermost = wasm::Component::new();
        innermost.section(&wasm::ModuleSection(&module(|_| ())));
        instantiate_modules(&mut innermost, 10);
        component.section(&wasm::NestedComponentSection(&nested(1, 10, innermost)));
        let mut instances = wasm::ComponentInstanceSection::new();
        let args: [(&str, wasm::ComponentExportKind, u32); 0] = [];
        instances.instantiate(0, args);
        component.section(&instances);
    }));
    told.push(refusal(|component| {
        for _ in 0..101 {
            component.section(&wasm::NestedComponentSection(&wasm::Component::new()));
        }
    }));
    told.push(refusal(|component| {
        let mut declaring = wasm::Component::new();
        let mut types = wasm::ComponentTypeSection::new();
        (0..10_000).for_each(|_| types.defined_type().list(wasm::PrimitiveValType::U8));
        declaring.section(&types);
        component.section(&wasm::NestedComponentSection(&nested(1, 200, declaring)));
        let mut instances = wasm::ComponentInstanceSection::new();
        let args: [(&str, wasm::ComponentExportKind, u32); 0] = [];
        instances.instantiate(0, args);
        component.section(&instances);
    }));
    told.push(refusal(|component| {
        for _ in 0..257 {
            component.section(&wasm::ModuleSection(&module(|_| ())));
        }
    }));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_sibling_that_is_instantiated_through_an_alias_is_counted_too() {
    insta::assert_snapshot!(refusal(|component| {
        component.section(&wasm::NestedComponentSection(&nested(1, 50, wasm::Component::new())));
        let mut second = wasm::Component::new();
        let mut aliases = wasm::ComponentAliasSection::new();
        aliases.alias(wasm::Alias::Outer {
            kind: wasm::ComponentOuterAliasKind::Component,
            count: 1,
            index: 0,
        });
        second.section(&aliases);
        let mut instances = wasm::ComponentInstanceSection::new();
        for _ in 0..50 {
            let args: [(&str, wasm::ComponentExportKind, u32); 0] = [];
            instances.instantiate(0, args);
        }
        second.section(&instances);
        component.section(&wasm::NestedComponentSection(&second));
        let mut instances = wasm::ComponentInstanceSection::new();
        let args: [(&str, wasm::ComponentExportKind, u32); 0] = [];
        instances.instantiate(1, args);
        component.section(&instances);
    }));
}

#[test]
fn types_inside_types_do_not_use_up_the_hosts_stack() {
    insta::assert_snapshot!(refusal(|component| {
        let mut types = vec![1];
        types.extend([0x41, 1, 1].repeat(200_000));
        types.extend([0x41, 0]);
        component.section(&wasm::RawSection { id: 7, data: &types });
    }));
}

#[test]
fn memories_and_tables_are_compared_with_the_limits_before_anything_is_compiled() {
    let mut told = Vec::new();
    let with_memory = |pages: u64, memories: u32, instances: u32| {
        refusal(|component| {
            let module = module(|module| {
                let mut section = wasm::MemorySection::new();
                for _ in 0..memories {
                    let (memory64, shared, page_size_log2) = (false, false, None);
                    section.memory(wasm::MemoryType {
                        minimum: pages,
                        maximum: None,
                        memory64,
                        shared,
                        page_size_log2,
                    });
                }
                module.section(&section);
            });
            component.section(&wasm::ModuleSection(&module));
            instantiate_modules(component, instances);
        })
    };
    told.push(with_memory(2_000, 1, 1));
    told.push(with_memory(1, 2, 1));
    told.push(with_memory(1, 1, 2));
    let with_tables = |elements: u64, tables: u32| {
        refusal(|component| {
            let module = module(|module| {
                let mut section = wasm::TableSection::new();
                for _ in 0..tables {
                    let (table64, shared) = (false, false);
                    let element_type = wasm::RefType::FUNCREF;
                    section.table(wasm::TableType {
                        element_type,
                        minimum: elements,
                        maximum: None,
                        table64,
                        shared,
                    });
                }
                module.section(&section);
            });
            component.section(&wasm::ModuleSection(&module));
            instantiate_modules(component, 1);
        })
    };
    told.push(with_tables(60_000, 2));
    told.push(with_tables(1, 9));
    told.push(refusal(|component| {
        component.section(&wasm::ModuleSection(&module(|_| ())));
        instantiate_modules(component, 65);
    }));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn code_is_weighed_by_what_compiling_it_takes() {
    let mut told = Vec::new();
    let code =
        |module: &wasm::Module| refusal(|component| _ = component.section(&wasm::ModuleSection(module)));
    told.push(code(&functions((0, 0), 0, 50_001, &[])));
    told.push(code(&functions((0, 0), 2_001, 1, &[])));
    told.push(code(&functions((40, 40), 0, 1, &[Instruction::Unreachable])));
    told.push(code(&functions((0, 0), 0, 1, &vec![Instruction::Nop; 600_000])));
    // Loops, three bytes each.
    let empty = [Instruction::Loop(BlockType::Empty), Instruction::End];
    told.push(code(&functions((0, 0), 0, 1, &many(empty, 50_000))));
    // Values that meet: fifteen gigabytes in the compiler.
    let pass: Vec<_> = (0..16).map(Instruction::LocalGet).collect();
    let meet = many([Instruction::Block(BlockType::FunctionType(0)), Instruction::End], 17_000);
    told.push(code(&functions((16, 16), 0, 1, &[pass.clone(), meet].concat())));
    // Calls that pass on what the one before answered.
    told.push(code(&functions((16, 16), 0, 1, &[pass, vec![Instruction::Call(0); 150_000]].concat())));
    let grow = many([Instruction::MemoryGrow(0)], 80_000);
    told.push(code(&functions((0, 0), 0, 1, &grow)));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_community_can_raise_what_is_not_fixed() {
    let lean = Runtime::new(Limits { compile_work: 1_000, instances: 1, ..Limits::new() }).unwrap();
    let small = bomb(|component| _ = component.section(&wasm::ModuleSection(&functions((0, 0), 0, 2, &[]))));
    insta::assert_snapshot!(refusal_of(&lean, &small));
    let raised = lean.with_limits(Limits { compile_work: 4_000, ..lean.limits().clone() }).unwrap();
    assert!(!raised.load_bytes("x.wasm", &small).unwrap_err().is_limit());
}

#[test]
fn components_inside_cannot_be_given_components_or_bring_functions() {
    let mut told = Vec::new();
    let error = |bytes: &[u8]| runtime().load_bytes("x.wasm", bytes).unwrap_err().to_string();
    told.push(error(&bomb(|component| {
        let mut inner = wasm::Component::new();
        let mut types = wasm::ComponentTypeSection::new();
        types.component(&wasm::ComponentType::new());
        inner.section(&types);
        let mut imports = wasm::ComponentImportSection::new();
        imports.import("it", wasm::ComponentTypeRef::Component(0));
        inner.section(&imports);
        component.section(&wasm::NestedComponentSection(&inner));
    })));
    told.push(refusal(|component| {
        let mut inner = wasm::Component::new();
        let mut lifted = wasm::CanonicalFunctionSection::new();
        lifted.lift(0, 0, []);
        inner.section(&lifted);
        component.section(&wasm::NestedComponentSection(&inner));
    }));
    insta::assert_snapshot!(told.join("\n"));
}
