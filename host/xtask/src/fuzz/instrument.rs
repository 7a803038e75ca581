//! xtask in the place of the compiler: it adds what libFuzzer is guided by, and to few crates.
//!
//! cargo-fuzz does the same to all crates by `RUSTFLAGS`; that makes DataFusion and wasmtime larger and slower, whose
//! ways tell nothing about what an input reaches. Each option is one of stable compilers.

use std::ffi::{OsStr, OsString};
use std::process::{Command, ExitCode};

/// Set where xtask is to be the compiler.
pub(crate) const WRAPS: &str = "GROUNDSWELL_FUZZ_WRAPS";

/// Crates whose blocks are counted, and whose comparisons are watched: what reads bytes from strangers.
const WATCHED: [&str; 23] = [
    "csv",
    "csv_core",
    "flate2",
    "groundswell",
    "groundswell_contract",
    "groundswell_delivery",
    "groundswell_fuzz",
    "groundswell_ledger",
    "groundswell_runtime",
    "jiff",
    "miniz_oxide",
    "parquet",
    "quick_xml",
    "semver",
    "serde_json",
    "serde_spanned",
    "sqlparser",
    "toml",
    "toml_datetime",
    "toml_parser",
    "ureq",
    "ureq_proto",
    "winnow",
];
/// Crates whose blocks are counted alone: every instruction of a guest, or every part of a question, goes through them.
const COUNTED: [&str; 3] = ["datafusion_sql", "wasmparser", "wasmtime_environ"];

const COUNT: [&str; 4] = [
    "passes=sancov-module",
    "llvm-args=-sanitizer-coverage-level=4",
    "llvm-args=-sanitizer-coverage-inline-8bit-counters",
    "llvm-args=-sanitizer-coverage-pc-table",
];
const WATCH: &str = "llvm-args=-sanitizer-coverage-trace-compares";

/// Runs the compiler in xtask's place, where Cargo takes xtask for it.
pub(crate) fn compile() -> Option<ExitCode> {
    std::env::var_os(WRAPS)?;
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next()?;
    let arguments: Vec<OsString> = arguments.collect();
    let mut command = Command::new(&compiler);
    command.args(&arguments);
    for option in options(&arguments) {
        command.args(["-C", option]);
    }
    // What the compiler calls, linkers and proc-macros, is not xtask.
    let code = match command.env_remove(WRAPS).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        Err(error) => {
            eprintln!("`{}` could not be started: {error}", compiler.display());
            1
        }
    };
    Some(ExitCode::from(code))
}

/// What to add to a call of the compiler.
fn options(arguments: &[OsString]) -> Vec<&'static str> {
    let of = |option: &str| {
        let at = arguments.iter().position(|argument| argument == OsStr::new(option))?;
        arguments.get(at + 1).and_then(|value| value.to_str())
    };
    // Build scripts and proc-macros are compiled for no named target; libFuzzer is not there for them.
    let (Some(name), Some(_)) = (of("--crate-name"), of("--target")) else { return Vec::new() };
    if WATCHED.contains(&name) {
        [&COUNT[..], &[WATCH]].concat()
    } else if COUNTED.contains(&name) {
        COUNT.to_vec()
    } else {
        Vec::new()
    }
}

/// The computer that this runs on, as compilers call it.
pub(super) fn host() -> Result<String, String> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&compiler).arg("-vV").output();
    let output = output.map_err(|error| format!("`{}` could not be started: {error}", compiler.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("`{} -vV` names no host", compiler.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_crates_are_instrumented_and_none_that_runs_while_building() {
        let options = |arguments: &str| {
            let arguments: Vec<_> = arguments.split(' ').map(OsString::from).collect();
            options(&arguments)
        };
        assert_eq!(options("--crate-name csv --target x86_64-unknown-linux-gnu").len(), 5);
        assert_eq!(options("--crate-name wasmparser --target x86_64-unknown-linux-gnu"), COUNT);
        assert!(options("--crate-name datafusion --target x86_64-unknown-linux-gnu").is_empty());
        assert!(options("--crate-name csv").is_empty());
        assert!(options("-vV").is_empty());
    }
}
