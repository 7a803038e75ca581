//! A process of Python that answers questions.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Missing;

/// A script that reads a question a line and writes an answer a line, cells apart by tabs. It ends with this value.
#[derive(Debug)]
pub struct Process {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a script.
    ///
    /// # Errors
    ///
    /// Where Python does not start.
    pub fn start(python: &Path, script: &str) -> Result<Self, Missing> {
        let failed = |what: &str| format!("{} did not start: {what}", python.display());
        let mut command = Command::new(python);
        let piped = command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().map_err(|error| failed(&error.to_string()))?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("it has no standard input and output"));
        };
        Ok(Self { child, questions, answers: BufReader::new(answers).lines() })
    }

    /// Asks a question and waits for its answer.
    ///
    /// # Panics
    ///
    /// As [`answer`](Self::answer).
    pub fn ask(&mut self, cells: &[&str]) -> String {
        // Where nobody reads any more, there is no answer either.
        _ = writeln!(self.questions, "{}", cells.join("\t")).and_then(|()| self.questions.flush());
        self.answer()
    }

    /// The next line.
    ///
    /// # Panics
    ///
    /// Where Python ends before; it says why itself, on the standard error.
    pub fn answer(&mut self) -> String {
        match self.answers.next() {
            Some(Ok(line)) => line,
            Some(Err(error)) => panic!("Python's answer cannot be read: {error}"),
            None => panic!("Python ended before it answered: {:?}", self.child.wait()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
