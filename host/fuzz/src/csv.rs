//! Bytes as the file of a table.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use groundswell::{Config, Error, Snapshot, Table};

use crate::message::assert_plain;
use crate::rows::{Rows, rows};
use crate::scratch::{folder, write};

/// Of files that unpack to more, the rows are not counted a second time.
const LONGEST: u64 = 1 << 20;

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let Some(table) = Table::ALL.get(usize::from(way % 4)) else { return };
    let packed = if way & 4 == 0 { rest.to_vec() } else { gzip(rest) };
    let scratch = folder();
    let folder = scratch.path();
    write(folder, "table.csv", &packed);
    match freeze(folder, *table, "table.csv") {
        Ok(snapshot) => {
            assert_readable(&snapshot, *table);
            let Some(file) = unpacked(packed).filter(|file| is_csv(file)) else { return };
            let Rows { head, rows } = rows(&file);
            assert_eq!(accounted(&snapshot, *table), rows.len() as u64, "rows lost, or counted twice");
            assert_same_elsewhere(folder, *table, head, &rows, &snapshot);
        }
        Err(error) => {
            let said = error.to_string();
            assert_plain(&said);
            assert!(!error.is_plugin_fault(), "{said}");
            let again = freeze(folder, *table, "table.csv").err().map(|error| error.to_string());
            assert_eq!(again, Some(said));
        }
    }
}

fn freeze(folder: &Path, table: Table, files: &str) -> Result<Snapshot, Error> {
    let text = format!(
        "[community]\nname = \"any\"\n[sources]\nmax-rejected = \"100%\"\n[sources.tables]\n{table} = \"{files}\"\n\
         [definitions.any]\nplugin = \"any\"\n"
    );
    let config = Config::parse(folder.join("community.toml"), &text)?;
    Snapshot::take(&config, &config.community.state.join("snapshots"), None)
}

/// Asserts that what a snapshot says can be shown, and that it can be opened again.
fn assert_readable(snapshot: &Snapshot, table: Table) {
    snapshot.notes().iter().for_each(|note| assert_plain(note));
    for rejected in snapshot.rejected() {
        assert_plain(&rejected.reason);
        for example in &rejected.examples {
            assert_plain(&example.detail);
            assert_plain(&example.file);
        }
    }
    let opened = Snapshot::open(snapshot.dir());
    assert_eq!(opened.ok().map(|opened| opened.rows(table)), Some(snapshot.rows(table)));
    let kept_aside = std::fs::read_to_string(snapshot.dir().join("rejected.jsonl")).unwrap_or_default();
    assert_eq!(kept_aside.lines().count() as u64, rejected(snapshot), "rows kept aside and rows rejected");
}

/// Whether a file is not one of the other forms that its first bytes tell.
fn is_csv(file: &[u8]) -> bool {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    !text.starts_with(b"{")
        && ![&b"PAR1"[..], b"\x28\xb5\x2f\xfd", b"\x1f\x8b"].iter().any(|magic| file.starts_with(magic))
}

fn rejected(snapshot: &Snapshot) -> u64 {
    snapshot.rejected().iter().map(|rejected| rejected.rows).sum()
}

/// Rows that were kept, rejected, or counted once with another that says the same.
fn accounted(snapshot: &Snapshot, table: Table) -> u64 {
    let equal = |note: &String| {
        let said = note.strip_prefix(&format!("{table}: "))?;
        let (rows, what) = said.split_once(' ')?;
        ["row says exactly", "rows say exactly"].iter().find(|begin| what.starts_with(**begin))?;
        rows.parse::<u64>().ok()
    };
    snapshot.rows(table) + rejected(snapshot) + snapshot.notes().iter().find_map(equal).unwrap_or(0)
}

/// Asserts that the same rows in another order, in two files, one of them packed, are the same snapshot.
fn assert_same_elsewhere(folder: &Path, table: Table, head: &[u8], rows: &[&[u8]], before: &Snapshot) {
    let file = |from: usize| {
        let mut file = head.to_vec();
        let whole = |file: &mut Vec<u8>| {
            if file.last() != Some(&b'\n') {
                file.push(b'\n');
            }
        };
        for row in rows.iter().skip(from).step_by(2).rev() {
            whole(&mut file);
            file.extend(*row);
        }
        whole(&mut file);
        file
    };
    write(folder, "part-1.csv", &file(1));
    write(folder, "part-2.csv", &gzip(&file(0)));
    match freeze(folder, table, "part-*.csv") {
        Ok(snapshot) => assert_eq!(snapshot.hash(), before.hash(), "another order is another snapshot"),
        Err(error) => unreachable!("in another order it is refused: {error}"),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

/// What a file holds, where that is not too much.
fn unpacked(file: Vec<u8>) -> Option<Vec<u8>> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Some(file);
    }
    let mut bytes = Vec::new();
    MultiGzDecoder::new(file.as_slice()).take(LONGEST).read_to_end(&mut bytes).ok()?;
    ((bytes.len() as u64) < LONGEST).then_some(bytes)
}
