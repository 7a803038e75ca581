//! The contract as the engine sees it. Nothing here leaves the crate.
#![allow(missing_docs, unreachable_pub, reason = "generated from wit/, where it is documented")]

wasmtime::component::bindgen!({
    world: "community-plugin",
    path: "../../wit",
    ownership: Borrowing { duplicate_if_necessary: true },
    imports: { default: trappable },
});
