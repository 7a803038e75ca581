//! Rows, wherever they come from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use csv::ByteRecord;

use super::{Meter, Table};
use crate::Error;

/// Tables that the program gives instead of files.
pub(crate) type Given = BTreeMap<Table, Arc<dyn Rows>>;

/// A table that the program gives: it can be read again and again.
pub(crate) trait Rows: fmt::Debug + Send + Sync {
    /// What it is called where a file would be.
    fn label(&self) -> &str;

    /// Whether it was read before, so that all there is to say of it as a whole has been said.
    fn was_read(&self) -> bool {
        false
    }

    /// Reads it from its first row on.
    fn open<'m>(&self, meter: &'m Meter<'_>) -> Result<Box<dyn Reading + 'm>, Error>;
}

/// One pass over the rows of a file, or of what is given in its place.
pub(crate) trait Reading {
    /// The names of the columns, without blanks around them.
    fn header(&self) -> &[String];

    /// The next row.
    fn next(&mut self) -> Result<Option<Line<'_>>, Error>;

    /// What is to be said of the rows that were read, once all are.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A row, as it stands in its file.
#[derive(Clone, Debug)]
pub(crate) struct Line<'r> {
    /// Where it starts, counted from 1.
    pub(crate) number: u64,
    /// A field for each column, unless something is wrong with it.
    pub(crate) fields: &'r ByteRecord,
    pub(crate) flaw: Option<Flaw>,
}

/// What is wrong with a whole row.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    /// It has not as many fields as the file's header, which has so many.
    Ragged(usize),
    /// It has no header, and fewer fields than are asked for: up to this one.
    Short(usize),
    /// It is no object of JSON, because of this.
    NoObject(String),
}
