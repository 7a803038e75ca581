//! Builds the bundled plugins with the one builder, or stubs of them where nobody will run them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use groundswell_plugin_build::{BuildError, Builder};

/// The bundled plugins: the folders beside this crate's.
const BUNDLED: [&str; 8] = [
    "audience-band",
    "fading-trust",
    "orbit",
    "regulars",
    "thought-leader",
    "trust-levels",
    "trust-rank",
    "word-of-mouth",
];
/// Set to 1, it makes empty files in place of plugins: for clippy and rustdoc, which only read.
const STUBS: &str = "GROUNDSWELL_STUB_PLUGINS";

fn main() -> ExitCode {
    for variable in [STUBS, "GROUNDSWELL_WASM_ROUTE"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    // What the plugins are made of; the builder is a dependency, which Cargo watches by itself.
    for path in ["../sdk", "../../wit", "../../Cargo.toml", "../../Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    for name in BUNDLED {
        println!("cargo::rerun-if-changed=../{name}");
        if let Err(error) = bundle(name, &out) {
            eprintln!("the bundled plugin {name} could not be built: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn bundle(name: &str, out: &Path) -> Result<(), BuildError> {
    let file = out.join(format!("{name}.wasm"));
    if std::env::var_os(STUBS).is_some_and(|value| value == "1") {
        println!("a stub stands for {name}");
        return std::fs::write(&file, []).map_err(|source| BuildError::File {
            path: file,
            what: "written",
            source,
        });
    }
    let mut builder = Builder::new(Path::new("..").join(name)).on_step(|line| println!("{line}"));
    if !builds_in_own_workspace(out) {
        builder = builder.target_dir(out.join("plugins"));
    }
    let built = builder.build()?;
    println!("{name} was built with {}", built.route);
    built.write_to(file)
}

/// Whether this workspace is the one that is being built, so that its target directory may be shared with the tests.
/// Else it is somebody's dependency, and nothing may be written beside its sources.
fn builds_in_own_workspace(out: &Path) -> bool {
    Path::new("../../target").canonicalize().is_ok_and(|target| out.starts_with(target))
}
