//! Keeping count of rows that were left aside, and where they stood.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
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
    /// The ids of whom the row names; nothing where its fields do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<&'r [String]>,
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
        members: Option<&[String]>,
        raw: &str,
    ) -> Result<(), Error> {
        let raw = raw.chars().take(LONGEST_RAW).collect();
        let entry = Line { table, file, line, reason: &reason.reason, detail: &reason.detail, members, raw };
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

/// The table, the file and the line of a row that was left aside.
type Place = (String, String, u64);

/// Takes what rows said out of a file of rejected rows, where they name any of these ids. Answers which rows.
pub(super) fn scrub(path: &Path, ids: &[String]) -> Result<BTreeSet<Place>, Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
    let (mut out, mut scrubbed) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        let mut entry: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        if names(&entry, ids) {
            for key in ["raw", "detail"] {
                if let Some(text) = entry.get_mut(key) {
                    *text = "".into();
                }
            }
            if let Some(members) = entry.get_mut("members") {
                *members = Vec::<String>::new().into();
            }
            let text = |key: &str| entry.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
            let line = entry.get("line").and_then(serde_json::Value::as_u64).unwrap_or_default();
            scrubbed.insert((text("table").to_owned(), text("file").to_owned(), line));
        }
        out.push_str(&entry.to_string());
        out.push('\n');
    }
    fs::write(path, out).map_err(Error::file("write", path))?;
    Ok(scrubbed)
}

/// Whether a row that was left aside names any of these ids; where nobody knows which of its fields would, whether it may.
fn names(entry: &serde_json::Value, ids: &[String]) -> bool {
    if let Some(members) = entry.get("members").and_then(serde_json::Value::as_array) {
        return members
            .iter()
            .filter_map(serde_json::Value::as_str)
            .any(|member| ids.iter().any(|id| id == member));
    }
    ["raw", "detail"].iter().any(|key| {
        let text = entry.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        ids.iter().any(|id| mentions(text, id))
    })
}

/// Whether an id stands in a text as a word, or begins where the text was cut off.
fn mentions(text: &str, id: &str) -> bool {
    let is_cut = text.chars().count() >= LONGEST_RAW;
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    !id.is_empty()
        && text.char_indices().any(|(at, _)| {
            let (before, from) = text.split_at(at);
            let whole = from.strip_prefix(id).is_some_and(|behind| apart(behind.chars().next()));
            apart(before.chars().next_back()) && (whole || is_cut && id.starts_with(from))
        })
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_RAW, mentions};

    #[test]
    fn an_id_is_mentioned_where_it_stands_apart() {
        assert!(
            mentions("x,zoe,2020", "zoe") && mentions("{\"actor\": \"zoe\"", "zoe") && mentions("zoe", "zoe")
        );
        assert!(mentions("x1-1-1", "1-1") && mentions("a, zoë b ,c", "zoë b"));
        assert!(
            !mentions("zoe2,2020-01-02", "zoe") && !mentions("zoe2,2020-01-02", "2") && !mentions("a", "")
        );
        let cut = format!("{},zo", "x".repeat(LONGEST_RAW - 3));
        assert!(mentions(&cut, "zoe") && !mentions(&cut, "zed") && !mentions("x,zo", "zoe"));
    }
}
