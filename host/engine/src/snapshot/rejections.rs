//! Keeping count of rows that were left aside, and where they stood.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Rejected, RejectedExample};
use crate::config::MaxRejected;
use crate::sources::Reason;
use crate::{Error, Table};

/// Examples kept for each reason.
const EXAMPLES: usize = 3;
/// The longest row that `rejected.jsonl` shows, in characters.
const LONGEST_RAW: usize = 500;

/// Writes `rejected.jsonl` and counts.
pub(super) struct Rejections {
    path: PathBuf,
    file: BufWriter<File>,
    counts: BTreeMap<(Table, String), Rejected>,
}

#[derive(serde::Serialize)]
struct Line<'r> {
    table: Table,
    file: &'r str,
    line: u64,
    reason: &'r str,
    detail: &'r str,
    /// The row's fields with commas between them and without quotes, cut after 500 characters. Of a row whose id
    /// another has: its values as a snapshot holds them, in the order of the table's columns; or nothing, where
    /// there are too many such rows to look at.
    raw: String,
}

impl Rejections {
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::file("create", path))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), counts: BTreeMap::new() })
    }

    /// Takes over what was left aside when an earlier snapshot was taken.
    pub(super) fn carry(&mut self, file: &Path, rejected: &[Rejected]) -> Result<(), Error> {
        let mut earlier = File::open(file).map_err(Error::file("read", file))?;
        std::io::copy(&mut earlier, &mut self.file).map_err(Error::file("write", &self.path))?;
        for one in rejected {
            if let Some(table) = Table::ALL.into_iter().find(|table| table.name() == one.table) {
                self.counts.insert((table, one.reason.clone()), one.clone());
            }
        }
        Ok(())
    }

    /// Leaves a row aside.
    pub(super) fn add(
        &mut self,
        table: Table,
        (file, line): (&str, u64),
        reason: Reason,
        raw: &str,
    ) -> Result<(), Error> {
        let raw = raw.chars().take(LONGEST_RAW).collect();
        let entry = Line { table, file, line, reason: &reason.reason, detail: &reason.detail, raw };
        let written = serde_json::to_writer(&mut self.file, &entry).map_err(std::io::Error::from);
        written.and_then(|()| self.file.write_all(b"\n")).map_err(Error::file("write", &self.path))?;
        let rejected = self.counts.entry((table, reason.reason.clone())).or_insert_with(|| Rejected {
            table: table.name().to_owned(),
            reason: reason.reason,
            rows: 0,
            examples: Vec::new(),
        });
        rejected.rows += 1;
        if rejected.examples.len() < EXAMPLES {
            rejected.examples.push(RejectedExample { file: file.to_owned(), line, detail: reason.detail });
        }
        Ok(())
    }

    /// Whether more of a table's rows are left aside than is allowed, if `further` ones are left aside too.
    pub(super) fn too_many(&self, table: Table, further: u64, allowed: MaxRejected, all_rows: u64) -> bool {
        let rejected = further + self.of_table(table).map(|rejected| rejected.rows).sum::<u64>();
        match allowed {
            MaxRejected::Rows(rows) => rejected > rows,
            #[expect(clippy::cast_precision_loss, reason = "tables have fewer than 2^53 rows")]
            MaxRejected::Percent(percent) => rejected as f64 * 100.0 > percent * all_rows as f64,
        }
    }

    fn of_table(&self, table: Table) -> impl Iterator<Item = &Rejected> {
        self.counts.iter().filter(move |((of, _), _)| *of == table).map(|(_, rejected)| rejected)
    }

    /// Stops where more of a table's rows were left aside than is allowed.
    pub(super) fn check(&self, table: Table, allowed: MaxRejected, all_rows: u64) -> Result<(), Error> {
        if !self.too_many(table, 0, allowed, all_rows) {
            return Ok(());
        }
        let rejected: u64 = self.of_table(table).map(|rejected| rejected.rows).sum();
        let limit = match allowed {
            MaxRejected::Rows(rows) => rows.to_string(),
            MaxRejected::Percent(percent) => format!("\"{percent}%\""),
        };
        const REASONS: usize = 5;
        let mut reasons: Vec<&Rejected> = self.of_table(table).collect();
        reasons.sort_by_key(|rejected| std::cmp::Reverse(rejected.rows));
        let mut message = format!(
            "{rejected} of {all_rows} rows of {table} cannot be used, more than max-rejected = {limit} allows; mend them, or raise \
             `max-rejected` in [sources]"
        );
        for one in reasons.iter().take(REASONS) {
            message.push_str(&format!("\n  {} × {}", one.rows, one.reason));
            for RejectedExample { file, line, detail } in &one.examples {
                message.push_str(&format!("\n      {file}, line {line}: {detail}"));
            }
        }
        if let Some(more) = reasons.len().checked_sub(REASONS).filter(|more| *more > 0) {
            message.push_str(&format!("\n  and {more} more reasons"));
        }
        Err(Error::TooManyRejected(message))
    }

    /// All that was left aside: by table, the most frequent reason first.
    pub(super) fn finish(mut self) -> Result<Vec<Rejected>, Error> {
        self.file.flush().map_err(Error::file("write", &self.path))?;
        let mut all: Vec<(Table, Rejected)> =
            self.counts.into_iter().map(|((table, _), rejected)| (table, rejected)).collect();
        all.sort_by_key(|(table, rejected)| (*table, std::cmp::Reverse(rejected.rows)));
        Ok(all.into_iter().map(|(_, rejected)| rejected).collect())
    }
}
