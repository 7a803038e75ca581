//! Where quoted fields begin and end.
//!
//! The CSV parser takes any text for a field: one that goes on after its closing quote, and one that is never
//! closed. Both make one field of many rows, and nobody would hear of the rows. So they are looked for here. A
//! quote inside of a field that does not begin with one is a character like others.

use std::fmt;

use memchr::memchr;

const QUOTE: u8 = b'"';
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Follows the quotes of a file, block by block.
pub(super) struct Quotes {
    /// What stands between fields.
    delimiter: u8,
    state: State,
    /// The byte before the next block.
    before: u8,
    /// The line on which the next block starts, counted from 1.
    line: u64,
    /// The line of the quote that opened the newest quoted field.
    opened: u64,
    started: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a field without quotes, or before one.
    Outside,
    Inside,
    /// Behind a quote inside of a quoted field: its end, or the first of two that stand for one.
    BehindQuote,
    /// Behind a closing quote and a carriage return.
    BehindReturn,
}

/// A quote that would swallow what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuoteProblem {
    /// The field that begins on line `opened` ends on line `line`, and goes on behind its end.
    GoesOn { opened: u64, line: u64 },
    /// The field that begins on line `opened` is still open where the file ends, on line `line`.
    NeverClosed { opened: u64, line: u64 },
}

impl fmt::Display for QuoteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WAY_OUT: &str = "inside of quotes a quote is written twice, as in \"5\"\" pipe\"";
        match *self {
            Self::GoesOn { opened, line } => {
                write!(f, "line {line}: behind the quote that closes a field")?;
                if opened != line {
                    write!(f, ", which began on line {opened},")?;
                }
                write!(f, " stands neither what separates fields nor the end of the line; {WAY_OUT}")
            }
            Self::NeverClosed { opened, line } => {
                write!(f, "the quote that begins a field on line {opened} is never closed")?;
                match line - opened {
                    0 => {}
                    1 => f.write_str(", and the line after it became part of that field")?,
                    lines => write!(f, ", and the {lines} lines after it became part of that field")?,
                }
                write!(f, "; close it, and mind that {WAY_OUT}")
            }
        }
    }
}

impl Quotes {
    /// Those of a file whose fields have this byte between them.
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: State::Outside, before: b'\n', line: 1, opened: 0, started: false }
    }

    /// Looks at the next bytes of the file, of which there is at least one.
    pub(super) fn look(&mut self, block: &[u8]) -> Result<(), QuoteProblem> {
        let mut rest = block;
        if !self.started {
            self.started = true;
            rest = block.strip_prefix(BYTE_ORDER_MARK).unwrap_or(block);
        }
        loop {
            match self.state {
                State::Outside | State::Inside => {
                    let Some(at) = memchr(QUOTE, rest) else { break };
                    let (passed, from) = rest.split_at(at);
                    self.pass(passed);
                    rest = from.get(1..).unwrap_or_default();
                    if self.state == State::Inside {
                        self.state = State::BehindQuote;
                    } else if self.before == self.delimiter || self.before == b'\n' {
                        self.state = State::Inside;
                        self.opened = self.line;
                    }
                    self.before = QUOTE;
                }
                State::BehindQuote | State::BehindReturn => {
                    let Some((&next, behind)) = rest.split_first() else { break };
                    self.state = match (self.state, next) {
                        (State::BehindQuote, QUOTE) => State::Inside,
                        (State::BehindQuote, b'\r') => State::BehindReturn,
                        (State::BehindQuote, byte) if byte == self.delimiter => State::Outside,
                        (_, b'\n') => State::Outside,
                        _ => return Err(QuoteProblem::GoesOn { opened: self.opened, line: self.line }),
                    };
                    self.line += u64::from(next == b'\n');
                    self.before = next;
                    rest = behind;
                }
            }
        }
        self.pass(rest);
        Ok(())
    }

    /// The file ends.
    pub(super) fn end(&self) -> Result<(), QuoteProblem> {
        if self.state != State::Inside {
            return Ok(());
        }
        // A line feed ends a line and begins none.
        let line = (self.line - u64::from(self.before == b'\n')).max(self.opened);
        Err(QuoteProblem::NeverClosed { opened: self.opened, line })
    }

    fn pass(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            self.before = *last;
            self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look(text: &[u8], blocks: usize) -> Result<(), QuoteProblem> {
        let mut quotes = Quotes::new(b',');
        for block in text.chunks(blocks) {
            quotes.look(block)?;
        }
        quotes.end()
    }

    #[test]
    fn quotes_that_the_format_allows_pass() {
        for text in [
            "",
            "a,b\n",
            "\"a\",\"b\"\n",
            "\"a\r\n,\"\"b\"\r\n\"\"\r\n",
            "5\" pipe,a\"\n",
            "a,\"\"\n\"\"",
            "a\r\"\n",
        ] {
            assert_eq!(look(text.as_bytes(), 100), Ok(()), "{text:?}");
        }
        assert_eq!(look(b"\xef\xbb\xbf\"a\"\n", 100), Ok(()));
    }

    #[test]
    fn a_field_that_goes_on_or_never_ends_is_found_on_its_line() {
        let goes_on = |opened, line| Err(QuoteProblem::GoesOn { opened, line });
        let never_closed = |opened, line| Err(QuoteProblem::NeverClosed { opened, line });
        assert_eq!(look(b"a\n\"b\"c\n", 100), goes_on(2, 2));
        assert_eq!(look(b"a\n\"b\nc\n,\"d", 100), goes_on(2, 4));
        assert_eq!(look(b"\"b\" ,c\n", 100), goes_on(1, 1));
        assert_eq!(look(b"\"b\"\rc\n", 100), goes_on(1, 1));
        assert_eq!(look(b"\xef\xbb\xbf\"b\"c\n", 100), goes_on(1, 1));
        assert_eq!(look(b"a\n\"b\nc\n", 100), never_closed(2, 3));
        assert_eq!(look(b"a\n\"b\nc", 100), never_closed(2, 3));
        assert_eq!(look(b"a,\"", 100), never_closed(1, 1));
        assert_eq!(look(b"\"\"\"", 100), never_closed(1, 1));
    }

    proptest! {
        #[test]
        fn what_is_found_does_not_depend_on_the_blocks(text in "[\",\n\ra]{0,12}", blocks in 1_usize..5) {
            prop_assert_eq!(look(text.as_bytes(), blocks), look(text.as_bytes(), 100));
        }

        #[test]
        fn whatever_is_written_with_quotes_passes(
            rows in proptest::collection::vec(proptest::collection::vec("[\",\n\r a]{0,5}", 2..4), 0..5),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            prop_assert_eq!(look(&writer.into_inner().unwrap(), 7), Ok(()));
        }
    }
}
