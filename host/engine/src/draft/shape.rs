//! How the rows of a text are written: what stands between fields, and where the first row is.

use crate::config::Delimiter;
use crate::time;

/// Rows by which the form is found.
const ROWS: usize = 100;
/// Rows whose values are looked at.
const VALUES: usize = 1_000;
/// The most columns that are looked at.
const COLUMNS: usize = 1_000;
/// Bytes that other delimiters than blanks may be, the most telling first.
const DELIMITERS: [u8; 4] = [b'\t', b',', b';', b'|'];
/// So many rows in the hundred have as many fields as most.
const SHARE: usize = 80;

/// How the rows of a text are written, as a `[[sources.map]]` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) delimiter: Delimiter,
    pub(super) quotes: bool,
    pub(super) comment: Option<u8>,
    pub(super) skip: usize,
    pub(super) header: bool,
}

impl Shape {
    /// What a file of `[sources.tables]` has.
    pub(super) const USUAL: Self =
        Self { delimiter: Delimiter::Byte(b','), quotes: true, comment: None, skip: 0, header: true };

    /// Whether fields may stand in quotes where nothing is said of it.
    pub(super) fn usually_quoted(&self) -> bool {
        self.delimiter == Delimiter::Byte(b',') && self.comment.is_none()
    }
}

/// A text's form, the names of its columns, and its first rows.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) shape: Shape,
    /// Empty where the text has none.
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// Whether it is only a guess that the first row names the columns, or does not.
    pub(super) header_is_a_guess: bool,
}

/// Finds the form of a text. `is_name` tells whether a field looks like the name of a column.
pub(super) fn find(text: &[u8], is_name: impl Fn(&str) -> bool) -> Rows {
    let comments = leading_comments(text);
    let comment = comments.map(|(byte, _)| byte);
    let delimiter = delimiter(text, comment);
    let quotes = is_quoted(text, delimiter);
    let mut shape = Shape { delimiter, quotes, comment, skip: 0, header: true };
    if quotes && let Some((_, lines)) = comments {
        // Where fields are quoted, nothing is a comment; but lines at the start can be passed over.
        shape.comment = None;
        shape.skip = lines;
    }
    let mut rows = read(text, &shape, VALUES + 10);
    rows.drain(..shape.skip.min(rows.len()));
    let width = most_frequent(rows.iter().take(ROWS).map(Vec::len));
    let before = rows.iter().take(5).take_while(|row| row.len() != width).count();
    if before < rows.len().min(5) {
        shape.skip += before;
        rows.drain(..before);
    }
    rows.iter_mut().for_each(|row| row.truncate(COLUMNS));
    let (header, header_is_a_guess) = has_header(&rows, is_name);
    shape.header = header;
    let names = if header && !rows.is_empty() { rows.remove(0) } else { Vec::new() };
    rows.truncate(VALUES);
    Rows { shape, names, rows, header_is_a_guess }
}

/// What the first lines begin with, if they are comments, and how many there are. A single one may as well be the header.
fn leading_comments(text: &[u8]) -> Option<(u8, usize)> {
    let first = *text.first().filter(|byte| [b'#', b'%'].contains(byte))?;
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let count = lines.by_ref().take_while(|line| line.first() == Some(&first)).count();
    let next = text
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .nth(count)?;
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let fields = |line: &[u8]| DELIMITERS.map(|byte| line.split(|found| *found == byte).count());
    let alike = fields(line).into_iter().zip(fields(next)).any(|(a, b)| a == b && a > 2);
    (count > 1 || !alike).then_some((first, count))
}

