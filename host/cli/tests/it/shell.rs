//! The command as a shell sees it, and communities for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The command, which nobody watches: its output and errors go into pipes.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_groundswell"));
    command.args(arguments).env("GROUNDSWELL_CACHE", "off");
    command
}

/// What a command answered.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// The output of a command that did what it was asked to, and said nothing else.
    pub(crate) fn done(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// The same, read as JSON.
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// What a command said that stopped with this code, and answered nothing.
    pub(crate) fn stopped(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        self.stderr.trim().to_owned()
    }
}

pub(crate) fn groundswell(arguments: &[&str]) -> Answer {
    command(arguments).output().unwrap().into()
}

/// A folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A copy of the planted community.
pub(crate) struct Planted(TempDir);

impl Planted {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in groundswell_planted::FILES {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        Self(folder)
    }

    /// One whose `community.toml` is changed.
    pub(crate) fn with(change: impl FnOnce(String) -> String) -> Self {
        let planted = Self::new();
        let text = std::fs::read_to_string(planted.path("community.toml")).unwrap();
        std::fs::write(planted.path("community.toml"), change(text)).unwrap();
        planted
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A command about its `community.toml`, in its folder.
    pub(crate) fn command(&self, name: &str, more: &[&str]) -> Command {
        let mut command = command(&[name, "community.toml"]);
        command.args(more).current_dir(self.0.path());
        command
    }

    /// Runs all of its definitions, or those that are asked for.
    pub(crate) fn run(&self, more: &[&str]) -> Answer {
        self.command("run", more).output().unwrap().into()
    }

    /// Runs its programme's definition.
    pub(crate) fn score(&self, more: &[&str]) -> Answer {
        self.run(&[&["--definition", "regulars"], more].concat())
    }

    pub(crate) fn explain(&self, more: &[&str]) -> Answer {
        self.command("explain", more).output().unwrap().into()
    }
}

/// Every file below a folder with its content.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(&path).unwrap();
                found.push((path.strip_prefix(folder).unwrap().to_owned(), content));
            }
        }
    }
    found.sort();
    found
}
