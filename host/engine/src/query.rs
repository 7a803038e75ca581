//! The data engine: sessions over a folder of Parquet files.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::object_store::local::LocalFileSystem;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext};

use crate::Error;

/// What plans may hold in memory before they spill to temporary files, in bytes.
const MEMORY: usize = 512 << 20;

/// The stack of its threads, in bytes: plans of many operators, and long expressions, recurse deeply. What is not used takes
/// no memory.
const STACK: usize = 64 << 20;

/// What the data engine knows the folder by.
const STORE: &str = "snapshot://files/";

/// Plans over the Parquet files of one folder.
pub(crate) struct Session {
    pub(crate) context: SessionContext,
}

impl Session {
    pub(crate) fn new(folder: &Path, partitions: usize) -> Result<Self, DataFusionError> {
        let environment =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(MEMORY))).build_arc()?;
        let config = SessionConfig::new().with_target_partitions(partitions).with_information_schema(false);
        let context = SessionContext::new_with_config_rt(config, environment);
        // A store of its own, so that no folder's name is ever taken for a pattern or a part of a URL.
        let files = LocalFileSystem::new_with_prefix(folder)?;
        context.register_object_store(ObjectStoreUrl::parse(STORE)?.as_ref(), Arc::new(files));
        Ok(Self { context })
    }

    /// A file of the folder.
    pub(crate) async fn file(&self, name: &str) -> Result<DataFrame, DataFusionError> {
        self.context.read_parquet(format!("{STORE}{name}"), ParquetReadOptions::default()).await
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
                let panicked =
                    |_| Err(Error::query(DataFusionError::Internal("a thread panicked".to_owned())));
                thread.join().unwrap_or_else(panicked)
            })
    })
}
