//! A definition as a function of DataFusion: what a row's raw values score, the population held fixed.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use groundswell_runtime::{Column, Fitted, Population, Scale};

use crate::Error;

/// A definition as a function of DataFusion, of any name: the score of a row, by the raw values of the metrics that the
/// definition asks for.
///
/// It has one argument for each metric, `Float64` or, for words, `Utf8`, in the order in which the definition's inputs first
/// name them, and named like them: `regulars("answers" => 3, …)` says which is which. A metric that several inputs show on
/// different scales is one argument. Other numbers, booleans and texts are cast. The host puts the values on the scales of
/// the population that the definition was fitted to, by [`Plugin::fit`](crate::runtime::Plugin::fit) or
/// [`Run::fitted`](crate::Run::fitted), so that a member of it scores to the bit what a run says, whatever the query's batches
/// and partitions are.
///
/// The answer is a `Float64`, and never null. Null and NaN are missing values, which every definition has to take; so are values
/// of what nobody in the population has a value of, and words that nobody in it has.
///
/// The function is immutable: the answer depends on the row alone, which is the contract of plugins, and samples are
/// asked about again to hold them to it.
///
/// Each batch of the query goes to the plugin in batches of its own, inside its limits, on a thread of its own while the
/// query's waits. What a plugin does wrong fails the query by an error that names it.
///
/// ```no_run
/// # fn register(run: &groundswell::Run) -> Result<(), Box<dyn std::error::Error>> {
/// use groundswell::datafusion::prelude::SessionContext;
/// use groundswell::definition_udf;
///
/// let context = SessionContext::new();
/// context.register_udf(definition_udf("regulars", run.fitted()?));
/// # Ok(()) }
/// ```
#[must_use]
pub fn definition_udf(name: impl Into<String>, fitted: Fitted) -> ScalarUDF {
    ScalarUDF::new_from_impl(Definition(Arc::new(Inner::new(name.into(), fitted))))
}

/// Equal to its clones alone: two populations make two functions.
#[derive(Clone)]
struct Definition(Arc<Inner>);

struct Inner {
    name: String,
    fitted: Fitted,
    arguments: Vec<Argument>,
    signature: Signature,
}

/// A metric, and whether its values are words.
struct Argument {
    metric: String,
    words: bool,
}

impl Argument {
    fn data_type(&self) -> DataType {
        if self.words { DataType::Utf8 } else { DataType::Float64 }
    }

    /// The values of a batch.
    fn column(&self, values: &ArrayRef) -> Option<Column> {
        if self.words {
            return values.as_string_opt::<i32>().map(|words| Column::from_words(words.iter()));
        }
        let numbers = values.as_primitive_opt::<Float64Type>()?;
        Some(Column::Number(numbers.iter().map(|number| number.unwrap_or(f64::NAN)).collect()))
    }
}

impl Inner {
    fn new(name: String, fitted: Fitted) -> Self {
        let mut arguments: Vec<Argument> = Vec::new();
        for input in fitted.plugin().scoring().map_or(&[][..], |scoring| &scoring.inputs) {
            if !arguments.iter().any(|known| known.metric == input.metric) {
                let (metric, words) = (input.metric.clone(), input.scale == Scale::Category);
                arguments.push(Argument { metric, words });
            }
        }
        let plain = || Signature::user_defined(Volatility::Immutable);
        let names: Vec<&str> = arguments.iter().map(|argument| argument.metric.as_str()).collect();
        // Names are refused only where one comes twice.
        let signature = plain().with_parameter_names(names).unwrap_or_else(|_| plain());
        Self { name, fitted, arguments, signature }
    }

    /// The scores of so many rows.
    fn scores(&self, arguments: &[ArrayRef], rows: usize) -> Result<Vec<f64>> {
        let failed = |error: groundswell_runtime::Error| external(error.into());
        let mut members = Population::new(rows);
        for (argument, values) in self.arguments.iter().zip(arguments) {
            let Some(column) = argument.column(values) else {
                let (metric, data_type) = (&argument.metric, values.data_type());
                let what = format!("{}: `{metric}` came as {data_type}", self.name);
                return Err(DataFusionError::Internal(what));
            };
            members = members.with(argument.metric.clone(), column).map_err(failed)?;
        }
        self.fitted.score(&members).map_err(failed)
    }
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl ScalarUDFImpl for Definition {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn signature(&self) -> &Signature {
        &self.0.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name(), DataType::Float64, false)))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let Inner { name, arguments, .. } = &*self.0;
        if given.len() != arguments.len() {
            let metrics: Vec<_> = arguments.iter().map(|argument| argument.metric.as_str()).collect();
            let (metrics, given) = (metrics.join(", "), given.len());
            return plan_err!("{name} takes {} values, not {given}: {metrics}", arguments.len());
        }
        for (argument, given) in arguments.iter().zip(given) {
            let word = |data_type: &DataType| {
                matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
            };
            let fits = match given {
                DataType::Null => true,
                DataType::Dictionary(_, value) => argument.words && word(value),
                DataType::Boolean => !argument.words,
                given => {
                    if argument.words {
                        word(given)
                    } else {
                        given.is_numeric()
                    }
                }
            };
            if !fits {
                let takes = if argument.words { "words" } else { "numbers" };
                return plan_err!("{name}: `{}` takes {takes}, not {given}", argument.metric);
            }
        }
        Ok(arguments.iter().map(Argument::data_type).collect())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arguments: Vec<ArrayRef> =
            args.args.into_iter().map(|value| value.into_array(rows)).collect::<Result<_>>()?;
        let scores = self.0.scores(&arguments, rows)?;
        Ok(match scores.first() {
            Some(&score) if constant => ColumnarValue::Scalar(ScalarValue::Float64(Some(score))),
            _ => ColumnarValue::Array(Arc::new(Float64Array::from(scores))),
        })
    }
}

impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Definition {}

impl Hash for Definition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition").field("name", &self.0.name).field("fitted", &self.0.fitted).finish()
    }
}
