//! Files of strangers, read to a bound.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads a regular file of at most `most` bytes; of a larger one, a single byte more than that.
///
/// Neither the kind nor the size that the system tells of is trusted: pipes and devices have no end, and files grow.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let regular = |about: &std::fs::Metadata| {
        if about.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
    };
    // Before it is opened: opening a pipe waits for somebody to write.
    regular(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    let about = file.metadata()?;
    regular(&about)?;
    let most = (most as u64).saturating_add(1);
    let mut bytes = Vec::new();
    bytes.reserve_exact(usize::try_from(about.len().min(most)).unwrap_or(0));
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
