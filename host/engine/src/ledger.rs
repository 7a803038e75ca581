//! The ledger: which awards were given, and where members stood in earlier periods.
//!
//! One SQLite file with a rollback journal: a single file between runs, safe to copy then, and readable
//! where shared memory is not to be had. Whoever writes takes the lock at once and waits for others to
//! finish; a process killed at any moment leaves either all of a run or nothing of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::Error;

/// Marks the file as a ledger of this project.
const APPLICATION: i32 = 0x4753_4c47;
/// The version of the tables below.
const VERSION: i32 = 1;
/// How long a process waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);

const TABLES: &str = "
    CREATE TABLE receipts (
        id INTEGER PRIMARY KEY,
        receipt TEXT NOT NULL UNIQUE
    );
    -- The newest run of a definition in each period.
    CREATE TABLE runs (
        definition TEXT NOT NULL,
        period TEXT NOT NULL,
        as_of INTEGER NOT NULL,
        receipt INTEGER NOT NULL REFERENCES receipts (id),
        PRIMARY KEY (definition, period)
    ) WITHOUT ROWID;
    -- Where members stood: of each period the newest run that scored the member.
    CREATE TABLE history (
        definition TEXT NOT NULL,
        period TEXT NOT NULL,
        member TEXT NOT NULL,
        tier TEXT NOT NULL,
        rung INTEGER,
        as_of INTEGER NOT NULL,
        receipt INTEGER NOT NULL REFERENCES receipts (id),
        PRIMARY KEY (definition, period, member)
    ) WITHOUT ROWID;
    -- Awards, in the order in which they were given. Rows are only ever added.
    CREATE TABLE awards (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        member TEXT NOT NULL,
        award TEXT NOT NULL,
        period TEXT NOT NULL,
        occurrence INTEGER NOT NULL,
        kind TEXT NOT NULL,
        amount INTEGER NOT NULL,
        reason TEXT NOT NULL,
        as_of INTEGER NOT NULL,
        receipt INTEGER NOT NULL REFERENCES receipts (id),
        UNIQUE (member, award, period, occurrence)
    );
";

/// Whether an award is not there.
const ABSENT: &str = "SELECT NOT EXISTS (SELECT 1 FROM awards
    WHERE member = ?1 AND award = ?2 AND period = ?3 AND occurrence = 1)";

/// What a member reached in earlier periods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Before {
    /// The tier at the newest run of an earlier period; none where that run did not score them.
    pub(crate) previous: Option<String>,
    /// The highest rung of any earlier period.
    pub(crate) best: Option<u8>,
}

/// What members reached in earlier periods, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct History(pub(crate) BTreeMap<String, Before>);

impl History {
    /// BLAKE3 over what reward rules can be told of it: member, previous tier and best rung, in the order
    /// of member ids by bytes. Equal digests, equal decisions.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (member, before) in &self.0 {
            for text in [Some(member), before.previous.as_ref()] {
                hasher.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
                hasher.update(text.map_or("", String::as_str).as_bytes());
            }
            hasher.update(&before.best.map_or(u16::MAX, u16::from).to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// Which history a run looks at, and which it becomes part of.
#[derive(Clone, Debug)]
pub(crate) struct Chapter<'a> {
    pub(crate) definition: &'a str,
    pub(crate) period: &'a str,
    /// The period's first moment, nanoseconds since 1970 (UTC).
    pub(crate) start: i64,
}

/// Where one member stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) member: &'a str,
    pub(crate) tier: &'a str,
    pub(crate) rung: Option<u8>,
}

/// An award for the ledger. Its key is member, award and period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) member: &'a str,
    pub(crate) award: &'a str,
    /// Empty for an award that is given once.
    pub(crate) period: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) amount: u64,
    pub(crate) reason: &'a str,
}

