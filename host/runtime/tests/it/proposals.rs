//! Which WebAssembly plugins may be written in, whatever the engine was built with.
#![expect(clippy::panic, reason = "tests")]

use groundswell_contract::Stamp;
use groundswell_plugin_build::stamp;
use groundswell_runtime::{Error, LoadErrorKind};
use wasm_encoder as wasm;
use wasm_encoder::{Instruction, ValType};

use crate::guests::runtime;

/// A component that is no plugin for its shapes alone, after it has been compiled.
fn finished(mut component: wasm::Component) -> Vec<u8> {
    let mut instances = wasm::ComponentInstanceSection::new();
    let none: [(&str, wasm::ComponentExportKind, u32); 0] = [];
    instances.export_items(none);
    component.section(&instances);
    let mut exports = wasm::ComponentExportSection::new();
    exports.export("groundswell:plugin/scoring@0.1.0", wasm::ComponentExportKind::Instance, 0, None);
    component.section(&exports);
    stamp(&component.finish(), &Stamp::new("modern", "1.0.0")).unwrap()
}

fn with_types(fill: impl FnOnce(&mut wasm::ComponentTypeSection)) -> Vec<u8> {
    let mut component = wasm::Component::new();
    let mut types = wasm::ComponentTypeSection::new();
    fill(&mut types);
    component.section(&types);
    finished(component)
}

fn with_canonical(fill: impl FnOnce(&mut wasm::CanonicalFunctionSection)) -> Vec<u8> {
    let mut component = wasm::Component::new();
    let mut functions = wasm::CanonicalFunctionSection::new();
    fill(&mut functions);
    component.section(&functions);
    finished(component)
}

fn with_module(fill: impl FnOnce(&mut wasm::Module)) -> Vec<u8> {
    let mut module = wasm::Module::new();
    fill(&mut module);
    let mut component = wasm::Component::new();
    component.section(&wasm::ModuleSection(&module));
    finished(component)
}

