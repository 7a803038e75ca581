//! The key that a platform and its community share.

use std::fmt;
use std::io::Read;
use std::path::Path;

use ring::hmac;
use zeroize::Zeroizing;

use crate::Error;

/// The fewest bytes of a key.
const LEAST: usize = 16;
/// The most that are read for one.
const MOST: usize = 4096;

/// The key of signatures, from a file or a variable of the environment; never from configuration, which people commit and
/// send each other.
///
/// It has 16 bytes at least, is shown by neither `Debug` nor `Display`, and its bytes are overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Bytes that the caller has from elsewhere, as they are.
    ///
    /// # Errors
    ///
    /// [`Error::KeyShort`] where there are fewer than 16.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        Self::checked(Zeroizing::new(bytes.into()), "the key")
    }

    /// The content of a file, without the line break at its end, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::KeyFile`] where it is no regular file, cannot be read, or has more than 4 KiB; [`Error::KeyOpen`] where, on
    /// Unix, anybody but its owner may read or write it; [`Error::KeyShort`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |problem: String| Error::KeyFile { path: path.to_owned(), problem };
        let io = |error: std::io::Error| failed(error.to_string());
        // Before it is opened: opening a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(failed("it is no regular file".to_owned()));
        }
        let mut file = std::fs::File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        private(path, &metadata)?;
        // With room from the start, so that no copies are left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
        (&mut file).take(MOST as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() > MOST {
            return Err(failed(format!("it has more than {MOST} bytes; a key of 32 is long")));
        }
        for ending in [b'\n', b'\r'] {
            if bytes.last() == Some(&ending) {
                bytes.pop();
            }
        }
        Self::checked(bytes, &format!("the key in {}", path.display()))
    }

    /// The value of a variable of the environment, as it is.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnset`] where it is not set or empty, [`Error::KeyShort`].
    pub fn from_env(name: &str) -> Result<Self, Error> {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| Error::KeyUnset { name: name.to_owned() })?;
        Self::checked(Zeroizing::new(value.into_encoded_bytes()), &format!("the key in the variable {name}"))
    }

    fn checked(bytes: Zeroizing<Vec<u8>>, place: &str) -> Result<Self, Error> {
        if bytes.len() < LEAST {
            return Err(Error::KeyShort { place: place.to_owned(), length: bytes.len(), least: LEAST });
        }
        Ok(Self(bytes))
    }

    pub(crate) fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Secret(not shown)")
    }
}

#[cfg(unix)]
fn private(path: &Path, metadata: &std::fs::Metadata) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(Error::KeyOpen { path: path.to_owned(), mode }) }
}

/// Who may read a file is not told by a mode here.
#[cfg(not(unix))]
fn private(_: &Path, _: &std::fs::Metadata) -> Result<(), Error> {
    Ok(())
}
