//! Results on disk: what a run leaves in its folder, written once and whole, and the copy that was asked for.

mod files;
mod load;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use groundswell_runtime::Column;

use crate::fresh::{FreshFile, FreshFolder, sweep};
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

/// What the names of folders of runs begin with as long as they are not whole.
const UNFINISHED: &str = ".unfinished-";

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
            sweep(base, UNFINISHED);
            return Ok(folder);
        }
        let unfinished = FreshFolder::create(base, UNFINISHED)?;
        for (done, file) in FILES.iter().enumerate() {
            tell(progress, done);
            let path = unfinished.path().join(file);
            self.write(file, &path)?;
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(Error::file("write", &path))?;
        }
        tell(progress, FILES.len());
        match unfinished.keep(&folder) {
            Ok(()) => Ok(folder),
            // Another process was faster, with the same content.
            Err(_) if folder.is_dir() => Ok(folder),
            Err((error, _)) => Err(Error::file("write", &folder)(error)),
        }
    }

    /// Puts a copy into a folder, which is made if need be; files of the same names are replaced, all of them
    /// or none. Where the results are stored, the stored files are copied.
    pub(crate) fn copy(
        &self,
        stored: Option<&Path>,
        out: &Path,
        progress: Option<&ProgressFn>,
    ) -> Result<(), Error> {
        let failed = |source| Error::Copy { folder: out.to_owned(), source };
        fs::create_dir_all(out).map_err(failed)?;
        let mut parts = Vec::new();
        for (done, file) in FILES.iter().enumerate() {
            tell(progress, done);
            let path = out.join(file);
            if path.is_dir() {
                return Err(failed(io::Error::new(
                    ErrorKind::IsADirectory,
                    format!("{file} in it is a folder"),
                )));
            }
            let mut part = FreshFile::create(&path).map_err(failed)?;
            match stored.map(|stored| stored.join(file)) {
                Some(stored) => {
                    let mut stored = fs::File::open(&stored).map_err(Error::file("read", &stored))?;
                    io::copy(&mut stored, &mut part).map_err(failed)?;
                }
                None => self.write(file, part.part())?,
            }
            part.sync().map_err(failed)?;
            parts.push(part);
        }
        parts.into_iter().try_for_each(FreshFile::keep).map_err(failed)?;
        tell(progress, FILES.len());
        Ok(())
    }

    fn write(&self, name: &str, path: &Path) -> Result<(), Error> {
        match name {
            "scores.parquet" => files::scores(self.board, path),
            "metrics.parquet" => files::metrics(self.board, self.metrics, path),
            "awards.parquet" => files::awards(self.awards, path),
            "receipt.json" => fs::write(path, self.receipt).map_err(Error::file("write", path)),
            _ => fs::write(path, format!("{:#}\n", self.run)).map_err(Error::file("write", path)),
        }
    }
}

fn tell(progress: Option<&ProgressFn>, done: usize) {
    if let Some(progress) = progress {
        progress(&Progress { stage: Stage::Write, done: done as u64, total: Some(FILES.len() as u64) });
    }
}
