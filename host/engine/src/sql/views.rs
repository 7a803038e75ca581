//! The tables of a snapshot as SQL sees them: texts in place of numbers, and nothing after as-of; nobody who joins later, and no
//! follow of theirs.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt32Type};
use arrow_array::{Array, BooleanArray, RecordBatch, TimestampNanosecondArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow_select::filter::filter_record_batch;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::{MemTable, TableType};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::prelude::{SessionConfig, SessionContext};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::mathematics;
use crate::metrics::{Span, read};
use crate::snapshot::Names;
use crate::{Error, Snapshot, Table};

/// Lets SQL see a snapshot: `members`, `follows`, `activities`, `conversions`, `window_activities` and `moment`.
pub(super) fn register(
    context: &SessionContext,
    snapshot: &Snapshot,
    names: &Arc<Names>,
    span: Span,
) -> std::result::Result<(), Error> {
    for table in Table::ALL {
        // Everyone who occurs is a member, also where the community lists none.
        if !(snapshot.has(table) || table == Table::Members) {
            continue;
        }
        let view = View::new(snapshot, table, Arc::clone(names), span, false)?;
        context.register_table(table.name(), Arc::new(view)).map_err(Error::query)?;
    }
    if snapshot.has(Table::Activities) {
        let view = View::new(snapshot, Table::Activities, Arc::clone(names), span, true)?;
        context.register_table("window_activities", Arc::new(view)).map_err(Error::query)?;
    }
    let moment = moment(span).map_err(|error| Error::query(error.into()))?;
    let moment = MemTable::try_new(moment.schema(), vec![vec![moment]]).map_err(Error::query)?;
    context.register_table("moment", Arc::new(moment)).map_err(Error::query)?;
    Ok(())
}

/// The columns of a community's tables as SQL sees them, without their rows.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    views: BTreeMap<Table, SchemaRef>,
}

impl Columns {
    /// Takes in those of a table, and those of members where no other snapshot said more of them.
    pub(crate) fn learn(&mut self, snapshot: &Snapshot, table: Table) -> std::result::Result<(), Error> {
        let names = Arc::new(Names::read(snapshot)?);
        let of = |table| {
            let span = Span { start: None, as_of: i64::MAX };
            View::new(snapshot, table, Arc::clone(&names), span, false).map(|view| view.schema)
        };
        self.views.insert(table, of(table)?);
        if let Entry::Vacant(members) = self.views.entry(Table::Members) {
            members.insert(of(Table::Members)?);
        }
        Ok(())
    }

    /// A session with the same views as those of a snapshot, in which there is no row.
    pub(super) fn session(&self) -> std::result::Result<SessionContext, Error> {
        let context = SessionContext::new_with_config(
            SessionConfig::new().with_target_partitions(1).with_information_schema(false),
        );
        mathematics::register(&context);
        let moment = moment(Span { start: None, as_of: 0 }).map_err(|error| Error::query(error.into()))?;
        let activities = self.views.get(&Table::Activities);
        let views = self.views.iter().map(|(table, schema)| (table.name(), schema));
        let views = views.chain(activities.map(|schema| ("window_activities", schema)));
        for (name, schema) in views.chain([("moment", &moment.schema())]) {
            let empty = MemTable::try_new(Arc::clone(schema), vec![vec![]]).map_err(Error::query)?;
            context.register_table(name, Arc::new(empty)).map_err(Error::query)?;
        }
        Ok(context)
    }
}

/// When the run looks from, and where its window begins: null where it has no beginning.
fn moment(span: Span) -> std::result::Result<RecordBatch, ArrowError> {
    let time = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let fields = [Field::new("as_of", time.clone(), false), Field::new("window_start", time, true)];
    let at =
        |moment: Option<i64>| Arc::new(TimestampNanosecondArray::from(vec![moment]).with_timezone("UTC"));
    RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), vec![at(Some(span.as_of)), at(span.start)])
}

/// One table.
#[derive(Clone, Debug)]
struct View {
    snapshot: Snapshot,
    table: Table,
    names: Arc<Names>,
    span: Span,
    /// Whether what came before the window is left out too.
    window: bool,
    /// Of follows: by number, whether a member joins after as-of.
    later: Arc<Vec<bool>>,
    /// As it lies on the disk.
    stored: SchemaRef,
    schema: SchemaRef,
}

impl View {
    fn new(
        snapshot: &Snapshot,
        table: Table,
        names: Arc<Names>,
        span: Span,
        window: bool,
    ) -> std::result::Result<Self, Error> {
        let (path, batches) = read(snapshot, table, None)?;
        let stored = arrow_array::RecordBatchReader::schema(&batches);
        let schema = thawed(table, &names, &RecordBatch::new_empty(Arc::clone(&stored)));
        let schema = schema.map_err(Error::columns("read", path))?.schema();
        let later = if table == Table::Follows { later(snapshot, span)? } else { Vec::new() };
        let (snapshot, later, schema) = (snapshot.clone(), Arc::new(later), named(&schema));
        Ok(Self { snapshot, table, names, span, window, later, stored, schema })
    }

