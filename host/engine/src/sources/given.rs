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

    /// Reads it from its first row on.
    fn open<'m>(&self, meter: &'m Meter<'_>) -> Result<Box<dyn Reading + 'm>, Error>;
}

/// One pass over the rows of a file, or of what is given in its place.
pub(crate) trait Reading {
    /// The names of the columns, without blanks around them.
    fn header(&self) -> &[String];

    /// The next row and the line on which it starts.
    fn next(&mut self) -> Result<Option<(u64, &ByteRecord)>, Error>;
}
