//! What keeps a question in SQL from taking for ever, and lets it be stopped wherever it is.
//!
//! Whatever one step of a plan hands on to the next goes through a [`Guard`]: there rows are counted, texts are measured
//! and somebody who wants to stop is heard. Steps that compare every row with many others before they hand on anything
//! are given their rows in small portions. Counts and portions depend on the data alone, never on a clock, so that
//! the same question over the same snapshot ends the same way on every computer; the clock is asked only by what is to
//! end a question that would not do so by its counts.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties, ReplaceChildrenOptions,
    replace_children_if_necessary,
};

use crate::Error;
use crate::stop::Stop;

/// What a question may come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Rows that its steps hand on, and pairs of rows that they compare, all together.
    pub(crate) rows: u64,
    /// Bytes of the texts or lists in one column of one batch of rows.
    pub(crate) text_bytes: usize,
    /// Bytes of the answer.
    pub(crate) answer_bytes: usize,
    /// How long it may take; `None` where somebody waits for it who can stop it.
    pub(crate) time: Option<Duration>,
}

impl Bounds {
    /// What [`Community::sql`](crate::Community::sql) is bounded by.
    pub(crate) const QUESTION: Self =
        Self { rows: u64::MAX, text_bytes: 64 << 20, answer_bytes: 512 << 20, time: None };

    /// What a metric of a community's own is bounded by.
    pub(crate) const METRIC: Self =
        Self { rows: 10_000_000_000, time: Some(Duration::from_secs(600)), ..Self::QUESTION };
}

/// Pairs of rows that a step compares before it asks for more, in steps that compare all of them.
const PAIRS: u64 = 1 << 24;
/// The same, in steps that look for equal values, and compare all only where all are equal.
const EQUAL_PAIRS: u64 = 1 << 30;

/// How far a question has come, and what ends it.
#[derive(Debug)]
pub(super) struct Tally {
    bounds: Bounds,
    began: Instant,
    stop: Stop,
    rows: AtomicU64,
    /// Why it ended. What a plan answers may be a copy of a copy of it.
    verdict: Mutex<Option<Error>>,
}

impl Tally {
    pub(super) fn new(bounds: Bounds, stop: &Stop) -> Arc<Self> {
        let (began, stop) = (Instant::now(), stop.clone());
        Arc::new(Self { bounds, began, stop, rows: AtomicU64::new(0), verdict: Mutex::new(None) })
    }

    /// Why it ended, if that was by its bounds or by somebody who stopped it.
    pub(super) fn verdict(&self) -> Option<Error> {
        self.verdict.lock().ok()?.take()
    }

    /// Counts rows, and ends the question where it is to end.
    fn goes_on(&self, rows: u64) -> Result<()> {
        let so_far = self.rows.fetch_add(rows, Ordering::Relaxed).saturating_add(rows);
        let Bounds { rows: most, time, .. } = self.bounds;
        if let Err(error) = self.stop.check() {
            return Err(self.end(error.into()));
        }
        if so_far > most {
            return Err(self.told(format!(
                "it goes through more than {} rows and pairs of rows: join by columns that are equal, and group before \
                 joining",
                grouped(most)
            )));
        }
        match time {
            Some(time) if self.began.elapsed() > time => Err(self.told(format!(
                "it took longer than {} seconds: join by columns that are equal, and group before joining",
                time.as_secs()
            ))),
            _ => Ok(()),
        }
    }

    /// Refuses texts that would not fit into memory.
    fn fits(&self, batch: &RecordBatch) -> Result<()> {
        let most = self.bounds.text_bytes;
        match batch.columns().iter().map(text_bytes).max() {
            Some(bytes) if bytes > most => Err(self.told(format!(
                "the texts or lists in a column of {} rows come to {bytes} bytes, and may to {most}: make them shorter",
                batch.num_rows()
            ))),
            _ => Ok(()),
        }
    }

    /// Counts in what is added to an answer that so far has so many bytes.
    pub(super) fn adds(&self, bytes: &mut usize, batch: &RecordBatch) -> Result<()> {
        let cells = batch.num_rows().saturating_mul(batch.num_columns());
        let texts: usize = batch.columns().iter().map(text_bytes).sum();
        *bytes = bytes.saturating_add(cells.saturating_mul(8)).saturating_add(texts);
        let most = self.bounds.answer_bytes;
        if *bytes > most {
            return Err(self.told(format!(
                "the answer is longer than {} MiB: ask for fewer columns, or add a limit",
                most >> 20
            )));
        }
        Ok(())
    }

