//! Forgetting a member, and telling one what is held about them.

use std::path::Path;

use rusqlite::params;

use crate::Error;
use crate::store::Ledger;
use crate::write::{FORGOT, Whole, disown};

impl Ledger {
    /// Takes members out of a ledger for good: their names, the reasons, and the salts without which an entry says nothing of
    /// who it is about. What they were given stays, given to somebody forgotten, and the chain verifies. Answers how many rows
    /// that were. Where there is no ledger, none is made.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written; nothing is forgotten then.
    pub fn forget(path: &Path, ids: &[String]) -> Result<u64, Error> {
        if !path.is_file() {
            return Ok(0);
        }
        let mut ledger = Self::open(path)?;
        let file = || Error::file("write", path);
        let rows = ledger.write("host", |writer| {
            let transaction = writer.transaction;
            let mut forget = || -> rusqlite::Result<u64> {
                let (mut rows, mut entries) = (0, 0);
                let mut chapters = std::collections::BTreeSet::new();
                for id in ids {
                    let mut query = transaction
                        .prepare_cached("SELECT definition, period FROM history WHERE member = ?1")?;
                    let told = query.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
                    for chapter in told {
                        let chapter: (String, String) = chapter?;
                        chapters.insert(chapter);
                    }
                    rows += transaction.execute("DELETE FROM history WHERE member = ?1", [id])?;
                    rows += transaction.execute("DELETE FROM sightings WHERE member = ?1", [id])?;
                    entries += disown(transaction, id)?;
                }
                // Who is forgotten is not among those who opted out by the next data, and not missed there.
                if let Some(newest) = crate::commit::newest_run(transaction)?
                    && newest.wishes.is_some()
                    && (entries > 0 || !chapters.is_empty())
                {
                    transaction.execute(
                        "UPDATE runs SET wishes = NULL WHERE definition = ?1 AND period = ?2",
                        [&newest.definition, &newest.period],
                    )?;
                    chapters.insert((newest.definition, newest.period));
                }
                if entries > 0 || !chapters.is_empty() {
                    let at = newest(transaction)?;
                    let amount = i64::try_from(entries).unwrap_or(i64::MAX);
                    writer.whole(&Whole { state: FORGOT, period: "", amount, at, detail: "" })?;
                    for (definition, period) in &chapters {
                        writer.chapter(FORGOT, definition, period, at)?;
                    }
                }
                Ok((rows + entries) as u64)
            };
            forget().map_err(file())
        })?;
        // No copy of it stays behind in pages that are free.
        ledger.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").map_err(file())?;
        Ok(rows)
    }

    /// What a ledger says about members.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn held(path: &Path, ids: &[String]) -> Result<Vec<serde_json::Value>, Error> {
        let ledger = Self::look(path)?;
        let held = || -> rusqlite::Result<Vec<serde_json::Value>> {
            let mut all = Vec::new();
            for id in ids {
                let mut entries = ledger.connection.prepare(
                    "SELECT e.award, e.period, e.kind, e.state, e.occurrence, e.amount, s.reason, e.actor
                     FROM entries e JOIN claims c ON c.id = e.claim JOIN members m ON m.id = c.member
                     LEFT JOIN secrets s ON s.entry = e.number WHERE m.member = ?1 ORDER BY e.number",
                )?;
                let rows = entries.query_map([id], |row| {
                    Ok(serde_json::json!({
                        "award": row.get::<_, String>(0)?, "period": row.get::<_, String>(1)?,
                        "kind": row.get::<_, String>(2)?, "state": row.get::<_, String>(3)?,
                        "occurrence": row.get::<_, i64>(4)?, "amount": row.get::<_, i64>(5)?,
                        "reason": row.get::<_, Option<String>>(6)?, "actor": row.get::<_, String>(7)?,
                    }))
                })?;
                all.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
                let mut history = ledger.connection.prepare(
                    "SELECT definition, period, tier, coalesce(said, tier) FROM history WHERE member = ?1 ORDER BY definition, period",
                )?;
                let rows = history.query_map(params![id], |row| {
                    Ok(serde_json::json!({
                        "definition": row.get::<_, String>(0)?, "period": row.get::<_, String>(1)?,
                        "tier": row.get::<_, String>(2)?, "said": row.get::<_, String>(3)?,
                    }))
                })?;
                all.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(all)
        };
        held().map_err(Error::file("read", path))
    }
}

/// The community's time: as-of of the newest run; 0 where there was none.
pub(crate) fn newest(connection: &rusqlite::Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(as_of), 0) FROM runs", [], |row| row.get(0))
}
