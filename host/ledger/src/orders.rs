//! What people ordered for later runs.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::State;
use crate::claim::state;

/// An order about every award.
pub(crate) const EVERY: &str = "*";

/// What people ordered, as far as it holds.
#[derive(Default)]
pub(crate) struct Orders {
    pinned: HashSet<(String, String)>,
    excluded: HashSet<(String, String)>,
}

impl Orders {
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut orders = Self::default();
        let mut query = connection.prepare_cached(
            "SELECT m.member, c.award, c.state FROM claims c JOIN members m ON m.id = c.member
             WHERE c.kind = 'order' AND c.state IN ('pinned', 'excluded')",
        )?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let all = if state(row, 2)? == State::Pinned { &mut orders.pinned } else { &mut orders.excluded };
            all.insert((row.get(0)?, row.get(1)?));
        }
        Ok(orders)
    }

    pub(crate) fn pinned(&self, member: &str, award: &str) -> bool {
        among(&self.pinned, member, award)
    }

    pub(crate) fn excluded(&self, member: &str, award: &str) -> bool {
        among(&self.excluded, member, award)
    }
}

fn among(orders: &HashSet<(String, String)>, member: &str, award: &str) -> bool {
    !orders.is_empty()
        && [award, EVERY].iter().any(|award| orders.contains(&(member.to_owned(), (*award).to_owned())))
}
