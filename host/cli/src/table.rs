use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, presets};

/// A table for people: columns, no lines, one row a line.
pub(crate) struct Table(Lines);

impl Table {
    /// With these titles; the columns in `right`, counted from 0, stand to the right.
    pub(crate) fn new(titles: &[&str], right: &[usize]) -> Self {
        Self(Lines::new(titles, right))
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.row(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A table whose columns are not known beforehand.
pub(crate) struct Lines(comfy_table::Table);

impl Lines {
    /// With these titles; the columns in `right`, counted from 0, stand to the right.
    pub(crate) fn new<T: ToString>(titles: &[T], right: &[usize]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(titles.iter().map(ToString::to_string));
        for &column in right {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self(table)
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells);
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.trim_fmt())
    }
}
