//! Compiled plugins on disk.
//!
//! Compiled code is run as it is: whoever can write it can run anything as this user. Hence the folder is private to
//! its owner or refused, and every entry is named by the hash of its own content.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

/// Where entries may come to before the least recently used go, unless said otherwise.
const MOST_BYTES: u64 = 1 << 30;
/// Files that a killed process left half written are removed after this time.
const STALE: Duration = Duration::from_secs(3_600);
const ENDING: &str = ".cwasm";

/// Compiled plugins on disk, for one user and all their processes. Cheap to clone.
///
/// An entry is keyed by the component's bytes, the mode, and everything of the engine that its code depends on; a
/// changed plugin, another version of the host or another processor never meets code that is not its own. An entry
/// whose content is not what was written is removed, and the plugin compiled again
/// ([`Plugin::origin`](crate::Plugin::origin) says so).
///
/// # Safety of the folder
///
/// Code in it is trusted. On Unix the folder must belong to this user and to nobody else: mode 0700, no symbolic link,
/// and no folder above it in which somebody else could put another in its place. A folder that is not so is refused,
/// never repaired. On other systems there is no cache yet.
///
/// # Example
///
/// ```
/// use groundswell_runtime::{Cache, Runtime};
///
/// let folder = tempfile::tempdir()?;
/// let cache = Cache::at(folder.path().join("compiled"))?;
/// let runtime = Runtime::builder().cache(cache.clone()).build()?;
/// assert_eq!(cache.info()?.entries, 0);
/// # let _ = runtime;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
}

/// What is in a [`Cache`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CacheInfo {
    /// Where it is.
    pub folder: PathBuf,
    /// How many compiled plugins are in it.
    pub entries: u64,
    /// What they come to, in bytes.
    pub bytes: u64,
    /// What they may come to before the least recently used go, in bytes.
    pub most_bytes: u64,
}

/// Why a folder cannot hold compiled plugins.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// Somebody else could change what is in it.
    #[error(
        "the cache of compiled plugins in {} is not private: {why}; whoever can write there can run code as you. \
         Make it private with `chmod 700`, or choose another folder",
        folder.display()
    )]
    NotPrivate {
        /// The folder.
        folder: PathBuf,
        /// What is open to others.
        why: String,
    },
    /// Something else has its name: a file, or a symbolic link, which whoever owns what it leads to could turn elsewhere.
    #[error("the cache of compiled plugins cannot be in {}: it is {what}, not a folder; choose another folder", folder.display())]
    #[non_exhaustive]
    NotAFolder {
        /// What was to be the folder.
        folder: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// It cannot be read or written.
    #[error("the cache of compiled plugins in {} cannot be used: {source}", folder.display())]
    File {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The environment names no folder for caches.
    #[error("there is no folder for caches: set XDG_CACHE_HOME or HOME, or name a folder")]
    NoFolder,
    /// Private folders cannot be told from others here.
    #[error(
        "compiled plugins are not cached on this system, where the privacy of a folder cannot be checked"
    )]
    Unsupported,
}

impl Cache {
    /// The user's own: `groundswell/plugins` in `$XDG_CACHE_HOME`, else in `$HOME/.cache`; made if need be. At most
    /// 1 GiB; see [`Cache::most_bytes`].
    ///
    /// # Errors
    ///
    /// [`CacheError`] where there is no such folder, or it is not private to this user.
    pub fn for_user() -> Result<Self, CacheError> {
        let absolute =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        Self::at(caches.ok_or(CacheError::NoFolder)?.join("groundswell").join("plugins"))
    }

