//! Questions in SQL over a snapshot: its tables as views, metrics and definitions as functions.

mod answer;
mod checks;
mod functions;
mod mathematics;
mod own;
mod views;

use std::future::poll_fn;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;

pub use answer::Answer;
pub(crate) use own::own_metric;

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
        let session = Session::new(self.snapshot.dir(), partitions).map_err(Error::query)?;
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
        let answer = async {
            let plan = plan(&context, query).await?;
            execute(&context, plan).await
        };
        let (schema, batches) = wait(self.threads, until(self.stop, async { answer.await.map_err(sql) }))?;
        Ok(Answer { schema, batches })
    }
}

/// What a question in SQL failed by.
fn sql(error: DataFusionError) -> Error {
    // What went wrong inside one of our functions speaks for itself.
    match error {
        DataFusionError::External(inside) => match inside.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::Sql { problem: other.to_string() },
        },
        DataFusionError::Context(_, inside) | DataFusionError::Diagnostic(_, inside) => sql(*inside),
        error => {
            let problem = error.strip_backtrace().replace('\n', " ");
            Error::Sql { problem: groundswell_runtime::shown(&problem, 2_000) }
        }
    }
}

/// Plans a question, which may read and nothing else.
async fn plan(context: &SessionContext, query: &str) -> Result<LogicalPlan, DataFusionError> {
    let plan = context.state().create_logical_plan(query).await?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(&plan)?;
    Ok(plan)
}

async fn execute(
    context: &SessionContext,
    plan: LogicalPlan,
) -> Result<(SchemaRef, Vec<RecordBatch>), DataFusionError> {
    let mut batches = context.execute_logical_plan(plan).await?.execute_stream().await?;
    let schema = batches.schema();
    let mut all = Vec::new();
    while let Some(batch) = poll_fn(|task| batches.as_mut().poll_next(task)).await {
        all.push(batch?);
    }
    Ok((schema, all))
}
