//! Results on disk: what a run leaves in its folder, written once and whole.

mod files;
mod load;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use groundswell_runtime::Column;

use crate::leaderboard::Leaderboard;
use crate::{AwardResult, Error, Progress, ProgressFn, Stage};

pub(crate) use files::{array, array_type};
pub(crate) use load::load;

/// The files of a run's folder.
pub(crate) const FILES: [&str; 5] =
    ["scores.parquet", "metrics.parquet", "awards.parquet", "receipt.json", "run.json"];

/// What is to be written.
pub(crate) struct Results<'a> {
    pub(crate) board: &'a Leaderboard,
    /// Metrics, and inputs by `metric@scale`, with their names as columns.
    pub(crate) metrics: &'a [(String, Column)],
    pub(crate) awards: &'a [AwardResult],
    /// As it was hashed.
    pub(crate) receipt: &'a str,
    /// What does not belong to the receipt: clock, durations, threads, paths.
    pub(crate) run: &'a serde_json::Value,
}

impl Results<'_> {
    /// Writes the folder `name` below `base`: all of it or nothing. Where it is there already, from an
    /// earlier run with the same receipt, it stays as it is.
    pub(crate) fn store(
        &self,
        base: &Path,
        name: &str,
        progress: Option<&ProgressFn>,
    ) -> Result<PathBuf, Error> {
        let folder = base.join(name);
        if folder.is_dir() {
            return Ok(folder);
        }
        fs::create_dir_all(base).map_err(Error::file("create", base))?;
        let unfinished = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(base);
        let unfinished = unfinished.map_err(Error::file("create", base))?;
        self.write(unfinished.path(), progress)?;
        match fs::rename(unfinished.path(), &folder) {
            // Another process was faster, with the same content.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty || folder.is_dir() => Ok(folder),
            outcome => outcome.map_err(Error::file("write", &folder)).map(|()| folder),
        }
    }

    /// Writes all files into a folder, which is made if need be. Each is whole or not there.
    pub(crate) fn write(&self, folder: &Path, progress: Option<&ProgressFn>) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        for (done, name) in FILES.iter().enumerate() {
            let report = |done| {
                if let Some(progress) = progress {
                    progress(&Progress { stage: Stage::Write, done, total: Some(FILES.len() as u64) });
                }
            };
            report(done as u64);
            let path = folder.join(name);
            let part = folder.join(format!(".{name}.part"));
            match *name {
                "scores.parquet" => files::scores(self.board, &part)?,
                "metrics.parquet" => files::metrics(self.board, self.metrics, &part)?,
                "awards.parquet" => files::awards(self.awards, &part)?,
                "receipt.json" => fs::write(&part, self.receipt).map_err(Error::file("write", &part))?,
                _ => {
                    let json = format!("{:#}\n", self.run);
                    fs::write(&part, json).map_err(Error::file("write", &part))?;
                }
            }
            fs::File::open(&part).and_then(|file| file.sync_all()).map_err(Error::file("write", &part))?;
            fs::rename(&part, &path).map_err(Error::file("write", &path))?;
            report(done as u64 + 1);
        }
        Ok(())
    }
}
