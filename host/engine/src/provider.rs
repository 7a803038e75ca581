//! Tables of DataFusion as a community's data, and definitions as functions of it: the one module whose public face has types
//! of that engine.

mod function;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};

use arrow_array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SessionConfig, SessionContext, ident};

use crate::sources::{ColumnarRows, Line, Meter, Reading, Rows, readable};
use crate::stop::LOOKS;
use crate::{Community, Error, Table};

pub use function::definition_udf;

/// What errors call the place of a row.
const LABEL: &str = "provider";
/// Batches that are read before they are asked for.
const AHEAD: usize = 2;
/// What a provider's plan may hold in memory, in bytes.
const MEMORY: usize = 1 << 30;

impl Community {
    /// Reads this table from a provider of DataFusion, whatever `[sources.tables]` says of it.
    ///
    /// Its columns are those of the table, in any order and of any type that can be written as text: what they hold counts
    /// as it would in a CSV file, null being an empty field. Times may be timestamps (those without a time zone are in
    /// UTC) or dates. Of members, each further column is an attribute; of other tables it is not read. The rows are
    /// frozen into a snapshot like those of files, and the snapshot's hash depends on what they say alone; rows that cannot be
    /// read are told by their number from 1 on, in the order in which the provider gave them.
    ///
    /// The provider is read on a thread with an asynchronous runtime of its own, once a run, in a session of its own: what it needs of the
    /// caller's, such as a registered object store, it has to bring along. What its plan sorts, joins and counts may take
    /// 1 GiB of memory; beyond, it is written to temporary files where the engine can do that, and an error where it cannot.
    /// Batches that it hands out are not counted: two wait at a time. The crate re-exports the
    /// version of the engine that this takes as [`groundswell::datafusion`](crate::datafusion).
    #[must_use]
    pub fn with_table(mut self, table: Table, provider: Arc<dyn TableProvider>) -> Self {
        self.given.insert(table, Arc::new(Provided { table, provider }));
        self
    }
}

/// A table that a provider has.
#[derive(Debug)]
struct Provided {
    table: Table,
    provider: Arc<dyn TableProvider>,
}

impl Rows for Provided {
    fn label(&self) -> &str {
        LABEL
    }

    fn open<'m>(&self, meter: &'m Meter<'_>) -> Result<Box<dyn Reading + 'm>, Error> {
        let header = readable(self.table, &self.provider.schema(), false);
        Ok(Box::new(Pass {
            table: self.table,
            provider: Arc::clone(&self.provider),
            header: header.map_err(|told| problem(self.table, told))?,
            batches: None,
            rows: ColumnarRows::default(),
            meter,
        }))
    }
}

/// What the thread that reads hands on.
enum Message {
    Batch(RecordBatch),
    /// There are no more.
    End,
    Failed(DataFusionError),
}

/// Begins to read a provider's rows, on a thread of its own.
fn start(
    table: Table,
    provider: Arc<dyn TableProvider>,
    names: Vec<String>,
) -> Result<Receiver<Message>, Error> {
    let (send, batches) = sync_channel(AHEAD);
    let work = move || {
        let fetched = fetch(provider, &names, |batch| send.send(Message::Batch(batch)).is_ok());
        // Whoever does not listen any more has no need of it.
        _ = send.send(fetched.map_or_else(Message::Failed, |()| Message::End));
    };
    std::thread::Builder::new()
        .name("groundswell-provider".to_owned())
        // Plans of many operators recurse deeply.
        .stack_size(8 << 20)
        .spawn(work)
        .map_err(|error| problem(table, format!("no thread can be started to read it: {error}")))?;
    Ok(batches)
}

fn problem(table: Table, problem: String) -> Error {
    Error::Source { table: table.name(), path: LABEL.into(), problem }
}

/// Hands on every batch of a provider until nobody wants more.
fn fetch(
    provider: Arc<dyn TableProvider>,
    names: &[String],
    mut hand_on: impl FnMut(RecordBatch) -> bool,
) -> Result<(), DataFusionError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(DataFusionError::IoError)?.block_on(async {
        let context = session()?;
        let columns: Vec<_> = names.iter().map(ident).collect();
        let plan = context.read_table(provider)?.select(columns)?.create_physical_plan().await?;
        let mut batches = execute_stream(plan, Arc::new(TaskContext::from(&context.state())))?;
        while let Some(batch) = std::future::poll_fn(|context| batches.as_mut().poll_next(context)).await {
            if !hand_on(batch?) {
                break;
            }
        }
        Ok(())
    })
}

/// What a provider's plan runs in.
fn session() -> Result<SessionContext, DataFusionError> {
    let pool = Arc::new(FairSpillPool::new(MEMORY));
    let environment = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
    Ok(SessionContext::new_with_config_rt(SessionConfig::new(), environment))
}

/// One pass over a provider's rows.
struct Pass<'m, 'p> {
    table: Table,
    provider: Arc<dyn TableProvider>,
    header: Vec<String>,
    /// None until the first row is asked for: whoever wants the header alone reads nothing.
    batches: Option<Receiver<Message>>,
    rows: ColumnarRows,
    meter: &'m Meter<'p>,
}

impl Pass<'_, '_> {
    /// The next batch, where there is one.
    fn batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        let batches = match &self.batches {
            Some(batches) => batches,
            None => {
                let started = start(self.table, Arc::clone(&self.provider), self.header.clone())?;
                self.batches.insert(started)
            }
        };
        loop {
            self.meter.check()?;
            return match batches.recv_timeout(LOOKS) {
                Ok(Message::Batch(batch)) => Ok(Some(batch)),
                Ok(Message::End) => Ok(None),
                Ok(Message::Failed(error)) => Err(problem(self.table, format!("it cannot be read: {error}"))),
                Err(RecvTimeoutError::Timeout) => continue,
                // It said neither that this was all nor what went wrong.
                Err(RecvTimeoutError::Disconnected) => {
                    Err(problem(self.table, "it panicked before all rows were read".to_owned()))
                }
            };
        }
    }
}

impl Reading for Pass<'_, '_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        while self.rows.are_over() {
            let Some(batch) = self.batch()? else { return Ok(None) };
            self.meter.add(batch.get_array_memory_size() as u64);
            self.rows.put(&batch).map_err(|error| problem(self.table, error.to_string()))?;
        }
        let (number, fields) = self.rows.next();
        Ok(Some(Line { number, fields, flaw: None }))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::MemoryConsumer;

    use super::*;

    #[test]
    fn a_plan_is_refused_more_memory_than_is_said() {
        let context = TaskContext::from(&session().unwrap().state());
        let sort = MemoryConsumer::new("sort").register(context.memory_pool());
        sort.try_grow(MEMORY).unwrap();
        let told = sort.try_grow(1).unwrap_err().to_string();
        assert!(told.contains("sort"), "{told}");
    }
}
