//! The one form of a row that is hashed and compared.
//!
//! A row is its fields in the order of the table's columns. Each is one byte, 0 where nothing is said and 1 before a value, and then:
//!
//! - a text: its bytes, each 0 followed by 255, and at its end 0, 1;
//! - a time: eight bytes, big-endian, with the sign bit turned;
//! - a number: the eight bytes of its IEEE 754 form, big-endian, with the sign bit turned or, below zero, all of them;
//! - a count: eight bytes, big-endian;
//! - a flag: 0 for yes, 1 for no.
//!
//! No form is the beginning of another, so that two rows have the same one only when they say the same; and the order of the
//! bytes is the order of the values, missing ones first. So the smallest of several rows is the one that is smallest in the first
//! column in which they differ.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{
    Array, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampNanosecondArray, UInt64Array,
};

/// A batch, ready for its rows to be written in canonical form.
pub(super) struct Canonical<'b> {
    columns: Vec<Values<'b>>,
}

enum Values<'b> {
    Text(&'b StringArray),
    Time(&'b TimestampNanosecondArray),
    Number(&'b Float64Array),
    Count(&'b UInt64Array),
    Flag(&'b BooleanArray),
}

impl<'b> Canonical<'b> {
    /// `None` when the batch has a column that is none of a snapshot's.
    pub(super) fn new(batch: &'b RecordBatch) -> Option<Self> {
        let columns = batch.columns().iter().map(|array| {
            None.or_else(|| array.as_string_opt::<i32>().map(Values::Text))
                .or_else(|| array.as_primitive_opt::<TimestampNanosecondType>().map(Values::Time))
                .or_else(|| array.as_primitive_opt::<Float64Type>().map(Values::Number))
                .or_else(|| array.as_primitive_opt::<UInt64Type>().map(Values::Count))
                .or_else(|| array.as_boolean_opt().map(Values::Flag))
        });
        columns.collect::<Option<_>>().map(|columns| Self { columns })
    }

    /// Appends a row's canonical form.
    pub(super) fn write(&self, row: usize, form: &mut Vec<u8>) {
        for column in &self.columns {
            let missing = match column {
                Values::Text(array) => array.is_null(row),
                Values::Time(array) => array.is_null(row),
                Values::Number(array) => array.is_null(row),
                Values::Count(array) => array.is_null(row),
                Values::Flag(array) => array.is_null(row),
            };
            form.push(u8::from(!missing));
            if missing {
                continue;
            }
            match column {
                Values::Text(array) => text(array.value(row), form),
                Values::Time(array) => form.extend((array.value(row) ^ i64::MIN).to_be_bytes()),
                Values::Number(array) => {
                    let bits = array.value(row).to_bits();
                    let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
                    form.extend(ordered.to_be_bytes());
                }
                Values::Count(array) => form.extend(array.value(row).to_be_bytes()),
                Values::Flag(array) => form.push(u8::from(!array.value(row))),
            }
        }
    }

    /// The text of the first column, if there is one.
    pub(super) fn id(&self, row: usize) -> Option<&'b str> {
        match self.columns.first() {
            Some(Values::Text(array)) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    /// The row as people read it: its values with commas between them.
    pub(super) fn shown(&self, row: usize) -> String {
        let shown = |column: &Values<'_>| match column {
            Values::Text(array) if array.is_valid(row) => array.value(row).to_owned(),
            Values::Time(array) if array.is_valid(row) => crate::time::rfc3339(array.value(row)),
            Values::Number(array) if array.is_valid(row) => array.value(row).to_string(),
            Values::Count(array) if array.is_valid(row) => array.value(row).to_string(),
            Values::Flag(array) if array.is_valid(row) => array.value(row).to_string(),
            _ => String::new(),
        };
        self.columns.iter().map(shown).collect::<Vec<_>>().join(",")
    }
}

fn text(text: &str, form: &mut Vec<u8>) {
    for (index, part) in text.as_bytes().split(|byte| *byte == 0).enumerate() {
        if index > 0 {
            form.extend([0, 255]);
        }
        form.extend(part);
    }
    form.extend([0, 1]);
}

#[cfg(test)]
mod tests {
    use super::Canonical;
    use crate::Table;
    use crate::snapshot::columns::Columns;
    use crate::sources::{Cell, columns};
    use proptest::prelude::*;
    use std::path::Path;

    type Row = (Option<String>, Option<i64>, f64);

    fn form(row: &Row) -> Vec<u8> {
        let text = row.0.as_deref().map_or(Cell::Missing, Cell::Text);
        let time = row.1.map_or(Cell::Missing, |at| Cell::Time(at, None));
        let cells = [text, text, Cell::Text("post"), time, text, text, text, text, text, Cell::Number(row.2)];
        let mut batch = Columns::new(&columns(Table::Activities, &[]));
        batch.push(&cells.map(|cell| if cell == Cell::Time(0, None) { Cell::Time(1, None) } else { cell }));
        // `at` is never missing in a snapshot.
        if row.1.is_none() {
            return Vec::new();
        }
        let batch = batch.batch(Path::new("")).unwrap();
        let mut form = Vec::new();
        Canonical::new(&batch).unwrap().write(0, &mut form);
        form
    }

    proptest! {
        #[test]
        fn the_order_of_the_forms_is_the_order_of_the_values(
            a in (proptest::option::of("[\0\u{1}a]{0,3}"), (1i64..9).prop_map(Some), -3.0..3.0f64),
            b in (proptest::option::of("[\0\u{1}a]{0,3}"), (1i64..9).prop_map(Some), -3.0..3.0f64),
        ) {
            let values = a.0.cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2));
            prop_assert_eq!(form(&a).cmp(&form(&b)), values);
        }
    }
}
