//! Metrics and definitions as functions that answer tables.

use std::sync::Arc;

use arrow_array::{Array, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;

use crate::{Community, Error, RunOptions};

/// Lets SQL ask for `metrics('answers', 'pagerank(graph=follows)')` and `definition('regulars')`.
pub(super) fn register(context: &SessionContext, community: &Community, options: &RunOptions) {
    let asked = Asked { community: community.clone(), options: options.clone().dry_run(true) };
    context.register_udtf("metrics", Arc::new(Metrics(asked.clone())));
    context.register_udtf("definition", Arc::new(Definition(asked)));
}

#[derive(Clone, Debug)]
struct Asked {
    community: Community,
    options: RunOptions,
}

impl Asked {
    /// Does work that waits for threads of its own, outside of the engine's.
    fn away<T: Send>(&self, work: impl FnOnce(&Self) -> std::result::Result<T, Error> + Send) -> Result<T> {
        let done = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .name("groundswell-sql".to_owned())
                .stack_size(8 << 20)
                .spawn_scoped(scope, || work(self))
                .map_err(DataFusionError::IoError)
                .map(std::thread::ScopedJoinHandle::join)
        });
        match done? {
            Ok(answer) => answer.map_err(|error| DataFusionError::External(Box::new(error))),
            Err(_) => Err(DataFusionError::Internal("a thread panicked".to_owned())),
        }
    }
}

/// The texts that a function was called with.
fn texts(args: &TableFunctionArgs<'_, '_>, name: &str) -> Result<Vec<String>> {
    let text = |expression: &Expr| match expression {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::LargeUtf8(Some(text))
            | ScalarValue::Utf8View(Some(text)),
            _,
        ) => Ok(text.clone()),
        other => Err(DataFusionError::Plan(format!("{name}() takes texts in quotes, not {other}"))),
    };
    args.exprs().iter().map(text).collect()
}

fn table(batch: RecordBatch) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
}

/// `metrics(ID, …)`: a row for each member of the population: `member`, and a column for each metric, named by its id.
#[derive(Debug)]
struct Metrics(Asked);

impl TableFunctionImpl for Metrics {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let ids = texts(&args, "metrics")?;
        if ids.is_empty() {
            return Err(DataFusionError::Plan(
                "metrics() takes ids of metrics, such as metrics('answers')".to_owned(),
            ));
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        table(self.0.away(|asked| asked.community.measure(&ids, &asked.options))?)
    }
}

/// `definition(NAME)`: a row for each member of the population: `member`, `rank`, `score`, `percentile`, `tier`.
#[derive(Debug)]
struct Definition(Asked);

impl TableFunctionImpl for Definition {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let names = texts(&args, "definition")?;
        let [name] = names.as_slice() else {
            let what = "definition() takes the name of one of the community's definitions";
            return Err(DataFusionError::Plan(what.to_owned()));
        };
        let run = self.0.away(|asked| asked.community.run(&asked.options.clone().definition(name)))?;
        let members = || run.members();
        let arrays: Vec<Arc<dyn Array>> = vec![
            Arc::new(StringArray::from_iter_values(members().map(|member| member.member))),
            Arc::new(UInt32Array::from_iter_values(members().map(|member| member.rank))),
            Arc::new(Float64Array::from_iter_values(members().map(|member| member.score))),
            Arc::new(Float64Array::from_iter_values(members().map(|member| member.percentile))),
            Arc::new(StringArray::from_iter_values(members().map(|member| member.tier))),
        ];
        let fields = [
            ("member", DataType::Utf8),
            ("rank", DataType::UInt32),
            ("score", DataType::Float64),
            ("percentile", DataType::Float64),
            ("tier", DataType::Utf8),
        ];
        let schema = Schema::new(fields.map(|(name, kind)| Field::new(name, kind, false)).to_vec());
        table(RecordBatch::try_new(Arc::new(schema), arrays)?)
    }
}
