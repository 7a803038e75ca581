//! Who and what occurs in a community, as dense integers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema};

use super::writer::ParquetFile;
use crate::Error;

/// The kinds of words of which a snapshot keeps a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Verb,
    ObjectKind,
    Topic,
    Product,
}

impl Word {
    pub(crate) const ALL: [Self; 4] = [Self::Verb, Self::ObjectKind, Self::Topic, Self::Product];

    /// The name of the column that holds such words, and of their kind in the file of words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verb => "verb",
            Self::ObjectKind => "object_kind",
            Self::Topic => "topic",
            Self::Product => "product",
        }
    }
}

/// Texts, each with a number of its own: in the order of their bytes once it is settled.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    codes: HashMap<String, u32>,
}

impl Dictionary {
    /// Takes in the texts of a column.
    pub(super) fn observe(&mut self, column: &ArrayRef) {
        let Some(texts) = column.as_string_opt::<i32>() else { return };
        let mut last = None;
        for text in texts.iter().flatten() {
            // What was said last is often said again.
            if last != Some(text) && !self.codes.contains_key(text) {
                self.codes.insert(text.to_owned(), 0);
            }
            last = Some(text);
        }
    }

    /// Numbers the texts in the order of their bytes, and answers them so.
    pub(super) fn settle(&mut self) -> Vec<String> {
        let mut texts: Vec<String> = self.codes.keys().cloned().collect();
        texts.sort_unstable();
        for (code, text) in (0..).zip(&texts) {
            if let Entry::Occupied(mut entry) = self.codes.entry(text.clone()) {
                entry.insert(code);
            }
        }
        texts
    }

    /// The numbers of a column's texts.
    pub(super) fn encode(&self, column: &ArrayRef) -> UInt32Array {
        let Some(texts) = column.as_string_opt::<i32>() else {
            return UInt32Array::new_null(column.len());
        };
        texts.iter().map(|text| text.and_then(|text| self.codes.get(text).copied())).collect()
    }
}

/// The words of a snapshot, by kind.
#[derive(Debug, Default)]
pub(super) struct Words([Dictionary; Word::ALL.len()]);

impl Words {
    /// Takes in the words of a batch.
    pub(super) fn observe(&mut self, batch: &RecordBatch) {
        for (word, dictionary) in Word::ALL.iter().zip(&mut self.0) {
            if let Some(column) = batch.column_by_name(word.name()) {
                dictionary.observe(column);
            }
        }
    }

    /// The dictionary of a column, if there is one.
    pub(super) fn of(&self, column: &str) -> Option<&Dictionary> {
        Word::ALL
            .iter()
            .zip(&self.0)
            .find(|(word, _)| word.name() == column)
            .map(|(_, dictionary)| dictionary)
    }

    /// Numbers all words and writes their file.
    pub(super) fn settle(&mut self, path: &Path) -> Result<(), Error> {
        let (mut kinds, mut codes, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for (word, dictionary) in Word::ALL.iter().zip(&mut self.0) {
            for (code, text) in (0_u32..).zip(dictionary.settle()) {
                kinds.push(word.name());
                codes.push(code);
                texts.push(text);
            }
        }
        let fields = [("kind", DataType::Utf8), ("code", DataType::UInt32), ("text", DataType::Utf8)];
        let schema = Schema::new(fields.map(|(name, kind)| Field::new(name, kind, false)).to_vec());
        let schema = Arc::new(schema);
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(kinds)),
            Arc::new(UInt32Array::from(codes)),
            Arc::new(StringArray::from(texts)),
        ];
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(Error::columns("write", path))?;
        let mut file = ParquetFile::create(path, schema)?;
        file.write(&batch)?;
        file.finish()
    }
}
