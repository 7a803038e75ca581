//! Mathematics that is the same bits on every machine: what `DataFusion` asks the C library for, which goes by what the processor
//! can do, is computed by libm in its place.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array};
use arrow_schema::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;

/// A function of one number.
type One = (&'static str, fn(f64) -> f64);
/// A function of two numbers.
type Two = (&'static str, fn(f64, f64) -> f64);

const ONE: [One; 19] = [
    ("acos", libm::acos),
    ("acosh", libm::acosh),
    ("asin", libm::asin),
    ("asinh", libm::asinh),
    ("atan", libm::atan),
    ("atanh", libm::atanh),
    ("cbrt", libm::cbrt),
    ("cos", libm::cos),
    ("cosh", libm::cosh),
    ("cot", |angle| 1.0 / libm::tan(angle)),
    ("exp", libm::exp),
    ("ln", libm::log),
    ("log", libm::log10),
    ("log10", libm::log10),
    ("log2", libm::log2),
    ("sin", libm::sin),
    ("sinh", libm::sinh),
    ("tan", libm::tan),
    ("tanh", libm::tanh),
];
const TWO: [Two; 3] = [("atan2", libm::atan2), ("log", logarithm), ("power", libm::pow)];

/// The logarithm to a base.
fn logarithm(base: f64, number: f64) -> f64 {
    match base {
        2.0 => libm::log2(number),
        10.0 => libm::log10(number),
        base => libm::log(number) / libm::log(base),
    }
}

/// Puts functions of the same names in the place of the session's own.
pub(super) fn register(context: &SessionContext) {
    let one = ONE.iter().map(|(name, _)| *name);
    for name in one.chain(["atan2", "power"]) {
        context.register_udf(ScalarUDF::new_from_impl(Function::new(name)));
    }
}

/// A function of floats, null where an argument is.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Function {
    name: &'static str,
    aliases: Vec<String>,
    signature: Signature,
}

impl Function {
    fn new(name: &'static str) -> Self {
        let takes = |count| TypeSignature::Uniform(count, vec![DataType::Float64]);
        let one = ONE.iter().filter(|(known, _)| *known == name).map(|_| takes(1));
        let two = TWO.iter().filter(|(known, _)| *known == name).map(|_| takes(2));
        let signature = Signature::one_of(one.chain(two).collect(), Volatility::Immutable);
        let aliases = if name == "power" { vec!["pow".to_owned()] } else { Vec::new() };
        Self { name, aliases, signature }
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let odd = || DataFusionError::Internal(format!("{}() came with other arguments", self.name));
        let arrays = args.args.iter().map(|argument| argument.to_array(args.number_rows));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let numbers: Option<Vec<&Float64Array>> =
            arrays.iter().map(|array| array.as_primitive_opt::<Float64Type>()).collect();
        let answers: Float64Array = match numbers.ok_or_else(odd)?.as_slice() {
            [numbers] => {
                let (_, of) = ONE.iter().find(|(name, _)| *name == self.name).ok_or_else(odd)?;
                numbers.iter().map(|number| number.map(of)).collect()
            }
            [first, second] => {
                let (_, of) = TWO.iter().find(|(name, _)| *name == self.name).ok_or_else(odd)?;
                let both = first.iter().zip(second.iter());
                both.map(|(first, second)| first.zip(second).map(|(first, second)| of(first, second)))
                    .collect()
            }
            _ => return Err(odd()),
        };
        let answers: Arc<dyn Array> = Arc::new(answers);
        Ok(ColumnarValue::Array(answers))
    }
}
