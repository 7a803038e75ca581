//! Rows of a Parquet file.

use std::io::Read;

use groundswell_runtime::open_regular;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::columnar::{Rows, read};
use super::pages::{LONGEST_VALUE, rows_at_a_time, too_long};
use super::{Line, Meter, Reading, SourceFile, Table};
use crate::Error;

/// Reads one file from its first row on. Rows are told by their number, counted from 1.
pub(super) struct Parquet<'m> {
    batches: ParquetRecordBatchReader,
    header: Vec<String>,
    rows: Rows,
    problem: Box<dyn Fn(String) -> Error + 'm>,
    meter: &'m Meter<'m>,
    /// What the meter is told for every row, and what it was not told yet.
    bytes_a_row: f64,
    untold: f64,
}

impl<'m> Parquet<'m> {
    /// Opens a file; `all` of its columns are read where a map chooses among them.
    pub(super) fn open(
        table: Table,
        file: &SourceFile,
        all: bool,
        meter: &'m Meter<'_>,
    ) -> Result<Self, Error> {
        let path = file.path.clone();
        let problem = move |problem| Error::Source { table: table.name(), path: path.clone(), problem };
        let mut opened = open_regular(&file.path).map_err(Error::file("read", &file.path))?;
        let mut start = Vec::new();
        Read::by_ref(&mut opened).take(4).read_to_end(&mut start).map_err(Error::file("read", &file.path))?;
        if start != b"PAR1" {
            let told =
                "a Parquet file is compressed by itself, and this one is once more, as a whole: unpack it";
            return Err(problem(told.to_owned()));
        }
        let damaged = |error: &dyn std::fmt::Display| {
            problem(format!("the Parquet file is damaged or cut off: {error}"))
        };
        let builder = ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| damaged(&error))?;
        let header = read(table, builder.schema(), all).map_err(&problem)?;
        let wanted: Vec<usize> = builder
            .schema()
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| header.contains(field.name()))
            .map(|(at, _)| at)
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let count = builder.metadata().file_metadata().num_rows().max(1);
        // A small file may hold the same long text in each row.
        let rows = rows_at_a_time(&file.path, builder.metadata(), &mask, &|| meter.check())?;
        let batches = builder
            .with_projection(mask)
            .with_batch_size(rows.map_err(&problem)?)
            .build()
            .map_err(|error| damaged(&error))?;
        #[expect(clippy::cast_precision_loss, reason = "progress may be off by a row")]
        let bytes_a_row = file.bytes as f64 / count as f64;
        let problem = Box::new(problem);
        Ok(Self { batches, header, rows: Rows::default(), problem, meter, bytes_a_row, untold: 0.0 })
    }
}

impl Reading for Parquet<'_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        while self.rows.are_over() {
            let batches = &mut self.batches;
            let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| batches.next()));
            let Ok(batch) = read else {
                let told = "the Parquet file is damaged: its reader panicked over it".to_owned();
                return Err((self.problem)(told));
            };
            let Some(batch) = batch else { return Ok(None) };
            let damaged = |error| (self.problem)(format!("the Parquet file is damaged: {error}"));
            let batch = batch.map_err(damaged)?;
            self.meter.check()?;
            self.untold += self.bytes_a_row * batch.num_rows() as f64;
            self.meter.add(self.untold as u64);
            self.untold = self.untold.fract();
            self.rows.put(&batch).map_err(damaged)?;
            if let Some((column, bytes)) = self.rows.longest().filter(|(_, bytes)| *bytes > LONGEST_VALUE) {
                let column = self.header.get(column).map(String::as_str).unwrap_or_default();
                return Err((self.problem)(too_long(column, bytes)));
            }
        }
        let (number, fields) = self.rows.next();
        Ok(Some(Line { number, fields, flaw: None }))
    }
}
