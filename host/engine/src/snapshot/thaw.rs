//! A snapshot's tables as they stood in their files: texts in place of numbers.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat;
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::dense::WORDS;
use super::dictionary::Word;
use super::{Snapshot, parquet};
use crate::sources::{ColumnarRows, Line, Meter, Reading, Rows, people};
use crate::stored::batches;
use crate::{Error, Table};

/// What the numbers of a snapshot stand for.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The ids of members.
    pub(crate) ids: StringArray,
    words: [StringArray; Word::ALL.len()],
}

impl Names {
    /// Reads the names of a snapshot.
    pub(crate) fn read(snapshot: &Snapshot) -> Result<Self, Error> {
        let path = snapshot.dir().join(parquet(Table::Members));
        let mut ids = Vec::new();
        for batch in batches(&path, Some(&["id"]))? {
            let batch = batch.map_err(Error::columns("read", &path))?;
            ids.push(texts(&batch, "id"));
        }
        let path = snapshot.dir().join(WORDS);
        let mut words: [Vec<String>; Word::ALL.len()] = Default::default();
        for batch in batches(&path, None)? {
            let batch = batch.map_err(Error::columns("read", &path))?;
            let (kinds, texts) = (texts(&batch, "kind"), texts(&batch, "text"));
            for (kind, text) in kinds.iter().zip(texts.iter()) {
                let of_kind = Word::ALL.iter().zip(&mut words).find(|(word, _)| Some(word.name()) == kind);
                if let (Some((_, words)), Some(text)) = (of_kind, text) {
                    words.push(text.to_owned());
                }
            }
        }
        let ids: Vec<&dyn Array> = ids.iter().map(|ids| ids as &dyn Array).collect();
        let ids = match ids.as_slice() {
            [] => StringArray::from(Vec::<&str>::new()),
            some => concat(some).map_err(Error::columns("read", &path))?.as_string().clone(),
        };
        Ok(Self { ids, words: words.map(StringArray::from) })
    }

    /// The texts of a kind of words, by their numbers.
    pub(crate) fn words(&self, kind: Word) -> &StringArray {
        let [verbs, object_kinds, topics, products] = &self.words;
        match kind {
            Word::Verb => verbs,
            Word::ObjectKind => object_kinds,
            Word::Topic => topics,
            Word::Product => products,
        }
    }

    fn of(&self, table: Table, column: &str) -> Option<&StringArray> {
        if people(table).contains(&column) && table != Table::Members {
            return Some(&self.ids);
        }
        Word::ALL.into_iter().find(|word| word.name() == column).map(|word| self.words(word))
    }

    /// A batch of a table with texts in place of numbers; of members those that the community's own table lists.
    pub(crate) fn thaw(
        &self,
        table: Table,
        batch: &RecordBatch,
    ) -> Result<RecordBatch, arrow_schema::ArrowError> {
        if table == Table::Members {
            let listed = batch.column_by_name("listed").and_then(|listed| listed.as_boolean_opt());
            let listed = listed.cloned().unwrap_or_else(|| BooleanArray::from(vec![true; batch.num_rows()]));
            let mut batch = filter_record_batch(batch, &listed)?;
            if let Ok(at) = batch.schema().index_of("listed") {
                batch.remove_column(at);
            }
            return Ok(batch);
        }
        let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            match (self.of(table, field.name()), column.as_primitive_opt::<UInt32Type>()) {
                (Some(names), Some(codes)) => {
                    fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, field.is_nullable())));
                    arrays.push(take(names, codes, None)?);
                }
                _ => {
                    fields.push(Arc::clone(field));
                    arrays.push(Arc::clone(column));
                }
            }
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }
}

fn texts(batch: &RecordBatch, name: &str) -> StringArray {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.cloned().unwrap_or_else(|| StringArray::from(Vec::<&str>::new()))
}

/// The rows of an earlier snapshot, in place of the files that it was taken of.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub(super) snapshot: Snapshot,
    pub(super) table: Table,
    pub(super) names: Arc<Names>,
    pub(super) label: String,
}

impl Rows for Earlier {
    fn label(&self) -> &str {
        &self.label
    }

    fn was_read(&self) -> bool {
        true
    }

    fn open<'m>(&self, meter: &'m Meter<'_>) -> Result<Box<dyn Reading + 'm>, Error> {
        let path = self.snapshot.dir().join(parquet(self.table));
        let batches = batches(&path, None)?;
        let schema = arrow_array::RecordBatchReader::schema(&batches);
        let header = schema
            .fields()
            .iter()
            .map(|field| field.name())
            // An attribute may have the same name.
            .filter(|name| self.table != Table::Members || *name != "listed")
            .map(|name| name.strip_prefix("attribute:").unwrap_or(name).to_owned());
        let header = header.collect();
        Ok(Box::new(Pass { earlier: self.clone(), header, batches, rows: ColumnarRows::default(), meter }))
    }
}

/// One pass over the rows of an earlier snapshot.
struct Pass<'m, 'p> {
    earlier: Earlier,
    header: Vec<String>,
    batches: ParquetRecordBatchReader,
    rows: ColumnarRows,
    meter: &'m Meter<'p>,
}

impl Reading for Pass<'_, '_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        let path = || self.earlier.snapshot.dir().join(parquet(self.earlier.table));
        while self.rows.are_over() {
            self.meter.check()?;
            let Some(batch) = self.batches.next() else { return Ok(None) };
            let batch = batch.map_err(Error::columns("read", path()))?;
            let batch = self
                .earlier
                .names
                .thaw(self.earlier.table, &batch)
                .map_err(Error::columns("read", path()))?;
            self.rows.put(&batch).map_err(Error::columns("read", path()))?;
        }
        let (number, fields) = self.rows.next();
        Ok(Some(Line { number, fields, flaw: None }))
    }
}