/// All that one run adds.
pub(crate) struct Commit<'a, S> {
    pub(crate) chapter: &'a Chapter<'a>,
    pub(crate) as_of: i64,
    pub(crate) receipt: &'a str,
    /// The digest that the awards were decided by; none where nothing was decided.
    pub(crate) decided_by: Option<&'a str>,
    pub(crate) standings: S,
    pub(crate) awards: &'a [Entry<'a>],
}

/// What became of a commit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is recorded; of each award, whether it is new.
    Recorded(Vec<bool>),
    /// The history is not what the awards were decided by; nothing is recorded.
    HistoryChanged,
}

/// A community's ledger.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// None where there is no file and none may be made.
    connection: Option<Connection>,
    path: PathBuf,
}

impl Ledger {
    /// Takes members' names and reasons out of a ledger: what they were given stays, given to somebody forgotten. Answers how many
    /// entries that were.
    pub(crate) fn forget(path: &Path, ids: &[String]) -> Result<u64, Error> {
        if !path.is_file() {
            return Ok(0);
        }
        let failed = |source: rusqlite::Error| Error::Ledger {
            action: "write",
            path: path.to_owned(),
            source: source.into(),
        };
        let forget = || -> rusqlite::Result<u64> {
            let mut connection = Connection::open(path)?;
            connection.busy_timeout(PATIENCE)?;
            // What is deleted is overwritten, and no copy of it stays behind.
            connection.pragma_update(None, "secure_delete", true)?;
            let transaction = connection.transaction()?;
            let mut entries = 0;
            for id in ids {
                entries += transaction.execute("DELETE FROM history WHERE member = ?1", [id])?;
                entries += transaction.execute(
                    "UPDATE awards SET member = 'forgotten ' || number, reason = '' WHERE member = ?1",
                    [id],
                )?;
            }
            transaction.commit()?;
            connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
            Ok(entries as u64)
        };
        forget().map_err(failed)
    }

    /// What a ledger says about members.
    pub(crate) fn held(path: &Path, ids: &[String]) -> Result<Vec<serde_json::Value>, Error> {
        if !path.is_file() {
            return Ok(Vec::new());
        }
        let failed = |source: rusqlite::Error| Error::Ledger {
            action: "read",
            path: path.to_owned(),
            source: source.into(),
        };
        let held = || -> rusqlite::Result<Vec<serde_json::Value>> {
            let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            connection.busy_timeout(PATIENCE)?;
            let mut all = Vec::new();
            for id in ids {
                let mut awards = connection.prepare(
                    "SELECT award, period, kind, amount, reason FROM awards WHERE member = ?1 ORDER BY number",
                )?;
                let rows = awards.query_map([id], |row| {
                    Ok(serde_json::json!({
                        "award": row.get::<_, String>(0)?, "period": row.get::<_, String>(1)?,
                        "kind": row.get::<_, String>(2)?, "amount": row.get::<_, i64>(3)?,
                        "reason": row.get::<_, String>(4)?,
                    }))
                })?;
                all.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
                let mut history = connection.prepare(
                    "SELECT definition, period, tier FROM history WHERE member = ?1 ORDER BY definition, period",
                )?;
                let rows = history.query_map([id], |row| {
                    Ok(serde_json::json!({
                        "definition": row.get::<_, String>(0)?, "period": row.get::<_, String>(1)?,
                        "tier": row.get::<_, String>(2)?,
                    }))
                })?;
                all.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(all)
        };
        held().map_err(failed)
    }

    /// Opens the ledger to write to it, and makes it if need be.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        be_a_file_or_nothing("write", path)?;
        let connection = Connection::open(path).and_then(prepared);
        let mut connection = connection.map_err(failed("write", path))?;
        let made = make(&mut connection).map_err(failed("write", path))?;
        Self::check(made, path)?;
        Ok(Self { connection: Some(connection), path: path.to_owned() })
    }

