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

/// The file, to add heads to.
pub(crate) fn adding(ledger: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path(ledger))
}

/// Adds a head. Where a process is killed before, it is missing, which is no harm: the next one is behind it.
pub(crate) fn keep(file: &mut File, number: i64, hash: Hash) -> io::Result<()> {
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

/// A head as far as it can be read: of a line that was cut off, less than the whole hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) number: u64,
    /// The first hexadecimal digits of its hash.
    pub(crate) begins: String,
}

/// The last of them; none where there is no file, or no such line at its end.
pub(crate) fn last(ledger: &Path) -> io::Result<Option<Head>> {
    let Some(mut file) = open(ledger)? else { return Ok(None) };
    let from = file.metadata()?.len().saturating_sub(END);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(END).read_to_end(&mut end)?;
    let lines = end.split(|byte| *byte == b'\n').rev();
    Ok(lines.filter_map(|line| begun(std::str::from_utf8(line).ok()?)).next())
}

/// A line, whole or cut off within its hash.
fn begun(line: &str) -> Option<Head> {
    let (number, begins) = line.split_once(' ')?;
    let is_hash = begins.len() <= 64 && begins.bytes().all(|byte| byte.is_ascii_hexdigit());
    let begins = is_hash.then(|| begins.to_owned())?;
    Some(Head { number: number.parse().ok()?, begins })
}

/// All that can be read, and how many lines are none, and not cut off either.
pub(crate) fn kept(ledger: &Path) -> io::Result<(Vec<(u64, Hash)>, u64)> {
    let Some(file) = open(ledger)? else { return Ok(Default::default()) };
    let (mut all, mut junk) = (Vec::new(), 0);
    let mut file = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        // No line of a head is as long.
        if file.by_ref().take(END).read_until(b'\n', &mut line)? == 0 {
            return Ok((all, junk));
        }
        let text = std::str::from_utf8(&line).ok().map(str::trim_end);
        match text.and_then(begun) {
            // One that was cut off tells nothing more here.
            Some(head) => all.extend(Hash::of_hex(&head.begins).map(|hash| (head.number, hash))),
            None => junk += u64::from(text.is_none_or(|text| !text.is_empty())),
        }
    }
}
