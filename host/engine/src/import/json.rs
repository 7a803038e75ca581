//! Large files of JSON, read row by row: of the lists in them, one element at a time is kept.

use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use groundswell_runtime::{open_regular, shown};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::ImportError;
use super::counted::Counted;

/// The most bytes a row may have, as in files of XML.
const ROW_BYTES: u64 = 16 << 20;
/// Characters of what the parser says, which quotes the file.
const LONGEST_WORDS: usize = 300;
/// Rows between two words of progress.
const STRIDE: u64 = 4_096;

/// One step into a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// What is to be done with a part of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Passed over.
    Ignored,
    /// Gone into, part by part.
    Inner,
    /// Kept whole: it is small.
    Whole,
    /// A list, of which each element is a row.
    Rows,
}

/// Whoever reads a document.
pub(super) trait Reader {
    /// What to do with the part that these steps lead to.
    fn part(&mut self, path: &[Step]) -> Part;

    /// A part that is kept whole.
    fn whole(&mut self, path: &[Step], value: Value) -> Result<(), ImportError>;

    /// An element of a list of rows.
    fn row(&mut self, path: &[Step], row: Value) -> Result<(), ImportError>;

    /// So many bytes of the file, as it lies on disk, were read.
    fn progress(&mut self, _bytes: u64) {}
}

/// Reads a document from its beginning to its end; plain, gzip or zlib, known by its first bytes. Answers how many bytes it has on
/// disk.
pub(super) fn read(path: &Path, reader: &mut impl Reader) -> Result<u64, ImportError> {
    let on_disk = Rc::new(Cell::new(0));
    let unpacked = unpacked(path, Rc::clone(&on_disk))?;
    let bound = Rc::new(Bound::default());
    let bytes = Bounded { inner: BufReader::with_capacity(1 << 16, unpacked), bound: Rc::clone(&bound) };
    let mut json = serde_json::Deserializer::from_reader(bytes);
    let mut walk =
        Walk { reader, path: Vec::new(), bound: &bound, on_disk: &on_disk, rows: 0, stopped: None };
    let walked = Inner(&mut walk).deserialize(&mut json).and_then(|()| json.end());
    let (rows, stopped) = (walk.rows, walk.stopped.take());
    if let Some(error) = stopped {
        return Err(error);
    }
    walked.map_err(|error| told(path, &error, rows, &bound))?;
    reader.progress(on_disk.get());
    Ok(on_disk.get())
}

/// What an error of the parser means.
fn told(path: &Path, error: &serde_json::Error, row: u64, bound: &Bound) -> ImportError {
    let (path, line, column) = (path.to_owned(), error.line(), error.column());
    let what = shown(&error.to_string(), LONGEST_WORDS);
    match error.classify() {
        _ if bound.tripped.get() => {
            ImportError::LongJson { path, row: row + 1, line, column, limit: ROW_BYTES }
        }
        Category::Eof => ImportError::CutOffJson { path, line, column },
        Category::Io if error.io_error_kind() == Some(io::ErrorKind::UnexpectedEof) => {
            ImportError::CutOffJson { path, line, column }
        }
        Category::Io => ImportError::Read { path, source: io::Error::other(what) },
        Category::Syntax | Category::Data => ImportError::MalformedJson { path, what },
    }
}

/// A walk through a document.
struct Walk<'w, R> {
    reader: &'w mut R,
    path: Vec<Step>,
    bound: &'w Bound,
    on_disk: &'w Cell<u64>,
    rows: u64,
    /// Why the reader wants no more.
    stopped: Option<ImportError>,
}

impl<R: Reader> Walk<'_, R> {
    /// Goes on, or ends the walk.
    fn goes_on<E: serde::de::Error>(&mut self, read: Result<(), ImportError>) -> Result<(), E> {
        read.map_err(|error| {
            self.stopped = Some(error);
            E::custom("stopped")
        })
    }
}

/// A part that is gone into.
struct Inner<'i, 'w, R>(&'i mut Walk<'w, R>);

