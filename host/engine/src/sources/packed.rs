//! The bytes of a file, unpacked where they are compressed.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use groundswell_runtime::open_regular;

use super::Meter;
use crate::Error;

/// A file's bytes, on their way from the disk.
pub(super) struct Packed<'m> {
    bytes: Box<dyn Read + 'm>,
    how: Option<&'static str>,
}

/// Opens a file. What compresses it is known by its first bytes, whatever the file is called.
pub(super) fn open<'m>(path: &Path, meter: &'m Meter<'_>) -> Result<Packed<'m>, Error> {
    let opened = open_regular(path).map_err(Error::file("read", path))?;
    let hasher = (!meter.is_silent()).then(blake3::Hasher::new);
    let metered = Metered { inner: opened, meter, path: path.to_owned(), hasher };
    let mut bytes = BufReader::with_capacity(1 << 16, metered);
    let start = bytes.fill_buf().map_err(Error::file("read", path))?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Packed { bytes: Box::new(MultiGzDecoder::new(bytes)), how: Some("gzip") });
    }
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(Error::file("read", path))?;
        return Ok(Packed { bytes: Box::new(decoder), how: Some("zstd") });
    }
    Ok(Packed { bytes: Box::new(bytes), how: None })
}

/// The first bytes of a file, unpacked: fewer where it has no more, or is cut off.
pub(super) fn start(path: &Path) -> Result<Vec<u8>, Error> {
    let silent = Meter::silent();
    let mut start = Vec::new();
    // What is wrong with the file is for whoever reads it to say.
    _ = open(path, &silent)?.take(1 << 10).read_to_end(&mut start);
    Ok(start)
}

impl Packed<'_> {
    /// What compresses it, if anything does.
    pub(super) fn how(&self) -> Option<&'static str> {
        self.how
    }
}

/// What an error of reading means; `place` says how far the reading came.
pub(super) fn told(how: Option<&str>, error: &io::Error, place: &str) -> String {
    match (how, error.kind()) {
        (Some(how), io::ErrorKind::UnexpectedEof) => format!(
            "the {how} stream ends in the middle, {place}: the file was cut off, or something was appended to it; \
             fetch it again"
        ),
        (Some(how), _) => format!("the {how} stream is damaged, {place} ({error}); fetch the file again"),
        (None, _) => format!("it cannot be read further, {place}: {error}"),
    }
}

impl Read for Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer)
    }
}

/// A reader that tells the meter how much it has read, and at the end what.
struct Metered<'m, 'p, R> {
    inner: R,
    meter: &'m Meter<'p>,
    path: PathBuf,
    /// Of the bytes so far; none where nobody wants to know, and after the end.
    hasher: Option<blake3::Hasher>,
}

impl<R: Read> Read for Metered<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.add(count as u64);
        if count > 0 {
            let new = buffer.get(..count).unwrap_or_default();
            self.hasher.as_mut().map(|hasher| hasher.update(new));
        } else if let Some(hasher) = self.hasher.take().filter(|_| !buffer.is_empty()) {
            self.meter.ended(&self.path, &hasher.finalize());
        }
        Ok(count)
    }
}
