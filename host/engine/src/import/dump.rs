//! One file of a dump as a stream of rows.

use std::cell::Cell;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use groundswell_runtime::{open_regular, shown};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::ImportError;
use super::counted::Counted;

/// The most bytes a row may have. The largest post a site accepts has 30,000 characters, at most six bytes each once
/// escaped; this leaves room for a hundred times that.
const ROW_BYTES: u64 = 16 << 20;

/// Characters of what the parser says, which quotes the file.
const LONGEST_WORDS: usize = 300;

/// A file `<root><row …/>…</root>`, plain or gzip, with or without a byte order mark, read row by row.
pub(super) struct Dump {
    path: PathBuf,
    root: &'static str,
    xml: Reader<Bounded<Box<dyn Read>>>,
    event: Vec<u8>,
    row: u64,
    place: Place,
    on_disk: Rc<Cell<u64>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Inside,
    InRow,
    After,
}

impl Dump {
    /// Opens `path`, whose outermost element has to be `root`.
    pub(super) fn open(path: &Path, root: &'static str) -> Result<Self, ImportError> {
        let on_disk = Rc::new(Cell::new(0));
        let source = unpacked(path, Rc::clone(&on_disk))?;
        let mut xml = Reader::from_reader(Bounded::new(source));
        xml.config_mut().trim_text(true);
        Ok(Self {
            path: path.to_owned(),
            root,
            xml,
            event: Vec::new(),
            row: 0,
            place: Place::Before,
            on_disk,
        })
    }

    /// Bytes of the file read so far, as it lies on disk.
    pub(super) fn bytes_read(&self) -> u64 {
        self.on_disk.get()
    }

    /// Reads the next row and puts the values of its `wanted` attributes into `values`, `None` where the row has none.
    /// Answers whether there was a row.
    pub(super) fn next<const N: usize>(
        &mut self,
        wanted: &[&str; N],
        values: &mut [Option<String>; N],
    ) -> Result<bool, ImportError> {
        loop {
            self.event.clear();
            self.xml.get_mut().since = 0;
            let start = self.xml.buffer_position();
            let event = match self.xml.read_event_into(&mut self.event) {
                Ok(event) => event,
                Err(error) => return Err(self.xml_error(start, error)),
            };
            let what = match (event, self.place) {
                (Event::Decl(_) | Event::Comment(_) | Event::PI(_), _) => continue,
                (Event::Start(tag), Place::Before) if tag.name().as_ref() == self.root => {
                    self.place = Place::Inside;
                    continue;
                }
                (Event::Empty(tag), Place::Before) if tag.name().as_ref() == self.root => {
                    self.place = Place::After;
                    continue;
                }
                (Event::Start(tag) | Event::Empty(tag), Place::Before) => {
                    let what =
                        format!("starts with <{}>, not with <{}>", short(tag.name().as_ref()), self.root);
                    return Err(ImportError::NotADump { path: self.path.clone(), what });
                }
                (Event::Empty(tag), Place::Inside) if tag.name().as_ref() == "row" => {
                    self.row += 1;
                    return match take(&tag, wanted, values) {
                        Ok(()) => Ok(true),
                        Err(what) => Err(self.malformed(self.row, start, what)),
                    };
                }
                (Event::Start(tag), Place::Inside) if tag.name().as_ref() == "row" => {
                    self.row += 1;
                    self.place = Place::InRow;
                    return match take(&tag, wanted, values) {
                        Ok(()) => Ok(true),
                        Err(what) => Err(self.malformed(self.row, start, what)),
                    };
                }
                (Event::End(_), Place::InRow) => {
                    self.place = Place::Inside;
                    continue;
                }
                (Event::End(_), Place::Inside) => {
                    self.place = Place::After;
                    continue;
                }
                (Event::Eof, Place::After) => return Ok(false),
                (Event::Eof, Place::Before) => {
                    let what = format!("has no <{}>: not a file of a Stack Exchange dump", self.root);
                    return Err(ImportError::NotADump { path: self.path.clone(), what });
                }
                (Event::Eof, _) => {
                    return Err(self.cut_off(start, format!("</{}> is missing", self.root)));
                }
                (Event::DocType(_), Place::Before) => {
                    let what = "has a document type, which no dump has and which may name other files, or texts that grow without end";
                    return Err(ImportError::NotADump { path: self.path.clone(), what: what.to_owned() });
                }
                (_, Place::Before) => {
                    let what = format!("is not XML: expected <{}>", self.root);
                    return Err(ImportError::NotADump { path: self.path.clone(), what });
                }
                (Event::Start(tag) | Event::Empty(tag), Place::InRow) => {
                    format!("<{}> inside of a <row>", short(tag.name().as_ref()))
                }
                (Event::Start(tag) | Event::Empty(tag), _) => {
                    format!("<{}> where only <row> may stand", short(tag.name().as_ref()))
                }
                (Event::DocType(_), _) => "a document type where only <row> may stand".to_owned(),
                (_, Place::After) => format!("text after </{}>", self.root),
                (_, _) => "text where only <row> may stand".to_owned(),
            };
            self.row += 1;
            return Err(self.malformed(self.row, start, what));
        }
    }

