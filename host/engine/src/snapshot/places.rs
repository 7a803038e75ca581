//! Which line a row came from.

/// Remembers the line of every row in little memory: only where lines do not follow upon each other something is kept.
#[derive(Default)]
pub(super) struct Places {
    marks: Vec<Mark>,
    rows: u64,
}

struct Mark {
    row: u64,
    line: u64,
    file: u32,
}

impl Places {
    /// The next row stands here.
    pub(super) fn push(&mut self, file: u32, line: u64) {
        let row = self.rows;
        self.rows += 1;
        let follows =
            self.marks.last().is_some_and(|mark| mark.file == file && mark.line + (row - mark.row) == line);
        if !follows {
            self.marks.push(Mark { row, line, file });
        }
    }

    /// The index of the file, and the line, of a row.
    pub(super) fn of(&self, row: u64) -> (u32, u64) {
        let index = self.marks.partition_point(|mark| mark.row <= row).saturating_sub(1);
        self.marks.get(index).map_or((0, 0), |mark| (mark.file, mark.line + row.saturating_sub(mark.row)))
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn every_row_is_found_where_it_was_put() {
        let put = [(0, 2), (0, 3), (0, 7), (1, 2), (1, 3), (1, 4), (2, 9)];
        let mut places = Places::default();
        for (file, line) in put {
            places.push(file, line);
        }
        assert_eq!(places.marks.len(), 4);
        for (row, place) in put.iter().enumerate() {
            assert_eq!(places.of(row as u64), *place);
        }
    }
}
