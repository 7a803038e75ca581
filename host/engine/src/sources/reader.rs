//! Rows of one CSV file, with the lines they stand on.

use std::path::PathBuf;
use std::rc::Rc;

use csv::ByteRecord;

use super::packed::{self, Packed};
use super::tap::{Refusal, Seen, Tap};
use super::{Flaw, Line, Meter, Reading, SourceFile, Table, columns};
use crate::Error;
use crate::nearest::listed;

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) delimiter: u8,
    /// Whether fields may stand in quotes.
    pub(super) quotes: bool,
    /// What lines begin with that are passed over.
    pub(super) comment: Option<u8>,
    /// So many rows at the start are passed over.
    pub(super) skip: usize,
    /// Whether the first row then names the columns.
    pub(super) header: bool,
}

impl Form {
    /// What a file of `[sources.tables]` is.
    pub(super) const USUAL: Self =
        Self { delimiter: b',', quotes: true, comment: None, skip: 0, header: true };
}

/// Reads one file from its first row on.
pub(crate) struct Reader<'m> {
    table: Table,
    path: PathBuf,
    /// What compresses the file, if anything does.
    packed: Option<&'static str>,
    csv: csv::Reader<Tap<Packed<'m>>>,
    seen: Rc<Seen>,
    /// Empty where the file has none.
    header: Vec<String>,
    record: ByteRecord,
    /// The first row is read already, and not handed out.
    waiting: bool,
    rows: u64,
    /// Whether fields may stand in quotes.
    quotes: bool,
    /// The line on which the newest row starts, and the one on which it ends.
    lines: (u64, u64),
}

impl<'m> Reader<'m> {
    /// Opens a file, which begins with these bytes, and reads its first row.
    pub(super) fn open(
        table: Table,
        file: &SourceFile,
        start: &[u8],
        form: Form,
        meter: &'m Meter<'_>,
    ) -> Result<Self, Error> {
        let source =
            |problem: String| Error::Source { table: table.name(), path: file.path.clone(), problem };
        if start.starts_with(super::database::MAGIC) {
            return Err(source(format!(
                "this is an SQLite database, not CSV: a [[sources.map]] reads it, with sqlite = \"{}\" and query = \"select …\"",
                file.label
            )));
        }
        if let Some(format) = foreign(start).or_else(|| markup(start)) {
            return Err(source(format!(
                "this is {format}, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet"
            )));
        }
        let bytes = packed::open(&file.path, meter)?;
        let packed = bytes.how();
        let (tap, seen) = Tap::new(bytes, form.quotes.then_some(form.delimiter));
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(form.delimiter)
            .quoting(form.quotes)
            .comment(form.comment)
            // Rows end at the line feed and nowhere else; the rest of a CRLF is cut off with blanks. So lines can be counted.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(tap);
        let mut reader = Self {
            table,
            path: file.path.clone(),
            packed,
            csv,
            seen,
            header: Vec::new(),
            record: ByteRecord::new(),
            waiting: !form.header,
            rows: 0,
            quotes: form.quotes,
            lines: (0, 0),
        };
        for _ in 0..form.skip {
            reader.advance()?;
        }
        if !reader.advance()? {
            let needed =
                columns(table, &[]).into_iter().filter(|column| column.needed).map(|column| column.name);
            return Err(source(if form.header {
                format!("the file is empty; it needs a header with at least {}", listed(needed))
            } else {
                "the file is empty".to_owned()
            }));
        }
        if form.header {
            reader.header =
                reader.record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        }
        reader.rows = u64::from(!form.header);
        Ok(reader)
    }

    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            match self.csv.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => return Err(self.broken(error)),
            }
            self.seen.row_ends_at(self.csv.position().byte());
            self.lines = self.lines();
            let blank =
                self.record.len() < 2 && self.record.iter().all(|field| field.trim_ascii().is_empty());
            if !blank {
                self.rows += 1;
                return Ok(true);
            }
        }
    }

    /// The lines on which the row that was just read starts and ends.
    fn lines(&self) -> (u64, u64) {
        let breaks = |field: &[u8]| field.iter().filter(|byte| **byte == b'\n').count() as u64;
        let inside: u64 = self.record.iter().map(breaks).sum();
        let end = self.csv.position().line() - u64::from(!self.seen.ended_without_line_feed());
        (end.saturating_sub(inside).max(1), end)
    }

    fn broken(&self, error: csv::Error) -> Error {
        let csv::ErrorKind::Io(error) = error.into_kind() else {
            // A reader of bytes that allows ragged rows has no other errors.
            return self.problem("the file cannot be read as CSV".to_owned());
        };
        let place = match self.rows {
            0 => "before its first row".to_owned(),
            rows => format!("after row {rows} (line {})", self.lines.1),
        };
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(Refusal::RowTooLong) => {
                let start = self.lines.1 + 1;
                let quote = if self.quotes {
                    "a quote that is opened there and never closed does that, or "
                } else {
                    "that is "
                };
                return self.problem(format!(
                    "the row that starts on line {start} is longer than 1 MiB; {quote}a file that is no table"
                ));
            }
            Some(Refusal::Quote(problem)) => return self.problem(problem.to_string()),
            None => {}
        }
        match self.packed {
            Some(_) => self.problem(packed::told(self.packed, &error, &place)),
            None => Error::File { action: "read", path: self.path.clone(), source: error },
        }
    }

    fn problem(&self, problem: String) -> Error {
        Error::Source { table: self.table.name(), path: self.path.clone(), problem }
    }
}

impl Reading for Reader<'_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        // Blank lines are passed over.
        if !std::mem::take(&mut self.waiting) && !self.advance()? {
            return Ok(None);
        }
        let width = self.header.len();
        let flaw = (width > 0 && self.record.len() != width).then_some(Flaw::Ragged(width));
        Ok(Some(Line { number: self.lines.0, fields: &self.record, flaw }))
    }
}

/// What a file of text is that begins as no table does.
fn markup(start: &[u8]) -> Option<&'static str> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let list = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    if list.is_some_and(|list| list.starts_with(b"{")) {
        Some("one list of JSON (`jq -c '.[]'` makes JSON Lines of it)")
    } else if [&b"<?xml"[..], b"<!doctype", b"<html"].iter().any(|tag| begins(tag)) {
        Some("XML or HTML")
    } else {
        None
    }
}

/// What a file is that people take for CSV, by its first bytes.
pub(super) fn foreign(start: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 7] = [
        (b"\x1f\x8b", "compressed twice, the second time with gzip"),
        (b"\x28\xb5\x2f\xfd", "compressed twice, the second time with zstd"),
        (b"PK\x03\x04", "a zip archive (or a spreadsheet)"),
        (b"BZh", "compressed with bzip2"),
        (b"\xfd7zXZ", "compressed with xz"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
    ];
    // Latin letters in UTF-16 are every other byte, even where no mark says so.
    let utf16 = matches!(start, [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..])
        .then_some("text in UTF-16");
    FORMATS.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, name)| *name).or(utf16)
}
