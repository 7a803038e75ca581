//! Bytes as a file of another form, which a `[[sources.map]]` reads.

use groundswell::Table;

use crate::frozen::{accounted, assert_readable, assert_refused, assert_same, config, freeze, gzip, zstd};
use crate::rows::rows;
use crate::scratch::{folder, write};

/// How many rows a file has, where that can be told without the engine.
type Count = fn(&[u8]) -> usize;

/// A map, the table it makes, and what counts its rows.
struct Map {
    table: Table,
    lines: &'static str,
    count: Option<Count>,
}

const fn map(table: Table, lines: &'static str, count: Option<Count>) -> Map {
    Map { table, lines, count }
}

/// Maps that use each of their keys at least once.
const MAPS: [Map; 14] = [
    map(Table::Follows, "columns = { follower = \"a\", followed = \"b\" }", Some(with_commas)),
    map(Table::Follows, "header = false\ncolumns = { follower = 1, followed = 2 }", Some(without_header)),
    map(
        Table::Follows,
        "delimiter = \"blanks\"\nheader = false\ncomment = \"#\"\ncolumns = { follower = 1, followed = 2 }",
        Some(lines_of_words),
    ),
    map(
        Table::Follows,
        "delimiter = \"\\t\"\nquotes = false\nheader = false\nskip = 2\neach = \"2..\"\ncolumns = { follower = 1, followed = \"{}\" }",
        None,
    ),
    map(
        Table::Activities,
        "delimiter = \";\"\nquotes = true\nverbs = { up = \"endorse\", down = \"x-oppose\" }\ncolumns = { actor = \"who\", verb = \"what\", at = \"when\" }",
        Some(with_semicolons),
    ),
    map(
        Table::Activities,
        "delimiter = \"|\"\neach = \"whom\"\nsplit = \",\"\nmissing = [\"NA\", \"-\"]\ntime = \"unix-milliseconds\"\n\
         columns = { id = \"{no}/{}\", at = \"when\", recipient = \"{}\" }\nconstants = { verb = \"mention\" }",
        None,
    ),
    map(
        Table::Activities,
        "header = false\ntime = \"%d.%m.%Y %H:%M\"\nwhere = { 3 = [\"yes\", \"\"] }\ncolumns = { actor = 1, at = 2 }\nconstants = { verb = \"post\" }",
        None,
    ),
    map(
        Table::Activities,
        "header = false\ntime = \"months since 2019-12-31\"\ncolumns = { actor = \"{1}{2}\", at = 3, weight = 4 }\nconstants = { verb = \"post\" }",
        Some(without_header),
    ),
    map(
        Table::Activities,
        "time = \"seconds since 1900-01-01\"\neach = [\"b\", \"c\"]\ncolumns = { at = \"at\", actor = \"a\", recipient = \"{}\" }\n\
         constants = { verb = \"like\", topic = \"hops\" }",
        None,
    ),
    map(
        Table::Members,
        "columns = { id = \"user\", opted_out = \"out\", role = \"job\", team = \"{a}-{b}\" }\nmissing = [\"?\"]",
        Some(with_commas),
    ),
    map(
        Table::Members,
        "header = false\ncolumns = { id = 1, joined_at = 2, external_followers = 3 }\nconstants = { role = \"guest\" }",
        Some(without_header),
    ),
    map(
        Table::Conversions,
        "columns = { member = \"who\", product = \"what\", value = \"how much\", at = \"when\", referrer = \"by\" }",
        Some(with_commas),
    ),
    map(Table::Conversions, "time = \"unix-seconds\"\ncolumns = { member = \"a.b\", at = \"at\" }", None),
    map(Table::Activities, "time = \"unix-microseconds\"", Some(with_commas)),
];

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let Some(Map { table, lines, count }) = MAPS.get(usize::from(*way) % MAPS.len()) else { return };
    let scratch = folder();
    let folder = scratch.path();
    write(folder, "file", rest);
    let sources = |file: &str| format!("[[sources.map]]\ntable = \"{table}\"\nfiles = \"{file}\"\n{lines}\n");
    if let Err(error) = config(folder, &sources("file")) {
        unreachable!("a map that is none: {error}");
    }
    match freeze(folder, &sources("file")) {
        Ok(snapshot) => {
            assert_readable(&snapshot, *table);
            if let Some(count) = count.filter(|_| is_text(rest)) {
                assert_eq!(accounted(&snapshot, *table), count(rest) as u64, "rows lost, or counted twice");
            }
            write(folder, "packed", &if way % 2 == 0 { gzip(rest) } else { zstd(rest) });
            if is_text(rest) {
                assert_same(folder, &sources("packed"), &snapshot, "packed");
            }
        }
        Err(error) => assert_refused(folder, &sources("file"), &error),
    }
}

/// Whether a file is read as lines of fields, and packed by nothing.
fn is_text(file: &[u8]) -> bool {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    !text.starts_with(b"{")
        && ![&b"PAR1"[..], b"\x28\xb5\x2f\xfd", b"\x1f\x8b"].iter().any(|magic| file.starts_with(magic))
}

fn with_commas(file: &[u8]) -> usize {
    rows(file, b',').rows.len()
}

fn with_semicolons(file: &[u8]) -> usize {
    rows(file, b';').rows.len()
}

/// What would be the header is a row too.
fn without_header(file: &[u8]) -> usize {
    let cut = rows(file, b',');
    cut.rows.len() + usize::from(!cut.head.trim_ascii().is_empty())
}

fn lines_of_words(file: &[u8]) -> usize {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.starts_with(b"#") && !line.trim_ascii().is_empty())
        .count()
}