    fn told(&self, problem: String) -> DataFusionError {
        self.end(Error::Sql { problem })
    }

    fn end(&self, error: Error) -> DataFusionError {
        let ended = DataFusionError::ResourcesExhausted(error.to_string());
        if let Ok(mut verdict) = self.verdict.lock() {
            verdict.get_or_insert(error);
        }
        ended
    }
}

/// A number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let places = digits.len();
    digits
        .chars()
        .enumerate()
        .flat_map(|(at, digit)| {
            let comma = at > 0 && (places - at).is_multiple_of(3);
            comma.then_some(',').into_iter().chain([digit])
        })
        .collect()
}

/// The bytes of the texts or lists of a column, of its own rows alone: several batches may share what they lie in.
fn text_bytes(column: &ArrayRef) -> usize {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().iter().flatten().map(str::len).sum(),
        DataType::BinaryView => column.as_binary_view().iter().flatten().map(<[u8]>::len).sum(),
        kind if kind.is_primitive() || *kind == DataType::Boolean => 0,
        _ => column.to_data().get_slice_memory_size().unwrap_or(0),
    }
}

/// The same plan, with a guard behind every step and before those that compare rows.
pub(super) fn guarded(plan: Arc<dyn ExecutionPlan>, tally: &Arc<Tally>) -> Result<Arc<dyn ExecutionPlan>> {
    let guard = |step: Arc<dyn ExecutionPlan>| {
        let step = portioned(step, tally)?;
        Ok(Transformed::yes(Guard::behind(step, tally, Role::Counts)))
    };
    Ok(plan.transform_up(guard)?.data)
}

/// A step with guards before it, if it compares what it reads first with all that it reads then.
fn portioned(step: Arc<dyn ExecutionPlan>, tally: &Arc<Tally>) -> Result<Arc<dyn ExecutionPlan>> {
    let any: &dyn Any = step.as_ref();
    let (pairs, portion) = if any.is::<NestedLoopJoinExec>() {
        (true, Some(PAIRS))
    } else if any.is::<CrossJoinExec>() {
        // It hands on whatever it makes of a row at once.
        (true, None)
    } else if any.is::<HashJoinExec>() {
        (false, Some(EQUAL_PAIRS))
    } else {
        return Ok(step);
    };
    let [first, second] = step.children()[..] else { return Ok(step) };
    let kept = Arc::new(AtomicU64::new(0));
    let first = Guard::behind(Arc::clone(first), tally, Role::Keeps(Arc::clone(&kept)));
    let second = Guard::behind(Arc::clone(second), tally, Role::Meets { kept, pairs, portion });
    replace_children_if_necessary(step, vec![first, second])
}

/// Where a guard stands.
#[derive(Clone, Debug)]
enum Role {
    /// Behind a step: it counts rows.
    Counts,
    /// Before the side of a join that is kept: it says how many rows there are.
    Keeps(Arc<AtomicU64>),
    /// Before the side that is compared with those.
    Meets {
        kept: Arc<AtomicU64>,
        /// Whether every row is compared with every other, so that pairs count.
        pairs: bool,
        /// Pairs in one portion.
        portion: Option<u64>,
    },
}

/// A step of a plan that hands on what it is handed, as far as bounds go.
#[derive(Clone, Debug)]
struct Guard {
    input: Arc<dyn ExecutionPlan>,
    tally: Arc<Tally>,
    role: Role,
}

impl Guard {
    fn behind(input: Arc<dyn ExecutionPlan>, tally: &Arc<Tally>, role: Role) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self { input, tally: Arc::clone(tally), role })
    }
}

impl DisplayAs for Guard {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl ExecutionPlan for Guard {
    fn name(&self) -> &'static str {
        "Guard"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(Self { input, ..Self::clone(&self) })),
            _ => Err(DataFusionError::Internal("a guard stands behind one step".to_owned())),
        }
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all_anew = datafusion::physical_plan::ChildrenPropertiesMode::Recompute;
        self.replace_children(children, ReplaceChildrenOptions::new(all_anew))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let inner = self.input.execute(partition, context)?;
        let (tally, role) = (Arc::clone(&self.tally), self.role.clone());
        Ok(Box::pin(Guarded { inner, tally, role, waiting: None }))
    }
}

