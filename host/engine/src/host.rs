//! The host: what communities run in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use groundswell_runtime::{Limits, Plugin, Runtime};

use crate::{Community, Config, Error};

/// What communities run in: the sandbox, its limits, and the plugins that come with the program.
///
/// Cheap to clone; clones share prepared plugins. One host serves any number of communities from any
/// number of threads. All calls block; they may be made from inside an asynchronous program, but hold up
/// the thread they are made on.
///
/// ```no_run
/// use groundswell::{Host, RunOptions};
///
/// let community = Host::new()?.open("community.toml")?;
/// let run = community.run(&RunOptions::default())?;
/// for member in run.members().take(10) {
///     println!("{:>4}  {}  {}", member.rank, member.member, member.tier);
/// }
/// # Ok::<(), groundswell::Error>(())
/// ```
#[derive(Clone)]
pub struct Host {
    runtime: Runtime,
    bundled: BTreeMap<String, &'static [u8]>,
    /// Prepared plugins by the hash of their bytes.
    prepared: Arc<Mutex<HashMap<blake3::Hash, Plugin>>>,
}

impl Host {
    /// A host with the default limits and no bundled plugins.
    ///
    /// # Errors
    ///
    /// Where the sandbox cannot be set up on this computer.
    pub fn new() -> Result<Self, Error> {
        Self::with_limits(Limits::default())
    }

    /// A host whose plugins get these limits.
    ///
    /// # Errors
    ///
    /// Where the limits contradict each other or the sandbox cannot be set up on this computer.
    pub fn with_limits(limits: Limits) -> Result<Self, Error> {
        Ok(Self { runtime: Runtime::new(limits)?, bundled: BTreeMap::new(), prepared: Arc::default() })
    }

    /// Lets `community.toml` name a plugin without a path. The last one of a name counts.
    #[must_use]
    pub fn with_bundled(mut self, name: impl Into<String>, component: &'static [u8]) -> Self {
        self.bundled.insert(name.into(), component);
        self
    }

    /// The names of the bundled plugins, sorted.
    pub fn bundled(&self) -> impl Iterator<Item = &str> {
        self.bundled.keys().map(String::as_str)
    }

    /// Opens a community by the path of its `community.toml`. Reads that file alone; data and plugins are
    /// read when they are needed.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or says something that cannot be followed; [`Error::location`] then
    /// points into it.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Community, Error> {
        Ok(self.open_config(Config::read(path)?))
    }

    /// Opens a community whose `community.toml` is read already, and perhaps changed since or never written.
    ///
    /// ```no_run
    /// use groundswell::{Config, Host, Window};
    ///
    /// let mut config = Config::read("community.toml")?;
    /// config.community.window = Window::All;
    /// let community = Host::new()?.open_config(config);
    /// # Ok::<(), groundswell::Error>(())
    /// ```
    pub fn open_config(&self, config: Config) -> Community {
        Community::new(self.clone(), config)
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.runtime.limits()
    }

    pub(crate) fn bundled_bytes(&self, name: &str) -> Option<&'static [u8]> {
        self.bundled.get(name).copied()
    }

    /// Prepares the plugin in a file.
    pub(crate) fn plugin_at(&self, path: &Path) -> Result<Plugin, Error> {
        let size = std::fs::metadata(path).map_err(Error::file("read", path))?.len();
        if size > self.limits().component_bytes as u64 {
            // It will not be read; this says so.
            return Ok(self.runtime.load(path)?);
        }
        let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
        self.plugin(&path.display().to_string(), &bytes)
    }

    /// Prepares a plugin, or finds it among those prepared before.
    pub(crate) fn plugin(&self, label: &str, bytes: &[u8]) -> Result<Plugin, Error> {
        let hash = blake3::hash(bytes);
        let known = || self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = known().get(&hash) {
            return Ok(plugin.clone());
        }
        // Not under the lock: preparing takes a while, and doing it twice does no harm.
        let plugin = self.runtime.load_bytes(label, bytes)?;
        known().insert(hash, plugin.clone());
        Ok(plugin)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("bundled", &self.bundled.keys()).finish_non_exhaustive()
    }
}
