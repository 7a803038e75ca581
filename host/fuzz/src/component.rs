//! Bytes as a component, or changes to an honest one.

use groundswell_contract::{STAMP_SECTION, Stamp};
use groundswell_runtime::Error;

use crate::bytes::{PREAMBLE, custom, number};
use crate::guests::{honest, runtime};
use crate::use_fully::{assert_load_error, use_fully};

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let component = match way % 4 {
        // As they are.
        0 => rest.to_vec(),
        // Sections of a component whose stamp is in order.
        1 => [PREAMBLE, rest, &custom(STAMP_SECTION, &Stamp::new("good", "0.1.0").to_json())].concat(),
        // Changes, each a place, what to do there, and a byte.
        2 => {
            let mut component = honest().component.clone();
            let mut changes = rest;
            while let Some((place, [what, byte, more @ ..])) = number(changes) {
                let length = component.len();
                if let Some(there) = component.get_mut(place % length.max(1)) {
                    *there = if what % 2 == 0 { *byte } else { there.wrapping_add(*byte) };
                }
                changes = more;
            }
            component
        }
        // Sections behind those of an honest component.
        _ => [&honest().component, rest].concat(),
    };
    load(&component);
}

/// Loads a component, runs it if that works, and loads it again if not.
pub(crate) fn load(component: &[u8]) {
    match runtime().load_bytes("input.wasm", component) {
        Err(Error::Load(error)) => {
            assert_load_error(&error);
            let again = runtime().load_bytes("input.wasm", component).err();
            assert_eq!(again.map(|again| again.to_string()), Some(error.to_string()));
        }
        loaded => use_fully(loaded),
    }
}
