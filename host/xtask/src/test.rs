//! `cargo xtask test`: every test, and at the end what they came to.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use crate::setup;
use crate::step::{Failure, Step, cargo};

pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    setup()?;
    let (for_cargo, for_tests) = split(arguments);
    let mut command = cargo(["test", "--locked"]);
    if !names_packages(for_cargo) {
        command.args(["--workspace", "--no-fail-fast"]);
    }
    // What passing tests print is where they say that they skipped something.
    command.args(for_cargo).arg("--");
    let says = |options: &[&str]| for_tests.iter().any(|argument| options.contains(&argument.as_str()));
    let through = says(&["--nocapture", "--no-capture"]);
    if !through && !says(&["--show-output"]) {
        command.arg("--show-output");
    }
    command.args(for_tests);

    let step = Step::new("test", format!("cargo xtask test {}", arguments.join(" ")).trim_end().to_owned());
    // Where tests write straight through, they say on standard error what they skipped.
    command.stdout(Stdio::piped());
    if through {
        command.stderr(Stdio::piped());
    }
    let mut child = command.spawn().map_err(|error| step.failed(&error))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut sum = std::thread::scope(|scope| {
        let skipped =
            scope.spawn(|| err.map_or_else(Sum::default, |pipe| passed_on(pipe, std::io::stderr())));
        let mut sum = out.map_or_else(Sum::default, |pipe| passed_on(pipe, std::io::stdout()));
        sum.skipped.extend(skipped.join().unwrap_or_default().skipped);
        sum
    });
    sum.skipped.sort();
    let status = child.wait().map_err(|error| step.failed(&error))?;
    sum.print();
    step.judge(status)
}

/// Hands on every line as it comes, and adds up what the lines say. Tests may print any bytes.
fn passed_on(pipe: impl Read, mut to: impl Write) -> Sum {
    let (mut sum, mut pipe, mut line) = (Sum::default(), BufReader::new(pipe), Vec::new());
    while pipe.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        // Whoever reads may have stopped; the tests go on all the same.
        _ = to.write_all(&line).and_then(|()| to.flush());
        sum.add(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    sum
}

/// What goes to Cargo and what goes to the tests.
fn split(arguments: &[String]) -> (&[String], &[String]) {
    let mut parts = arguments.splitn(2, |argument| argument == "--");
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Whether the caller chooses what to test.
fn names_packages(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| {
        let option = argument.split('=').next().unwrap_or_default();
        argument.starts_with("-p") || ["--package", "--workspace", "--manifest-path"].contains(&option)
    })
}

/// What all test programs came to.
#[derive(Default)]
struct Sum {
    passed: u64,
    failed: u64,
    ignored: u64,
    skipped: Vec<String>,
    failures: Vec<String>,
}

impl Sum {
    fn add(&mut self, line: &str) {
        // One thread alone, and the line begins with the test's name.
        let skipped = |line: &&str| line.starts_with("skipped: ");
        let after_name = line.split_once(" ... ").map(|(_, said)| said);
        if let Some(line) = Some(line).filter(skipped).or(after_name.filter(skipped)) {
            self.skipped.push(line.to_owned());
        }
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        }
        let Some(result) = line.strip_prefix("test result: ") else { return };
        // `ok. 12 passed; 0 failed; 0 ignored; …`
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let number = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.ignored += number,
                _ => {}
            }
        }
    }

    fn print(&self) {
        let Self { passed, failed, ignored, skipped, failures } = self;
        println!("\nin all: {passed} passed, {failed} failed, {ignored} ignored, {} skipped", skipped.len());
        skipped.iter().for_each(|line| println!("  {line}"));
        failures.iter().for_each(|name| println!("  failed: {name}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_programs_are_added_up() {
        let mut sum = Sum::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.50s",
            "test something ... ok",
            "test module::something_else ... FAILED",
            "skipped: there is no ../shared/data",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.00s",
        ] {
            sum.add(line);
        }
        assert_eq!((sum.passed, sum.failed, sum.ignored), (15, 2, 1));
        assert_eq!(sum.skipped, ["skipped: there is no ../shared/data"]);
        assert_eq!(sum.failures, ["module::something_else"]);
    }

    #[test]
    fn whatever_tests_print_is_passed_on_byte_for_byte_and_added_up() {
        let printed: &[u8] =
            b"\xff\xfe no text\ntest a ... skipped: no data\nskipped: no tool\ntest result: ok. 3 passed;";
        let mut out = Vec::new();
        let sum = passed_on(printed, &mut out);
        assert_eq!(out, printed);
        assert_eq!(sum.passed, 3);
        assert_eq!(sum.skipped, ["skipped: no data", "skipped: no tool"]);
    }

    #[test]
    fn arguments_after_two_dashes_are_for_the_tests() {
        let arguments = ["-p", "x", "--", "--nocapture"].map(String::from);
        let (for_cargo, for_tests) = split(&arguments);
        assert_eq!((for_cargo.len(), for_tests), (2, ["--nocapture".to_owned()].as_slice()));
        assert!(names_packages(for_cargo));
        assert!(!names_packages(&["a_trap".to_owned()]));
    }
}
