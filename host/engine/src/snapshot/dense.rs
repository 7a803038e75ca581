//! From tables of text to the form that snapshots keep: members and words as dense integers, rows in one order.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchReader, StringArray, UInt32Array, new_null_array,
};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use arrow_select::take::take;
use datafusion::arrow::compute::{SortColumn, SortOptions, cast, lexsort_to_indices, take_record_batch};
use datafusion::prelude::ident;

use super::columns::data_type;
use super::dictionary::{Dictionary, Words};
use super::writer::ParquetFile;
use crate::query::{Session, wait};
use crate::sources::{Kind, columns, people};
use crate::stop::{Stop, until};
use crate::stored::{BATCH, batches, builder};
use crate::{Error, Table};

/// So many rows are sorted in memory; more by the data engine, which spills what does not fit.
const FEW: i64 = 1 << 19;
/// The file of words.
pub(super) const WORDS: &str = "words.parquet";
/// The order in which snapshots hold the rows of a table; what is not named follows in the order of the columns.
fn order(table: Table) -> &'static [&'static str] {
    match table {
        Table::Members => &["id"],
        Table::Follows => &["follower", "followed", "since"],
        Table::Activities => {
            &["at", "actor", "verb", "recipient", "object_kind", "topic", "product", "weight", "object", "id"]
        }
        Table::Conversions => &["at", "member", "product", "referrer", "value"],
    }
}

/// Tables of text that lie in a folder, about to become a snapshot's.
pub(super) struct Texts<'t> {
    /// Where they lie, and nothing else does.
    pub(super) folder: &'t Path,
    pub(super) tables: &'t [Table],
    pub(super) attributes: &'t [String],
    pub(super) threads: usize,
    pub(super) stop: &'t Stop,
}

