//! Writing a table's Parquet file, and what is needed to hash it and to find rows with the same id.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::canonical::Canonical;
use super::multiset::Multiset;
use crate::Error;

/// Rows in one group of a Parquet file: what one thread reads at a time.
const GROUP: usize = 1 << 17;

/// A Parquet file in the making.
pub(super) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
}

impl ParquetFile {
    pub(super) fn create(path: &Path, schema: SchemaRef) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::file("create", path))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP))
            // Hardly any id of a row occurs twice, so that a dictionary of them is made in vain.
            .set_column_dictionary_enabled("id".into(), false)
            .build();
        let writer =
            ArrowWriter::try_new(file, schema, Some(properties)).map_err(Error::columns("write", path))?;
        Ok(Self { path: path.to_owned(), writer })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.writer.write(batch).map_err(Error::columns("write", &self.path))
    }

    /// Writes the rest. It may not be on the disk yet.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.writer.close().map_err(Error::columns("write", &self.path))?;
        Ok(())
    }
}

/// What is remembered of rows: their sum, and 8 bytes a row where rows have ids.
#[derive(Default)]
pub(super) struct Digests {
    pub(super) sum: Multiset,
    /// By row, the hash of its id; 0 where it has none.
    pub(super) ids: Vec<u64>,
    form: Vec<u8>,
}

impl Digests {
    /// Takes in a batch; `with_ids` when its first column is an id that no two rows may share.
    pub(super) fn observe(&mut self, batch: &RecordBatch, with_ids: bool, path: &Path) -> Result<(), Error> {
        let canonical = canonical(batch, path)?;
        for row in 0..batch.num_rows() {
            self.form.clear();
            canonical.write(row, &mut self.form);
            self.sum.add(&self.form);
            if with_ids {
                self.ids.push(canonical.id(row).map_or(0, id_hash));
            }
        }
        Ok(())
    }
}

/// 64 bits of the hash of an id; never 0.
pub(super) fn id_hash(id: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(id.as_bytes()).as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

/// A batch's canonical forms; the batch was made here, so that an error means a damaged file.
pub(super) fn canonical<'b>(batch: &'b RecordBatch, path: &Path) -> Result<Canonical<'b>, Error> {
    Canonical::new(batch).ok_or_else(|| Error::DamagedSnapshot {
        path: path.to_owned(),
        problem: "a column has a type that snapshots do not have".to_owned(),
    })
}
