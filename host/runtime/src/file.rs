//! Files of strangers, read to a bound.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads a regular file of at most `most` bytes; of a larger one, a single byte more than that.
///
/// Neither the kind nor the size that the system tells of is trusted: pipes and devices have no end, and files grow.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let most = (most as u64).saturating_add(1);
    let mut bytes = Vec::new();
    bytes.reserve_exact(usize::try_from(file.metadata()?.len().min(most)).unwrap_or(0));
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file to read it, and nothing else: no folder, pipe, device or socket. Waits for nobody.
pub fn open(path: &Path) -> io::Result<File> {
    let regular = |about: &std::fs::Metadata| {
        if about.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
    };
    // Before it is opened: opening a device can have it do something.
    regular(&std::fs::metadata(path)?)?;
    let file = at_once(path)?;
    // Another one may have been put in its place meanwhile.
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Opens a file without waiting, as opening a pipe does until somebody writes into it. Of a regular file nothing changes.
#[cfg(unix)]
fn at_once(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn at_once(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_takes_a_files_place_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Where `open` gets to when what it looked at was a file, and what it opens is not: nobody ever writes.
        assert!(!at_once(&pipe).unwrap().metadata().unwrap().is_file());
    }
}