    /// Opens the ledger to look into it. Where there is none, none is made and it is empty.
    pub(crate) fn look(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Ok(Self { connection: None, path: path.to_owned() });
        }
        be_a_file_or_nothing("read", path)?;
        // Not read-only: the journal of a process that was killed has to be rolled back.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).and_then(prepared);
        let connection = connection.map_err(failed("read", path))?;
        let version = version(&connection).map_err(failed("read", path))?;
        // Another process has made the file and not the tables yet.
        let connection = (version != (0, 0)).then_some(connection);
        if connection.is_some() {
            Self::check(version, path)?;
        }
        Ok(Self { connection, path: path.to_owned() })
    }

    fn check((application, version): (i32, i32), path: &Path) -> Result<(), Error> {
        let problem = if application != APPLICATION {
            "it is not a ledger of this project; move it away".to_owned()
        } else if version != VERSION {
            format!("it has version {version}, this host knows version {VERSION}: upgrade the host")
        } else {
            return Ok(());
        };
        Err(Error::Ledger { action: "read", path: path.to_owned(), source: problem.into() })
    }

    /// Whether nothing was ever recorded in it.
    pub(crate) fn is_new(&self) -> bool {
        self.connection.is_none()
    }

    /// What members reached before the chapter's period.
    pub(crate) fn history(&self, chapter: &Chapter<'_>) -> Result<History, Error> {
        let Some(connection) = &self.connection else { return Ok(History::default()) };
        history(connection, chapter).map_err(failed("read", &self.path))
    }

    /// Of each award, whether the ledger does not have it.
    pub(crate) fn new_ones(&self, awards: &[Entry<'_>]) -> Result<Vec<bool>, Error> {
        let Some(connection) = &self.connection else { return Ok(vec![true; awards.len()]) };
        let known = || -> rusqlite::Result<Vec<bool>> {
            let mut query = connection.prepare(ABSENT)?;
            awards
                .iter()
                .map(|entry| {
                    query.query_row(params![entry.member, entry.award, entry.period], |row| row.get(0))
                })
                .collect()
        };
        known().map_err(failed("read", &self.path))
    }

    /// Records a run: all of it or nothing.
    ///
    /// A run older than the one that its period has by then changes nothing of the runs; of the history it
    /// adds the members that the newer one did not score. Awards that are there stay as they are. A run that is
    /// recorded already, by its receipt, writes nothing.
    pub(crate) fn commit<'s, S>(&mut self, commit: Commit<'_, S>) -> Result<Outcome, Error>
    where
        S: Iterator<Item = Standing<'s>>,
    {
        let Some(connection) = &mut self.connection else {
            let source = "it is open for reading only".into();
            return Err(Error::Ledger { action: "write", path: self.path.clone(), source });
        };
        record(connection, commit).map_err(failed("write", &self.path))
    }
}

/// SQLite would wait for somebody at the other end of a pipe, and says little of a folder.
fn be_a_file_or_nothing(action: &'static str, path: &Path) -> Result<(), Error> {
    if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        let source = "it is not a file; move it away".into();
        return Err(Error::Ledger { action, path: path.to_owned(), source });
    }
    Ok(())
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    let path = path.to_owned();
    move |source| {
        let damaged = matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase));
        let source: Box<dyn std::error::Error + Send + Sync> = if damaged {
            format!(
                "it is damaged ({source}): restore a backup of it. Without one, move it away; the next run then begins a new \
                 ledger, and every award is given a second time"
            )
            .into()
        } else {
            Box::new(source)
        };
        Error::Ledger { action, path, source }
    }
}

fn prepared(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

fn make(connection: &mut Connection) -> rusqlite::Result<(i32, i32)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&transaction)? == (0, 0) {
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
    }
    let version = version(&transaction)?;
    transaction.commit()?;
    Ok(version)
}

