//! One step of a command: a program that is run, or a thing that is looked at.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};

/// A step: what it is called, and how to run only it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    name: String,
    only: String,
}

/// A step that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    step: Step,
    /// Why, where nothing else has said so yet.
    reason: Option<String>,
    code: u8,
}

impl Step {
    pub(crate) fn new(name: impl Into<String>, only: impl Into<String>) -> Self {
        Self { name: name.into(), only: only.into() }
    }

    /// A failure for a reason of our own.
    pub(crate) fn failed(&self, reason: &dyn fmt::Display) -> Failure {
        Failure { step: self.clone(), reason: Some(reason.to_string()), code: 1 }
    }

    /// Runs a program that speaks for itself.
    pub(crate) fn run(&self, command: &mut Command) -> Result<(), Failure> {
        let status = command.status().map_err(|error| self.failed(&not_started(command, &error)))?;
        self.judge(status)
    }

    /// What a program prints, where it succeeds.
    pub(crate) fn output(&self, command: &mut Command) -> Result<Vec<u8>, Failure> {
        let output = command
            .stderr(std::process::Stdio::inherit())
            .output()
            .map_err(|error| self.failed(&not_started(command, &error)))?;
        self.judge(output.status).map(|()| output.stdout)
    }

    /// A failure with the program's own code, where it has failed.
    pub(crate) fn judge(&self, status: ExitStatus) -> Result<(), Failure> {
        if status.success() {
            return Ok(());
        }
        let code =
            status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0).unwrap_or(1);
        Err(Failure { step: self.clone(), reason: None, code })
    }
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", command.get_program().display())
}

impl Failure {
    /// What the process ends with: the code of the program that failed.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Step { name, only } = &self.step;
        match &self.reason {
            Some(reason) => writeln!(f, "{name} failed: {reason}")?,
            None => writeln!(f, "{name} failed; what is wrong stands above")?,
        }
        write!(f, "run only this again with: {only}")
    }
}

/// The workspace's folder becomes the current one, wherever the command was typed.
pub(crate) fn enter_workspace() -> Result<(), Failure> {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = PathBuf::from(manifest).join("../..");
    root.canonicalize()
        .and_then(std::env::set_current_dir)
        .map_err(|error| Step::new("finding the workspace", "cargo xtask").failed(&error))
}

/// Cargo, without what the Cargo that runs us says of this crate.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            cargo.env_remove(name.as_ref());
        }
    }
    cargo.args(arguments);
    cargo
}
