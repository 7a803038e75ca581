//! NetworKit and igraph, in a process of Python that answers questions.

use std::path::{Path, PathBuf};
use std::time::Duration;

use groundswell_bench_peers::{Process, Wheels};

use crate::Missing;
use crate::graphs::Measured;

const WHEELS: Wheels =
    Wheels { title: "NetworKit and igraph", size: "320 MB", requirements: include_str!("peers.txt") };

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
    process: Process,
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
        let python = WHEELS.python(&folder.join("python"))?;
        let mut process = Process::start(&python, include_str!("peers.py"))?;
        let versions = process.answer().split('\t').map(str::to_owned).collect();
        Ok(Self { process, folder, versions })
    }

    /// Its name and version.
    pub(crate) fn title(&self, library: Library) -> String {
        format!("{} {}", library.name(), self.versions[library as usize])
    }

    pub(crate) fn load(&mut self, graph: &Measured) -> Result<(), Missing> {
        let folder = self.folder.join("graph");
        let failed = |error| format!("{}: {error}", folder.display());
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        graph.write(&folder).map_err(failed)?;
        self.process.ask(&["load", folder.to_str().unwrap(), &graph.graph.nodes().to_string()]);
        std::fs::remove_dir_all(&folder).map_err(failed)
    }

    pub(crate) fn run(&mut self, library: Library, question: &str, threads: usize) -> Duration {
        let took = self.process.ask(&["run", library.name(), question, &threads.to_string()]);
        Duration::from_nanos(took.parse().unwrap())
    }

    /// What the last run found.
    pub(crate) fn values(&mut self) -> Vec<f64> {
        let file: &Path = &self.folder.join("values");
        self.process.ask(&["values", file.to_str().unwrap()]);
        let bytes = std::fs::read(file).unwrap();
        bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
    }
}
