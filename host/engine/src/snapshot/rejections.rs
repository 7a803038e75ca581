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

/// Whether a row that was left aside names any of these ids: by its `members`; by its values alone where it has none, as nobody
/// knows then which of its fields would name somebody. What a member is shown and what is forgotten of one go by this alike.
pub(crate) fn names(entry: &serde_json::Value, ids: &[String]) -> bool {
    if let Some(members) = entry.get("members").and_then(serde_json::Value::as_array) {
        return members
            .iter()
            .filter_map(serde_json::Value::as_str)
            .any(|member| ids.iter().any(|id| id == member));
    }
    let text = |key: &str| entry.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    ids.iter().filter(|id| !id.is_empty()).any(|id| has_value(text("raw"), id) || quotes(text("detail"), id))
}

/// Whether an id is a whole value of a row as it was written, and no mere part of another; or begins to be where the row was
/// cut off.
fn has_value(row: &str, id: &str) -> bool {
    const APART: [char; 5] = [',', ';', '\t', '|', '"'];
    // Words of a row that has nothing else between its values are its values.
    let by_blanks = !row.contains(APART);
    let begins = |before: &str| {
        let trimmed = before.trim_end();
        trimmed.is_empty()
            || trimmed.ends_with(APART)
            || trimmed.ends_with(['[', '{'])
            // Behind a key. Within a time of day stands a colon too.
            || trimmed.strip_suffix(':').is_some_and(|key| key.ends_with(|c: char| c == '"' || c.is_alphabetic()))
            || by_blanks && trimmed.len() < before.len()
    };
    let ends = |behind: &str| {
        let trimmed = behind.trim_start();
        trimmed.is_empty()
            || trimmed.starts_with(APART)
            || trimmed.starts_with(['}', ']'])
            || by_blanks && trimmed.len() < behind.len()
    };
    let whole = |(at, _)| {
        let (before, from) = row.split_at(at);
        from.strip_prefix(id).is_some_and(|behind| begins(before) && ends(behind))
    };
    let cut = |(at, _)| {
        let (before, from) = row.split_at(at);
        id.starts_with(from) && begins(before)
    };
    row.match_indices(id).any(whole)
        || row.chars().count() >= LONGEST_RAW && row.char_indices().rev().take(id.len()).any(cut)
}

/// Whether a text of ours quotes an id.
fn quotes(text: &str, id: &str) -> bool {
    let shown = groundswell_runtime::shown(id, 60);
    text.contains(&format!("\"{shown}\"")) || text.contains(&format!("`{shown}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LONGEST_RAW, names};

    fn named(entry: &serde_json::Value, id: &str) -> bool {
        names(entry, &["nobody".to_owned(), id.to_owned()])
    }

    #[test]
    fn a_row_names_its_members_whatever_its_values_are() {
        let row =
            json!({"raw": "2,ada,nonsense,2", "detail": "\"2\" is not a verb", "members": ["ada", "bob"]});
        assert!(named(&row, "ada") && named(&row, "bob"));
        assert!(!named(&row, "2") && !named(&row, "nonsense"));
        let of_nobody = json!({"raw": "2,ada", "detail": "", "members": []});
        assert!(!named(&of_nobody, "ada") && !named(&of_nobody, "2"));
    }

    #[test]
    fn a_row_whose_members_are_not_known_may_name_whom_its_values_name() {
        let raw = |raw: &str, id: &str| named(&json!({"raw": raw, "detail": ""}), id);
        assert!(raw("x,zoe,2020", "zoe") && raw("{\"actor\": \"zoe\"", "zoe") && raw("zoe", "zoe"));
        assert!(raw("a, zoë b ,c", "zoë b") && raw("{actor: zoe}", "zoe") && raw("[2, 3", "2"));
        assert!(raw("zoe bob 2020-01-02", "bob") && raw("{\"id\":2}", "2") && raw("6,ada,2", "2"));
        for (row, id) in [
            ("zoe2,2020-01-02", "zoe"),
            ("zoe2,2020-01-02", "2"),
            ("x1-1-1", "1-1"),
            ("7,ada,22", "2"),
            ("7,ada,2020-01-02 02:02:02", "02"),
            ("7,ada,I met 2 of them", "2"),
            ("a", ""),
        ] {
            assert!(!raw(row, id), "{id:?} in {row:?}");
        }
        let cut = format!("{},zo", "x".repeat(LONGEST_RAW - 3));
        assert!(raw(&cut, "zoe") && !raw(&cut, "zed") && !raw("x,zo", "zoe"));
    }

    #[test]
    fn the_words_around_a_detail_name_nobody() {
        let detail = |detail: &str, id: &str| named(&json!({"raw": "", "detail": detail}), id);
        assert!(detail("\"zoe\": no time", "zoe") && detail("`zoe` is two", "zoe"));
        assert!(!detail("2 fields where the header has 3", "2") && !detail("the header", "header"));
    }
}
