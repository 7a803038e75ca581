//! From tables of text to the form that snapshots keep: members and words as dense integers, rows in one order.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray, UInt32Array, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take;
use datafusion::arrow::compute::{SortColumn, SortOptions, cast, lexsort_to_indices, take_record_batch};
use datafusion::prelude::ident;

use super::columns::data_type;
use super::dictionary::{Dictionary, Words};
use super::encoded::{Encode, table as encoded};
use super::writer::ParquetFile;
use crate::query::{Session, wait};
use crate::sources::{Kind, columns, people};
use crate::stop::{Stop, until};
use crate::stored::{BATCH, batches, builder};
use crate::{Error, Table};

/// So many rows are sorted in memory; more by the data engine, which spills what does not fit.
pub(super) const FEW: i64 = 1 << 19;
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
    /// Where they lie, beside nothing but what does not fit into memory while they are sorted.
    pub(super) folder: &'t Path,
    pub(super) tables: &'t [Table],
    pub(super) attributes: &'t [String],
    /// Tables of more rows than that are sorted by the data engine.
    pub(super) few: i64,
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
        self.members(&into.join(super::parquet(Table::Members)), everyone.settle())?;
        words.settle(&into.join(WORDS))?;
        step();
        let (everyone, words) = (Arc::new(everyone), Arc::new(words));
        for &table in self.tables.iter().filter(|table| **table != Table::Members) {
            self.rows(table, &into.join(super::parquet(table)), (&everyone, &words))?;
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
    fn sorted(&self, table: Table, (schema, encode): (&SchemaRef, &Encode)) -> Result<RecordBatch, Error> {
        let path = self.path(table);
        let batches: Vec<RecordBatch> =
            batches(&path, None)?.collect::<Result<_, _>>().map_err(Error::columns("read", &path))?;
        let sort = || {
            let batches: Vec<RecordBatch> =
                batches.iter().map(|batch| encode(batch)).collect::<Result<_, _>>()?;
            let rows = concat_batches(schema, &batches)?;
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

    /// Hands on the batches of a table in order. Numbers are in the order of the texts that they stand for.
    fn in_order(
        &self,
        table: Table,
        form: (&SchemaRef, &Encode),
        mut with: impl FnMut(&RecordBatch) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        let path = self.path(table);
        if builder(&path)?.metadata().file_metadata().num_rows() <= self.few {
            return with(&self.sorted(table, form)?);
        }
        let sort = async {
            let session = Session::new(self.threads, Some(self.folder)).map_err(Error::query)?;
            let rows = encoded(&path, self.threads, form)?;
            let rows = session.context.read_table(Arc::new(rows)).map_err(Error::query)?;
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
    fn members<'i>(&self, path: &Path, ids: impl Iterator<Item = &'i str>) -> Result<(), Error> {
        let columns = columns(Table::Members, self.attributes);
        let failed = |error| Error::columns("write", path)(error);
        let listed = if self.tables.contains(&Table::Members) {
            let mut batches = Vec::new();
            let schema = Arc::clone(builder(&self.path(Table::Members))?.schema());
            let as_it_is: Encode = Arc::new(|batch| Ok(batch.clone()));
            self.in_order(Table::Members, (&schema, &as_it_is), |batch| {
                batches.push(batch.clone());
                Ok(())
            })?;
            Some(concat_batches(&schema, &batches).map_err(failed)?)
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
        let mut all = ids.peekable();
        while all.peek().is_some() {
            let ids: Vec<&str> = all.by_ref().take(BATCH).collect();
            let places: UInt32Array =
                ids.iter().map(|id| rows.next_if(|(listed, _)| listed == id).map(|(_, row)| row)).collect();
            let mut arrays: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(&ids)),
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
    fn rows(
        &self,
        table: Table,
        path: &Path,
        (everyone, words): (&Arc<Dictionary>, &Arc<Words>),
    ) -> Result<(), Error> {
        let columns = columns(table, &[]);
        let numbered = |name: &str| people(table).contains(&name) || words.of(name).is_some();
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| {
                let kind = if numbered(&column.name) { DataType::UInt32 } else { data_type(column.kind) };
                Field::new(&column.name, kind, !column.never_null())
            })
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let encode: Encode = {
            let (schema, everyone, words) = (Arc::clone(&schema), Arc::clone(everyone), Arc::clone(words));
            Arc::new(move |batch| {
                let column = |field: &Arc<Field>| {
                    let name = field.name().as_str();
                    let Some(column) = batch.column_by_name(name) else {
                        return Ok(new_null_array(field.data_type(), batch.num_rows()));
                    };
                    let people = people(table).contains(&name).then_some(&*everyone);
                    match people.or_else(|| words.of(name)) {
                        None => cast(column, field.data_type()),
                        Some(dictionary) => Ok(Arc::new(dictionary.encode(column)) as ArrayRef),
                    }
                };
                let arrays = schema.fields().iter().map(column).collect::<Result<_, _>>()?;
                RecordBatch::try_new(Arc::clone(&schema), arrays)
            })
        };
        let mut file = ParquetFile::create(path, Arc::clone(&schema))?;
        self.in_order(table, (&schema, &encode), |batch| file.write(batch))?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::types::TimestampNanosecondType;

    use super::*;
    use crate::snapshot::columns::Columns;
    use crate::sources::Cell;

    /// What a snapshot's file holds.
    fn held(path: &Path) -> RecordBatch {
        let all: Vec<RecordBatch> = batches(path, None).unwrap().map(Result::unwrap).collect();
        concat_batches(&all[0].schema(), &all).unwrap()
    }

    #[test]
    fn the_data_engine_sorts_as_is_sorted_in_memory() {
        let texts = tempfile::tempdir().unwrap();
        let tables = [Table::Members, Table::Activities];
        let mut file = None;
        let mut rows = Columns::new(&columns(Table::Activities, &[]));
        let text = |text: Option<&'static str>| text.map_or(Cell::Missing, Cell::Text);
        let names = [None, Some("z"), Some("a"), Some("ä"), Some("")];
        let name = |row: usize, of: usize| text(names[row * 7 / of % names.len()]);
        for row in 0..5_000 {
            let at = Cell::Time((row as i64 * 7_919) % 300 - 150, None);
            let verb = Cell::Text(["like", "ask"][row % 2]);
            let weight = Cell::Number((row % 3) as f64 - 1.0);
            let [who, whom, what] = [2, 3, 5].map(|of| name(row, of));
            rows.push(&[name(row, 1), who, verb, at, whom, what, what, name(row, 11), text(None), weight]);
            if row % 1_000 == 999 {
                let batch = rows.batch(Path::new("")).unwrap();
                let path = texts.path().join("activities.parquet");
                file.get_or_insert_with(|| ParquetFile::create(&path, batch.schema()).unwrap())
                    .write(&batch)
                    .unwrap();
            }
        }
        file.unwrap().finish().unwrap();
        let mut members = Columns::new(&columns(Table::Members, &[]));
        for (name, joined) in [("z", 5), ("ä", -1), ("q", 0)] {
            let joined = Cell::Time(joined, None);
            members.push(&[Cell::Text(name), Cell::Flag(false), joined, Cell::Missing, Cell::Count(1)]);
        }
        let members = members.batch(Path::new("")).unwrap();
        let path = texts.path().join("members.parquet");
        let mut file = ParquetFile::create(&path, members.schema()).unwrap();
        file.write(&members).unwrap();
        file.finish().unwrap();

        let settled = |few, threads| {
            let into = tempfile::tempdir().unwrap();
            let stop = Stop::default();
            let all =
                Texts { folder: texts.path(), tables: &tables, attributes: &[], few, threads, stop: &stop };
            all.settle(into.path(), &mut || ()).unwrap();
            ["members.parquet", "words.parquet", "activities.parquet"]
                .map(|name| held(&into.path().join(name)))
        };
        let in_memory = settled(FEW, 1);
        assert_eq!(in_memory[2].num_rows(), 5_000);
        assert!(in_memory[2].column(3).as_primitive::<TimestampNanosecondType>().values().is_sorted());
        for threads in [1, 3] {
            assert_eq!(settled(0, threads), in_memory, "{threads} threads");
        }
    }
}
