//! The engine: compiles plugins and sets up what each may use.

use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig};

use crate::call::HostState;
use crate::load;
use crate::load_error::LoadProblem;
use crate::plugin::Plugin;
use crate::stop::Stop;
use crate::workers::{OwnThreads, Workers};
use crate::{
    Cache, Error, Limits, LoadError, Mode, Origin, PluginId, call, features, file, network, signature, wasi,
};

/// How often the backstop looks at the time, and calls look whether they are to stop.
const TICK: Duration = Duration::from_millis(20);
/// Core instances of a component: a Rust guest has up to three, one linked from Python's libraries dozens.
pub(crate) const CORE_INSTANCES: u32 = 64;
/// Tables of a component.
pub(crate) const TABLES: u32 = 8;
/// Memory that a pooled instance keeps resident between uses: page faults of fresh memory cost more than
/// everything else about a fresh instance.
const KEEP_RESIDENT: usize = 8 << 20;
/// What the pool is laid out by: no limit of a run can go beyond what the runtime was made for.
const LAID_OUT: [&str; 4] = ["memory-bytes", "table-elements", "stack-bytes", "instances"];
/// Fuel of an instruction that takes many times as long as most: division, remainder, square root.
const SLOW: u8 = 8;

/// Loads plugins and runs them inside [`Limits`]. Cloning is cheap and shares the engine.
///
/// Several runtimes may live in one process. Each sets aside address space for [`Limits::instances`] instances, and has
/// one thread that watches the time. Memory is taken when an instance is first used; up to 8 MiB of it, and of 64 KiB of
/// tables, stay resident for the next one in every place that has been used.
#[derive(Clone)]
pub struct Runtime {
    shared: Arc<Shared>,
    limits: Arc<Limits>,
}

struct Shared {
    engine: Engine,
    linker: Linker<HostState>,
    mode: Mode,
    /// What the pool is laid out for.
    made_for: Limits,
    workers: Arc<dyn Workers>,
    cache: Option<Cache>,
    free: Gate,
}

/// How to make a [`Runtime`]; begun by [`Runtime::builder`].
///
/// ```
/// use groundswell_runtime::{Limits, Mode, Runtime};
///
/// let runtime = Runtime::builder()
///     .mode(Mode::Fast)
///     .limits(Limits { memory_bytes: 16 << 20, ..Limits::new() })
///     .build()?;
/// assert_eq!(runtime.mode(), Mode::Fast);
/// # Ok::<(), groundswell_runtime::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct RuntimeBuilder {
    mode: Mode,
    limits: Limits,
    workers: Option<Arc<dyn Workers>>,
    cache: Option<Cache>,
}

impl RuntimeBuilder {
    /// Bounds plugins in this way. Default: [`Mode::Strict`].
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Gives plugins these limits. Default: [`Limits::new`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Runs guests on these threads. Default: threads of their own for every run.
    #[must_use]
    pub fn workers(mut self, workers: Arc<dyn Workers>) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Keeps compiled plugins here. Default: nowhere, every load compiles.
    #[must_use]
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Starts the engine: one memory a component, nothing to import but `log` and a WASI without a
    /// world behind it, and of WebAssembly what
    /// guests in Rust, JavaScript and Python need: neither threads nor relaxed SIMD, garbage collection or exceptions; in
    /// strict mode with deterministic fuel and canonical NaNs.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] for a limit out of range; [`Error::Engine`] where the machine cannot host it with these limits.
    pub fn build(self) -> Result<Runtime, Error> {
        let Self { mode, limits, workers, cache } = self;
        limits.check()?;
        let engine = Engine::new(&config(mode, &limits)).map_err(engine_error)?;
        let mut linker = Linker::new(&engine);
        call::add_to_linker(&mut linker)
            .and_then(|()| network::add_to_linker(&mut linker))
            .and_then(|()| wasi::add_to_linker(&mut linker))
            .map_err(engine_error)?;
        watch(&engine)?;
        let workers =
            workers.unwrap_or_else(|| Arc::new(OwnThreads { stack_bytes: limits.thread_stack_bytes() }));
        let free = Gate { places: Mutex::new(limits.instances), freed: Condvar::new() };
        let shared = Shared { engine, linker, mode, made_for: limits.clone(), workers, cache, free };
        Ok(Runtime { shared: Arc::new(shared), limits: Arc::new(limits) })
    }
}

impl std::fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { mode, limits, workers: _, cache } = self;
        f.debug_struct("RuntimeBuilder")
            .field("mode", mode)
            .field("limits", limits)
            .field("cache", cache)
            .finish_non_exhaustive()
    }
}

