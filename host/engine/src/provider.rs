//! Tables of DataFusion as a community's data: the one module whose public face has types of that engine.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, TimeUnit};
use csv::ByteRecord;
use datafusion::arrow::compute::{can_cast_types, cast};
use datafusion::catalog::TableProvider;
use datafusion::common::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SessionContext, ident};

use crate::sources::{Meter, Reading, Rows, columns};
use crate::{Community, Error, Table};

/// What errors call the place of a row.
const LABEL: &str = "provider";
/// Batches that are read before they are asked for.
const AHEAD: usize = 2;

impl Community {
    /// Reads this table from a provider of DataFusion, whatever `[sources.tables]` says of it.
    ///
    /// Its columns are those of the table, in any order and of any type that can be written as text: what they hold counts
    /// as it would in a CSV file, null being an empty field. Times may be timestamps (those without a time zone are in
    /// UTC) or dates. Of members, each further column is an attribute; of other tables it is not read. The rows are
    /// frozen into a snapshot like those of files, and the snapshot's hash depends on what they say alone; rows that cannot be
    /// read are told by their number from 1 on, in the order in which the provider gave them.
    ///
    /// The provider is read on a thread with an asynchronous runtime of its own, once a run. The crate re-exports the
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
        let schema = self.provider.schema();
        let own = columns(self.table, &[]);
        // What is not read need not be fetched.
        let read =
            |name: &String| self.table == Table::Members || own.iter().any(|column| column.name == *name);
        let names: Vec<String> =
            schema.fields().iter().map(|field| field.name().clone()).filter(read).collect();
        for name in &names {
            let kind = schema.field_with_name(name).map(|field| field.data_type().clone());
            let kind = kind.map_err(|error| problem(self.table, error.to_string()))?;
            if !can_cast_types(&kind, &DataType::Utf8) {
                let told = format!(
                    "the column `{name}` holds {kind}, which cannot be written as text: leave it out or cast it"
                );
                return Err(problem(self.table, told));
            }
        }
        let (send, batches) = sync_channel(AHEAD);
        let (provider, wanted) = (Arc::clone(&self.provider), names.clone());
        let work = move || {
            let failed = send.clone();
            if let Err(error) = fetch(provider, &wanted, |batch| send.send(Ok(batch)).is_ok()) {
                _ = failed.send(Err(error));
            }
        };
        std::thread::Builder::new()
            .name("groundswell-provider".to_owned())
            // Plans of many operators recurse deeply.
            .stack_size(8 << 20)
            .spawn(work)
            .map_err(|error| problem(self.table, format!("no thread can be started to read it: {error}")))?;
        let record = ByteRecord::new();
        Ok(Box::new(Pass {
            table: self.table,
            header: names,
            batches,
            texts: Vec::new(),
            at: 0,
            of: 0,
            row: 0,
            record,
            meter,
        }))
    }
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
        let context = SessionContext::new();
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

/// One pass over a provider's rows.
struct Pass<'m, 'p> {
    table: Table,
    header: Vec<String>,
    batches: Receiver<Result<RecordBatch, DataFusionError>>,
    /// The columns of the batch at hand.
    texts: Vec<StringArray>,
    at: usize,
    of: usize,
    row: u64,
    record: ByteRecord,
    meter: &'m Meter<'p>,
}

impl Reading for Pass<'_, '_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<(u64, &ByteRecord)>, Error> {
        while self.at == self.of {
            // The thread is done, or gone.
            let Ok(batch) = self.batches.recv() else { return Ok(None) };
            let batch = batch.map_err(|error| problem(self.table, format!("it cannot be read: {error}")))?;
            self.meter.add(batch.get_array_memory_size() as u64);
            let texts = batch.columns().iter().map(texts).collect::<Result<_, _>>();
            self.texts = texts.map_err(|error| problem(self.table, error.to_string()))?;
            (self.at, self.of) = (0, batch.num_rows());
        }
        self.record.clear();
        for texts in &self.texts {
            let field = if texts.is_valid(self.at) { texts.value(self.at) } else { "" };
            self.record.push_field(field.as_bytes());
        }
        self.at += 1;
        self.row += 1;
        Ok(Some((self.row, &self.record)))
    }
}

/// A column as it would stand in a file.
fn texts(column: &ArrayRef) -> Result<StringArray, arrow_schema::ArrowError> {
    if let DataType::Timestamp(unit, _) = column.data_type() {
        return Ok(times(column, *unit));
    }
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// Times in RFC 3339. What lies beyond all times that can be written so is left a number, which is read as no time.
fn times(column: &ArrayRef, unit: TimeUnit) -> StringArray {
    let a_second: i128 = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let written = |units: i64| {
        let nanoseconds = i128::from(units) * (1_000_000_000 / a_second);
        jiff::Timestamp::from_nanosecond(nanoseconds)
            .map_or_else(|_| format!("{units} of 1/{a_second} s"), |moment| moment.to_string())
    };
    let Ok(units) = cast(column, &DataType::Int64) else { return StringArray::new_null(column.len()) };
    units.as_primitive::<Int64Type>().iter().map(|units| units.map(written)).collect()
}
