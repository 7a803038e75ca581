//! Bytes as the file of a table.

use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use groundswell::{Snapshot, Table};

use crate::frozen::{
    accounted, all_of, assert_readable, assert_refused, assert_same, freeze, gzip, table as files_of,
};
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
    let sources = files_of(*table, "table.csv");
    match freeze(folder, &sources) {
        Ok(snapshot) => {
            assert_readable(&snapshot, *table);
            let Some(file) = unpacked(packed).filter(|file| is_csv(file)) else { return };
            let Rows { head, rows } = rows(&file, b',');
            assert_eq!(accounted(&snapshot, *table), rows.len() as u64, "rows lost, or counted twice");
            assert_same_elsewhere(folder, *table, head, &rows, &snapshot);
        }
        Err(error) => assert_refused(folder, &sources, &error),
    }
}

/// Whether a file is not one of the other forms that its first bytes tell.
fn is_csv(file: &[u8]) -> bool {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    !text.starts_with(b"{")
        && ![&b"PAR1"[..], b"\x28\xb5\x2f\xfd", b"\x1f\x8b"].iter().any(|magic| file.starts_with(magic))
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
    assert_same(folder, &files_of(table, "part-*.csv"), before, "in another order");
}

/// What a file holds, where that is not too much.
fn unpacked(file: Vec<u8>) -> Option<Vec<u8>> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Some(file);
    }
    all_of(MultiGzDecoder::new(file.as_slice()), LONGEST)
}
