//! The contract as the engine sees it. Nothing here leaves the crate.
#![allow(missing_docs, unreachable_pub, reason = "generated from wit/, where it is documented")]

wasmtime::component::bindgen!({
    world: "community-plugin",
    path: "../../wit",
    ownership: Borrowing { duplicate_if_necessary: true },
    imports: { default: trappable },
});

/// What a metric exports. What it shares with the others is the same here; what it imports `network.rs` offers by hand,
/// without copies of columns in between.
pub mod metric {
    wasmtime::component::bindgen!({
        inline: "
            package groundswell:host;
            world metric { export groundswell:plugin/measuring@0.1.0; }
        ",
        path: "../../wit",
        ownership: Borrowing { duplicate_if_necessary: true },
        imports: { default: trappable },
        with: {
            "groundswell:plugin/types": crate::bindings::groundswell::plugin::types,
        },
    });
}
