//! From a component's bytes to machine code: compiled, from the cache, or compiled elsewhere beforehand.

#[cfg(feature = "compiler")]
use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;

use wasmtime::component::Component;

use crate::cache::Found;
use crate::load_error::LoadProblem;
use crate::{Cache, Error, LoadError, Plugin, PluginId, Runtime};

/// How a plugin's machine code came about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// It was compiled now.
    Compiled,
    /// It was compiled now, as the cache had something else in its place, which has been removed.
    Recompiled,
    /// It was in the cache.
    Cached,
    /// It was compiled elsewhere and trusted by the caller.
    Precompiled,
}

/// The first bytes of a precompiled plugin.
const MAGIC: &[u8; 16] = b"groundswell-pre\x01";

impl Runtime {
    /// Compiles a plugin for hosts without a compiler: the feature `compiler` of this crate left out. Mode, limits of
    /// memory, tables and stack, version of this crate, and processor must be those of the host.
    ///
    /// The answer holds the component itself as well, so that results name the same plugin as everywhere.
    ///
    /// # Errors
    ///
    /// As [`Runtime::load_bytes`].
    #[cfg(feature = "compiler")]
    pub fn precompile(&self, label: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        // A plugin that cannot be loaded here cannot be loaded there.
        let plugin = self.load_bytes(label, bytes)?;
        let code = plugin.pre().component().serialize().map_err(|error| {
            let problem = LoadProblem::Compile(format!("{error:#}"));
            LoadError { file: label.to_owned(), plugin: None, problem: Box::new(problem) }
        })?;
        Ok([&MAGIC[..], &(bytes.len() as u64).to_le_bytes(), bytes, &code].concat())
    }

    /// Loads what [`Runtime::precompile`] made.
    ///
    /// # Safety
    ///
    /// **Machine code in `bytes` is run outside of every sandbox.** Its imports, exports and limits are checked, the
    /// code itself cannot be: whoever made these bytes can do anything that this process can. Load only what you have
    /// precompiled yourself, and kept where nobody else can write.
    ///
    /// # Errors
    ///
    /// As [`Runtime::load_bytes`]; where the bytes are not a precompiled plugin, or one for another engine.
    #[expect(unsafe_code, reason = "it is for the caller to know where machine code comes from")]
    pub unsafe fn load_precompiled(&self, label: &str, bytes: &[u8]) -> Result<Plugin, Error> {
        let refused = |what: String| {
            let problem = LoadProblem::NotPrecompiled(what);
            Error::from(LoadError { file: label.to_owned(), plugin: None, problem: Box::new(problem) })
        };
        let Some((component, code)) = parts(bytes) else {
            return Err(refused("it was not made by `precompile`, or is cut off".to_owned()));
        };
        // SAFETY: the caller vouches for these bytes.
        let compiled = unsafe { Component::deserialize(self.engine(), code) };
        let compiled = compiled.map_err(|error| refused(format!("{error:#}")))?;
        self.load_compiled(label, component, |_| Ok((compiled, Origin::Precompiled)))
    }

    /// Compiles a plugin's component, or finds it in the cache.
    pub(crate) fn compile(
        &self,
        plugin: &PluginId,
        bytes: &[u8],
    ) -> Result<(Component, Origin), LoadProblem> {
        // Half a minute for an interpreter, in which nothing else is heard.
        let span = |kept: bool| tracing::info_span!("compile", %plugin, bytes = bytes.len() as u64, kept);
        let Some((cache, key)) = self.cache().and_then(|cache| Some((cache, self.key(bytes)?))) else {
            let component = span(false).in_scope(|| self.compile_now(bytes))?;
            return Ok((component, Origin::Compiled));
        };
        let origin = match cache.find(&key) {
            Found::Nothing => Origin::Compiled,
            Found::Damaged => Origin::Recompiled,
            Found::Code(path) => match self.cached(&path) {
                Ok(component) => return Ok((component, Origin::Cached)),
                Err(origin) => origin,
            },
        };
        if origin == Origin::Recompiled {
            tracing::warn!(
                "a compiled plugin in the cache is not what was written there: it is compiled again"
            );
        }
        let component = span(true).in_scope(|| self.compile_now(bytes))?;
        store(cache, &key, &component);
        Ok((component, origin))
    }

    /// The code in a file of the cache, or how it has to come about instead.
    fn cached(&self, path: &Path) -> Result<Component, Origin> {
        // SAFETY: the folder is private to this user, and the file holds what was written under this key.
        #[expect(unsafe_code, reason = "mapping code that this user has compiled")]
        let cached = unsafe { Component::deserialize_file(self.engine(), path) };
        cached.map_err(|error| match error.downcast_ref::<io::Error>() {
            // Another process has removed it meanwhile, and there is nothing wrong with that.
            Some(error) if error.kind() == io::ErrorKind::NotFound => Origin::Compiled,
            _ => {
                _ = std::fs::remove_file(path);
                Origin::Recompiled
            }
        })
    }

    #[cfg(feature = "compiler")]
    fn compile_now(&self, bytes: &[u8]) -> Result<Component, LoadProblem> {
        Component::new(self.engine(), bytes).map_err(|error| LoadProblem::Compile(format!("{error:#}")))
    }

    #[cfg(not(feature = "compiler"))]
    fn compile_now(&self, _bytes: &[u8]) -> Result<Component, LoadProblem> {
        Err(LoadProblem::NoCompiler)
    }

    /// What the machine code of a component depends on.
    #[cfg(feature = "compiler")]
    fn key(&self, bytes: &[u8]) -> Option<String> {
        let mut key = Key(blake3::Hasher::new());
        (env!("CARGO_PKG_VERSION"), self.mode(), bytes.len()).hash(&mut key);
        key.0.update(bytes);
        self.engine().precompile_compatibility_hash().hash(&mut key);
        Some(key.0.finalize().to_hex().to_string())
    }

    #[cfg(not(feature = "compiler"))]
    fn key(&self, _bytes: &[u8]) -> Option<String> {
        None
    }
}

/// A cache that cannot be written makes the next start slow, and nothing else.
fn store(cache: &Cache, key: &str, component: &Component) {
    let stored =
        component.serialize().map_err(std::io::Error::other).and_then(|code| cache.store(key, &code));
    if let Err(error) = stored {
        tracing::warn!("a compiled plugin could not be cached: {error}");
    }
}

/// Component and machine code of a precompiled plugin.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// Hashes by BLAKE3 what std's `Hash` feeds it.
#[cfg(feature = "compiler")]
struct Key(blake3::Hasher);

#[cfg(feature = "compiler")]
impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        hash.as_bytes().first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn an_entry_that_another_process_has_removed_is_not_called_damaged() {
        let runtime = Runtime::new(Limits { instances: 1, ..Limits::new() }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let entry = folder.path().join("entry.cwasm");
        let origin = || runtime.cached(&entry).map(drop).unwrap_err();
        assert_eq!(origin(), Origin::Compiled);
        std::fs::write(&entry, b"nothing that runs").unwrap();
        assert_eq!(origin(), Origin::Recompiled);
        // Of no use to anybody.
        assert!(!entry.exists());
    }
}
