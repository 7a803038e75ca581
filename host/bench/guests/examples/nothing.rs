//! The component of [`groundswell_bench_guests::nothing`] with all inputs.

#[cfg(target_arch = "wasm32")]
const _: () = {
    type Probe = groundswell_bench_guests::nothing::Nothing<8>;
    groundswell_plugin::bindings::definition::export_definition!(
        Probe with_types_in groundswell_plugin::bindings::definition
    );
};
