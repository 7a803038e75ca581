//! NetworKit and igraph, in a process of Python that answers questions.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::graphs::Measured;
use crate::{Missing, venv};

/// A library beside ours.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Library {
    NetworKit,
    Igraph,
}

impl Library {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NetworKit => "NetworKit",
            Self::Igraph => "igraph",
        }
    }
}

/// Both of them, waiting to be asked.
pub(crate) struct Peers {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// Where files lie that both sides read.
    folder: PathBuf,
    versions: Vec<String>,
}

impl Peers {
    /// Starts Python beside the program; installs the libraries where they are not.
    pub(crate) fn start() -> Result<Self, Missing> {
        let failed = |error: std::io::Error| format!("Python did not start: {error}");
        let folder = std::env::current_exe().map_err(failed)?.with_file_name("peers");
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let python = venv::python(&folder.join("python"))?;
        let script = include_str!("peers.py");
        let mut python = Command::new(python);
        let piped = python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().map_err(failed)?;
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let answers = BufReader::new(answers).lines();
        let mut peers = Self { child, questions, answers, folder, versions: Vec::new() };
        peers.versions = peers.answer().split('\t').map(str::to_owned).collect();
        Ok(peers)
    }

    /// Its name and version.
    pub(crate) fn title(&self, library: Library) -> String {
        format!("{} {}", library.name(), self.versions[library as usize])
    }

    fn ask(&mut self, cells: &[&str]) -> String {
        writeln!(self.questions, "{}", cells.join("\t")).unwrap();
        self.questions.flush().unwrap();
        self.answer()
    }

    /// The next line. Where Python fails it says why itself, on the standard error.
    fn answer(&mut self) -> String {
        match self.answers.next() {
            Some(line) => line.unwrap(),
            None => panic!("Python ended before it answered: {}", self.child.wait().unwrap()),
        }
    }

    pub(crate) fn load(&mut self, graph: &Measured) -> Result<(), Missing> {
        let folder = self.folder.join("graph");
        let failed = |error| format!("{}: {error}", folder.display());
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        graph.write(&folder).map_err(failed)?;
        self.ask(&["load", folder.to_str().unwrap(), &graph.graph.nodes().to_string()]);
        std::fs::remove_dir_all(&folder).map_err(failed)
    }

    pub(crate) fn run(&mut self, library: Library, question: &str, threads: usize) -> Duration {
        let took = self.ask(&["run", library.name(), question, &threads.to_string()]);
        Duration::from_nanos(took.parse().unwrap())
    }

    /// What the last run found.
    pub(crate) fn values(&mut self) -> Vec<f64> {
        let file: &Path = &self.folder.join("values");
        self.ask(&["values", file.to_str().unwrap()]);
        let bytes = std::fs::read(file).unwrap();
        bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
