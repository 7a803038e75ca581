//! Folders that inputs are written to.

use std::path::Path;

use tempfile::TempDir;

/// A folder for one input: in memory where there is such a place, as thousands of them come and go.
#[expect(clippy::expect_used, reason = "without a place to write to there is nothing to try")]
pub(crate) fn folder() -> TempDir {
    let in_memory = Path::new("/dev/shm");
    let made = if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a folder for inputs")
}

/// Writes a file into it.
#[expect(clippy::expect_used, reason = "as above")]
pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) {
    std::fs::write(folder.join(name), content).expect("a file for an input");
}
