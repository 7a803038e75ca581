//! Results on disk: what a run leaves in its folder, written once and whole, and the copy that was asked for.

mod files;
mod load;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use groundswell_runtime::Column;

use crate::fresh::{FreshFile, FreshFolder, digest, make_folder, sweep};
use crate::leaderboard::Leaderboard;
use crate::{AwardResult, Error, Progress, ProgressFn, Stage};

pub(crate) use files::{array, array_type};
pub(crate) use load::load;

/// The files of a run's folder.
pub(crate) const FILES: [&str; 5] =
    ["scores.parquet", "metrics.parquet", "awards.parquet", "receipt.json", "run.json"];

/// Written last; it has the digests of the others.
pub(crate) const RECORD: &str = "run.json";

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
pub(crate) const UNFINISHED: &str = ".unfinished-";

impl Results<'_> {
    /// Writes the folder `name` below `base`: all of it or nothing. Where it is there already, from an
    /// earlier run with the same receipt, it stays as it is, unless it is damaged: then it is written anew. Answers
    /// the folder, and whether it was.
    pub(crate) fn store(
        &self,
        base: &Path,
        name: &str,
        progress: Option<&ProgressFn>,
    ) -> Result<(PathBuf, bool), Error> {
        let folder = base.join(name);
        let there = folder.is_dir();
        if there && intact(&folder) {
            sweep(base, UNFINISHED);
            return Ok((folder, false));
        }
        let unfinished = FreshFolder::create(base, UNFINISHED)?;
        for (done, file) in FILES.iter().enumerate() {
            tell(progress, done);
            let path = unfinished.path().join(file);
            match *file {
                RECORD => {
                    let record = recorded(self.run, unfinished.path())?;
                    fs::write(&path, format!("{record:#}\n")).map_err(Error::file("write", &path))?;
                }
                file => self.write(file, &path)?,
            }
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(Error::file("write", &path))?;
        }
        tell(progress, FILES.len());
        if there {
            for file in FILES {
                let path = folder.join(file);
                fs::rename(unfinished.path().join(file), &path).map_err(Error::file("replace", &path))?;
            }
            return Ok((folder, true));
        }
        match unfinished.keep(&folder) {
            Ok(()) => Ok((folder, false)),
            // Another process was faster, with the same content.
            Err(_) if folder.is_dir() => Ok((folder, false)),
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
        make_folder(out).map_err(failed)?;
        let there = |file: &&str| out.join(file).exists();
        // All of them are an earlier copy, which this one may replace.
        if !FILES.iter().all(there)
            && let Some(file) = FILES.iter().find(|file| there(file))
        {
            let what = format!(
                "{file} in it is of something else, and is left alone: name another folder, or move it away"
            );
            return Err(failed(io::Error::new(ErrorKind::AlreadyExists, what)));
        }
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
            if fs::symlink_metadata(&path).is_ok_and(|about| !about.is_file()) {
                let what = format!("{file} in it is no regular file, and is left alone");
                return Err(failed(io::Error::new(ErrorKind::AlreadyExists, what)));
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
        progress(&Progress::new(Stage::Write, done as u64, Some(FILES.len() as u64)));
    }
}

/// The record of a run with the digests of the files beside it.
fn recorded(run: &serde_json::Value, folder: &Path) -> Result<serde_json::Value, Error> {
    let mut digests = serde_json::Map::new();
    for file in FILES.into_iter().filter(|file| *file != RECORD) {
        let path = folder.join(file);
        digests.insert(file.to_owned(), digest(&path).map_err(Error::file("read", &path))?.into());
    }
    let mut record = run.clone();
    if let Some(record) = record.as_object_mut() {
        record.insert("digests".to_owned(), digests.into());
    }
    Ok(record)
}

/// Whether reward rules were asked in the run of this folder: what they gave was written to a ledger.
pub(crate) fn gave(folder: &Path) -> bool {
    let receipt = fs::read(folder.join("receipt.json")).ok();
    let receipt: Option<serde_json::Value> = receipt.and_then(|text| serde_json::from_slice(&text).ok());
    receipt.is_some_and(|receipt| receipt.get("programme").is_some_and(|programme| !programme.is_null()))
}

/// Whether every file of a run's folder is what was written.
fn intact(folder: &Path) -> bool {
    let record = fs::read(folder.join(RECORD)).ok();
    let record: Option<serde_json::Value> = record.and_then(|record| serde_json::from_slice(&record).ok());
    let Some(digests) = record.as_ref().and_then(|record| record.get("digests")) else { return false };
    FILES.into_iter().filter(|file| *file != RECORD).all(|file| {
        let written = digests.get(file).and_then(serde_json::Value::as_str);
        written.is_some() && digest(&folder.join(file)).ok().as_deref() == written
    })
}