impl Texts<'_> {
    /// Writes the snapshot's files into another folder. `step` hears of each table.
    pub(super) fn settle(&self, into: &Path, step: &mut dyn FnMut()) -> Result<(), Error> {
        let mut everyone = Dictionary::default();
        let mut words = Words::default();
        for &table in self.tables {
            let of_words =
                if table == Table::Members { &[][..] } else { &["verb", "object_kind", "topic", "product"] };
            self.each(table, &[people(table), of_words].concat(), |batch| {
                for name in people(table) {
                    if let Some(column) = batch.column_by_name(name) {
                        everyone.observe(column);
                    }
                }
                words.observe(batch);
            })?;
        }
        let ids = everyone.settle();
        words.settle(&into.join(WORDS))?;
        self.members(&into.join(super::parquet(Table::Members)), &ids)?;
        drop(ids);
        step();
        for &table in self.tables.iter().filter(|table| **table != Table::Members) {
            self.rows(table, &into.join(super::parquet(table)), &everyone, &words)?;
            step();
        }
        Ok(())
    }

    /// Looks at some columns of a table, those of them that it has.
    fn each(&self, table: Table, names: &[&str], mut with: impl FnMut(&RecordBatch)) -> Result<(), Error> {
        let path = self.path(table);
        for batch in batches(&path, Some(names))? {
            self.stop.check()?;
            with(&batch.map_err(Error::columns("read", &path))?);
        }
        Ok(())
    }

    fn path(&self, table: Table) -> PathBuf {
        self.folder.join(super::parquet(table))
    }

    /// A table of few rows in order.
    fn sorted(&self, table: Table) -> Result<RecordBatch, Error> {
        let path = self.path(table);
        let batches = batches(&path, None)?;
        let schema = batches.schema();
        let batches: Vec<RecordBatch> =
            batches.collect::<Result<_, _>>().map_err(Error::columns("read", &path))?;
        let sort = || {
            let rows = concat_batches(&schema, &batches)?;
            let options = Some(SortOptions { descending: false, nulls_first: true });
            let keys: Vec<SortColumn> = order(table)
                .iter()
                .filter_map(|name| rows.column_by_name(name))
                .map(|column| SortColumn { values: Arc::clone(column), options })
                .collect();
            take_record_batch(&rows, &lexsort_to_indices(&keys, None)?)
        };
        self.stop.check()?;
        sort().map_err(Error::columns("sort", &path))
    }

    /// Hands on the batches of a table in order.
    fn in_order(
        &self,
        table: Table,
        mut with: impl FnMut(&RecordBatch) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        if builder(&self.path(table))?.metadata().file_metadata().num_rows() <= FEW {
            return with(&self.sorted(table)?);
        }
        let sort = async {
            let session = Session::new(self.folder, self.threads).map_err(Error::query)?;
            let rows = session.file(&super::parquet(table)).await.map_err(Error::query)?;
            let keys = order(table).iter().map(|name| ident(*name).sort(true, true)).collect();
            let mut batches =
                rows.sort(keys).map_err(Error::query)?.execute_stream().await.map_err(Error::query)?;
            while let Some(batch) = poll_fn(|context| batches.as_mut().poll_next(context)).await {
                with(&batch.map_err(Error::query)?)?;
            }
            Ok(())
        };
        wait(self.threads, until(self.stop, sort))
    }

    /// Writes the file of members: everyone who occurs anywhere, in the order of ids.
    fn members(&self, path: &Path, ids: &[String]) -> Result<(), Error> {
        let columns = columns(Table::Members, self.attributes);
        let failed = |error| Error::columns("write", path)(error);
        let listed = if self.tables.contains(&Table::Members) {
            let mut batches = Vec::new();
            self.in_order(Table::Members, |batch| {
                batches.push(batch.clone());
                Ok(())
            })?;
            let schema = batches.first().map(RecordBatch::schema);
            schema.map(|schema| concat_batches(&schema, &batches)).transpose().map_err(failed)?
        } else {
            None
        };
        let mut fields =
            vec![Field::new("id", DataType::Utf8, false), Field::new("listed", DataType::Boolean, false)];
        fields.extend(
            columns
                .iter()
                .filter(|column| column.name != "id")
                .map(|column| Field::new(&column.name, data_type(column.kind), column.kind != Kind::Flag)),
        );
        let schema = Arc::new(Schema::new(fields));
        let mut file = ParquetFile::create(path, Arc::clone(&schema))?;
        let rows =
            listed.as_ref().and_then(|listed| cast(listed.column_by_name("id")?, &DataType::Utf8).ok());
        let mut rows =
            rows.iter().flat_map(|ids| ids.as_string::<i32>().iter().flatten()).zip(0_u32..).peekable();
        for ids in ids.chunks(BATCH) {
            let places: UInt32Array =
                ids.iter().map(|id| rows.next_if(|(listed, _)| listed == id).map(|(_, row)| row)).collect();
            let mut arrays: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(ids)),
                Arc::new(BooleanArray::from_iter((0..places.len()).map(|at| Some(places.is_valid(at))))),
            ];
            for field in schema.fields().iter().skip(2) {
                let column = listed.as_ref().and_then(|listed| listed.column_by_name(field.name()));
                let column = match column {
                    None => new_null_array(field.data_type(), places.len()),
                    Some(column) => {
                        let taken = take(column, &places, None).map_err(failed)?;
                        cast(&taken, field.data_type()).map_err(failed)?
                    }
                };
                // Who is not listed did not opt out.
                arrays.push(match column.as_boolean_opt() {
                    Some(flags) if !field.is_nullable() => Arc::new(BooleanArray::from_iter(
                        flags.iter().map(|flag| Some(flag.unwrap_or(false))),
                    )),
                    _ => column,
                });
            }
            file.write(&RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(failed)?)?;
        }
        file.finish()
    }

    /// Writes the rows of a table in order, numbers in place of members and words.
    fn rows(&self, table: Table, path: &Path, everyone: &Dictionary, words: &Words) -> Result<(), Error> {
        let columns = columns(table, &[]);
        let dictionary = |name: &str| {
            if people(table).contains(&name) { Some(everyone) } else { words.of(name) }
        };
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| {
                let kind = dictionary(&column.name).map_or(data_type(column.kind), |_| DataType::UInt32);
                Field::new(&column.name, kind, !column.never_null())
            })
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let mut file = ParquetFile::create(path, Arc::clone(&schema))?;
        let failed = |error| Error::columns("write", path)(error);
        self.in_order(table, |batch| {
            let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
            for field in schema.fields() {
                let column = batch.column_by_name(field.name());
                let column = column.map(|column| match dictionary(field.name()) {
                    None => cast(column, field.data_type()),
                    Some(dictionary) => cast(column, &DataType::Utf8)
                        .map(|texts| Arc::new(dictionary.encode(&texts)) as ArrayRef),
                });
                let missing = || Ok(new_null_array(field.data_type(), batch.num_rows()));
                arrays.push(column.unwrap_or_else(missing).map_err(failed)?);
            }
            file.write(&RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(failed)?)
        })?;
        file.finish()
    }
}
