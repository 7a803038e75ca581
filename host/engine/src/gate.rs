//! The gate of a state: members' data goes in through it, and it is shut while somebody is forgotten.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::fresh::make_folder;
use crate::stop::{LOOKS, Stop};

/// The file that is locked. It is empty and stays; the system takes the lock from a process that is killed.
const LOCK: &str = ".lock";

/// A file of a state to be locked, and where it is.
pub(crate) fn lock_file(state: &Path, name: &str) -> Result<(File, PathBuf), Error> {
    let path = state.join(name);
    make_folder(state).map_err(Error::file("create", state))?;
    // Opened for reading alone it cannot be made; what stands in it is nobody's concern.
    let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
    Ok((file.map_err(Error::file("lock", &path))?, path))
}

/// Whoever has it is inside of a state, or has it for themselves. Nobody waits for it who has the ledger open.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Held and never looked at; none where files cannot be locked.
    _lock: Option<File>,
}

impl Gate {
    /// Goes in to store what was computed, together with others who do. While somebody is forgotten, waits.
    pub(crate) fn enter(state: &Path, stop: &Stop) -> Result<Self, Error> {
        Self::wait(state, stop, File::try_lock_shared)
    }

    /// Waits for all who are in, and lets nobody in.
    pub(crate) fn shut(state: &Path, stop: &Stop) -> Result<Self, Error> {
        Self::wait(state, stop, File::try_lock)
    }

    fn wait(
        state: &Path,
        stop: &Stop,
        lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, Error> {
        let (file, path) = lock_file(state, LOCK)?;
        let failed = |source: io::Error| Error::file("lock", &path)(source);
        loop {
            match lock(&file) {
                Ok(()) => return Ok(Self { _lock: Some(file) }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Self { _lock: None });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            stop.check()?;
            std::thread::sleep(LOOKS);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn many_are_in_at_a_time_and_whoever_shuts_it_is_alone() {
        let state = tempfile::tempdir().unwrap();
        let patient = Stop::default();
        let at_once = Stop { deadline: Some(Instant::now()), ..Stop::default() };
        let (first, second) =
            (Gate::enter(state.path(), &patient).unwrap(), Gate::enter(state.path(), &patient).unwrap());
        assert!(Gate::shut(state.path(), &at_once).unwrap_err().is_stopped());
        drop((first, second));
        let alone = Gate::shut(state.path(), &patient).unwrap();
        for other in [Gate::shut, Gate::enter] {
            assert!(other(state.path(), &at_once).unwrap_err().is_stopped());
        }
        drop(alone);
        Gate::enter(state.path(), &patient).unwrap();
    }
}