    /// The time by which a row of the table is there or not.
    fn clock(&self) -> &'static str {
        match self.table {
            Table::Members => "joined_at",
            Table::Follows => "since",
            Table::Activities | Table::Conversions => "at",
        }
    }

    /// The members who have to be there for a row to be.
    fn ends(&self) -> &'static [&'static str] {
        if self.table == Table::Follows { &["follower", "followed"] } else { &[] }
    }

    /// Which rows of a batch are there.
    fn there(&self, batch: &RecordBatch) -> BooleanArray {
        let clock = batch.column_by_name(self.clock());
        let clock = clock.and_then(|clock| clock.as_primitive_opt::<TimestampNanosecondType>());
        let ends =
            self.ends().iter().filter_map(|end| batch.column_by_name(end)?.as_primitive_opt::<UInt32Type>());
        let ends: Vec<_> = ends.collect();
        let there = |row: usize| {
            let at = clock.filter(|clock| clock.is_valid(row)).map(|clock| clock.value(row));
            let late = at.is_some_and(|at| at > self.span.as_of);
            let early = self.window && at.zip(self.span.start).is_some_and(|(at, start)| at <= start);
            let joins_later = |member: u32| self.later.get(member as usize).copied().unwrap_or(false);
            !(late || early || ends.iter().any(|end| joins_later(end.value(row))))
        };
        (0..batch.num_rows()).map(|row| Some(there(row))).collect()
    }

    /// A batch as SQL sees it: some columns, and the rows that are there.
    fn shown(&self, batch: &RecordBatch, columns: &[usize]) -> std::result::Result<RecordBatch, ArrowError> {
        let kept = filter_record_batch(batch, &self.there(batch))?;
        let thawed = thawed(self.table, &self.names, &kept)?;
        let schema = thawed.schema();
        let places: std::result::Result<Vec<usize>, ArrowError> =
            columns.iter().map(|column| schema.index_of(self.stored_name(*column))).collect();
        let rows = thawed.project(&places?)?;
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(thawed.num_rows()));
        let schema = Arc::new(self.schema.project(columns)?);
        RecordBatch::try_new_with_options(schema, rows.columns().to_vec(), &options)
    }

    fn stored_name(&self, column: usize) -> &str {
        self.stored.fields().get(column).map_or("", |field| field.name())
    }
}

/// By number, whether a member joins after as-of.
fn later(snapshot: &Snapshot, span: Span) -> std::result::Result<Vec<bool>, Error> {
    let (path, batches) = read(snapshot, Table::Members, Some(&["joined_at"]))?;
    let mut later = Vec::new();
    for batch in batches {
        let batch = batch.map_err(Error::columns("read", &path))?;
        let joined = batch.column_by_name("joined_at");
        let joined = joined.and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
        later.extend(joined.into_iter().flatten().map(|at| at.is_some_and(|at| at > span.as_of)));
    }
    Ok(later)
}

/// Texts in place of numbers. Of members everyone is shown, and `listed` says whom the community lists.
fn thawed(table: Table, names: &Names, batch: &RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
    if table == Table::Members { Ok(batch.clone()) } else { names.thaw(table, batch) }
}

/// Columns by the names that SQL knows: attributes without what stands before them in files.
fn named(schema: &SchemaRef) -> SchemaRef {
    let own: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let fields = schema.fields().iter().map(|field| {
        let short = field.name().strip_prefix("attribute:").filter(|short| !own.contains(short));
        Field::new(short.unwrap_or(field.name()), field.data_type().clone(), field.is_nullable())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[async_trait]
impl TableProvider for View {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        let part = Part { view: self.clone(), columns, schema: Arc::clone(&schema) };
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![Arc::new(part)], None, [], false, limit)?))
    }
}

/// Some columns of a table.
#[derive(Clone, Debug)]
struct Part {
    view: View,
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut names: Vec<&str> = self.columns.iter().map(|column| self.view.stored_name(*column)).collect();
        // What tells whether a row is there is looked at whatever is asked for.
        names.push(self.view.clock());
        names.extend(self.view.ends());
        let batches = read(&self.view.snapshot, self.view.table, Some(&names));
        let batches = batches.map(|(_, batches)| batches);
        Box::pin(Batches { part: self.clone(), batches: Some(batches) })
    }
}

/// The batches of some columns.
struct Batches {
    part: Part,
    /// None once all is said.
    batches: Option<std::result::Result<ParquetRecordBatchReader, Error>>,
}

impl futures_core::Stream for Batches {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = match self.batches.take() {
            None => None,
            Some(Err(error)) => Some(Err(DataFusionError::External(Box::new(error)))),
            Some(Ok(mut batches)) => batches.next().map(|batch| {
                self.batches = Some(Ok(batches));
                Ok(self.part.view.shown(&batch?, &self.part.columns)?)
            }),
        };
        Poll::Ready(next)
    }
}

impl RecordBatchStream for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.part.schema)
    }
}