    fn xml_error(&self, start: u64, error: quick_xml::Error) -> ImportError {
        let path = self.path.clone();
        match error {
            quick_xml::Error::Io(_) if self.xml.get_ref().tripped => {
                let (line, byte) = self.place_of(start);
                ImportError::RowTooLarge { path, row: self.row + 1, line, byte, limit: ROW_BYTES }
            }
            quick_xml::Error::Io(error) => match error.kind() {
                io::ErrorKind::UnexpectedEof => {
                    self.cut_off(self.xml.buffer_position(), "the gzip stream ends too early".to_owned())
                }
                kind => ImportError::Read { path, source: io::Error::new(kind, error) },
            },
            quick_xml::Error::Syntax(error) if self.place != Place::Before => {
                self.cut_off(self.xml.error_position(), error.to_string())
            }
            _ if self.place == Place::Before => {
                let error = shown(&error.to_string(), LONGEST_WORDS);
                let what = format!("is not XML: expected <{}>, but {error}", self.root);
                ImportError::NotADump { path, what }
            }
            error => self.malformed(self.row + 1, start, error.to_string()),
        }
    }

    fn cut_off(&self, byte: u64, what: String) -> ImportError {
        let (line, byte) = self.place_of(byte);
        let what = shown(&what, LONGEST_WORDS);
        ImportError::CutOff { path: self.path.clone(), row: self.row + 1, line, byte, what }
    }

    fn malformed(&self, row: u64, byte: u64, what: String) -> ImportError {
        let (line, byte) = self.place_of(byte);
        let what = shown(&what, LONGEST_WORDS);
        ImportError::Malformed { path: self.path.clone(), row, line, byte, what }
    }

    /// The line, counted from 1, and the byte of what stands at the parser's position `byte` or, if that is white
    /// space, next after it. The parser does not count a byte order mark; this does. Read again from the start: only
    /// errors ask.
    fn place_of(&self, byte: u64) -> (u64, u64) {
        let (mut line, mut at) = (1, 0);
        let Ok(source) = unpacked(&self.path, Rc::default()) else { return (line, byte) };
        let mut byte = byte;
        for (index, next) in BufReader::new(source).bytes().enumerate() {
            let Ok(next) = next else { break };
            if index == 0 && next == 0xef {
                byte += 3;
            }
            if at >= byte && !next.is_ascii_whitespace() {
                break;
            }
            line += u64::from(next == b'\n');
            at += 1;
        }
        (line, at)
    }
}

fn take<const N: usize>(
    tag: &BytesStart<'_>,
    wanted: &[&str; N],
    values: &mut [Option<String>; N],
) -> Result<(), String> {
    values.fill(None);
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let name = attribute.key;
        for (key, value) in wanted.iter().zip(values.iter_mut()) {
            if name.as_ref() == *key {
                let text = attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map_err(|error| format!("{key}: {error}"))?;
                *value = Some(text.into_owned());
            }
        }
    }
    Ok(())
}

/// A name from a stranger's file, short enough for a message.
fn short(name: &str) -> String {
    shown(name, 40)
}

fn unpacked(path: &Path, on_disk: Rc<Cell<u64>>) -> Result<Box<dyn Read>, ImportError> {
    let read_error = |source| ImportError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(read_error)?.is_dir() {
        return Err(ImportError::NotADump {
            path: path.to_owned(),
            what: "is a folder, not a file".to_owned(),
        });
    }
    let mut file = open_regular(path).map_err(read_error)?;
    let mut head = Vec::with_capacity(4);
    Read::by_ref(&mut file).take(4).read_to_end(&mut head).map_err(read_error)?;
    file.seek(SeekFrom::Start(0)).map_err(read_error)?;
    let file = BufReader::with_capacity(1 << 16, Counted::new(file, on_disk));
    let what = match head.as_slice() {
        [0x1f, 0x8b, ..] => return Ok(Box::new(MultiGzDecoder::new(file))),
        [] => "is empty",
        [b'7', b'z', 0xbc, 0xaf] => {
            "is a 7z archive: unpack it first, then import the folder with its XML files"
        }
        [b'P', b'K', 3, 4] => "is a zip archive: unpack it first, then import the folder with its XML files",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "is UTF-16: convert it to UTF-8 first",
        _ => return Ok(Box::new(file)),
    };
    Err(ImportError::NotADump { path: path.to_owned(), what: what.to_owned() })
}

/// Refuses to go on once a single event has taken more than [`ROW_BYTES`]: the parser keeps an event in memory.
struct Bounded<R> {
    inner: BufReader<R>,
    since: u64,
    tripped: bool,
}

impl<R: Read> Bounded<R> {
    fn new(inner: R) -> Self {
        Self { inner: BufReader::with_capacity(1 << 16, inner), since: 0, tripped: false }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > ROW_BYTES {
            self.tripped = true;
            return Err(io::Error::other("the row is too long"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.since += amount as u64;
        self.inner.consume(amount);
    }
}
