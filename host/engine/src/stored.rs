//! Parquet files as they lie on the disk.

use std::fs::File;
use std::path::Path;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::Error;

/// Rows in one batch: what stays in a core's nearer caches, and pays for handing it round.
pub(crate) const BATCH: usize = 1 << 16;

/// Looks at what a file says of itself.
pub(crate) fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Error> {
    let file = File::open(path).map_err(Error::file("read", path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::columns("read", path))
}

/// Reads a file: of its columns those that are named and that it has, or all where none are named.
pub(crate) fn batches(path: &Path, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, Error> {
    let builder = builder(path)?;
    let mask = match columns {
        Some(columns) => {
            // By place: names of attributes may hold dots, which in Parquet's own paths part one level from the next.
            let places = columns.iter().filter_map(|name| builder.schema().index_of(name).ok());
            ProjectionMask::roots(builder.parquet_schema(), places)
        }
        None => ProjectionMask::all(),
    };
    builder.with_projection(mask).with_batch_size(BATCH).build().map_err(Error::columns("read", path))
}
