//! The rows of a CSV file, counted in another way than the engine does.

/// A file, cut into its header and its rows. Ends of lines stand with the row that they end.
pub(crate) struct Rows<'a> {
    /// What comes before the header, and the header.
    pub(crate) head: &'a [u8],
    /// The rows that say something.
    pub(crate) rows: Vec<&'a [u8]>,
}

#[derive(Clone, Copy)]
enum At {
    /// Where a field begins.
    Begin,
    /// In a field that does not begin with a quote.
    Bare,
    Quoted,
    /// Behind a quote inside of quotes: the end of the field, or the first of two that stand for one.
    BehindQuote,
}

/// Cuts a file into rows, whose quotes must be in order: at ends of lines that are not inside of quotes. Between fields
/// stands `delimiter`.
pub(crate) fn rows(file: &[u8], delimiter: u8) -> Rows<'_> {
    let mark = if file.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (mut lines, mut start, mut says, mut at) = (Vec::new(), mark, false, At::Begin);
    for (place, &byte) in file.iter().enumerate().skip(mark) {
        at = match (at, byte) {
            (At::Begin, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::BehindQuote,
            (At::BehindQuote, b'"') => {
                says = true;
                At::Quoted
            }
            (At::Begin | At::Bare | At::BehindQuote, byte) if byte == delimiter => {
                says = true;
                At::Begin
            }
            (At::Begin | At::Bare | At::BehindQuote, b'\n') => {
                lines.push((start..place + 1, says));
                (start, says) = (place + 1, false);
                At::Begin
            }
            (at, byte) => {
                says |= !byte.is_ascii_whitespace();
                if matches!(at, At::Quoted) { At::Quoted } else { At::Bare }
            }
        };
    }
    lines.push((start..file.len(), says));
    let mut said = lines.into_iter().filter(|(_, says)| *says).map(|(line, _)| line);
    let head = file.get(..said.next().map_or(0, |head| head.end)).unwrap_or_default();
    Rows { head, rows: said.filter_map(|line| file.get(line)).collect() }
}
