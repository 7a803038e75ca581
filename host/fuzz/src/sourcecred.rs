//! Bytes as a graph of SourceCred.

use std::path::Path;

use groundswell::import::{ImportError, ImportReport, sourcecred};
use serde_json::Value;

use crate::frozen::{gzip, zlib};
use crate::message::assert_plain;
use crate::scratch::{folder, write};
use crate::xml::assert_usable;

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let scratch = folder();
    let folder = scratch.path();
    // What stands around lists is the same in all graphs: in some inputs it need not be found.
    let graph = match way % 4 {
        0 => wrapped(rest),
        _ => rest.to_vec(),
    };
    write(folder, "graph.json", &graph);
    let out = folder.join("out");
    let import = |file: &str, out: &Path| sourcecred(folder.join(file), out, &|_, _, _| ());
    match import("graph.json", &out) {
        Ok(report) => {
            assert_report(&report, &out);
            for (list, of) in [("nodes", "nodes of graph.json"), ("edges", "edges of graph.json")] {
                let told = report.files.iter().find(|file| file.file == of).map(|file| file.rows);
                if let (Some(told), Some(rows)) = (told, elements(&graph, list)) {
                    assert_eq!(told, rows, "{list} lost, or counted twice");
                }
            }
            write(folder, "packed.json", &if way / 4 % 2 == 0 { gzip(&graph) } else { zlib(&graph) });
            let again = folder.join("again");
            let packed = import("packed.json", &again);
            // What is packed is not packed once more.
            if !matches!(graph.as_slice(), [0x1f, 0x8b, ..] | [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
                assert!(packed.is_ok(), "packed, it is refused: {packed:?}");
                assert_same(&out, &again);
            }
        }
        Err(error) => assert_refused(&error, &out, || import("graph.json", &out).err()),
    }
}

/// Asserts that a report adds up, and that the community that was written is what it says.
pub(crate) fn assert_report(report: &ImportReport, out: &Path) {
    assert!(report.adds_up(), "rows lost, or counted twice: {report:?}");
    assert_plain(&report.to_string().chars().take(4_000).collect::<String>());
    assert_usable(out, report);
}

/// Asserts that what refuses a file can be shown, is the same twice, and left nothing.
pub(crate) fn assert_refused(error: &ImportError, out: &Path, again: impl FnOnce() -> Option<ImportError>) {
    let said = error.to_string();
    assert_plain(&said);
    assert!(!out.join("members.csv").exists(), "half an import is left");
    assert_eq!(again().map(|error| error.to_string()), Some(said));
}

/// Asserts that two imports wrote the same.
pub(crate) fn assert_same(one: &Path, other: &Path) {
    for name in ["members.csv", "activities.csv.gz"] {
        let read = |out: &Path| std::fs::read(out.join(name)).unwrap_or_default();
        assert!(read(one) == read(other), "the same export, and another {name}");
    }
}

/// The lists of a graph, with what stands around them.
fn wrapped(lists: &[u8]) -> Vec<u8> {
    let before = br#"[{"type":"sourcecred/weightedGraph","version":"0.1.0"},{"graphJSON":[{"type":"sourcecred/graph","version":"0.8.0"},{"#;
    [&before[..], lists, b"}]}]"].concat()
}

/// How many elements a list of a graph has, where it has only one of that name.
fn elements(graph: &[u8], list: &str) -> Option<u64> {
    let text = std::str::from_utf8(graph.strip_prefix(b"\xef\xbb\xbf").unwrap_or(graph)).ok()?;
    let once = |key: &str| text.matches(&format!("\"{key}\"")).count() == 1;
    // Names may be written in escapes too.
    if !once(list) || text.contains('\\') {
        return None;
    }
    let graph: Value = serde_json::from_str(text).ok()?;
    let inner = graph.get(1)?;
    let inner = inner.get("graphJSON").map_or(Some(inner), |graph| graph.get(1))?;
    inner.get(list)?.as_array().map(|list| list.len() as u64)
}
