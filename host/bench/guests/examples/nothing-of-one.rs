//! The component of [`groundswell_bench_guests::nothing`] with one input.

#[cfg(target_arch = "wasm32")]
const _: () = {
    type Probe = groundswell_bench_guests::nothing::Nothing<1>;
    groundswell_plugin::bindings::definition::export_definition!(
        Probe with_types_in groundswell_plugin::bindings::definition
    );
};
