//! Questions in SQL over a snapshot: its tables as views, metrics and definitions as functions.

mod answer;
mod bounds;
mod checks;
mod functions;
mod mathematics;
mod own;
mod problem;
mod views;

use std::future::poll_fn;
use std::sync::Arc;

use arrow_array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;

pub use answer::Answer;
pub(crate) use own::{check_metric, own_metric};
pub(crate) use views::Columns;

use self::bounds::{Bounds, Tally};
use self::problem::{sql, unplanned};
use crate::metrics::Span;
use crate::query::{Session, wait};
use crate::snapshot::Names;
use crate::stop::{Stop, until};
use crate::{Error, Snapshot};

/// What a question is asked with.
pub(crate) struct Sql<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) span: Span,
    pub(crate) threads: usize,
    pub(crate) stop: &'s Stop,
}

impl Sql<'_> {
    /// A session with the snapshot's views.
    fn session(&self, partitions: usize) -> Result<SessionContext, Error> {
        let session = Session::new(partitions, None).map_err(Error::query)?;
        let names = Arc::new(Names::read(self.snapshot)?);
        views::register(&session.context, self.snapshot, &names, self.span)?;
        mathematics::register(&session.context);
        Ok(session.context)
    }

    /// Answers a question, which may ask the community's metrics and definitions.
    pub(crate) fn ask(
        &self,
        query: &str,
        community: &crate::Community,
        options: &crate::RunOptions,
    ) -> Result<Answer, Error> {
        let context = self.session(options.partition_count())?;
        functions::register(&context, community, options);
        let tally = Tally::new(Bounds::QUESTION, self.stop);
        let answer = async {
            let plan = plan(&context, query).await?;
            let schema = Arc::new(plan.schema().as_arrow().clone());
            let (mut batches, mut bytes) = (Vec::new(), 0);
            execute(&context, plan, &tally, |batch| {
                tally.adds(&mut bytes, batch)?;
                batches.push(batch.clone());
                Ok::<_, DataFusionError>(())
            })
            .await?
            .map_err(|error| tally.verdict().unwrap_or_else(|| sql(error)))?;
            // The columns as they come may say more of what there is nothing in.
            let schema = batches.first().map_or(schema, RecordBatch::schema);
            Ok(Answer { schema, batches })
        };
        wait(self.threads, until(self.stop, answer))
    }
}

/// Plans a question, which may read and nothing else, and whose texts do not outgrow all memory.
async fn plan(context: &SessionContext, query: &str) -> Result<LogicalPlan, Error> {
    let refuse = |problem: String| Error::Sql { problem };
    if let Some(problem) = checks::unread(query) {
        return Err(refuse(problem));
    }
    let plan = context.state().create_logical_plan(query).await;
    let plan = plan.map_err(|error| unplanned(context, error))?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    if reading.verify_plan(&plan).is_err() {
        return Err(refuse("it is no select, and nothing else is carried out".to_owned()));
    }
    match checks::problem(&plan).map_err(sql)? {
        None => Ok(plan),
        Some(problem) => Err(refuse(problem)),
    }
}

/// Carries out a plan, and hands on its rows as they come; the first of them that is not taken ends it.
async fn execute<E>(
    context: &SessionContext,
    plan: LogicalPlan,
    tally: &Arc<Tally>,
    mut take: impl FnMut(&RecordBatch) -> Result<(), E>,
) -> Result<Result<(), E>, Error> {
    let failed = |error| tally.verdict().unwrap_or_else(|| sql(error));
    let plan = context.state().create_physical_plan(&plan).await.map_err(failed)?;
    let plan = bounds::guarded(plan, tally).map_err(failed)?;
    let mut batches = execute_stream(plan, context.task_ctx()).map_err(failed)?;
    while let Some(batch) = poll_fn(|task| batches.as_mut().poll_next(task)).await {
        if let Err(refused) = take(&batch.map_err(failed)?) {
            return Ok(Err(refused));
        }
    }
    Ok(Ok(()))
}
