//! Files and folders that appear under their names whole, or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use groundswell_runtime::open_regular;
use tempfile::{NamedTempFile, TempDir};

use crate::Error;

/// What the names of files begin with as long as they are not whole.
const PART: &str = ".part-";

/// A file in the making, beside the one that it will be. Given up, it is gone.
#[derive(Debug)]
pub(crate) struct FreshFile {
    part: NamedTempFile,
    path: PathBuf,
}

impl FreshFile {
    /// Begins a file that is to be `path`, in a folder that is there.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PART);
        // As any file is made, and not for its owner alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let part = builder.tempfile_in(path.parent().unwrap_or(Path::new("")))?;
        Ok(Self { part, path: path.to_owned() })
    }

    /// Where it lies as long as it is not whole.
    pub(crate) fn part(&self) -> &Path {
        self.part.path()
    }

    /// Waits until it is on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.part.as_file().sync_all()
    }

    /// Gives it its name; a file of that name is replaced.
    pub(crate) fn keep(self) -> io::Result<()> {
        self.sync()?;
        self.part.persist(&self.path)?;
        Ok(())
    }

    /// Gives it its name where no file has it. Whether it did.
    pub(crate) fn keep_if_new(self) -> io::Result<bool> {
        self.sync()?;
        match self.part.persist_noclobber(&self.path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
        }
    }
}

impl Write for FreshFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.part.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.part.flush()
    }
}

/// The BLAKE3 of a regular file's content, as 64 hexadecimal digits.
pub(crate) fn digest(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(open_regular(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Makes a folder, and those above it, where there is none.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(|error| match error.kind() {
        // A folder that is there is none of these.
        ErrorKind::AlreadyExists => io::Error::new(ErrorKind::AlreadyExists, "it is there, and not a folder"),
        _ => error,
    })
}

/// A folder in the making, locked as long as somebody works at it. Given up, it is gone; left behind by a
/// process that was killed, it is swept away by the next that begins one beside it.
#[derive(Debug)]
pub(crate) struct FreshFolder {
    folder: TempDir,
    /// Held and never looked at.
    _lock: Option<File>,
}

impl FreshFolder {
    /// Begins a folder in `base`, which is made if need be. Its name begins with `prefix` until it has its own.
    pub(crate) fn create(base: &Path, prefix: &str) -> Result<Self, Error> {
        make_folder(base).map_err(Error::file("create", base))?;
        // Nobody sweeps between the making of the folder and its lock.
        let _door = sweep_locked(base, prefix);
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(base);
        let folder = folder.map_err(Error::file("create a folder in", base))?;
        let lock = File::open(folder.path()).ok().filter(|lock| lock.try_lock().is_ok());
        Ok(Self { folder, _lock: lock })
    }

    /// Where it lies as long as it is not whole.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives it its name.
    ///
    /// # Errors
    ///
    /// Where a folder of that name is there already, or there can be none; with the folder as it was.
    pub(crate) fn keep(self, name: &Path) -> Result<(), (io::Error, Self)> {
        match fs::rename(self.folder.path(), name) {
            Ok(()) => {
                // The folder has another name now; there is nothing left to remove.
                let _ = self.folder.keep();
                Ok(())
            }
            Err(error) => Err((error, self)),
        }
    }
}

/// The folders in `base` that are whole, by name.
pub(crate) fn folders(base: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(base).into_iter().flatten().flatten().map(|entry| entry.path());
    let whole = |path: &PathBuf| {
        path.is_dir() && path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
    };
    let mut folders: Vec<PathBuf> = entries.filter(whole).collect();
    folders.sort_unstable();
    folders
}

/// Removes the files in a folder that were never made whole. Nobody else may be making any there.
pub(crate) fn remove_parts(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))?.flatten() {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(PART.as_bytes()) && path.is_file() {
            fs::remove_file(&path).map_err(Error::file("remove", &path))?;
        }
    }
    Ok(())
}

/// Removes the folders in `base` that processes left behind when they were killed.
pub(crate) fn sweep(base: &Path, prefix: &str) {
    drop(sweep_locked(base, prefix));
}

/// Sweeps, and answers the lock of `base` under which it did. Where folders cannot be locked nothing is swept:
/// nobody could say whose they are.
fn sweep_locked(base: &Path, prefix: &str) -> Option<File> {
    let door = File::open(base).ok()?;
    door.lock().ok()?;
    for entry in fs::read_dir(base).ok()?.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let Ok(folder) = File::open(entry.path()) else { continue };
        match folder.try_lock() {
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
            // What cannot be removed is in nobody's way.
            Ok(()) => _ = fs::remove_dir_all(entry.path()),
        }
    }
    Some(door)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(base)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_file_is_whole_or_not_there_and_for_whom_other_files_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut given_up = FreshFile::create(&path).unwrap();
        given_up.write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(names(folder.path()), Vec::<String>::new());
        for text in ["one", "two"] {
            let mut file = FreshFile::create(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.keep().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        let mut third = FreshFile::create(&path).unwrap();
        third.write_all(b"three").unwrap();
        assert!(!third.keep_if_new().unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let permissions = |path: &Path| fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions(&path), permissions(&plain));
        assert_eq!(names(folder.path()), ["a", "plain"]);
    }

    #[test]
    fn folders_of_the_dead_are_swept_and_those_of_the_living_are_not() {
        let base = tempfile::tempdir().unwrap();
        let (dead, other) = (base.path().join(".making-dead"), base.path().join("kept"));
        for folder in [&dead, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), "").unwrap();
        }
        let living = FreshFolder::create(base.path(), ".making-").unwrap();
        assert!(!dead.exists());
        let second = FreshFolder::create(base.path(), ".making-").unwrap();
        sweep(base.path(), ".making-");
        assert!(living.path().exists() && second.path().exists() && other.exists());
        living.keep(&base.path().join("living")).map_err(|(error, _)| error).unwrap();
        drop(second);
        assert_eq!(names(base.path()), ["kept", "living"]);
    }
}
