//! What fuzzing a target came to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// What fuzzing a target came to.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) target: String,
    /// Inputs that were read.
    executions: u64,
    seconds: u64,
    /// Inputs that reached what none before did.
    new: u64,
    /// Instrumented branches that were reached.
    reached: u64,
    /// The input that broke something, and the last words about it.
    found: Option<(String, String)>,
}

impl Outcome {
    /// Reads what libFuzzer said, and which files it left.
    pub(super) fn read(
        target: &str,
        said: &str,
        took: Duration,
        findings: &Path,
        status: ExitStatus,
    ) -> Self {
        let number = |name: &str| {
            let value = said.lines().rev().find_map(|line| line.strip_prefix(name));
            value.and_then(|value| value.trim().parse().ok())
        };
        let reached = said.lines().rev().find_map(|line| {
            line.split_once(" cov: ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
        });
        let input = files(findings).first().map(|file| file.display().to_string());
        let found = (!status.success() || input.is_some())
            .then(|| (input.unwrap_or_else(|| format!("no input, {status}")), words(said)));
        Self {
            target: target.to_owned(),
            executions: number("stat::number_of_executed_units:").unwrap_or(0),
            seconds: took.as_secs(),
            new: number("stat::new_units_added:").unwrap_or(0),
            reached: reached.unwrap_or(0),
            found,
        }
    }

    /// In one line, for whoever waits.
    pub(super) fn in_short(&self) -> String {
        let verdict = if self.found.is_some() { "something was found" } else { "nothing was found" };
        format!("{verdict} by {} inputs in {} seconds", self.executions, self.seconds)
    }

    /// What was found, with the command that shows it.
    pub(super) fn finding(&self) -> Option<String> {
        let (input, words) = self.found.as_ref()?;
        let target = &self.target;
        let feature = if target == "module" { " --features libfuzzer" } else { "" };
        Some(format!(
            "{target}: {words}\n  again: cargo run -p groundswell-fuzz{feature} --bin replay -- {target} {input}\n  \
             once mended: keep it as host/fuzz/seeds/{target}/NAME"
        ))
    }
}

/// What the program said where it ended: a panic's message, or libFuzzer's.
fn words(said: &str) -> String {
    let lines = || said.lines();
    let panic = lines().position(|line| line.contains(" panicked at ")).and_then(|at| lines().nth(at + 1));
    let summary = || lines().find_map(|line| line.strip_prefix("SUMMARY: "));
    panic.or_else(summary).or_else(|| lines().last()).unwrap_or("it said nothing").to_owned()
}

/// A table of all outcomes.
pub(super) fn table(outcomes: &[Outcome]) -> String {
    let mut table = format!(
        "{:<15} {:>12} {:>8} {:>8} {:>9}  found\n",
        "target", "executions", "seconds", "new", "reached"
    );
    for Outcome { target, executions, seconds, new, reached, found } in outcomes {
        let found = found.as_ref().map_or("nothing", |(input, _)| input);
        table.push_str(&format!(
            "{target:<15} {executions:>12} {seconds:>8} {new:>8} {reached:>9}  {found}\n"
        ));
    }
    table
}

/// The files of a folder, by name.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const SAID: &str = "#2\tINITED cov: 5379 ft: 10107 corp: 55/280b exec/s: 0 rss: 79Mb\n\
        #9\tDONE   cov: 5584 ft: 13171 corp: 383/3324b lim: 16 exec/s: 58 rss: 83Mb\n";

    #[test]
    fn what_libfuzzer_says_becomes_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let read = |said: &str, code: i32| {
            let said = format!(
                "{SAID}{said}stat::number_of_executed_units: 2677\nstat::new_units_added:          41\n"
            );
            Outcome::read(
                "csv",
                &said,
                Duration::from_secs(60),
                folder.path(),
                ExitStatus::from_raw(code << 8),
            )
        };
        let fine = read("", 0);
        assert_eq!(fine.finding(), None);
        fs::write(folder.path().join("crash-1"), "x").unwrap();
        let found = read("thread '<unnamed>' panicked at host/fuzz/src/csv.rs:1:1:\nrows lost\n", 77);
        let found = Outcome { found: found.found.map(|(_, words)| ("crash-1".to_owned(), words)), ..found };
        insta::assert_snapshot!(table(&[fine, found.clone()]), @"
        target            executions  seconds      new   reached  found
        csv                     2677       60       41      5584  nothing
        csv                     2677       60       41      5584  crash-1
        ");
        insta::assert_snapshot!(found.finding().unwrap(), @"
        csv: rows lost
          again: cargo run -p groundswell-fuzz --bin replay -- csv crash-1
          once mended: keep it as host/fuzz/seeds/csv/NAME
        ");
    }
}
