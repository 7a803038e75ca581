//! Starting Cargo and its like from wherever the builder happens to be called.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::BuildError;
use crate::manifest::Manifest;
use crate::route::{Compiler, Route, TARGET};

/// Variables of Cargo that say where it keeps things and how it reaches them. All others speak of the build
/// that we may be part of.
const KEPT: [&str; 6] =
    ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTRY_", "CARGO_REGISTRIES_", "CARGO_SOURCE_"];
/// What a build script or `cargo run` gets from Cargo beside the variables with its prefix.
const FOREIGN: [&str; 13] = [
    "DEBUG",
    "HOST",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "MAKEFLAGS",
    "MFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "TARGET",
    "RUST_LOG",
    "RUST_BACKTRACE",
];

/// A program in `folder`, with nothing in its environment that an outer Cargo put there.
pub(crate) fn clean(program: &OsStr, folder: &Path, keep_rustup_toolchain: bool) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if !stays(&name, keep_rustup_toolchain) {
            command.env_remove(name.as_ref());
        }
    }
    command
}

fn stays(name: &str, keep_rustup_toolchain: bool) -> bool {
    if name == "RUSTUP_TOOLCHAIN" {
        return keep_rustup_toolchain;
    }
    if name.starts_with("RUSTUP_") || KEPT.iter().any(|kept| name.starts_with(kept)) {
        return true;
    }
    let of_cargo =
        ["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "DEP_"].iter().any(|prefix| name.starts_with(prefix));
    !of_cargo && !FOREIGN.contains(&name)
}

/// Whether the toolchain of an outer Cargo is kept: unless the plugin, or a folder above it, chooses its own.
pub(crate) fn keeps_rustup_toolchain(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    !folder
        .ancestors()
        .any(|folder| folder.join("rust-toolchain.toml").exists() || folder.join("rust-toolchain").exists())
}

/// Runs a program to its end: what it printed, trimmed. The error is a reason for people.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("`{program}`: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(format!("`{program}` failed: {}", last.trim()))
}

/// What of a crate is built.
pub(crate) enum What<'a> {
    /// Its library.
    Library,
    /// These of its examples.
    Examples(&'a [String]),
}

/// A file that Cargo made.
pub(crate) struct Artefact {
    /// The name of the library or example.
    pub(crate) target: String,
    /// The module.
    pub(crate) path: PathBuf,
}

/// Compiles a plugin, with everything that bears upon its bytes named here.
pub(crate) fn compile(
    compiler: &Compiler,
    manifest: &Manifest,
    target_dir: &Path,
    what: &What<'_>,
    on_step: &dyn Fn(&str),
) -> Result<Vec<Artefact>, BuildError> {
    let mut cargo = command(compiler, manifest, target_dir);
    match what {
        What::Library => _ = cargo.arg("--lib"),
        What::Examples(names) => {
            cargo.args(names.iter().flat_map(|name| ["--example", name.as_str()]));
        }
    }
    let program = || cargo_name(compiler);
    let start = |source| BuildError::Start { program: program(), source };
    let mut child = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(start)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());

    let (mut heard, mut said) = (Heard::default(), String::new());
    std::thread::scope(|scope| {
        // Messages come on one pipe, progress on the other; whoever is not read blocks.
        let messages = scope.spawn(|| {
            let mut heard = Heard::default();
            for line in stdout.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).map_while(Result::ok)
            {
                heard.message(&line);
            }
            heard
        });
        for line in stderr.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).map_while(Result::ok) {
            on_step(line.trim());
            said.push_str(&line);
            said.push('\n');
        }
        heard = messages.join().unwrap_or_default();
    });
    let status = child.wait().map_err(start)?;

    let (name, version) = (manifest.name.clone(), manifest.version.clone());
    if status.success() {
        heard.warnings.iter().for_each(|warning| on_step(warning));
        Ok(heard.artefacts)
    } else if heard.errors.is_empty() {
        Err(BuildError::Cargo { name, output: said.trim_end().to_owned() })
    } else {
        Err(BuildError::Compile { name, version, rendered: heard.errors.concat().trim_end().to_owned() })
    }
}

