//! The host: what communities run in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use groundswell_runtime::{Cache, Limits, Mode, Plugin, Runtime, Workers};

use crate::plugins::located;
use crate::{Community, Config, Error, Snapshot};

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
    limits: Limits,
    ceiling: Option<Limits>,
    workers: Option<Arc<dyn Workers>>,
    cache: Option<Cache>,
    bundled: BTreeMap<String, &'static [u8]>,
    engines: Arc<Mutex<Vec<Prepared>>>,
}

/// An engine, and the plugins that were compiled for it, by the hash of their bytes.
struct Prepared {
    runtime: Runtime,
    plugins: HashMap<blake3::Hash, Plugin>,
}

/// So many prepared plugins are kept an engine; beyond, all are let go and prepared again when needed.
const KEPT: usize = 1_024;

impl Host {
    /// A host with the default limits and no bundled plugins.
    ///
    /// # Errors
    ///
    /// Where the sandbox cannot be set up on this computer.
    pub fn new() -> Result<Self, Error> {
        let host = Self {
            limits: Limits::new(),
            ceiling: None,
            workers: None,
            cache: None,
            bundled: BTreeMap::new(),
            engines: Arc::default(),
        };
        host.runtime(Mode::Strict, &host.limits)?;
        Ok(host)
    }

    /// Gives plugins these limits where a community's `[limits]` says nothing else.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The most that a community's `[limits]` may ask for, limit by limit; more is refused. Default: whatever each
    /// limit can be.
    #[must_use]
    pub fn with_ceiling(mut self, ceiling: Limits) -> Self {
        self.ceiling = Some(ceiling);
        self
    }

    /// Runs plugins on these threads. Default: threads of their own for every run.
    #[must_use]
    pub fn with_workers(mut self, workers: Arc<dyn Workers>) -> Self {
        self.workers = Some(workers);
        // Engines hold on to their threads.
        self.engines = Arc::default();
        self
    }

    /// Keeps compiled plugins here. Default: in memory alone, so that every process compiles what it needs.
    #[must_use]
    pub fn with_cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self.engines = Arc::default();
        self
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

    /// Opens a snapshot as a community without definitions: all of its time, and everybody in it. Metrics can be measured
    /// and questions asked; nothing is written.
    ///
    /// # Errors
    ///
    /// Where the folder is no snapshot, or a damaged one.
    pub fn open_snapshot(&self, folder: impl AsRef<Path>) -> Result<Community, Error> {
        let snapshot = Snapshot::open(folder.as_ref())?;
        Ok(self.open_config(Config::of_snapshot(&snapshot)).with_snapshot(snapshot))
    }

    pub(crate) fn bundled_bytes(&self, name: &str) -> Option<&'static [u8]> {
        self.bundled.get(name).copied()
    }

    /// What bounds the plugins of a community.
    pub(crate) fn runtime_of(&self, config: &Config) -> Result<Runtime, Error> {
        let limits = config.limits.applied_to(&self.limits).map_err(groundswell_runtime::Error::from)?;
        if let Some(ceiling) = &self.ceiling {
            let over = Limits::all().iter().find(|limit| limit.of(&limits) > limit.of(ceiling));
            if let Some(limit) = over.filter(|limit| config.limits.changed.contains_key(limit.name)) {
                let (name, asked, most) = (limit.name, limit.of(&limits), limit.of(ceiling));
                let message =
                    format!("`{name}` is {asked} here; this host allows {most} {} at the most", limit.unit);
                return Err(located(config, &["limits"], name, message, Some("write less".to_owned())));
            }
        }
        self.runtime(config.limits.mode, &limits)
    }

    /// An engine for this mode with room for these limits, made where there is none yet.
    fn runtime(&self, mode: Mode, limits: &Limits) -> Result<Runtime, Error> {
        let mut engines = self.engines();
        let fitting = engines.iter().filter(|engine| engine.runtime.mode() == mode);
        if let Some(runtime) =
            fitting.filter_map(|engine| engine.runtime.with_limits(limits.clone()).ok()).next()
        {
            return Ok(runtime);
        }
        // Most communities ask for no more than the defaults and share one engine.
        let usual = Limits::new();
        let mut builder = Runtime::builder().mode(mode).limits(Limits {
            memory_bytes: limits.memory_bytes.max(usual.memory_bytes),
            table_elements: limits.table_elements.max(usual.table_elements),
            stack_bytes: limits.stack_bytes.max(usual.stack_bytes),
            ..limits.clone()
        });
        if let Some(workers) = &self.workers {
            builder = builder.workers(Arc::clone(workers));
        }
        if let Some(cache) = &self.cache {
            builder = builder.cache(cache.clone());
        }
        let runtime = builder.build()?;
        let limited = runtime.with_limits(limits.clone())?;
        engines.push(Prepared { runtime, plugins: HashMap::new() });
        Ok(limited)
    }

    /// Prepares the plugin in a file.
    pub(crate) fn plugin_at(&self, runtime: &Runtime, path: &Path) -> Result<Plugin, Error> {
        let bytes = runtime.read(path)?;
        self.plugin(runtime, &path.display().to_string(), &bytes)
    }

    /// Prepares a plugin, or finds it among those prepared before.
    pub(crate) fn plugin(&self, runtime: &Runtime, label: &str, bytes: &[u8]) -> Result<Plugin, Error> {
        let hash = blake3::hash(bytes);
        let known = self
            .engines()
            .iter()
            .find(|engine| engine.runtime.shares_engine(runtime))
            .and_then(|engine| engine.plugins.get(&hash).cloned());
        if let Some(plugin) = known {
            return Ok(plugin.with_limits(runtime.limits().clone())?);
        }
        // Not under the lock: preparing takes a while, and doing it twice does no harm.
        let plugin = runtime.load_bytes(label, bytes)?;
        if let Some(engine) = self.engines().iter_mut().find(|engine| engine.runtime.shares_engine(runtime)) {
            if engine.plugins.len() >= KEPT {
                engine.plugins.clear();
            }
            engine.plugins.insert(hash, plugin.clone());
        }
        Ok(plugin)
    }

    fn engines(&self) -> MutexGuard<'_, Vec<Prepared>> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("bundled", &self.bundled.keys()).finish_non_exhaustive()
    }
}
