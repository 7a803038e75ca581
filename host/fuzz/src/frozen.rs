//! Communities of one table, of files that an input makes.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use groundswell::{Config, Error, Snapshot, Table};

use crate::message::assert_plain;

/// A `[sources.tables]` that names these files.
pub(crate) fn table(table: Table, files: &str) -> String {
    format!("[sources.tables]\n{table} = \"{files}\"\n")
}

/// A community that takes its data from there; any row may be rejected.
pub(crate) fn config(folder: &Path, sources: &str) -> Result<Config, Error> {
    let text = format!(
        "[community]\nname = \"any\"\n[sources]\nmax-rejected = \"100%\"\n{sources}[definitions.any]\nplugin = \"any\"\n"
    );
    Config::parse(folder.join("community.toml"), &text)
}

/// Reads and freezes it.
pub(crate) fn freeze(folder: &Path, sources: &str) -> Result<Snapshot, Error> {
    let config = config(folder, sources)?;
    Snapshot::take(&config, &config.community.state.join("snapshots"), None)
}

/// Asserts that what refuses a file can be shown, blames no plugin, and is the same when it is read once more.
pub(crate) fn assert_refused(folder: &Path, sources: &str, error: &Error) {
    let said = error.to_string();
    assert_plain(&said);
    assert!(!error.is_plugin_fault(), "{said}");
    let again = freeze(folder, sources).err().map(|error| error.to_string());
    assert_eq!(again, Some(said));
}

/// Asserts that the same rows from another file are the same snapshot.
pub(crate) fn assert_same(folder: &Path, sources: &str, before: &Snapshot, how: &str) {
    match freeze(folder, sources) {
        Ok(snapshot) => assert_eq!(snapshot.hash(), before.hash(), "{how}, it is another snapshot"),
        Err(error) => unreachable!("{how}, it is refused: {error}"),
    }
}

/// Asserts that what a snapshot says can be shown, and that it can be opened again.
pub(crate) fn assert_readable(snapshot: &Snapshot, table: Table) {
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

fn rejected(snapshot: &Snapshot) -> u64 {
    snapshot.rejected().iter().map(|rejected| rejected.rows).sum()
}

/// Rows that were kept, rejected, or counted once with another that says the same.
pub(crate) fn accounted(snapshot: &Snapshot, table: Table) -> u64 {
    let equal = |note: &String| {
        let said = note.strip_prefix(&format!("{table}: "))?;
        let (rows, what) = said.split_once(' ')?;
        ["row says exactly", "rows say exactly"].iter().find(|begin| what.starts_with(**begin))?;
        rows.parse::<u64>().ok()
    };
    snapshot.rows(table) + rejected(snapshot) + snapshot.notes().iter().find_map(equal).unwrap_or(0)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap_or_default()
}

/// What a reader holds, where that is no more than so many bytes and there is nothing wrong with it.
pub(crate) fn all_of(reader: impl Read, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most).read_to_end(&mut bytes).ok()?;
    ((bytes.len() as u64) < most).then_some(bytes)
}