    /// One in this folder, which is made if need be, private.
    ///
    /// # Errors
    ///
    /// As [`Cache::for_user`].
    pub fn at(folder: impl Into<PathBuf>) -> Result<Self, CacheError> {
        if cfg!(not(unix)) {
            return Err(CacheError::Unsupported);
        }
        let folder = folder.into();
        let failed = |source| CacheError::File { folder: folder.clone(), source };
        match std::fs::symlink_metadata(&folder) {
            Ok(about) if about.is_dir() => {}
            Ok(about) => {
                let what = if about.is_symlink() { "a symbolic link" } else { "a file" };
                return Err(CacheError::NotAFolder { folder, what });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&folder).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        }
        if let Some(why) = exposure(&folder).map_err(failed)? {
            return Err(CacheError::NotPrivate { folder, why });
        }
        let folder = folder.canonicalize().map_err(failed)?;
        Ok(Self { folder, most_bytes: MOST_BYTES })
    }

    /// Lets entries come to this many bytes; beyond, the least recently used go.
    #[must_use]
    pub fn most_bytes(mut self, bytes: u64) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// What is in it.
    ///
    /// # Errors
    ///
    /// [`CacheError::File`] where it cannot be read.
    pub fn info(&self) -> Result<CacheInfo, CacheError> {
        let entries = self.entries().map_err(|source| self.failed(source))?;
        Ok(self.sum(&entries))
    }

    /// Removes every entry, and says what there was.
    ///
    /// # Errors
    ///
    /// [`CacheError::File`] where an entry cannot be removed.
    pub fn clear(&self) -> Result<CacheInfo, CacheError> {
        let entries = self.entries().map_err(|source| self.failed(source))?;
        for entry in &entries {
            gone(std::fs::remove_file(&entry.path)).map_err(|source| self.failed(source))?;
        }
        Ok(self.sum(&entries))
    }

    /// The file with the code of this key, where there is one whose content is what was written.
    pub(crate) fn find(&self, key: &str) -> Found {
        let Ok(entries) = self.entries() else { return Found::Nothing };
        let Some(entry) = entries.into_iter().find(|entry| entry.key == key) else { return Found::Nothing };
        match intact(&entry) {
            Ok(true) => Found::Code(entry.path),
            Ok(false) => {
                _ = std::fs::remove_file(&entry.path);
                Found::Damaged
            }
            // Another process has removed it meanwhile.
            Err(_) => Found::Nothing,
        }
    }

    /// Writes the code of this key, and lets the least recently used go. A cache that cannot be written is only slow.
    pub(crate) fn store(&self, key: &str, code: &[u8]) -> io::Result<()> {
        use std::io::Write;
        let mut file = tempfile::Builder::new().prefix(".part-").tempfile_in(&self.folder)?;
        file.write_all(code)?;
        let path = self.folder.join(format!("{key}.{}{ENDING}", blake3::hash(code).to_hex()));
        file.persist(&path).map_err(|error| error.error)?;
        self.evict(&path)
    }

    fn evict(&self, newest: &Path) -> io::Result<()> {
        let mut entries = self.entries()?;
        entries.sort_by_key(|entry| entry.used);
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in entries.iter().filter(|entry| entry.path != newest) {
            if bytes <= self.most_bytes {
                break;
            }
            gone(std::fs::remove_file(&entry.path))?;
            bytes -= entry.bytes;
        }
        self.sweep()
    }

    /// Removes what killed processes left half written.
    fn sweep(&self) -> io::Result<()> {
        for file in std::fs::read_dir(&self.folder)? {
            let file = file?;
            let half = file.file_name().to_string_lossy().starts_with(".part-");
            let age =
                file.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
            if half && age.is_some_and(|age| age > STALE) {
                gone(std::fs::remove_file(file.path()))?;
            }
        }
        Ok(())
    }

    fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for file in std::fs::read_dir(&self.folder)? {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            let Some((key, content)) = name.strip_suffix(ENDING).and_then(|name| name.split_once('.')) else {
                continue;
            };
            // Gone since the folder was read, or no file: not an entry.
            let Ok(about) = std::fs::symlink_metadata(file.path()) else { continue };
            if about.is_file() {
                entries.push(Entry {
                    key: key.to_owned(),
                    content: content.to_owned(),
                    path: file.path(),
                    bytes: about.len(),
                    used: about.modified()?,
                });
            }
        }
        Ok(entries)
    }

    fn sum(&self, entries: &[Entry]) -> CacheInfo {
        CacheInfo {
            folder: self.folder.clone(),
            entries: entries.len() as u64,
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
            most_bytes: self.most_bytes,
        }
    }

    fn failed(&self, source: io::Error) -> CacheError {
        CacheError::File { folder: self.folder.clone(), source }
    }
}

/// What a cache has for a key.
pub(crate) enum Found {
    Code(PathBuf),
    Damaged,
    Nothing,
}

struct Entry {
    key: String,
    /// The hash of what was written.
    content: String,
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Whether an entry holds what was written; if so, it counts as used now.
fn intact(entry: &Entry) -> io::Result<bool> {
    let file = File::open(&entry.path)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&file)?;
    let intact = hasher.finalize().to_hex().as_str() == entry.content;
    if intact {
        // Only the order of eviction depends on it.
        _ = file.set_modified(SystemTime::now());
    }
    Ok(intact)
}

/// Somebody else was faster: what should be gone is gone.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// How others could change what is in a folder; `None` where they cannot.
#[cfg(unix)]
fn exposure(folder: &Path) -> io::Result<Option<String>> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    const STICKY: u32 = 0o1000;
    let about = std::fs::symlink_metadata(folder)?;
    if !about.is_dir() {
        // It was one a moment ago.
        return Ok(Some("something else takes its place".to_owned()));
    }
    let mode = about.permissions().mode();
    if mode & 0o077 != 0 {
        return Ok(Some(format!("its mode is {:03o}, not 700", mode & 0o777)));
    }
    // Whatever this process makes belongs to its user.
    let own = tempfile::Builder::new().prefix(".part-").tempfile_in(folder)?.as_file().metadata()?.uid();
    if about.uid() != own {
        return Ok(Some(format!("it belongs to user {}, not to {own}", about.uid())));
    }
    let whole = folder.canonicalize()?;
    for above in whole.ancestors().skip(1) {
        let about = std::fs::metadata(above)?;
        let mode = about.permissions().mode();
        if about.uid() != own && about.uid() != 0 {
            return Ok(Some(format!("{} above it belongs to user {}", above.display(), about.uid())));
        }
        if mode & 0o022 != 0 && mode & STICKY == 0 {
            return Ok(Some(format!("others can write in {} above it", above.display())));
        }
    }
    Ok(None)
}

