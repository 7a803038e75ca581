//! The data engine: sessions, and waiting for them.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{
    FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::Error;

/// What the steps of plans may hold in memory that cannot be put into temporary files, in bytes.
pub(crate) const MEMORY: usize = 512 << 20;

/// What of their rows they may hold besides, in bytes, before they are put into temporary files: three quarters of that. What is
/// held is merged by keys of its rows, which take about as much once more, and that is memory that cannot be spilled.
const SPILLING: usize = MEMORY / 4 * 3;

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
        Self::within(SPILLING, partitions, spills)
    }

    fn within(spilling: usize, partitions: usize, spills: Option<&Path>) -> Result<Self, DataFusionError> {
        let mut environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(Shares::new(spilling)))
            .with_max_temp_directory_size(SPILLED);
        if let Some(spills) = spills {
            environment = environment.with_temp_file_path(spills);
        }
        let environment = environment.build_arc()?;
        let config = SessionConfig::new().with_target_partitions(partitions).with_information_schema(false);
        Ok(Self { context: SessionContext::new_with_config_rt(config, environment) })
    }
}

/// Memory in two shares, so that those who can spill never leave nothing for merging what they hold.
#[derive(Debug)]
struct Shares {
    spilling: FairSpillPool,
    rest: GreedyMemoryPool,
}

impl Shares {
    fn new(spilling: usize) -> Self {
        let rest = (spilling / 3).saturating_mul(4);
        Self { spilling: FairSpillPool::new(spilling), rest: GreedyMemoryPool::new(rest) }
    }

    fn of(&self, consumer: &MemoryConsumer) -> &dyn MemoryPool {
        if consumer.can_spill() { &self.spilling } else { &self.rest }
    }
}

impl std::fmt::Display for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl MemoryPool for Shares {
    fn name(&self) -> &str {
        "shares"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.of(consumer).register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.of(consumer).unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.of(reservation.consumer()).grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.of(reservation.consumer()).shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<(), DataFusionError> {
        self.of(reservation.consumer()).try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.spilling.reserved() + self.rest.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        match (self.spilling.memory_limit(), self.rest.memory_limit()) {
            (MemoryLimit::Finite(spilling), MemoryLimit::Finite(rest)) => {
                MemoryLimit::Finite(spilling + rest)
            }
            _ => MemoryLimit::Unknown,
        }
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

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, RecordBatch, StringArray};
    use datafusion::prelude::ident;

    use super::*;

    /// Rows that are sorted by a number and a text, in so many bytes of memory and two parts; answers the numbers.
    fn sorted(memory: usize, rows: i64) -> Result<Vec<i64>, Error> {
        let spills = tempfile::tempdir().unwrap();
        let batches: Vec<RecordBatch> = (0..rows)
            .step_by(8_192)
            .map(|first| {
                let numbers: Vec<i64> =
                    (first..rows.min(first + 8_192)).map(|row| (row * 7_919) % rows).collect();
                let texts =
                    StringArray::from_iter_values(numbers.iter().map(|number| format!("t{number:020}")));
                RecordBatch::try_from_iter([
                    ("number", Arc::new(Int64Array::from(numbers)) as _),
                    ("text", Arc::new(texts) as _),
                ])
                .unwrap()
            })
            .collect();
        let work = async {
            let session = Session::within(memory, 2, Some(spills.path())).map_err(Error::query)?;
            let (left, right) = batches.split_at(batches.len() / 2);
            let table = datafusion::datasource::MemTable::try_new(
                batches[0].schema(),
                vec![left.to_vec(), right.to_vec()],
            );
            let table = session.context.read_table(Arc::new(table.unwrap())).map_err(Error::query)?;
            let keys = vec![ident("number").sort(true, true), ident("text").sort(true, true)];
            table.sort(keys).map_err(Error::query)?.collect().await.map_err(Error::query)
        };
        let sorted = wait(2, work)?;
        let numbers = sorted.iter().flat_map(|batch| {
            let numbers = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
            numbers.values().to_vec()
        });
        Ok(numbers.collect())
    }

    #[test]
    fn what_is_sorted_never_lacks_the_memory_to_merge_it() {
        const ROWS: i64 = 400_000;
        // From all in memory to nearly nothing: wherever what is held begins not to fit.
        for memory in [256 << 20, 96 << 20, 80 << 20, 72 << 20, 64 << 20, 56 << 20, 48 << 20, 40 << 20] {
            let sorted =
                sorted(memory, ROWS).unwrap_or_else(|error| panic!("{} MiB: {error:?}", memory >> 20));
            assert!(sorted.len() as i64 == ROWS && sorted.is_sorted(), "{memory}");
        }
    }
}
