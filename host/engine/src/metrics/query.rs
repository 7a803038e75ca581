//! The data engine: sessions over one snapshot, and what plans are built of.

use std::future::Future;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::DataType;
use datafusion::arrow::compute::cast;
use datafusion::common::ScalarValue;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{ExprFunctionExt, Operator, binary_expr};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::prelude::{DataFrame, Expr, ParquetReadOptions, SessionConfig, SessionContext, ident, lit};

use crate::{Error, Snapshot, Table};

/// What aggregates may hold in memory before they spill to temporary files, in bytes.
const MEMORY: usize = 1 << 30;

/// What the data engine knows the snapshot's folder by.
const STORE: &str = "snapshot://files/";

/// Plans over the tables of one snapshot.
pub(super) struct Session {
    context: SessionContext,
    snapshot: Snapshot,
}

impl Session {
    pub(super) fn new(snapshot: &Snapshot, partitions: usize) -> Result<Self, DataFusionError> {
        let environment =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(MEMORY))).build_arc()?;
        let config = SessionConfig::new().with_target_partitions(partitions).with_information_schema(false);
        let context = SessionContext::new_with_config_rt(config, environment);
        // A store of its own, so that no folder's name is ever taken for a pattern or a part of a URL.
        let files = LocalFileSystem::new_with_prefix(snapshot.dir())?;
        context.register_object_store(ObjectStoreUrl::parse(STORE)?.as_ref(), Arc::new(files));
        Ok(Self { context, snapshot: snapshot.clone() })
    }

    /// A table, or `None` where the community has none of the kind.
    pub(super) async fn table(&self, table: Table) -> Result<Option<DataFrame>, DataFusionError> {
        let Some(file) = self.snapshot.file_name(table) else { return Ok(None) };
        let frame =
            self.context.read_parquet(format!("{STORE}{file}"), ParquetReadOptions::default()).await?;
        Ok(Some(frame))
    }
}

/// Waits for work of the data engine, on threads of its own: so that so many threads are used and no
/// more, and so that a caller inside an asynchronous program is not taken for a part of it.
pub(super) fn wait<T: Send>(
    threads: usize,
    work: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Error> {
    let failed = |error| Error::query(DataFusionError::IoError(error));
    let inside = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("groundswell-data")
            // Plans of many operators recurse deeply.
            .thread_stack_size(8 << 20)
            .enable_all()
            .build()
            .map_err(failed)
            .and_then(|runtime| runtime.block_on(work))
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("groundswell-data".to_owned())
            .stack_size(8 << 20)
            .spawn_scoped(scope, inside)
            .map_err(failed)
            .and_then(|thread| {
                let panicked =
                    |_| Err(Error::query(DataFusionError::Internal("a thread panicked".to_owned())));
                thread.join().unwrap_or_else(panicked)
            })
    })
}

/// A moment, as plans compare it.
pub(super) fn moment(nanoseconds: i64) -> Expr {
    lit(ScalarValue::TimestampNanosecond(Some(nanoseconds), Some("UTC".into())))
}

/// Whether two columns differ, null being a value like others.
pub(super) fn differ(left: &str, right: &str) -> Expr {
    binary_expr(ident(left), Operator::IsDistinctFrom, ident(right))
}

/// How many rows satisfy the condition.
pub(super) fn count_where(condition: Expr, name: &str) -> Result<Expr, DataFusionError> {
    Ok(count(lit(1_i64)).filter(condition).build()?.alias(name))
}

/// A column of a batch.
pub(super) fn column(batch: &RecordBatch, at: usize) -> Result<&ArrayRef, DataFusionError> {
    batch.columns().get(at).ok_or_else(|| DataFusionError::Internal(format!("an answer has no column {at}")))
}

/// A column of text, whatever encoding the engine chose for it.
pub(super) fn texts(batch: &RecordBatch, at: usize) -> Result<StringArray, DataFusionError> {
    Ok(cast(column(batch, at)?, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// A column of counts.
pub(super) fn counts(batch: &RecordBatch, at: usize) -> Result<PrimitiveArray<Int64Type>, DataFusionError> {
    Ok(cast(column(batch, at)?, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

/// A column of unsigned numbers.
pub(super) fn unsigned(
    batch: &RecordBatch,
    at: usize,
) -> Result<PrimitiveArray<UInt64Type>, DataFusionError> {
    Ok(cast(column(batch, at)?, &DataType::UInt64)?.as_primitive::<UInt64Type>().clone())
}

/// A column of times, as nanoseconds since 1970 (UTC).
pub(super) fn times(batch: &RecordBatch, at: usize) -> Result<PrimitiveArray<Int64Type>, DataFusionError> {
    let times = column(batch, at)?;
    match times.as_primitive_opt::<TimestampNanosecondType>() {
        Some(times) => Ok(times.reinterpret_cast::<Int64Type>()),
        None => Err(DataFusionError::Internal(format!("times have the type {}", times.data_type()))),
    }
}
