//! The heads: beside the ledger, the number and hash of the newest entry after each time that something was recorded. They show
//! what the ledger cannot: that entries at its end are missing, or that all of it was made anew.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::Hash;

/// So many bytes at the end of the file hold a whole line.
const END: u64 = 512;

/// Where they stand: `ledger.heads` beside `ledger.sqlite`.
pub(crate) fn path(ledger: &Path) -> PathBuf {
    ledger.with_extension("heads")
}

/// Adds a head. Where a process is killed before, it is missing, which is no harm: the next one is behind it.
pub(crate) fn keep(ledger: &Path, number: i64, hash: Hash) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path(ledger))?;
    // One write, so that lines of several processes do not mix; a line that was cut off before is ended first.
    file.write_all(format!("\n{number} {}\n", hash.to_hex()).as_bytes())
}

/// `None` where there is no such file.
fn open(ledger: &Path) -> io::Result<Option<File>> {
    match File::open(path(ledger)) {
        Ok(file) => Ok(Some(file)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The last of them; none where there is no file, or no such line at its end.
pub(crate) fn last(ledger: &Path) -> io::Result<Option<(u64, Hash)>> {
    let Some(mut file) = open(ledger)? else { return Ok(None) };
    let from = file.metadata()?.len().saturating_sub(END);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(END).read_to_end(&mut end)?;
    let lines = end.split(|byte| *byte == b'\n').rev();
    Ok(lines.filter_map(|line| head(std::str::from_utf8(line).ok()?)).next())
}

fn head(line: &str) -> Option<(u64, Hash)> {
    let (number, hash) = line.split_once(' ')?;
    number.parse().ok().zip(Hash::of_hex(hash))
}

/// All that can be read.
pub(crate) fn kept(ledger: &Path) -> io::Result<Vec<(u64, Hash)>> {
    let Some(file) = open(ledger)? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for line in BufReader::new(file).split(b'\n') {
        all.extend(std::str::from_utf8(&line?).ok().and_then(head));
    }
    Ok(all)
}