fn cargo_name(compiler: &Compiler) -> String {
    compiler.cargo.to_string_lossy().into_owned()
}

fn command(compiler: &Compiler, manifest: &Manifest, target_dir: &Path) -> Command {
    let mut cargo = clean(&compiler.cargo, &manifest.folder, keeps_rustup_toolchain(&manifest.folder));
    cargo
        .args(["build", "--release", "--target", TARGET, "--message-format=json"])
        .arg("--manifest-path")
        .arg(manifest.folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target_dir)
        // Configuration may put intermediate files elsewhere: where an outer Cargo holds the lock.
        .env("CARGO_BUILD_BUILD_DIR", target_dir)
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(compiler, manifest).join("\u{1f}"));
    for (key, value) in [
        ("OPT_LEVEL", "3"),
        ("LTO", "fat"),
        ("CODEGEN_UNITS", "1"),
        ("PANIC", "abort"),
        ("STRIP", "symbols"),
        ("DEBUG", "false"),
        ("DEBUG_ASSERTIONS", "false"),
        ("INCREMENTAL", "false"),
    ] {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
    }
    if manifest.workspace.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    if compiler.route == Route::Debian {
        cargo
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC", &compiler.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
    }
    cargo
}

/// Flags of the compiler: vectors of 128 bits, and no path of this machine in any message of a panic.
fn rustflags(compiler: &Compiler, manifest: &Manifest) -> Vec<String> {
    let mut places = vec![(manifest.workspace.clone(), "plugin".to_owned())];
    places.extend(manifest.neighbours.iter().cloned());
    places.extend(cargo_home().map(|home| (home, "cargo".to_owned())));
    places.extend(compiler.library.iter().map(|library| (library.clone(), "rust".to_owned())));
    // Of several that fit, the last one counts: a folder stands after the one that holds it.
    places.sort_by_key(|(place, _)| place.components().count());
    let remap = |(place, name): (PathBuf, String)| format!("--remap-path-prefix={}=/{name}", place.display());
    std::iter::once("-Ctarget-feature=+simd128".to_owned()).chain(places.into_iter().map(remap)).collect()
}

/// Where Cargo keeps the sources of dependencies.
fn cargo_home() -> Option<PathBuf> {
    let home = || std::env::home_dir().map(|home| home.join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// What Cargo told in JSON.
#[derive(Default)]
struct Heard {
    artefacts: Vec<Artefact>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artefact { target: Target, filenames: Vec<PathBuf> },
    #[serde(rename = "compiler-message")]
    Diagnostic { message: Diagnostic },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

impl Heard {
    /// Takes in one line. What is not a known message is not ours to judge.
    fn message(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Message::Artefact { target, filenames }) => {
                let module =
                    filenames.into_iter().find(|path| path.extension().is_some_and(|end| end == "wasm"));
                self.artefacts.extend(module.map(|path| Artefact { target: target.name, path }));
            }
            Ok(Message::Diagnostic { message: Diagnostic { level, rendered: Some(rendered) } }) => {
                if level.starts_with("error") { &mut self.errors } else { &mut self.warnings }.push(rendered);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stays;

    #[test]
    fn nothing_of_an_outer_cargo_reaches_the_inner_one() {
        for name in [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_MAKEFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_PROFILE_RELEASE_OPT_LEVEL",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_BOOTSTRAP",
            "RUSTFLAGS",
            "RUSTDOCFLAGS",
            "DEP_Z_ROOT",
            "OUT_DIR",
            "TARGET",
            "LD_LIBRARY_PATH",
        ] {
            assert!(!stays(name, true), "{name}");
        }
    }

    #[test]
    fn what_says_where_cargo_keeps_things_stays() {
        for name in [
            "PATH",
            "HOME",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_HTTP_PROXY",
            "RUSTUP_HOME",
            "HTTPS_PROXY",
        ] {
            assert!(stays(name, false), "{name}");
        }
        assert!(stays("RUSTUP_TOOLCHAIN", true));
        assert!(!stays("RUSTUP_TOOLCHAIN", false));
    }
}
