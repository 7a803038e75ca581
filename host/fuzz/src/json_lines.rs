//! Bytes as a file of JSON Lines.

use groundswell::{Snapshot, Table};

use crate::frozen::{
    accounted, assert_readable, assert_refused, assert_same, freeze, gzip, table as files_of, zstd,
};
use crate::scratch::{folder, write};

const MARK: &[u8] = b"\xef\xbb\xbf";

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let Some(table) = Table::ALL.get(usize::from(way % 4)) else { return };
    let lines = lines(rest);
    // Anything else is no JSON Lines by its first byte, and read as another form.
    if !lines.first().is_some_and(|line| line.starts_with(b"{")) {
        return;
    }
    let packed = match way / 4 % 3 {
        0 => rest.to_vec(),
        1 => gzip(rest),
        _ => zstd(rest),
    };
    let scratch = folder();
    let folder = scratch.path();
    write(folder, "table", &packed);
    let sources = files_of(*table, "table");
    match freeze(folder, &sources) {
        Ok(snapshot) => {
            assert_readable(&snapshot, *table);
            assert_eq!(accounted(&snapshot, *table), lines.len() as u64, "lines lost, or counted twice");
            let turned = |snapshot: &Snapshot| {
                let mut file = if *way < 128 { MARK.to_vec() } else { Vec::new() };
                lines.iter().rev().for_each(|line| file.extend([line, &b"\r\n"[..]].concat()));
                write(folder, "turned", &if way / 4 % 3 == 0 { zstd(&file) } else { file });
                assert_same(
                    folder,
                    &files_of(*table, "turned"),
                    snapshot,
                    "in another order and packed otherwise",
                );
            };
            if lines.last().is_some_and(|line| line.starts_with(b"{")) {
                turned(&snapshot);
            }
        }
        Err(error) => assert_refused(folder, &sources, &error),
    }
}

/// The lines that are not blank, without blanks around them.
fn lines(file: &[u8]) -> Vec<&[u8]> {
    let text = file.strip_prefix(MARK).unwrap_or(file);
    text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect()
}