fn with_memory(memories: usize, change: impl FnOnce(&mut wasm::MemoryType)) -> Vec<u8> {
    let mut memory = wasm::MemoryType {
        minimum: 1,
        maximum: Some(1),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    change(&mut memory);
    with_module(|module| {
        let mut section = wasm::MemorySection::new();
        (0..memories).for_each(|_| _ = section.memory(memory));
        module.section(&section);
    })
}

/// A function of type 0 with these parameters and results, in a module with a memory and a table.
fn with_code(params: &[ValType], results: &[ValType], code: &[Instruction<'_>]) -> Vec<u8> {
    with_module(|module| {
        let mut types = wasm::TypeSection::new();
        types.ty().function(params.iter().copied(), results.iter().copied());
        let mut functions = wasm::FunctionSection::new();
        functions.function(0);
        let mut tables = wasm::TableSection::new();
        let (table64, shared) = (false, false);
        let element_type = wasm::RefType::FUNCREF;
        tables.table(wasm::TableType { element_type, minimum: 1, maximum: None, table64, shared });
        let mut memories = wasm::MemorySection::new();
        let (memory64, page_size_log2) = (false, None);
        memories.memory(wasm::MemoryType { minimum: 1, maximum: None, memory64, shared, page_size_log2 });
        let mut body = wasm::CodeSection::new();
        let mut function = wasm::Function::new([]);
        code.iter().for_each(|instruction| _ = function.instruction(instruction));
        function.instruction(&Instruction::End);
        body.function(&function);
        module.section(&types).section(&functions).section(&tables).section(&memories).section(&body);
    })
}

fn kind(bytes: &[u8]) -> (LoadErrorKind, String) {
    let error = runtime().load_bytes("x.wasm", bytes).unwrap_err();
    let Error::Load(load) = &error else { panic!("{error}") };
    (load.kind(), error.to_string())
}

#[test]
fn what_is_not_needed_is_refused_proposal_by_proposal() {
    let (v128, i64) = (ValType::V128, ValType::I64);
    let gets: Vec<_> = (0..4).map(Instruction::LocalGet).collect();
    let after = |count: usize, last| [&gets[..count], &[last]].concat();
    let arg = wasm::MemArg { offset: 0, align: 2, memory_index: 0 };
    let refused = [
        ("threads: shared memory", with_memory(1, |memory| memory.shared = true)),
        (
            "threads: atomics",
            with_code(&[ValType::I32], &[ValType::I32], &after(1, Instruction::I32AtomicLoad(arg))),
        ),
        ("memory64", with_memory(1, |memory| memory.memory64 = true)),
        ("multi-memory", with_memory(2, |_| ())),
        ("custom-page-sizes", with_memory(1, |memory| memory.page_size_log2 = Some(0))),
        ("relaxed-simd", with_code(&[v128; 3], &[v128], &after(3, Instruction::F32x4RelaxedMadd))),
        ("wide-arithmetic", with_code(&[i64; 4], &[i64; 2], &after(4, Instruction::I64Add128))),
        ("tail-call", with_code(&[], &[], &[Instruction::ReturnCall(0)])),
        (
            "function-references",
            with_code(
                &[ValType::Ref(wasm::RefType { nullable: true, heap_type: wasm::HeapType::Concrete(0) })],
                &[],
                &[],
            ),
        ),
        ("exceptions", with_code(&[], &[], &[Instruction::ThrowRef])),
        (
            "legacy exceptions",
            with_code(
                &[],
                &[],
                &[Instruction::Try(wasm::BlockType::Empty), Instruction::CatchAll, Instruction::End],
            ),
        ),
        (
            "gc: types",
            with_module(|module| {
                let mut types = wasm::TypeSection::new();
                types.ty().struct_([]);
                module.section(&types);
            }),
        ),
        ("gc: externref", with_code(&[ValType::EXTERNREF], &[], &[])),
        (
            "stack-switching",
            with_module(|module| {
                let mut types = wasm::TypeSection::new();
                types.ty().function([], []);
                types.ty().cont(&wasm::ContType(0));
                module.section(&types);
            }),
        ),
        (
            "shared-everything-threads",
            with_code(
                &[ValType::Ref(wasm::RefType {
                    nullable: true,
                    heap_type: wasm::HeapType::Abstract { shared: true, ty: wasm::AbstractHeapType::Func },
                })],
                &[],
                &[],
            ),
        ),
        ("component-model-async: stream", with_types(|types| types.defined_type().stream(None))),
        ("component-model-async: future", with_types(|types| types.defined_type().future(None))),
        ("component-model-async: backpressure", with_canonical(|functions| _ = functions.backpressure_inc())),
        ("component-model-async: yield", with_canonical(|functions| _ = functions.thread_yield(false))),
        ("component-model-threading", with_canonical(|functions| _ = functions.thread_index())),
        (
            "error-context",
            with_types(|types| types.defined_type().primitive(wasm::PrimitiveValType::ErrorContext)),
        ),
        (
            "fixed-length lists",
            with_types(|types| types.defined_type().fixed_length_list(wasm::PrimitiveValType::U8, 4)),
        ),
        (
            "maps",
            with_types(|types| {
                types.defined_type().map(wasm::PrimitiveValType::U8, wasm::PrimitiveValType::U8)
            }),
        ),
    ];
    let told = refused.map(|(proposal, bytes)| {
        let (kind, message) = kind(&bytes);
        assert_eq!(kind, LoadErrorKind::Compile, "{proposal}: {message}");
        format!("{proposal}: {message}")
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_compilers_for_guests_write_is_taken() {
    let (i32, i64, f64, v128) = (ValType::I32, ValType::I64, ValType::F64, ValType::V128);
    let get = Instruction::LocalGet;
    let taken = [
        ("sign-extension", with_code(&[i64], &[i64], &[get(0), Instruction::I64Extend8S])),
        ("saturating-float-to-int", with_code(&[f64], &[i32], &[get(0), Instruction::I32TruncSatF64S])),
        ("multi-value", with_code(&[i32; 2], &[i32; 2], &[get(0), get(1)])),
        ("simd", with_code(&[v128], &[v128], &[get(0), get(0), Instruction::F64x2Add])),
        ("bulk-memory", with_code(&[i32; 3], &[], &[get(0), get(1), get(2), Instruction::MemoryFill(0)])),
        ("reference-types", with_code(&[], &[i32], &[Instruction::TableSize(0)])),
        (
            "extended-const and mutable-global",
            with_module(|module| {
                let mut globals = wasm::GlobalSection::new();
                let ty = wasm::GlobalType { val_type: i32, mutable: true, shared: false };
                globals.global(ty, &wasm::ConstExpr::i32_const(1).with_i32_const(2).with_i32_add());
                let mut exports = wasm::ExportSection::new();
                exports.export("g", wasm::ExportKind::Global, 0);
                module.section(&globals).section(&exports);
            }),
        ),
    ];
    for (proposal, bytes) in taken {
        let (kind, message) = kind(&bytes);
        assert_eq!(kind, LoadErrorKind::Mismatch, "{proposal}: {message}");
    }
}
