//! The data engine: sessions, and waiting for them.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::Error;

/// What plans may hold in memory before they spill to temporary files, in bytes.
pub(crate) const MEMORY: usize = 512 << 20;

/// What they may hold in temporary files, in bytes.
pub(crate) const SPILLED: u64 = 100 << 30;

/// The stack of its threads, in bytes: plans of many operators, and long expressions, recurse deeply. What is not used takes
/// no memory.
const STACK: usize = 64 << 20;

/// Plans over tables that are handed to it.
pub(crate) struct Session {
    pub(crate) context: SessionContext,
}

impl Session {
    /// What does not fit into memory goes to files in `spills`, or else where the system keeps temporary files, which may be
    /// in memory.
    pub(crate) fn new(partitions: usize, spills: Option<&Path>) -> Result<Self, DataFusionError> {
        let mut environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(MEMORY)))
            .with_max_temp_directory_size(SPILLED);
        if let Some(spills) = spills {
            environment = environment.with_temp_file_path(spills);
        }
        let environment = environment.build_arc()?;
        let config = SessionConfig::new().with_target_partitions(partitions).with_information_schema(false);
        Ok(Self { context: SessionContext::new_with_config_rt(config, environment) })
    }
}

/// Waits for work of the data engine, on threads of its own: so that so many threads are used and no
/// more, and so that a caller inside an asynchronous program is not taken for a part of it.
pub(crate) fn wait<T: Send>(
    threads: usize,
    work: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Error> {
    let failed = |error| Error::query(DataFusionError::IoError(error));
    let inside = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("groundswell-data")
            .thread_stack_size(STACK)
            .enable_all()
            .build()
            .map_err(failed)
            .and_then(|runtime| runtime.block_on(work))
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("groundswell-data".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, inside)
            .map_err(failed)
            .and_then(|thread| {
                let panicked = |_| Err(Error::Metrics("a thread of the data engine panicked".into()));
                thread.join().unwrap_or_else(panicked)
            })
    })
}
