//! Who and what occurs in a community, as dense integers.

use std::hash::{BuildHasher, RandomState};
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
///
/// They lie one after the other in one piece of memory: a text costs its bytes and some 20 more, where millions of strings of their
/// own would cost several times that.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    bytes: String,
    /// Where each text ends, as they came.
    ends: Vec<usize>,
    /// Places of texts by their hash, or after that one where it is taken; a power of two of them, [`FREE`] where there is none.
    slots: Vec<u32>,
    hash: RandomState,
    /// By place, the number: empty until it is settled.
    codes: Vec<u32>,
}

/// No text's place.
const FREE: u32 = u32::MAX;

impl Dictionary {
    /// Takes in the texts of a column.
    pub(super) fn observe(&mut self, column: &ArrayRef) {
        let Some(texts) = column.as_string_opt::<i32>() else { return };
        let mut last = None;
        for text in texts.iter().flatten() {
            // What was said last is often said again.
            if last != Some(text) {
                self.insert(text);
            }
            last = Some(text);
        }
    }

    fn insert(&mut self, text: &str) {
        // At most half of the slots are taken.
        if self.ends.len() * 2 >= self.slots.len() {
            self.grow();
        }
        if let (slot, None) = self.find(text)
            && let Some(slot) = self.slots.get_mut(slot)
        {
            *slot = self.ends.len() as u32;
            self.bytes.push_str(text);
            self.ends.push(self.bytes.len());
        }
    }

    fn grow(&mut self) {
        let slots = (self.slots.len() * 2).max(64);
        self.slots.clear();
        self.slots.resize(slots, FREE);
        for place in 0..self.ends.len() as u32 {
            let (slot, _) = self.find(self.text(place));
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = place;
            }
        }
    }

    /// The slot of a text and its place, or the slot where it belongs.
    fn find(&self, text: &str) -> (usize, Option<u32>) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = self.hash.hash_one(text) as usize & mask;
        while let Some(place) = self.slots.get(slot).copied().filter(|place| *place != FREE) {
            if self.text(place) == text {
                return (slot, Some(place));
            }
            slot = (slot + 1) & mask;
        }
        (slot, None)
    }

    fn text(&self, place: u32) -> &str {
        let place = place as usize;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Numbers the texts in the order of their bytes, and answers them so.
    pub(super) fn settle(&mut self) -> impl Iterator<Item = &str> {
        let mut places: Vec<u32> = (0..self.ends.len() as u32).collect();
        places.sort_unstable_by_key(|place| self.text(*place));
        self.codes = vec![0; places.len()];
        for (code, place) in (0..).zip(&places) {
            if let Some(of_place) = self.codes.get_mut(*place as usize) {
                *of_place = code;
            }
        }
        let texts = &*self;
        places.into_iter().map(|place| texts.text(place))
    }

    /// The numbers of a column's texts.
    pub(super) fn encode(&self, column: &ArrayRef) -> UInt32Array {
        let Some(texts) = column.as_string_opt::<i32>() else {
            return UInt32Array::new_null(column.len());
        };
        let code = |text| self.find(text).1.and_then(|place| self.codes.get(place as usize).copied());
        texts.iter().map(|text| text.and_then(code)).collect()
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
                texts.push(text.to_owned());
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use arrow_array::Array;

    use super::*;

    #[test]
    fn texts_are_numbered_in_the_order_of_their_bytes_however_many_there_are() {
        for count in [0, 1, 33, 5_000_u64] {
            let texts: Vec<String> = (0..count * 2).map(|n| format!("ä{}", n * 7_919 % count)).collect();
            let column = Arc::new(StringArray::from_iter(texts.iter().map(Some).chain([None]))) as ArrayRef;
            let mut dictionary = Dictionary::default();
            dictionary.observe(&column);
            dictionary.observe(&column);
            let sorted: Vec<String> = dictionary.settle().map(str::to_owned).collect();
            let expected: BTreeSet<&String> = texts.iter().collect();
            assert!(sorted.iter().eq(expected.iter().copied()), "{sorted:?}");
            let codes = dictionary.encode(&column);
            for (code, text) in codes.iter().zip(&texts) {
                assert_eq!(sorted.get(code.unwrap() as usize), Some(text));
            }
            let strange = Arc::new(StringArray::from(vec![None, Some("b"), Some("")])) as ArrayRef;
            assert_eq!((codes.null_count(), dictionary.encode(&strange).null_count()), (1, 3));
        }
    }
}
