//! The rows of an XML file, counted in another way than the importer does.

/// How many elements `row` begin in a file whose XML is in order.
pub(crate) fn rows(file: &[u8]) -> u64 {
    let mut rows = 0;
    let mut rest = file;
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        rest = rest.get(at..).unwrap_or_default();
        let end = match rest {
            [b'<', b'!', b'-', b'-', ..] => behind(rest, 4, b"-->"),
            [b'<', b'?', ..] => behind(rest, 2, b"?>"),
            _ => behind_tag(rest),
        };
        let tag = rest.get(..end).unwrap_or_default();
        rows += u64::from(tag.strip_prefix(b"<row").is_some_and(|rest| {
            rest.first().is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'/' | b'>'))
        }));
        rest = rest.get(end..).unwrap_or_default();
    }
    rows
}

fn behind(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let found = bytes.get(from..).unwrap_or_default().windows(end.len()).position(|window| window == end);
    found.map_or(bytes.len(), |at| from + at + end.len())
}

/// Where a tag ends: at the first `>` outside of quotes.
fn behind_tag(bytes: &[u8]) -> usize {
    let mut quote = None;
    for (at, &byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    bytes.len()
}
