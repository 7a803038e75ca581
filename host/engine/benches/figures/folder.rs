//! A folder for what is made, beside this program: where the system keeps temporary files in memory, files there would be part of
//! what is measured.

use std::path::Path;

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// Makes it; it is removed with this value.
    pub(crate) fn new() -> Self {
        let program = std::env::current_exe().unwrap();
        Self(tempfile::Builder::new().prefix("figures-").tempdir_in(program.parent().unwrap()).unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}
