//! Awards in a file.

use std::collections::HashSet;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::message::MOST_BODY;
use crate::verdict::Verdict;
use crate::{Message, excerpt};

/// How every line begins.
const BEGINNING: &[u8] = br#"{"key":""#;
/// The longest line that is read, in bytes: the longest body, and room for its key.
const MOST_LINE: usize = MOST_BODY + 4096;

/// A file that awards are appended to, one a line: `{"key":"…","body":…}`, where `key` is the idempotency key and `body`
/// the message's body, its line breaks made spaces.
///
/// Lines are whole: they are written together with what ends them, and are on the disk before their messages count as
/// delivered. Where a kill or a full disk cut the last one, the next delivery mends it first: it is ended if only its end
/// is missing, and removed otherwise, to be written anew. A key that stands in the file is not written again, so that each
/// award is there exactly once, whatever was killed when.
///
/// While it is delivered to, the file is locked against other deliveries; who reads it may read at any time (except on
/// Windows, which holds readers off as well), up to the last line break. Moved away or cut, it is opened anew at the next
/// delivery, so that whatever rotates logs can rotate it; what was moved away is not looked at any more. A file with lines
/// that are not of this kind is refused. It is made with no rights for others, on Unix, and its folder has to be there.
///
/// # Cost
///
/// One flush to the disk for each batch of messages. Opening reads the whole file; from then on 16 bytes a line are held.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// The beginning of each key's hash.
    keys: HashSet<[u8; 16]>,
    /// How long the file is.
    length: u64,
    identity: Option<(u64, u64)>,
}

/// What a line must have.
#[derive(Deserialize)]
struct Line {
    key: String,
    #[serde(rename = "body")]
    _body: IgnoredAny,
}

impl JsonLines {
    /// Appends to `path`, which is opened, and made if need be, at the first delivery.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), open: None }
    }

    /// Writes what is not there yet, all of it or nothing.
    pub(crate) fn append(&mut self, messages: &[Message]) -> Result<Vec<Verdict>, String> {
        self.try_append(messages).map_err(|error| {
            // Whatever is in the file now, it is looked at before anything is added.
            self.open = None;
            let problem = format!("nothing could be written to {}: {error}", self.path.display());
            excerpt::plain(&problem, excerpt::MOST_PROBLEM)
        })
    }

    fn try_append(&mut self, messages: &[Message]) -> io::Result<Vec<Verdict>> {
        let still = self.open.take().filter(|open| open.is_still(&self.path));
        let mut open = match still {
            Some(open) => open,
            None => Open::new(&self.path)?,
        };
        let (mut lines, mut keys) = (Vec::new(), Vec::new());
        for message in messages {
            let key = short(&message.key);
            if !open.keys.contains(&key) && !keys.contains(&key) {
                keys.push(key);
                line(message, &mut lines)?;
            }
        }
        if !lines.is_empty() {
            open.file.write_all(&lines)?;
        }
        // Even where nothing is new: a key that stands there may stand in memory alone, since a kill came before the flush.
        open.file.sync_data()?;
        open.length += lines.len() as u64;
        open.keys.extend(keys);
        self.open = Some(open);
        Ok(vec![Verdict::Taken; messages.len()])
    }
}

/// Appends a message's line.
fn line(message: &Message, to: &mut Vec<u8>) -> io::Result<()> {
    to.extend_from_slice(br#"{"key":"#);
    serde_json::to_writer(&mut *to, &message.key)?;
    to.extend_from_slice(br#","body":"#);
    // Inside of JSON's texts line breaks are escaped; those that are left stand between its parts.
    to.extend(message.body.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    to.extend_from_slice(b"}\n");
    Ok(())
}

fn short(key: &str) -> [u8; 16] {
    let hash = digest(&SHA256, key.as_bytes());
    hash.as_ref().first_chunk().copied().unwrap_or_default()
}

impl Open {
    fn new(path: &Path) -> io::Result<Self> {
        // Before it is opened: opening a pipe would wait for its other end.
        if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("it is no regular file"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let is_new = !path.exists();
        let file = options.open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::other("another delivery writes to it, and one at a time can")
            }
            TryLockError::Error(error) => error,
        })?;
        if is_new {
            flush_folder(path)?;
        }
        let identity = identity(&file.metadata()?);
        let mut open = Self { file, keys: HashSet::new(), length: 0, identity };
        let rest = open.read()?;
        open.mend(&rest)?;
        Ok(open)
    }

    /// Reads every whole line, and hands back what is left behind the last of them.
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut file = BufReader::new(&self.file);
        for number in 1_u64.. {
            let mut bytes = Vec::new();
            (&mut file).take(MOST_LINE as u64 + 1).read_until(b'\n', &mut bytes)?;
            if bytes.len() > MOST_LINE {
                return Err(foreign(number));
            }
            if bytes.last() != Some(&b'\n') {
                return Ok(bytes);
            }
            let line: Line = serde_json::from_slice(&bytes).map_err(|_| foreign(number))?;
            self.keys.insert(short(&line.key));
            self.length += bytes.len() as u64;
        }
        Ok(Vec::new())
    }

    /// Ends a last line, or removes it, where it was cut; and goes to the end.
    fn mend(&mut self, rest: &[u8]) -> io::Result<()> {
        let end = SeekFrom::Start(self.length);
        if let Ok(line) = serde_json::from_slice::<Line>(rest) {
            self.file.seek(SeekFrom::Start(self.length + rest.len() as u64))?;
            self.file.write_all(b"\n")?;
            self.keys.insert(short(&line.key));
            self.length += rest.len() as u64 + 1;
            return Ok(());
        }
        // Where the power failed, a file can end in zeros in place of what was written.
        let written = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let begun = rest.get(..written).unwrap_or_default();
        let ours = begun.iter().zip(BEGINNING).all(|(byte, expected)| byte == expected);
        if !ours {
            return Err(io::Error::other(
                "what stands behind its last line break is not of this kind; name another file",
            ));
        }
        self.file.set_len(self.length)?;
        self.file.seek(end)?;
        Ok(())
    }

    /// Whether the path still leads to what is open, as it was left.
    fn is_still(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|now| now.len() == self.length && identity(&now) == self.identity)
    }
}

fn foreign(line: u64) -> io::Error {
    io::Error::other(format!(
        "its line {line} is not of this kind, {{\"key\":…,\"body\":…}}; name another file"
    ))
}

/// What tells one file from another.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// A new file is there after a power failure only once its folder was flushed.
#[cfg(unix)]
fn flush_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn flush_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
