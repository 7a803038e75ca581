//! Whole columns, written batch by batch.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Columns cut into the parts of each batch, so that any thread writes an answer where it belongs and nothing is kept
/// twice.
pub(crate) struct Parts<'a> {
    rows_a_batch: usize,
    /// Of each batch, its part of every column.
    parts: Vec<Mutex<Vec<&'a mut [f64]>>>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(columns: &'a mut [Vec<f64>], rows_a_batch: usize) -> Self {
        let batches = columns.first().map_or(0, |column| column.len().div_ceil(rows_a_batch));
        let width = columns.len();
        let mut parts: Vec<Vec<&mut [f64]>> = (0..batches).map(|_| Vec::with_capacity(width)).collect();
        for column in columns {
            parts.iter_mut().zip(column.chunks_mut(rows_a_batch)).for_each(|(part, chunk)| part.push(chunk));
        }
        Self { rows_a_batch, parts: parts.into_iter().map(Mutex::new).collect() }
    }

    /// Writes what was answered about the batch of these rows: as many columns, of as many rows.
    pub(crate) fn write(&self, rows: &Range<usize>, answer: &[Vec<f64>]) {
        let Some(part) = self.parts.get(rows.start / self.rows_a_batch) else { return };
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        for (column, answer) in part.iter_mut().zip(answer) {
            column.copy_from_slice(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_batch_is_written_where_it_belongs() {
        let mut columns = vec![vec![0.0; 5]; 2];
        let parts = Parts::of(&mut columns, 2);
        parts.write(&(4..5), &[vec![5.0], vec![50.0]]);
        parts.write(&(0..2), &[vec![1.0, 2.0], vec![10.0, 20.0]]);
        parts.write(&(2..4), &[vec![3.0, 4.0], vec![30.0, 40.0]]);
        drop(parts);
        assert_eq!(columns, [[1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0, 40.0, 50.0]]);
        Parts::of(&mut [], 2).write(&(0..2), &[]);
    }
}
