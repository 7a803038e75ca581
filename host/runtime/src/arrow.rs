//! Arrow batches in, Arrow batches out.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Float64Array, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema};

use crate::{Column, Error, Population, Scored};

impl Population {
    /// A population from an Arrow batch: one row a member, ordered by id; one column a metric, named by its
    /// id. Numbers of any width become numbers, booleans 0 and 1, texts categories; nulls and NaN are
    /// missing.
    ///
    /// # Errors
    ///
    /// [`Error::Population`] for a column of another type or with an infinite value.
    pub fn from_arrow(batch: &RecordBatch) -> Result<Self, Error> {
        let mut population = Self::new(batch.num_rows());
        for (field, values) in batch.schema().fields().iter().zip(batch.columns()) {
            population = population.with(field.name(), column(field.name(), values)?)?;
        }
        Ok(population)
    }
}

fn column(metric: &str, values: &ArrayRef) -> Result<Column, Error> {
    Ok(match values.data_type() {
        DataType::Float64 => numbers::<Float64Type>(values, |value| value),
        DataType::Float32 => numbers::<Float32Type>(values, f64::from),
        DataType::Int8 => numbers::<Int8Type>(values, f64::from),
        DataType::Int16 => numbers::<Int16Type>(values, f64::from),
        DataType::Int32 => numbers::<Int32Type>(values, f64::from),
        DataType::Int64 => numbers::<Int64Type>(values, |value| value as f64),
        DataType::UInt8 => numbers::<UInt8Type>(values, f64::from),
        DataType::UInt16 => numbers::<UInt16Type>(values, f64::from),
        DataType::UInt32 => numbers::<UInt32Type>(values, f64::from),
        DataType::UInt64 => numbers::<UInt64Type>(values, |value| value as f64),
        DataType::Boolean => {
            let number = |value: Option<bool>| value.map_or(f64::NAN, |value| f64::from(u8::from(value)));
            Column::Number(values.as_boolean().iter().map(number).collect())
        }
        DataType::Utf8 => Column::from_words(values.as_string::<i32>().iter()),
        DataType::LargeUtf8 => Column::from_words(values.as_string::<i64>().iter()),
        DataType::Utf8View => Column::from_words(values.as_string_view().iter()),
        DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => {
            let dictionary = values.as_dictionary::<Int32Type>();
            let words = dictionary.values().as_string::<i32>();
            let word = |key: Option<i32>| {
                let at = usize::try_from(key?).ok()?;
                (at < words.len() && words.is_valid(at)).then(|| words.value(at))
            };
            Column::from_words(dictionary.keys().iter().map(word))
        }
        other => {
            return Err(Error::Population {
                metric: metric.to_owned(),
                what: format!("a column of {other} is neither numbers nor words"),
            });
        }
    })
}

fn numbers<T: ArrowPrimitiveType>(values: &ArrayRef, number: impl Fn(T::Native) -> f64) -> Column {
    let values = values.as_primitive::<T>();
    Column::Number(values.iter().map(|value| value.map_or(f64::NAN, &number)).collect())
}

impl Scored {
    /// The results as an Arrow batch, one row a member: `score`, `rank`, `percentile`, `tier` (an index),
    /// and one column of contributions an input, named by the input's id.
    ///
    /// # Errors
    ///
    /// [`Error::Arrow`] where Arrow refuses the batch, which would be a defect.
    pub fn to_arrow(&self) -> Result<RecordBatch, Error> {
        let numbers = |values: &[f64]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
        let counts = |values: &[u32]| Arc::new(UInt32Array::from(values.to_vec())) as ArrayRef;
        let mut columns = vec![
            ("score".to_owned(), numbers(&self.scores)),
            ("rank".to_owned(), counts(&self.ranks)),
            ("percentile".to_owned(), numbers(&self.percentiles)),
            ("tier".to_owned(), counts(&self.tiers)),
        ];
        columns.extend(
            self.inputs
                .iter()
                .zip(&self.contributions)
                .map(|(input, column)| (input.input.id(), numbers(column))),
        );
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, column)| Field::new(name, column.data_type().clone(), false))
            .collect();
        let arrays = columns.into_iter().map(|(_, column)| column).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error| Error::Arrow(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, StringArray};

    use super::*;

    #[test]
    fn nulls_are_missing_and_words_become_categories() {
        let batch = RecordBatch::try_from_iter([
            ("answers", Arc::new(Int64Array::from(vec![Some(3), None])) as ArrayRef),
            ("role", Arc::new(StringArray::from(vec![None, Some("staff")])) as ArrayRef),
        ])
        .unwrap();
        let population = Population::from_arrow(&batch).unwrap();
        assert_eq!(population.column("answers").unwrap().number(0), Some(3.0));
        assert_eq!(population.column("answers").unwrap().number(1), None);
        assert_eq!(population.column("role").unwrap().word(1), Some("staff"));
    }
}
