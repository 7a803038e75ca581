//! What a question in SQL is answered with.

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// The rows that a question in SQL is answered with.
///
/// Serialises to a list of objects, one a row; numbers and flags as such, all else as text, null where there is nothing.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) schema: SchemaRef,
    pub(super) batches: Vec<RecordBatch>,
}

impl Answer {
    /// One batch.
    pub(crate) fn new(batch: RecordBatch) -> Self {
        Self { schema: batch.schema(), batches: vec![batch] }
    }

    /// The columns, which there are also where there is no row.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows, as Arrow columns.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// The names of the columns, as they stand in the query or the data: escape them before showing them.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.schema.fields().iter().map(|field| field.name().as_str())
    }

    /// The rows as texts, times in RFC 3339, `None` where there is nothing. What stands in the data is not escaped.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Option<String>>> {
        self.batches.iter().flat_map(|batch| {
            (0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| cell(column, row)).collect())
        })
    }
}

fn cell(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let options = FormatOptions::default();
    ArrayFormatter::try_new(column.as_ref(), &options)
        .ok()
        .and_then(|texts| texts.value(row).try_to_string().ok())
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                list.serialize_element(&Row { batch, row })?;
            }
        }
        list.end()
    }
}

struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.batch.num_columns()))?;
        for (field, column) in self.batch.schema().fields().iter().zip(self.batch.columns()) {
            let text = cell(column, self.row);
            let number = || text.as_ref().and_then(|text| text.parse::<serde_json::Number>().ok());
            let value = match (&text, field.data_type()) {
                (None, _) => serde_json::Value::Null,
                (Some(text), DataType::Boolean) => serde_json::Value::Bool(text == "true"),
                (Some(text), kind) => match number().filter(|_| kind.is_numeric()) {
                    Some(number) => number.into(),
                    None => text.as_str().into(),
                },
            };
            object.serialize_entry(field.name(), &value)?;
        }
        object.end()
    }
}