fn history(connection: &Connection, chapter: &Chapter<'_>) -> rusqlite::Result<History> {
    let mut members: BTreeMap<String, Before> = BTreeMap::new();
    let newest: Option<(String, i64)> = connection
        .query_row(
            "SELECT period, receipt FROM runs WHERE definition = ?1 AND as_of < ?2 ORDER BY as_of DESC, period DESC LIMIT 1",
            params![chapter.definition, chapter.start],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some((period, receipt)) = newest {
        let mut query = connection.prepare(
            "SELECT member, tier FROM history WHERE definition = ?1 AND period = ?2 AND receipt = ?3",
        )?;
        let mut rows = query.query(params![chapter.definition, period, receipt])?;
        while let Some(row) = rows.next()? {
            members.entry(row.get(0)?).or_default().previous = Some(row.get(1)?);
        }
    }
    let mut query = connection.prepare(
        "SELECT member, max(rung) FROM history WHERE definition = ?1 AND as_of < ?2 AND rung IS NOT NULL GROUP BY member",
    )?;
    let mut rows = query.query(params![chapter.definition, chapter.start])?;
    while let Some(row) = rows.next()? {
        members.entry(row.get(0)?).or_default().best = Some(row.get(1)?);
    }
    Ok(History(members))
}

fn record<'s, S>(connection: &mut Connection, commit: Commit<'_, S>) -> rusqlite::Result<Outcome>
where
    S: Iterator<Item = Standing<'s>>,
{
    let Commit { chapter, as_of, receipt, decided_by, standings, awards } = commit;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(digest) = decided_by
        && history(&transaction, chapter)?.digest() != digest
    {
        return Ok(Outcome::HistoryChanged);
    }
    transaction.execute("INSERT OR IGNORE INTO receipts (receipt) VALUES (?1)", [receipt])?;
    let receipt: i64 =
        transaction.query_row("SELECT id FROM receipts WHERE receipt = ?1", [receipt], |row| row.get(0))?;
    transaction.execute(
        "INSERT INTO runs (definition, period, as_of, receipt) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET as_of = excluded.as_of, receipt = excluded.receipt
         WHERE excluded.as_of >= as_of AND (excluded.as_of, excluded.receipt) <> (as_of, receipt)",
        params![chapter.definition, chapter.period, as_of, receipt],
    )?;
    let mut insert = transaction.prepare(
        "INSERT INTO history (definition, period, member, tier, rung, as_of, receipt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET tier = excluded.tier, rung = excluded.rung, as_of = excluded.as_of,
             receipt = excluded.receipt
         WHERE excluded.as_of >= as_of AND (excluded.as_of, excluded.receipt) <> (as_of, receipt)",
    )?;
    for Standing { member, tier, rung } in standings {
        insert.execute(params![chapter.definition, chapter.period, member, tier, rung, as_of, receipt])?;
    }
    drop(insert);
    let new = give(&transaction, awards, as_of, receipt)?;
    transaction.commit()?;
    Ok(Outcome::Recorded(new))
}

fn give(
    transaction: &Transaction<'_>,
    awards: &[Entry<'_>],
    as_of: i64,
    receipt: i64,
) -> rusqlite::Result<Vec<bool>> {
    // Asked beforehand: an insert that does nothing writes the numbering all the same.
    let mut absent = transaction.prepare(ABSENT)?;
    let mut insert = transaction.prepare(
        "INSERT INTO awards (member, award, period, occurrence, kind, amount, reason, as_of, receipt)
         VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8)",
    )?;
    awards
        .iter()
        .map(|entry| {
            let new: bool =
                absent.query_row(params![entry.member, entry.award, entry.period], |row| row.get(0))?;
            if !new {
                return Ok(false);
            }
            // SQLite's integers are signed; more points than that cannot be told apart from that many.
            let amount = i64::try_from(entry.amount).unwrap_or(i64::MAX);
            insert
                .execute(params![
                    entry.member,
                    entry.award,
                    entry.period,
                    entry.kind,
                    amount,
                    entry.reason,
                    as_of,
                    receipt
                ])
                .map(|rows| rows > 0)
        })
        .collect()
}

#[cfg(test)]
mod tests;
