//! Files as such: none too long to be read, none that a compiler made.

use crate::step::{Failure, Step};
use std::process::Command;

/// Beyond this many lines a file is more than one noun.
const LONG: usize = 600;
/// Beyond this many the check fails.
const TOO_LONG: usize = 1_000;
/// Components may be committed here: frozen fixtures of released contracts.
const FROZEN: &str = "wit/";

pub(crate) fn check(step: &Step) -> Result<(), Failure> {
    // New files count too, ignored ones do not.
    let mut git = Command::new("git");
    let git = git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = match git.output() {
        Ok(output) if output.status.success() => output.stdout,
        _ => {
            println!("skipped: this is no git checkout, so what is committed cannot be told");
            return Ok(());
        }
    };
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let mut failures = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        if path.ends_with(".wasm") && !path.starts_with(FROZEN) {
            failures.push(format!("{path}: WebAssembly is built, not committed; it would go stale"));
        }
        if path.ends_with(".rs") && !is_test(path) {
            // Listed and gone: somebody is about to commit its removal.
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            match text.lines().count() {
                0..=LONG => {}
                lines @ ..=TOO_LONG => {
                    println!("warning: {path} has {lines} lines; a file is one noun, below {LONG}")
                }
                lines => failures
                    .push(format!("{path} has {lines} lines; split it, at most {TOO_LONG} are allowed")),
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(step.failed(&failures.join("\n"))) }
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.split('/').any(|part| part == "tests" || part == "benches")
}
