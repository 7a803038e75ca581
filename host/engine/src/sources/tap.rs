//! Looking at the bytes on their way to the CSV parser, for what it does not tell.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use super::quotes::{QuoteProblem, Quotes};

/// The longest row, in bytes; one quote left open would otherwise take the rest of the file into memory.
const LONGEST_ROW: u64 = 1 << 20;

/// What is known of the bytes that went by.
#[derive(Default)]
pub(super) struct Seen {
    bytes: Cell<u64>,
    last: Cell<u8>,
    /// Where the newest complete row ended.
    row_end: Cell<u64>,
}

impl Seen {
    /// A row was read and the parser stands behind it, so many bytes from the start.
    pub(super) fn row_ends_at(&self, byte: u64) {
        self.row_end.set(byte);
    }

    /// Whether all that was read so far ends with the newest row, and without a line feed.
    pub(super) fn ended_without_line_feed(&self) -> bool {
        self.row_end.get() == self.bytes.get() && self.last.get() != b'\n'
    }
}

/// A reader that keeps [`Seen`], ends rows that do not end, and refuses quotes that the parser would let pass.
pub(super) struct Tap<R> {
    inner: R,
    seen: Rc<Seen>,
    /// Where a quote is more than a character.
    quotes: Option<Quotes>,
}

impl<R: Read> Tap<R> {
    /// `quoted` is what stands between fields, where fields may be quoted.
    pub(super) fn new(inner: R, quoted: Option<u8>) -> (Self, Rc<Seen>) {
        let seen = Rc::new(Seen::default());
        (Self { inner, seen: Rc::clone(&seen), quotes: quoted.map(Quotes::new) }, seen)
    }
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.seen.bytes.get() - self.seen.row_end.get() > LONGEST_ROW {
            return Err(io::Error::other(Refusal::RowTooLong));
        }
        let count = self.inner.read(buffer)?;
        let new = buffer.get(..count).unwrap_or_default();
        let looked = match &mut self.quotes {
            None => Ok(()),
            Some(quotes) if new.is_empty() => quotes.end(),
            Some(quotes) => quotes.look(new),
        };
        looked.map_err(|problem| io::Error::other(Refusal::Quote(problem)))?;
        if let Some(last) = new.last() {
            self.seen.bytes.set(self.seen.bytes.get() + new.len() as u64);
            self.seen.last.set(*last);
        }
        Ok(count)
    }
}

/// Why [`Tap`] reads no further.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    /// A row is longer than rows may be.
    RowTooLong,
    /// A quote stands where it would swallow what follows.
    Quote(QuoteProblem),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowTooLong => f.write_str("a row is longer than 1 MiB"),
            Self::Quote(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}
