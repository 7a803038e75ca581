//! The Parquet files of a run's folder.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use groundswell_runtime::Column;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::leaderboard::Leaderboard;
use crate::{AwardResult, Error};

/// Rows that are turned into columns at a time.
const CHUNK: usize = 1 << 16;

/// One column: its field, and its values for some of the rows.
type Part<'a> = (Field, Box<dyn Fn(Range<usize>) -> ArrayRef + 'a>);

/// member, score, rank, percentile, tier, reasons, base, and one column an input's contribution.
pub(super) fn scores(board: &Leaderboard, path: &Path) -> Result<(), Error> {
    let reasons = |rows: Range<usize>| -> ArrayRef {
        let item = Field::new("item", DataType::Utf8, false);
        let mut list = ListBuilder::new(StringBuilder::new()).with_field(item);
        for row in rows {
            for reason in board.reasons(row) {
                list.values().append_value(reason);
            }
            list.append(true);
        }
        Arc::new(list.finish())
    };
    let list = DataType::List(Arc::new(Field::new("item", DataType::Utf8, false)));
    let mut columns: Vec<Part<'_>> = vec![
        member(board),
        numbers("score", &board.scores),
        (
            Field::new("rank", DataType::UInt32, false),
            Box::new(|rows| {
                Arc::new(UInt32Array::from_iter_values(
                    board.ranks.get(rows).unwrap_or_default().iter().copied(),
                ))
            }),
        ),
        numbers("percentile", &board.percentiles),
        (
            Field::new("tier", DataType::Utf8, false),
            Box::new(|rows| {
                let tier = |row| board.tier(row).map_or("", |tier| tier.id.as_str());
                Arc::new(StringArray::from_iter_values(rows.map(tier)))
            }),
        ),
        (Field::new("reasons", list, false), Box::new(reasons)),
        (
            Field::new("base", DataType::Float64, false),
            Box::new(|rows| Arc::new(Float64Array::from_iter_values(rows.map(|_| board.base)))),
        ),
    ];
    columns.extend(board.inputs.iter().map(|input| numbers(&input.id, &input.contributions)));
    write(path, board.ids.len(), &columns)
}

/// member, one column a metric, and one a `metric@scale`.
pub(super) fn metrics(board: &Leaderboard, metrics: &[(String, Column)], path: &Path) -> Result<(), Error> {
    let mut columns = vec![member(board)];
    columns.extend(metrics.iter().map(|(name, column)| values(name, column)));
    write(path, board.ids.len(), &columns)
}

/// member, award, kind, reason, amount, period.
pub(super) fn awards(awards: &[AwardResult], path: &Path) -> Result<(), Error> {
    let text = |name: &str, of: fn(&AwardResult) -> String| -> Part<'_> {
        (
            Field::new(name, DataType::Utf8, false),
            Box::new(move |rows| {
                let awards = awards.get(rows).unwrap_or_default();
                Arc::new(StringArray::from_iter_values(awards.iter().map(of)))
            }),
        )
    };
    let amount: Part<'_> = (
        Field::new("amount", DataType::UInt64, false),
        Box::new(|rows| {
            let awards = awards.get(rows).unwrap_or_default();
            Arc::new(UInt64Array::from_iter_values(awards.iter().map(|award| award.amount)))
        }),
    );
    let columns = [
        text("member", |award| award.member.clone()),
        text("award", |award| award.award.clone()),
        text("kind", |award| award.kind.to_string()),
        text("reason", |award| award.reason.clone()),
        amount,
        text("period", |award| award.period.clone()),
    ];
    write(path, awards.len(), &columns)
}

/// A metric as an Arrow column: null where a member has no value.
pub(crate) fn array(column: &Column, rows: Range<usize>) -> ArrayRef {
    match column {
        Column::Category { .. } => Arc::new(rows.map(|row| column.word(row)).collect::<StringArray>()),
        Column::Number(_) => Arc::new(rows.map(|row| column.number(row)).collect::<Float64Array>()),
    }
}

/// The type of [`array`].
pub(crate) fn array_type(column: &Column) -> DataType {
    match column {
        Column::Category { .. } => DataType::Utf8,
        Column::Number(_) => DataType::Float64,
    }
}

fn member(board: &Leaderboard) -> Part<'_> {
    (
        Field::new("member", DataType::Utf8, false),
        Box::new(|rows| Arc::new(StringArray::from_iter_values(board.ids.get(rows).unwrap_or_default()))),
    )
}

fn numbers<'a>(name: &str, values: &'a [f64]) -> Part<'a> {
    (
        Field::new(name, DataType::Float64, false),
        Box::new(|rows| {
            Arc::new(Float64Array::from_iter_values(values.get(rows).unwrap_or_default().iter().copied()))
        }),
    )
}

fn values<'a>(name: &str, column: &'a Column) -> Part<'a> {
    (Field::new(name, array_type(column), true), Box::new(move |rows| array(column, rows)))
}

fn write(path: &Path, rows: usize, columns: &[Part<'_>]) -> Result<(), Error> {
    let fields: Vec<Field> = columns.iter().map(|(field, _)| field.clone()).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_max_row_group_row_count(Some(2 * CHUNK))
        .build();
    let file = File::create(path).map_err(Error::file("create", path))?;
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
        .map_err(Error::columns("write", path))?;
    let mut start = 0;
    while start < rows {
        let end = rows.min(start + CHUNK);
        let arrays = columns.iter().map(|(_, values)| values(start..end)).collect();
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(Error::columns("write", path))?;
        writer.write(&batch).map_err(Error::columns("write", path))?;
        start = end;
    }
    writer.close().map_err(Error::columns("write", path))?;
    Ok(())
}