/// The rows of a text, without blank ones and comments, and without blanks around fields.
fn read(text: &[u8], shape: &Shape, most: usize) -> Vec<Vec<String>> {
    let byte = match shape.delimiter {
        Delimiter::Byte(byte) => byte,
        Delimiter::Blanks => b' ',
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(byte)
        .quoting(shape.quotes)
        .comment(shape.comment)
        .from_reader(text);
    let mut rows = Vec::new();
    for record in reader.byte_records().flatten() {
        let fields = record.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned());
        let row: Vec<String> = match shape.delimiter {
            Delimiter::Byte(_) => fields.collect(),
            Delimiter::Blanks => fields
                .flat_map(|field| field.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
                .collect(),
        };
        if row.iter().any(|field| !field.is_empty()) {
            rows.push(row);
        }
        if rows.len() == most {
            break;
        }
    }
    rows
}

/// What stands between fields: of those with which most rows have the same number of fields, the one that makes most of
/// them; blanks only where nothing else will do.
fn delimiter(text: &[u8], comment: Option<u8>) -> Delimiter {
    let agreement = |delimiter: Delimiter| {
        let shape = Shape { delimiter, quotes: is_quoted(text, delimiter), comment, skip: 0, header: true };
        let rows = read(text, &shape, ROWS);
        let width = most_frequent(rows.iter().map(Vec::len));
        // The first row may be a title, or totals.
        let rows = if rows.first().is_some_and(|row| row.len() != width) { rows.get(1..) } else { None }
            .unwrap_or(&rows);
        let agreed = rows.iter().filter(|row| row.len() == width).count() * 100 / rows.len().max(1);
        (width > 1 && agreed >= SHARE).then_some((agreed, width))
    };
    let best = DELIMITERS
        .iter()
        .rev()
        .filter_map(|byte| Some((agreement(Delimiter::Byte(*byte))?, *byte)))
        .max_by_key(|(agreement, _)| *agreement);
    match best {
        Some((_, byte)) => Delimiter::Byte(byte),
        None if agreement(Delimiter::Blanks).is_some() && !is_quoted(text, Delimiter::Byte(b' ')) => {
            Delimiter::Blanks
        }
        None => Delimiter::Byte(b','),
    }
}

/// Whether fields stand in quotes: between commas they may; between others only where one does.
fn is_quoted(text: &[u8], delimiter: Delimiter) -> bool {
    let Delimiter::Byte(byte) = delimiter else { return false };
    let quotes = |line: &[u8]| line.iter().filter(|found| **found == b'"').count();
    let begins =
        |line: &[u8]| line.split(|found| *found == byte).any(|field| field.trim_ascii().starts_with(b"\""));
    let mut lines = text.split(|found| *found == b'\n').take(ROWS);
    byte == b',' || lines.any(|line| begins(line) && quotes(line) % 2 == 0)
}

/// The number that comes up most often, the larger of two that do so equally.
fn most_frequent(numbers: impl Iterator<Item = usize>) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    numbers.for_each(|number| *counts.entry(number).or_insert(0_usize) += 1);
    counts.into_iter().max_by_key(|(number, count)| (*count, *number)).map_or(0, |(number, _)| number)
}

/// Whether the first row names the columns, and whether that is a guess.
fn has_header(rows: &[Vec<String>], is_name: impl Fn(&str) -> bool) -> (bool, bool) {
    let Some((first, rest)) = rows.split_first() else { return (true, false) };
    let is_value = |field: &String| field.parse::<f64>().is_ok() || time::read(field).is_ok();
    if first.iter().any(|field| is_name(field)) {
        return (true, false);
    }
    if first.iter().any(is_value) {
        return (false, false);
    }
    // A row of values has others like it below; names are said once.
    let again = first
        .iter()
        .enumerate()
        .any(|(place, field)| !field.is_empty() && rest.iter().any(|row| row.get(place) == Some(field)));
    (!again, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> String {
        let found = find(text.as_bytes(), |name| ["id", "from", "to", "at"].contains(&name));
        let Shape { delimiter, quotes, comment, skip, header } = found.shape;
        let delimiter = match delimiter {
            Delimiter::Byte(byte) => format!("{:?}", char::from(byte)),
            Delimiter::Blanks => "blanks".to_owned(),
        };
        let comment = comment.map(char::from);
        format!(
            "{delimiter} quotes {quotes} comment {comment:?} skip {skip} header {header}, {} rows",
            found.rows.len()
        )
    }

    #[test]
    fn the_form_of_a_text_is_found() {
        insta::assert_snapshot!(form("id,at\n1,2020-01-01\n"), @"',' quotes true comment None skip 0 header true, 1 rows");
        insta::assert_snapshot!(form("from\tto\nada, the first\tbob\n"), @r"'\t' quotes false comment None skip 0 header true, 1 rows");
        insta::assert_snapshot!(form("from;to\n\"a;da\";bob\n"), @"';' quotes true comment None skip 0 header true, 1 rows");
        insta::assert_snapshot!(form("1,2,3\n4,5,6\n"), @"',' quotes true comment None skip 0 header false, 2 rows");
        insta::assert_snapshot!(form("# Directed graph\n# From\tTo\n1\t2\n3\t4\n"), @r"'\t' quotes false comment Some('#') skip 0 header false, 2 rows");
        insta::assert_snapshot!(form("#from,to,weight\n1,2,3\n3,4,1\n"), @"',' quotes true comment None skip 0 header true, 2 rows");
        insta::assert_snapshot!(form("# one, two\n\"a\",b\n\"c\",d\n"), @"',' quotes true comment None skip 1 header true, 1 rows");
        insta::assert_snapshot!(form("2 lines\n1 ada up\n1  bob   up\n"), @"blanks quotes false comment None skip 1 header false, 2 rows");
        insta::assert_snapshot!(form("ada bob\nada cyd\ncyd bob\n"), @"blanks quotes false comment None skip 0 header false, 3 rows");
        insta::assert_snapshot!(form("name\nada\nbob\n"), @"',' quotes true comment None skip 0 header true, 2 rows");
        insta::assert_snapshot!(form("one"), @"',' quotes true comment None skip 0 header true, 0 rows");
    }
}