impl Runtime {
    /// A runtime in strict mode: the same as [`Runtime::builder`] with these limits.
    ///
    /// # Errors
    ///
    /// As [`RuntimeBuilder::build`].
    pub fn new(limits: Limits) -> Result<Self, Error> {
        Self::builder().limits(limits).build()
    }

    /// Begins a runtime with the default limits, in strict mode.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// The same engine with other limits for what is loaded through it.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] for a limit out of range, and for memory, tables, stack or instances beyond those that this
    /// runtime was built with: its address space is laid out by them.
    pub fn with_limits(&self, limits: Limits) -> Result<Self, Error> {
        limits.check()?;
        limits.check_within(&self.shared.made_for, &LAID_OUT)?;
        Ok(Self { shared: Arc::clone(&self.shared), limits: Arc::new(limits) })
    }

    /// Loads a component from a file and asks it to describe itself.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] where the file cannot be read; [`Error::Load`] where it is no plugin for this host
    /// (nothing in it has run then); [`Error::Fault`] where it does not describe itself as the contract asks.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Plugin, Error> {
        let path = path.as_ref();
        self.load_bytes(&path.display().to_string(), &self.read(path)?)
    }

    /// Reads a component's file, as [`Self::load`] does: a regular file, and no more than
    /// [`Limits::component_bytes`] of it. Of a larger one comes one byte more, so that loading says that it is too large.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] where it cannot be read, or is a folder, a pipe or a device.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
        let path = path.as_ref();
        file::read(path, self.limits().component_bytes)
            .map_err(|source| Error::Read { path: path.to_owned(), source })
    }

    /// Loads a component from bytes. `label` stands for the file in messages.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], without [`Error::Read`].
    pub fn load_bytes(&self, label: &str, bytes: &[u8]) -> Result<Plugin, Error> {
        self.load_compiled(label, bytes, |plugin| self.compile(plugin, bytes))
    }

    /// Loads a component whose code `compile` supplies, once it has been inspected.
    pub(crate) fn load_compiled(
        &self,
        label: &str,
        bytes: &[u8],
        compile: impl FnOnce(&PluginId) -> Result<(Component, Origin), LoadProblem>,
    ) -> Result<Plugin, Error> {
        let stamped = load::inspect(label, bytes, self.limits())?;
        let refused = |problem| LoadError {
            file: label.to_owned(),
            plugin: Some(stamped.id.clone()),
            problem: Box::new(problem),
        };
        let (component, origin) = compile(&stamped.id).map_err(refused)?;
        let lines = signature::mismatches(&component, self.engine());
        if !lines.is_empty() {
            return Err(refused(LoadProblem::Mismatch(lines)).into());
        }
        let pre = self
            .shared
            .linker
            .instantiate_pre(&component)
            .map_err(|error| refused(LoadProblem::Mismatch(format!("{error:#}").into())))?;
        Plugin::describe(self.clone(), label, bytes, stamped, pre, origin)
    }

    /// What plugins may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How plugins are bounded.
    pub fn mode(&self) -> Mode {
        self.shared.mode
    }

    /// Whether the two share an engine, and so the plugins compiled for it.
    pub fn shares_engine(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref()
    }

    pub(crate) fn shared_limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits)
    }

    pub(crate) fn workers(&self) -> &dyn Workers {
        &*self.shared.workers
    }

    /// Waits until another instance may live, or the run is to stop.
    pub(crate) fn place(&self, stop: &Stop) -> Result<Place, Error> {
        self.shared.free.take(stop)?;
        Ok(Place(Arc::clone(&self.shared)))
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime")
            .field("mode", &self.mode())
            .field("limits", self.limits())
            .finish_non_exhaustive()
    }
}

