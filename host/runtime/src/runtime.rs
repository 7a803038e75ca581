//! The engine: compiles plugins and sets up what each may use.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::bindings::groundswell::plugin::{log, types};
use crate::call::HostState;
use crate::load::{self, LoadProblem};
use crate::plugin::Plugin;
use crate::{Error, Limits, LoadError};

/// How often the wall backstop looks at the time.
const TICK: Duration = Duration::from_millis(20);
/// A component made of one core module has up to three: the module itself, and two that tie its imports.
const CORE_INSTANCES: u32 = 8;
/// Memory that a pooled instance keeps resident between uses: page faults of fresh memory cost more than
/// everything else about a fresh instance.
const KEEP_RESIDENT: usize = 8 << 20;

/// Loads plugins and runs them inside [`Limits`]. Cloning is cheap and shares the engine.
///
/// Several runtimes may live in one process. Each sets aside address space, not memory, for
/// [`Limits::instances`] instances, and has one thread that watches the wall backstop.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    linker: Linker<HostState>,
    limits: Limits,
    free: Gate,
}

impl Runtime {
    /// Starts an engine in strict mode: deterministic fuel, canonical NaNs, no relaxed SIMD, no threads,
    /// one memory a module, and nothing to import but `log`.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] where the machine cannot host it with these limits.
    pub fn new(limits: Limits) -> Result<Self, Error> {
        let engine = Engine::new(&config(&limits)).map_err(engine_error)?;
        let mut linker = Linker::new(&engine);
        types::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |state| state).map_err(engine_error)?;
        log::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |state| state).map_err(engine_error)?;
        watch(&engine)?;
        let free = Gate { places: Mutex::new(limits.instances.max(1)), freed: Condvar::new() };
        Ok(Self { inner: Arc::new(Inner { engine, linker, limits, free }) })
    }

    /// Loads a component from a file and asks it to describe itself.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] where the file cannot be read; [`Error::Load`] where it is no plugin for this host
    /// (nothing in it has run then); [`Error::Fault`] where it does not describe itself as the contract asks.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Plugin, Error> {
        let path = path.as_ref();
        let read = |source| Error::Read { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(read)?.len();
        let file = path.display().to_string();
        if size > self.limits().component_bytes as u64 {
            let problem = LoadProblem::TooLarge { bytes: size, most: self.limits().component_bytes };
            return Err(LoadError { file, plugin: None, problem }.into());
        }
        self.load_bytes(&file, &std::fs::read(path).map_err(read)?)
    }

    /// Loads a component from bytes. `label` stands for the file in messages.
    ///
    /// # Errors
    ///
    /// As [`Self::load`], without [`Error::Read`].
    pub fn load_bytes(&self, label: &str, bytes: &[u8]) -> Result<Plugin, Error> {
        let stamped = load::inspect(label, bytes, &self.inner.limits)?;
        let refused =
            |problem| LoadError { file: label.to_owned(), plugin: Some(stamped.id.clone()), problem };
        let component = Component::new(&self.inner.engine, bytes)
            .map_err(|error| refused(LoadProblem::Compile(format!("{error:#}"))))?;
        let pre = self
            .inner
            .linker
            .instantiate_pre(&component)
            .map_err(|error| refused(LoadProblem::Mismatch(vec![format!("{error:#}")])))?;
        Plugin::describe(self.clone(), label, bytes, stamped, pre)
    }

    /// What plugins may use.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Waits until another instance may live.
    pub(crate) fn place(&self) -> Place<'_> {
        self.inner.free.take()
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("limits", &self.inner.limits).finish_non_exhaustive()
    }
}

/// The wall backstop of a call, in ticks: at least one whole tick passes before it.
pub(crate) fn ticks(limits: &Limits) -> u64 {
    limits.wall_millis.div_ceil(TICK.as_millis() as u64) + 1
}

fn config(limits: &Limits) -> Config {
    let instances = limits.instances.max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(instances)
        .max_memories_per_component(1)
        .max_memories_per_module(1)
        .total_tables(instances.saturating_mul(4))
        .max_tables_per_component(4)
        .max_tables_per_module(4)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(KEEP_RESIDENT.min(limits.memory_bytes))
        .table_keep_resident(64 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_component_model(true)
        .wasm_backtrace_max_frames(None)
        .max_wasm_stack(limits.stack_bytes);
    config
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
    Error::Engine(format!("{error:#}"))
}

/// Counts the instances that may still be made.
struct Gate {
    places: Mutex<u32>,
    freed: Condvar,
}

/// One of them, given back when dropped.
pub(crate) struct Place<'g>(&'g Gate);

impl Gate {
    fn take(&self) -> Place<'_> {
        let places = self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let wait = self.freed.wait_while(places, |places| *places == 0);
        *wait.unwrap_or_else(std::sync::PoisonError::into_inner) -= 1;
        Place(self)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
