//! What runs in sandboxes, built by the one builder with the same flags.

use std::path::PathBuf;

use groundswell_plugin_build::{Builder, Built};

fn builder(folder: &str) -> Builder {
    let bench = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    // Where the other plugins are built: the standard library is there already.
    Builder::new(bench.join(folder))
        .target_dir(bench.join("../../target/plugins"))
        .on_step(|line| eprintln!("{line}"))
}

/// The components of `groundswell-bench-guests`, by name.
pub(crate) fn components() -> Vec<Built> {
    builder("guests").build_examples().unwrap()
}

/// The module for Extism.
pub(crate) fn extism() -> Vec<u8> {
    builder("extism").build_module().unwrap()
}

/// The component of this name.
pub(crate) fn named<'a>(components: &'a [Built], name: &str) -> &'a [u8] {
    &components.iter().find(|built| built.name == name).unwrap().bytes
}

/// The example plugin that is shown first.
pub(crate) fn first() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/plugins/first")
}
