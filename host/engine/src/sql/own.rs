//! A community's own metrics: one question in SQL each.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use datafusion::arrow::compute::cast;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;

use super::bounds::{Bounds, Tally};
use super::views::Columns;
use super::{Sql, checks, execute, plan, sql};
use crate::Error;
use crate::query::wait;
use crate::stop::until;

/// Computes a metric: by member, the value, if there is one. `known` says who there is.
///
/// In one partition and over rows in the order of the snapshot, so that sums of floats are the same bits at any number
/// of threads.
pub(crate) fn own_metric(
    question: &Sql<'_>,
    name: &str,
    query: &str,
    known: impl Fn(&str) -> bool + Send + Sync,
) -> Result<HashMap<String, Option<f64>>, Error> {
    let refuse = |problem: String| Error::OwnMetric { name: name.to_owned(), problem };
    let context = question.session(1)?;
    let tally = Tally::new(Bounds::METRIC, question.stop);
    let mut values = HashMap::new();
    let answer = async {
        let plan = metric_plan(&context, query).await?;
        let taken = execute(&context, plan, &tally, |batch| take(batch, &known, &mut values)).await?;
        taken.map_err(|problem| Error::Sql { problem })
    };
    let answered = wait(question.threads, until(question.stop, answer));
    answered.map_err(|error| match error {
        Error::Sql { problem } => refuse(problem),
        error => error,
    })?;
    Ok(values)
}

/// Looks whether a metric could be computed over tables with these columns, without computing it.
pub(crate) fn check_metric(tables: &Columns, name: &str, query: &str) -> Result<(), Error> {
    let checked = wait(1, async {
        let context = tables.session()?;
        let plan = metric_plan(&context, query).await?;
        context.state().create_physical_plan(&plan).await.map(|_| ()).map_err(sql)
    });
    checked.map_err(|error| match error {
        Error::Sql { problem } => Error::OwnMetric { name: name.to_owned(), problem },
        error => error,
    })
}

/// Plans the question of a metric.
async fn metric_plan(context: &SessionContext, query: &str) -> Result<LogicalPlan, Error> {
    let plan = plan(context, query).await?;
    shape(plan.schema().as_arrow()).map_err(|problem| Error::Sql { problem })?;
    match checks::unstable(&plan).map_err(sql)? {
        None => Ok(plan),
        Some(function) => Err(Error::Sql {
            problem: format!(
                "{function}() does not say the same of the same rows; look from `as_of` of the view `moment` instead of the \
                 clock, and use exact aggregates"
            ),
        }),
    }
}

/// Looks whether the columns are those of a metric.
fn shape(schema: &Schema) -> Result<(), String> {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let kind = |name: &str| schema.field_with_name(name).map(|field| field.data_type().clone());
    let (2, Ok(member), Ok(value)) = (names.len(), kind("member"), kind("value")) else {
        return Err(format!(
            "its columns are {}, and must be `member` and `value`: write select … as member, … as value",
            crate::nearest::listed(&names)
        ));
    };
    if !matches!(member, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
        return Err(format!("its column `member` is {member}, and must be the text of an id"));
    }
    if !(value.is_numeric() || value == DataType::Null) {
        return Err(format!("its column `value` is {value}, and must be a number"));
    }
    Ok(())
}

fn take(
    batch: &RecordBatch,
    known: impl Fn(&str) -> bool,
    values: &mut HashMap<String, Option<f64>>,
) -> Result<(), String> {
    let column = |name: &str, kind: &DataType| {
        let column = batch.column_by_name(name).ok_or_else(|| format!("there is no column `{name}`"))?;
        cast(column, kind).map_err(|error| format!("its column `{name}` cannot be read: {error}"))
    };
    let (members, numbers) = (column("member", &DataType::Utf8)?, column("value", &DataType::Float64)?);
    let (members, numbers) = (members.as_string::<i32>(), numbers.as_primitive::<Float64Type>());
    for (row, number) in numbers.iter().enumerate() {
        if members.is_null(row) {
            return Err(
                "it has a row without a member; leave those out with where member is not null".to_owned()
            );
        }
        let member = members.value(row);
        if let Some(number) = number.filter(|number| !number.is_finite()) {
            return Err(format!(
                "its value for {} is {number}; divide by nullif(…, 0), so that there is none where there can be none",
                groundswell_runtime::shown(member, 60)
            ));
        }
        if !known(member) {
            return Err(format!(
                "it has a row for {}, and nobody in the data has that id",
                groundswell_runtime::shown(member, 60)
            ));
        }
        if values.insert(member.to_owned(), number).is_some() {
            return Err(format!(
                "it has more than one row for {}: group by member",
                groundswell_runtime::shown(member, 60)
            ));
        }
    }
    Ok(())
}
