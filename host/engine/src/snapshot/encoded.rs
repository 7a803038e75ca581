//! A table of texts as the data engine sees it: each row in the form in which snapshots keep it.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::streaming::PartitionStream;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use crate::Error;
use crate::stored::{BATCH, builder};

/// From a batch of texts to the same rows with numbers in place of members and words, where there are any.
pub(super) type Encode =
    Arc<dyn Fn(&RecordBatch) -> std::result::Result<RecordBatch, ArrowError> + Send + Sync>;

/// The rows of a file, in so many parts.
pub(super) fn table(
    path: &Path,
    parts: usize,
    (schema, encode): (&SchemaRef, &Encode),
) -> std::result::Result<StreamingTable, Error> {
    let groups: Vec<usize> = (0..builder(path)?.metadata().num_row_groups()).collect();
    let part = |groups: &[usize]| {
        let (schema, encode) = (Arc::clone(schema), Arc::clone(encode));
        Arc::new(Part { path: path.to_owned(), groups: groups.to_vec(), schema, encode })
            as Arc<dyn PartitionStream>
    };
    let parts = groups.chunks(groups.len().div_ceil(parts.max(1)).max(1)).map(part).collect();
    StreamingTable::try_new(Arc::clone(schema), parts).map_err(Error::query)
}

/// Some groups of the rows.
struct Part {
    path: PathBuf,
    groups: Vec<usize>,
    schema: SchemaRef,
    encode: Encode,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("path", &self.path).field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = builder(&self.path).and_then(|builder| {
            let builder = builder.with_row_groups(self.groups.clone()).with_batch_size(BATCH);
            builder.build().map_err(Error::columns("read", &self.path))
        });
        let (schema, encode) = (Arc::clone(&self.schema), Arc::clone(&self.encode));
        Box::pin(Encoded { rows: Some(rows), schema, encode })
    }
}

/// The batches of a part.
struct Encoded {
    /// None once all is said.
    rows: Option<std::result::Result<ParquetRecordBatchReader, Error>>,
    schema: SchemaRef,
    encode: Encode,
}

impl futures_core::Stream for Encoded {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(match self.rows.take() {
            None => None,
            Some(Err(error)) => Some(Err(DataFusionError::External(Box::new(error)))),
            Some(Ok(mut rows)) => rows.next().map(|batch| {
                self.rows = Some(Ok(rows));
                Ok((self.encode)(&batch?)?)
            }),
        })
    }
}

impl RecordBatchStream for Encoded {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