impl<'de, R: Reader> DeserializeSeed<'de> for Inner<'_, '_, R> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Reader> Visitor<'de> for Inner<'_, '_, R> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        // Names are kept, so they are bounded as rows are.
        self.0.bound.begin();
        while let Some(key) = entries.next_key::<String>()? {
            self.0.path.push(Step::Key(key));
            match self.0.reader.part(&self.0.path) {
                Part::Ignored => {
                    self.0.bound.end();
                    entries.next_value::<IgnoredAny>()?;
                }
                Part::Inner => entries.next_value_seed(Inner(self.0))?,
                Part::Rows => entries.next_value_seed(Rows(self.0))?,
                Part::Whole => {
                    self.0.bound.begin();
                    let value = entries.next_value()?;
                    let read = self.0.reader.whole(&self.0.path, value);
                    self.0.goes_on::<A::Error>(read)?;
                }
            }
            self.0.path.pop();
            self.0.bound.begin();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        for index in 0.. {
            self.0.path.push(Step::Index(index));
            let there = match self.0.reader.part(&self.0.path) {
                Part::Ignored => {
                    self.0.bound.end();
                    elements.next_element::<IgnoredAny>()?.is_some()
                }
                Part::Inner => elements.next_element_seed(Inner(self.0))?.is_some(),
                Part::Rows => elements.next_element_seed(Rows(self.0))?.is_some(),
                Part::Whole => {
                    self.0.bound.begin();
                    let value = elements.next_element()?;
                    let there = value.is_some();
                    let read = value.map_or(Ok(()), |value| self.0.reader.whole(&self.0.path, value));
                    self.0.goes_on::<A::Error>(read)?;
                    there
                }
            };
            self.0.path.pop();
            if !there {
                break;
            }
        }
        Ok(())
    }
}

/// A list of rows.
struct Rows<'i, 'w, R>(&'i mut Walk<'w, R>);

impl<'de, R: Reader> DeserializeSeed<'de> for Rows<'_, '_, R> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, R: Reader> Visitor<'de> for Rows<'_, '_, R> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.path.last() {
            Some(Step::Key(key)) => write!(f, "a list in `{}`", shown(key, 60)),
            _ => f.write_str("a list"),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        loop {
            self.0.bound.begin();
            let Some(row) = rows.next_element::<Value>()? else { break };
            self.0.rows += 1;
            let read = self.0.reader.row(&self.0.path, row);
            self.0.goes_on::<A::Error>(read)?;
            if self.0.rows.is_multiple_of(STRIDE) {
                let bytes = self.0.on_disk.get();
                self.0.reader.progress(bytes);
            }
        }
        self.0.bound.end();
        Ok(())
    }
}

/// How much of what is kept has been read.
#[derive(Default)]
struct Bound {
    /// `None` where nothing is kept.
    since: Cell<Option<u64>>,
    tripped: Cell<bool>,
}

impl Bound {
    fn begin(&self) {
        self.since.set(Some(0));
    }

    fn end(&self) {
        self.since.set(None);
    }
}

/// Refuses to go on once a single row has taken more than [`ROW_BYTES`].
struct Bounded<R> {
    inner: R,
    bound: Rc<Bound>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(since) = self.bound.since.get() {
            let since = since + read as u64;
            self.bound.since.set(Some(since));
            if since > ROW_BYTES {
                self.bound.tripped.set(true);
                return Err(io::Error::other("the row is too long"));
            }
        }
        Ok(read)
    }
}

fn unpacked(path: &Path, on_disk: Rc<Cell<u64>>) -> Result<Box<dyn Read>, ImportError> {
    let read_error = |source| ImportError::Read { path: path.to_owned(), source };
    let wrong = |what: &str| ImportError::NotADump { path: path.to_owned(), what: what.to_owned() };
    let mut file = open_regular(path).map_err(read_error)?;
    let mut head = Vec::with_capacity(4);
    Read::by_ref(&mut file).take(4).read_to_end(&mut head).map_err(read_error)?;
    let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    file.seek(SeekFrom::Start(mark)).map_err(read_error)?;
    let file = BufReader::with_capacity(1 << 16, Counted::new(file, on_disk));
    match head.as_slice() {
        [] => Err(wrong("is empty")),
        [0x1f, 0x8b, ..] => Ok(Box::new(MultiGzDecoder::new(file))),
        // Whatever the third part of the header says: it is no JSON.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Ok(Box::new(ZlibDecoder::new(file))),
        [b'P', b'K', 3, 4] => Err(wrong("is a zip archive: unpack it first")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(wrong("is UTF-16: convert it to UTF-8 first")),
        _ => Ok(Box::new(file)),
    }
}

/// A whole number, where a value is one that 64 bits hold.
pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    value?.as_i64()
}

/// Text.
pub(super) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str()
}
