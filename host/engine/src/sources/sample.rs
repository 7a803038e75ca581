//! The first rows of a file, before anybody has said what they mean.

use std::io::Read;
use std::path::Path;

use super::files::{Origin, SourceFile};
use super::given::Reading;
use super::json::Objects;
use super::parquet::Parquet;
use super::query::SampledTable;
use super::reader::foreign;
use super::{Meter, Table, packed};
use crate::Error;

/// Bytes of a file, unpacked, that are looked at.
const BYTES: u64 = 1 << 18;
/// Rows that are looked at.
const ROWS: usize = 1_000;

/// The first rows of a file.
pub(crate) enum Sample {
    /// Lines of text whose form is still to be found; the last one is whole.
    Text(Vec<u8>),
    /// Rows of fields that have names.
    Named {
        /// What the file is: `"JSON Lines"`.
        form: &'static str,
        names: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A database, and the first rows of its tables.
    Database(Vec<SampledTable>),
    /// No table: what it is instead, and the way out.
    Foreign(String),
}

/// Looks at the first rows of a file, whatever it is called.
pub(crate) fn sample(path: &Path) -> Result<Sample, Error> {
    let silent = Meter::silent();
    let mut bytes = Vec::new();
    let read = packed::open(path, &silent)?.take(BYTES).read_to_end(&mut bytes);
    if let Err(error) = read
        && bytes.is_empty()
    {
        return Err(Error::file("read", path)(error));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii_start();
    let cut = bytes.len() as u64 == BYTES;
    Ok(if bytes.starts_with(b"PAR1") {
        columnar(path)
    } else if bytes.starts_with(super::database::MAGIC) {
        match super::query::tables(path, ROWS, BYTES as usize) {
            Ok(tables) if tables.is_empty() => Sample::Foreign("it is a database without tables".to_owned()),
            Ok(tables) => Sample::Database(tables),
            Err(why) => Sample::Foreign(why),
        }
    } else if let Some(format) = foreign(&bytes) {
        Sample::Foreign(format!("it is {format}: save it as CSV in UTF-8, as JSON Lines, or as Parquet"))
    } else if text.is_empty() {
        Sample::Foreign("it is empty".to_owned())
    } else if text.starts_with(b"{") {
        objects(whole_lines(text, cut))
    } else if text.starts_with(b"[") {
        Sample::Foreign(
            "it is one list of JSON, and tables are JSON Lines, an object a line: `jq -c '.[]'` makes them"
                .to_owned(),
        )
    } else if text.starts_with(b"<") {
        Sample::Foreign("it is XML; `groundswell import --help` names the exports that are read".to_owned())
    } else if text.contains(&0) {
        Sample::Foreign("it is no text".to_owned())
    } else {
        Sample::Text(whole_lines(text, cut).to_vec())
    })
}

/// The text without the line in the middle of which the sample ends.
fn whole_lines(text: &[u8], cut: bool) -> &[u8] {
    let end = memchr::memrchr(b'\n', text).filter(|_| cut);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

fn objects(text: &[u8]) -> Sample {
    let objects = Objects::read(text, ROWS);
    if objects.rows.is_empty() {
        return Sample::Foreign(
            "its first line is no object of JSON: tables are JSON Lines, an object a line".to_owned(),
        );
    }
    Sample::Named { form: "JSON Lines", names: objects.names, rows: objects.rows }
}

fn columnar(path: &Path) -> Sample {
    match rows(path) {
        Ok((names, rows)) => Sample::Named { form: "Parquet", names, rows },
        Err(error) => Sample::Foreign(match error {
            Error::Source { problem, .. } => problem,
            other => other.to_string(),
        }),
    }
}

fn rows(path: &Path) -> Result<(Vec<String>, Vec<Vec<String>>), Error> {
    let silent = Meter::silent();
    let file = SourceFile { path: path.to_owned(), label: String::new(), bytes: 0, origin: Origin::File };
    let mut parquet = Parquet::open(Table::Activities, &file, true, &silent)?;
    let names = parquet.header().to_vec();
    let mut rows = Vec::new();
    while rows.len() < ROWS
        && let Some(line) = parquet.next()?
    {
        rows.push(line.fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect());
    }
    Ok((names, rows))
}