/// What goes through a guard.
struct Guarded {
    inner: SendableRecordBatchStream,
    tally: Arc<Tally>,
    role: Role,
    /// What is left of a batch that is handed on in portions.
    waiting: Option<RecordBatch>,
}

impl Guarded {
    /// Looks at a batch that comes in.
    fn comes(&self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows() as u64;
        match &self.role {
            Role::Counts => {
                self.tally.fits(batch)?;
                self.tally.goes_on(rows)
            }
            Role::Keeps(kept) => {
                kept.fetch_add(rows, Ordering::Relaxed);
                Ok(())
            }
            Role::Meets { .. } => Ok(()),
        }
    }

    /// The next portion of a batch; the rest of it waits.
    fn portion(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let Role::Meets { kept, pairs, portion } = &self.role else { return Ok(batch) };
        let kept = kept.load(Ordering::Relaxed).max(1);
        let rows = batch.num_rows();
        let most = portion.map_or(rows, |portion| usize::try_from((portion / kept).max(1)).unwrap_or(rows));
        let now = rows.min(most);
        self.tally.goes_on(if *pairs { kept.saturating_mul(now as u64) } else { 0 })?;
        if now < rows {
            self.waiting = Some(batch.slice(now, rows - now));
        }
        Ok(batch.slice(0, now))
    }
}

impl futures_core::Stream for Guarded {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = match self.waiting.take() {
            Some(rest) => Some(Ok(rest)),
            None => match self.inner.as_mut().poll_next(task) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(next) => {
                    next.map(|batch| batch.and_then(|batch| self.comes(&batch).map(|()| batch)))
                }
            },
        };
        Poll::Ready(next.map(|batch| batch.and_then(|batch| self.portion(batch))))
    }
}

impl RecordBatchStream for Guarded {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::{SessionConfig, SessionContext};

    use super::*;
    use crate::query::wait;

    /// What ends a question within some bounds, and after how many rows.
    fn ended(sql: &str, bounds: Bounds) -> (String, u64) {
        let tally = Tally::new(bounds, &Stop::default());
        let asked = wait(1, async {
            let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
            let plan = super::super::plan(&context, sql).await?;
            super::super::execute(&context, plan, &tally, |_| Ok::<_, String>(())).await
        });
        (asked.unwrap_err().to_string(), tally.rows.load(Ordering::Relaxed))
    }

    #[test]
    fn a_question_ends_at_its_bounds_and_each_time_at_the_same_row() {
        let bounds = Bounds { rows: 100_000, ..Bounds::QUESTION };
        let series = "generate_series(1, 3000)";
        for sql in [
            format!("select count(*) from {series} as a, {series} as b"),
            format!("select count(*) from {series} as a(x) join {series} as b(y) on a.x > b.y + 5000"),
            format!("select count(*) from {series} as a(x) join {series} as b(y) on a.x % 2 = b.y % 2"),
            "with recursive n as (select 1 as i union all select i from n) select count(*) from n".to_owned(),
            "select max(value) from generate_series(1, 1000000)".to_owned(),
        ] {
            let (told, rows) = ended(&sql, bounds);
            assert_eq!(
                told,
                "the query cannot be answered: it goes through more than 100,000 rows and pairs of rows: join by columns that are \
                 equal, and group before joining",
                "{sql}"
            );
            assert_eq!(ended(&sql, bounds).1, rows, "{sql}");
        }
        let (told, _) = ended("select 1", Bounds { time: Some(Duration::ZERO), ..Bounds::QUESTION });
        assert!(told.contains("it took longer than 0 seconds"), "{told}");
        let (told, _) = ended("select repeat('x', 60)", Bounds { text_bytes: 59, ..Bounds::QUESTION });
        assert!(told.contains("the texts or lists in a column of 1 rows come to "), "{told}");
    }

    #[test]
    fn numbers_are_written_with_commas() {
        let written: Vec<String> = [0, 999, 1_000, 10_000_000_000].map(grouped).to_vec();
        assert_eq!(written, ["0", "999", "1,000", "10,000,000,000"]);
    }
}
