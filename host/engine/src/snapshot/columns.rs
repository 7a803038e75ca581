//! Cells to Arrow columns.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, StringBuilder, TimestampNanosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::Error;
use crate::sources::{Cell, Column, Kind};

/// Gathers rows until there are enough for a batch.
pub(super) struct Columns {
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
}

enum Builder {
    Text(StringBuilder),
    Time(TimestampNanosecondBuilder),
    Number(Float64Builder),
    Count(UInt64Builder),
    Flag(BooleanBuilder),
}

impl Columns {
    pub(super) fn new(columns: &[Column]) -> Self {
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| Field::new(&column.name, data_type(column.kind), !column.never_null()))
            .collect();
        let builders = columns.iter().map(|column| builder(column.kind)).collect();
        Self { schema: Arc::new(Schema::new(fields)), builders, rows: 0 }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows since the last batch.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row: one cell a column, of the column's kind.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) {
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            match builder {
                Builder::Text(builder) => match cell {
                    Cell::Text(text) => builder.append_value(text),
                    _ => builder.append_null(),
                },
                Builder::Time(builder) => match cell {
                    Cell::Time(time, _) => builder.append_value(*time),
                    _ => builder.append_null(),
                },
                Builder::Number(builder) => match cell {
                    Cell::Number(number) => builder.append_value(*number),
                    _ => builder.append_null(),
                },
                Builder::Count(builder) => match cell {
                    Cell::Count(count) => builder.append_value(*count),
                    _ => builder.append_null(),
                },
                Builder::Flag(builder) => match cell {
                    Cell::Flag(flag) => builder.append_value(*flag),
                    _ => builder.append_null(),
                },
            }
        }
        self.rows += 1;
    }

    /// The rows since the last batch, as a batch for `path`.
    pub(super) fn batch(&mut self, path: &Path) -> Result<RecordBatch, Error> {
        let arrays = self
            .builders
            .iter_mut()
            .map(|builder| -> ArrayRef {
                match builder {
                    Builder::Text(builder) => Arc::new(builder.finish()),
                    Builder::Time(builder) => Arc::new(builder.finish().with_timezone("UTC")),
                    Builder::Number(builder) => Arc::new(builder.finish()),
                    Builder::Count(builder) => Arc::new(builder.finish()),
                    Builder::Flag(builder) => Arc::new(builder.finish()),
                }
            })
            .collect();
        self.rows = 0;
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(Error::columns("write", path))
    }
}

pub(super) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Id | Kind::Verb | Kind::Text => DataType::Utf8,
        Kind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        Kind::Number | Kind::Weight => DataType::Float64,
        Kind::Count => DataType::UInt64,
        Kind::Flag => DataType::Boolean,
    }
}

fn builder(kind: Kind) -> Builder {
    match kind {
        Kind::Id | Kind::Verb | Kind::Text => Builder::Text(StringBuilder::new()),
        Kind::Time => Builder::Time(TimestampNanosecondBuilder::new()),
        Kind::Number | Kind::Weight => Builder::Number(Float64Builder::new()),
        Kind::Count => Builder::Count(UInt64Builder::new()),
        Kind::Flag => Builder::Flag(BooleanBuilder::new()),
    }
}
