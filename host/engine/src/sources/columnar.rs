//! Arrow columns as rows of fields: of providers, and of Parquet files.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BinaryArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Schema, TimeUnit};
use csv::ByteRecord;
use datafusion::arrow::compute::{CastOptions, can_cast_types, cast_with_options};

use super::column::{may_be_a_role, may_be_a_wish};
use super::{Table, columns};

/// A value that cannot be converted is an error, and not null.
const EXACT: CastOptions<'static> =
    CastOptions { safe: false, format_options: datafusion::arrow::util::display::FormatOptions::new() };

/// The names of the columns that have to be fetched: all of members, since each is one of theirs; of other tables those
/// they have.
///
/// # Errors
///
/// Where one holds what cannot be written as text.
pub(crate) fn read(table: Table, schema: &Schema, all: bool) -> Result<Vec<String>, String> {
    let own = columns(table, &[]);
    let mut names = Vec::new();
    for field in schema.fields() {
        let (name, kind) = (field.name(), field.data_type());
        if !all && table != Table::Members && own.iter().all(|column| column.name != *name) {
            continue;
        }
        if can_cast_types(kind, &DataType::Utf8) {
            names.push(name.clone());
        } else if !all || table == Table::Members && keeps_out(name) {
            return Err(format!(
                "the column `{name}` holds {kind}, which cannot be written as text: leave it out or cast it"
            ));
        }
    }
    Ok(names)
}

/// Whether a column may keep members out of the results, so that it cannot be left out.
fn keeps_out(name: &str) -> bool {
    may_be_a_wish(name) || may_be_a_role(name)
}

/// Rows of the batches that are put in.
#[derive(Default)]
pub(crate) struct Rows {
    /// The columns of the batch at hand.
    columns: Vec<BinaryArray>,
    at: usize,
    of: usize,
    /// Rows handed out so far.
    number: u64,
    record: ByteRecord,
}

impl Rows {
    /// Whether another batch is needed.
    pub(crate) fn are_over(&self) -> bool {
        self.at == self.of
    }

    /// Takes in the next batch.
    pub(crate) fn put(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.columns = batch.columns().iter().map(fields).collect::<Result<_, _>>()?;
        (self.at, self.of) = (0, batch.num_rows());
        Ok(())
    }

    /// The longest value of the batch at hand: its column, and its length in bytes.
    pub(crate) fn longest(&self) -> Option<(usize, u64)> {
        let columns = self.columns.iter().enumerate();
        let lengths =
            columns.flat_map(|(at, column)| column.offsets().lengths().map(move |bytes| (at, bytes as u64)));
        lengths.max_by_key(|(_, bytes)| *bytes)
    }

    /// The next row of the batch at hand, and its number, counted from 1.
    pub(crate) fn next(&mut self) -> (u64, &ByteRecord) {
        self.record.clear();
        for column in &self.columns {
            self.record.push_field(if column.is_valid(self.at) { column.value(self.at) } else { b"" });
        }
        self.at += 1;
        self.number += 1;
        (self.number, &self.record)
    }
}

/// A column as it would stand in a file. Bytes stay what they are: that they are no text is for the reader of rows to say.
fn fields(column: &ArrayRef) -> Result<BinaryArray, ArrowError> {
    let text: ArrayRef = match column.data_type() {
        DataType::Timestamp(unit, _) => Arc::new(times(column, *unit)?),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Arc::clone(column)
        }
        _ => cast_with_options(column, &DataType::Utf8, &EXACT)?,
    };
    Ok(cast_with_options(&text, &DataType::Binary, &EXACT)?.as_binary::<i32>().clone())
}

/// Times in RFC 3339. What lies beyond all times that can be written so is left a number, which is read as no time.
fn times(column: &ArrayRef, unit: TimeUnit) -> Result<StringArray, ArrowError> {
    let a_second: i128 = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let written = |units: i64| {
        let nanoseconds = i128::from(units) * (1_000_000_000 / a_second);
        jiff::Timestamp::from_nanosecond(nanoseconds)
            .map_or_else(|_| format!("{units} of 1/{a_second} s"), |moment| moment.to_string())
    };
    let units = cast_with_options(column, &DataType::Int64, &EXACT)?;
    Ok(units.as_primitive::<Int64Type>().iter().map(|units| units.map(written)).collect())
}