/// The limit on the wall time of a call in this mode: its name, and its value in milliseconds.
pub(crate) fn wall_limit(mode: Mode, limits: &Limits) -> (&'static str, u64) {
    match mode {
        Mode::Strict => ("wall-millis", limits.wall_millis),
        Mode::Fast => ("fast-wall-millis", limits.fast_wall_millis),
    }
}

/// The wall time of a call, in ticks: at least one whole tick passes before it.
pub(crate) fn ticks(millis: u64) -> u64 {
    millis.div_ceil(TICK.as_millis() as u64) + 1
}

fn config(mode: Mode, limits: &Limits) -> Config {
    let instances = limits.instances;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(instances)
        .max_memories_per_component(1)
        .max_memories_per_module(1)
        .total_tables(instances.saturating_mul(TABLES))
        .max_tables_per_component(TABLES)
        .max_tables_per_module(TABLES)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(KEEP_RESIDENT.min(limits.memory_bytes))
        // Where the system can tell which pages a guest has written, those alone are reset.
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(64 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(mode == Mode::Strict)
        .epoch_interruption(true)
        .wasm_features(features::REFUSED, false)
        .wasm_features(features::ALLOWED, true)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(NonZero::new(1))
        // No guest runs on stacks of the engine's own, and yet it wants them to be no smaller.
        .async_stack_size(limits.thread_stack_bytes())
        .max_wasm_stack(limits.stack_bytes);
    #[cfg(feature = "compiler")]
    config.cranelift_nan_canonicalization(mode == Mode::Strict);
    if mode == Mode::Strict {
        config.operator_cost(costs());
    }
    config
}

/// What instructions cost in fuel: one unit, more where they take many times as long.
fn costs() -> OperatorCost {
    let mut costs = OperatorCost::new();
    for cost in [
        &mut costs.I32DivS,
        &mut costs.I32DivU,
        &mut costs.I32RemS,
        &mut costs.I32RemU,
        &mut costs.I64DivS,
        &mut costs.I64DivU,
        &mut costs.I64RemS,
        &mut costs.I64RemU,
        &mut costs.F32Div,
        &mut costs.F64Div,
        &mut costs.F32Sqrt,
        &mut costs.F64Sqrt,
        &mut costs.F32x4Div,
        &mut costs.F64x2Div,
        &mut costs.F32x4Sqrt,
        &mut costs.F64x2Sqrt,
    ] {
        *cost = SLOW;
    }
    // New memory is zeroed by the system, page by page of 64 KiB.
    costs.variable.memory_grow_per_page = u8::MAX;
    costs
}

/// Starts the thread that advances the engine's epoch for as long as the engine lives.
fn watch(engine: &Engine) -> Result<(), Error> {
    let engine = engine.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    let thread = std::thread::Builder::new().name("groundswell-backstop".to_owned()).spawn(tick);
    thread.map(drop).map_err(|error| Error::Engine(format!("no thread can be started: {error}")))
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn engine_error(error: wasmtime::Error) -> Error {
    let told = format!("{error:#}");
    // The engine keeps address space for every instance, far more than there is memory.
    let room = if told.contains("mmap") {
        "; address space is what lacks: raise the limit on it (`ulimit -v unlimited`), or lower `instances` or `memory-bytes` of \
         the host's limits"
    } else {
        ""
    };
    Error::Engine(format!("{told}{room}"))
}

/// Counts the instances that may still be made.
struct Gate {
    places: Mutex<u32>,
    freed: Condvar,
}

impl Gate {
    fn take(&self, stop: &Stop) -> Result<(), Error> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        while *places == 0 {
            stop.check()?;
            places = self.freed.wait_timeout(places, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
        *places -= 1;
        Ok(())
    }
}

/// The right to one living instance, given back when dropped.
pub(crate) struct Place(Arc<Shared>);

impl Drop for Place {
    fn drop(&mut self) {
        let gate = &self.0.free;
        *gate.places.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        gate.freed.notify_one();
    }
}