#[cfg(not(unix))]
fn exposure(_folder: &Path) -> io::Result<Option<String>> {
    Ok(None)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("compiled")).unwrap();
        (folder, cache)
    }

    fn code(cache: &Cache, key: &str) -> Option<Vec<u8>> {
        match cache.find(key) {
            Found::Code(path) => match std::fs::read(path) {
                // Cleared by another thread since it was found.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                read => Some(read.unwrap()),
            },
            Found::Damaged | Found::Nothing => None,
        }
    }

    #[test]
    fn what_was_stored_is_found_by_its_key_alone() {
        let (_folder, cache) = cache();
        cache.store("one", b"code of one").unwrap();
        cache.store("two", b"code of two").unwrap();
        assert_eq!(code(&cache, "one").unwrap(), b"code of one");
        assert_eq!(code(&cache, "three"), None);
        assert_eq!((cache.info().unwrap().entries, cache.info().unwrap().bytes), (2, 22));
        assert_eq!(cache.clear().unwrap().entries, 2);
        assert_eq!(cache.info().unwrap().entries, 0);
    }

    #[test]
    fn a_changed_entry_is_removed_and_said_to_be_damaged() {
        let (_folder, cache) = cache();
        cache.store("one", b"code of one").unwrap();
        let Found::Code(path) = cache.find("one") else { panic!("it was stored") };
        std::fs::write(&path, b"code of eve").unwrap();
        assert!(matches!(cache.find("one"), Found::Damaged));
        assert!(matches!(cache.find("one"), Found::Nothing));
        assert!(!path.exists());
    }

    #[test]
    fn the_least_recently_used_go_first_and_the_newest_stays() {
        let (_folder, cache) = cache();
        let cache = cache.most_bytes(20);
        let long_ago = SystemTime::now() - Duration::from_secs(1_000);
        for key in ["one", "two"] {
            cache.store(key, b"12345678").unwrap();
            let Found::Code(path) = cache.find(key) else { panic!("it was stored") };
            File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
        assert!(code(&cache, "one").is_some(), "now it is the more recently used");
        cache.store("three", b"12345678").unwrap();
        assert_eq!((code(&cache, "one").is_some(), code(&cache, "two")), (true, None));
        cache.store("large", &[0; 100]).unwrap();
        assert_eq!(cache.info().unwrap().entries, 1);
        assert!(code(&cache, "large").is_some());
    }

    #[test]
    fn half_written_files_are_swept_after_a_while() {
        let (_folder, cache) = cache();
        let (old, new) = (cache.folder.join(".part-old"), cache.folder.join(".part-new"));
        for part in [&old, &new] {
            std::fs::write(part, b"half").unwrap();
        }
        let long_ago = SystemTime::now() - STALE * 2;
        File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        cache.store("one", b"code").unwrap();
        assert!(!old.exists() && new.exists());
        assert_eq!(cache.info().unwrap().entries, 1);
    }

    #[test]
    fn a_folder_that_others_can_change_and_what_is_none_are_refused() {
        let outer = tempfile::tempdir().unwrap();
        let told = |folder: &Path| {
            let error = Cache::at(folder).unwrap_err().to_string();
            error.replace(&outer.path().display().to_string(), "[folder]")
        };
        let open = outer.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, PermissionsExt::from_mode(0o750)).unwrap();
        insta::assert_snapshot!(told(&open), @"the cache of compiled plugins in [folder]/open is not private: its mode is 750, not 700; whoever can write there can run code as you. Make it private with `chmod 700`, or choose another folder");
        let link = outer.path().join("link");
        symlink(outer.path(), &link).unwrap();
        insta::assert_snapshot!(told(&link), @"the cache of compiled plugins cannot be in [folder]/link: it is a symbolic link, not a folder; choose another folder");
        let dangling = outer.path().join("dangling");
        symlink(outer.path().join("nothing"), &dangling).unwrap();
        insta::assert_snapshot!(told(&dangling), @"the cache of compiled plugins cannot be in [folder]/dangling: it is a symbolic link, not a folder; choose another folder");
        let shared = outer.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o777)).unwrap();
        insta::assert_snapshot!(told(&shared.join("compiled")), @"the cache of compiled plugins in [folder]/shared/compiled is not private: others can write in [folder]/shared above it; whoever can write there can run code as you. Make it private with `chmod 700`, or choose another folder");
        let file = outer.path().join("file");
        std::fs::write(&file, b"").unwrap();
        insta::assert_snapshot!(told(&file), @"the cache of compiled plugins cannot be in [folder]/file: it is a file, not a folder; choose another folder");
    }

    #[test]
    fn many_writers_at_once_leave_whole_entries() {
        let (_folder, cache) = cache();
        let code_of = |key: usize| vec![key as u8; 10_000];
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let cache = &cache;
                scope.spawn(move || {
                    for round in 0..40 {
                        let key = (writer + round) % 5;
                        cache.store(&key.to_string(), &code_of(key)).unwrap();
                        if let Some(found) = code(cache, &key.to_string()) {
                            assert_eq!(found, code_of(key));
                        }
                        if round % 13 == 0 {
                            cache.clear().unwrap();
                        }
                    }
                });
            }
        });
        assert!(cache.info().unwrap().entries <= 5);
    }
}
