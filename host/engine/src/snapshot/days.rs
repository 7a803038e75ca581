//! Noticing dates that lie far from all others.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{Array, RecordBatch};

use crate::time;

const DAY: i64 = 86_400_000_000_000;
/// A pause that no living community makes.
const FIVE_YEARS: i64 = 5 * 365;

/// How many rows there are on each day, and which is the newest.
#[derive(Default)]
pub(super) struct Days {
    rows: BTreeMap<i64, u64>,
    newest: Option<i64>,
    /// The first row, counted from 0, that is the newest.
    newest_row: u64,
    seen: u64,
}

impl Days {
    /// Counts the rows of a batch with a column `at`.
    pub(super) fn observe(&mut self, batch: &RecordBatch) {
        let at = batch.column_by_name("at").and_then(|at| at.as_primitive_opt::<TimestampNanosecondType>());
        let Some(at) = at.filter(|at| at.null_count() == 0) else { return };
        let newest = at.values().iter().copied().max();
        if newest > self.newest {
            let index = at.values().iter().position(|at| Some(*at) == newest);
            self.newest = newest;
            self.newest_row = self.seen + index.unwrap_or_default() as u64;
        }
        self.seen += at.len() as u64;
        // Rows are often in order: the map is asked once a day, not once a row.
        for day in at.values().chunk_by(|a, b| a.div_euclid(DAY) == b.div_euclid(DAY)) {
            if let Some(first) = day.first() {
                *self.rows.entry(first.div_euclid(DAY)).or_default() += day.len() as u64;
            }
        }
    }

    /// Takes in what another counted; whose rows are newest is then no longer known.
    pub(super) fn add(&mut self, other: Self) {
        self.newest = self.newest.max(other.newest);
        for (day, rows) in other.rows {
            *self.rows.entry(day).or_default() += rows;
        }
    }

    pub(super) fn newest(&self) -> Option<i64> {
        self.newest
    }

    /// The first row, counted from 0, that is the newest; of one table's days.
    pub(super) fn newest_row(&self) -> u64 {
        self.newest_row
    }

    /// What to say when the newest rows lie years after the great majority.
    pub(super) fn note(&self) -> Option<String> {
        let all: u64 = self.rows.values().sum();
        let mut later = 0;
        let mut days = self.rows.iter().rev().peekable();
        while let Some((day, rows)) = days.next() {
            later += rows;
            let (before, _) = days.peek()?;
            if later * 2 >= all {
                return None;
            }
            if day - **before > FIVE_YEARS {
                let years = (day - **before) / 365;
                // The first day that there is begins before all time.
                let date =
                    |day: i64| time::rfc3339(day.saturating_mul(DAY)).chars().take(10).collect::<String>();
                return Some(format!(
                    "{later} of {all} rows with a time lie at or after {}, {years} years after all others, which end on {}; a run \
                     without `as-of` looks from the newest: set `as-of` in [community], or mend the rows",
                    date(*day),
                    date(**before),
                ));
            }
        }
        None
    }
}
