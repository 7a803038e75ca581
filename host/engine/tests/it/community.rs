//! Small communities in temporary folders.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};

use groundswell::{Config, Error, Snapshot};
use tempfile::TempDir;

/// A community in a temporary folder.
pub(crate) struct Community {
    folder: TempDir,
}

impl Community {
    /// One with these files beside its `community.toml`.
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let community = Self { folder: tempfile::tempdir().unwrap() };
        for (name, content) in files {
            community.write(name, content);
        }
        community
    }

    /// One whose `community.toml` is this text.
    pub(crate) fn of_toml(text: &str) -> Self {
        Self::new(&[("community.toml", text.as_bytes())])
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> Result<Config, Error> {
        Config::read(self.path("community.toml"))
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot, Error> {
        let config = self.config()?;
        Snapshot::take(&config, &config.community.state.join("snapshots"), None)
    }

    /// The error of a configuration or else of a snapshot, with `[folder]` for its folder.
    pub(crate) fn error(&self) -> String {
        self.normalised(&self.snapshot().unwrap_err().to_string())
    }

    pub(crate) fn normalised(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "[folder]")
    }
}

/// A `community.toml` with these tables and nothing that is not needed. Its rows may be rejected as this share says.
pub(crate) fn toml(tables: &[(&str, &str)], max_rejected: &str) -> String {
    let tables: String = tables.iter().map(|(table, files)| format!("{table} = {files}\n")).collect();
    format!(
        "[community]\nname = \"test\"\n[sources]\nmax-rejected = \"{max_rejected}\"\n[sources.tables]\n{tables}\
         [definitions.regulars]\nplugin = \"regulars\"\n"
    )
}

/// A community with one table of one file, of which no row may be rejected.
pub(crate) fn of_one_table(table: &str, file: &str, content: &[u8]) -> Community {
    let toml = toml(&[(table, &format!("\"{file}\""))], "0%");
    Community::new(&[("community.toml", toml.as_bytes()), (file, content)])
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A file of the data that tests may read; `None`, said aloud, where there is none.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GROUNDSWELL_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there (set GROUNDSWELL_DATA)", path.display());
        return None;
    }
    Some(path)
}
