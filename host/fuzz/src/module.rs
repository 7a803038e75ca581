//! A core module made of the input, inside of an honest component.

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

use crate::bytes::{leb128, section, sections};
use crate::component::load;
use crate::guests::honest;

/// Kinds of sections of a component.
const CORE_MODULE: u8 = 1;
const CORE_INSTANCE: u8 = 2;

pub(crate) fn run(input: &[u8]) {
    let Some((ways, rest)) = input.split_first() else { return };
    let refused = ways & 0x80 != 0;
    let config = Config {
        max_imports: 0,
        // The honest component has the one memory that there may be.
        max_memories: usize::from(ways & 1 != 0),
        allow_start_export: true,
        bulk_memory_enabled: true,
        reference_types_enabled: true,
        simd_enabled: true,
        tail_call_enabled: ways & 2 != 0,
        // What a host refuses, whatever the engine could do.
        exceptions_enabled: refused,
        gc_enabled: refused,
        memory64_enabled: refused,
        relaxed_simd_enabled: refused,
        threads_enabled: refused,
        ..Config::default()
    };
    let Ok(module) = Module::new(config, &mut Unstructured::new(rest)) else { return };
    let honest = &honest().component;
    let modules = sections(honest).iter().filter(|(id, _)| *id == CORE_MODULE).count();
    // One instance, of the module that comes last, which takes nothing.
    let instance = [[1, 0].as_slice(), &leb128(modules), &[0]].concat();
    let mut component = [honest.as_slice(), &section(CORE_MODULE, &module.to_bytes())].concat();
    if ways & 4 == 0 {
        component.extend(section(CORE_INSTANCE, &instance));
    }
    load(&component);
}
