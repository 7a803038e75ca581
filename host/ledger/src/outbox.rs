//! What the platform is to be told: messages that came into the ledger with the entries they tell of.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;

use crate::store::Ledger;
use crate::view::holding;
use crate::{Error, Hash, Holding};

/// A message to a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Parcel {
    /// Its number; of those of a member to one target the smaller one goes first.
    pub id: u64,
    /// The same however often it is sent, and no other's: the hash of the entry, until whoever sends it puts another there.
    pub key: String,
    /// The target's name.
    pub target: String,
    /// Stands for the member, and says nothing of them.
    pub lane: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong the last time; empty where nothing did.
    pub problem: String,
    /// What it tells.
    pub holding: Holding,
}

/// How many messages there are to a target, and what they wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Waiting {
    /// Neither delivered nor dead nor withdrawn.
    pub waiting: u64,
    /// Put aside until a person looks at them.
    pub dead: u64,
    /// When the next of those that wait may be tried, in nanoseconds since 1970, of the clock; 0 for one that never was. `None`
    /// where none waits.
    pub next: Option<i64>,
    /// What the newest attempt met of those that wait; `None` where none of them was tried.
    pub problem: Option<String>,
}

const PARCELS: &str = "
    SELECT m.member, e.award, e.kind, e.period, e.occurrence, e.state, e.amount, e.at, e.detail, coalesce(s.reason, ''), e.actor,
           coalesce(r.receipt, ''), e.number, e.recorded, o.id, e.hash, o.target, o.member, o.attempts, o.problem
    FROM outbox o JOIN entries e ON e.number = o.entry JOIN members m ON m.id = o.member
    LEFT JOIN secrets s ON s.entry = e.number LEFT JOIN receipts r ON r.id = e.receipt";

impl Ledger {
    /// Up to `most` messages to a target whose time has come by `now` (nanoseconds since 1970, of the clock), in the order of
    /// their ids; none of which another one to the same target and member waits before.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn due(&self, target: &str, now: i64, most: usize) -> Result<Vec<Parcel>, Error> {
        let read = || -> rusqlite::Result<Vec<Parcel>> {
            self.connection
                .prepare_cached(&format!(
                    "{PARCELS} WHERE o.target = ?1 AND o.state = 'waiting' AND o.due <= ?2 AND NOT EXISTS
                         (SELECT 1 FROM outbox p WHERE p.target = ?1 AND p.state = 'waiting' AND p.member = o.member AND p.id < o.id)
                     ORDER BY o.id LIMIT ?3"
                ))?
                .query_map(params![target, now, i64::try_from(most).unwrap_or(i64::MAX)], parcel)?
                .collect()
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// The messages that were given up, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn dead_letters(&self) -> Result<Vec<Parcel>, Error> {
        let read = || -> rusqlite::Result<Vec<Parcel>> {
            self.connection
                .prepare(&format!("{PARCELS} WHERE o.state = 'dead' ORDER BY o.id"))?
                .query_map([], parcel)?
                .collect()
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// Records that a message was taken.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn delivered(&mut self, id: u64) -> Result<(), Error> {
        let query = "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, tried = ?2, problem = '' WHERE id = ?1";
        self.settle(query, id, &[&now()])
    }

    /// Records that an attempt failed; the message waits until `at` (nanoseconds since 1970, of the clock).
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn later(&mut self, id: u64, at: i64, problem: &str) -> Result<(), Error> {
        let query = "UPDATE outbox SET attempts = attempts + 1, due = ?2, problem = ?3, tried = ?4 WHERE id = ?1 AND state = 'waiting'";
        self.settle(query, id, &[&at, &problem, &now()])
    }

    /// Records that a message is given up.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn dead(&mut self, id: u64, problem: &str) -> Result<(), Error> {
        let query = "UPDATE outbox SET state = 'dead', attempts = attempts + 1, problem = ?2, tried = ?3 WHERE id = ?1 AND state = 'waiting'";
        self.settle(query, id, &[&problem, &now()])
    }

    /// Lets dead letters wait again, as if they had never been tried: this one, or all. Answers how many those are.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn retry(&mut self, id: Option<u64>) -> Result<u64, Error> {
        let id = id.map(|id| i64::try_from(id).unwrap_or(i64::MAX));
        self.connection
            .execute(
                "UPDATE outbox SET state = 'waiting', attempts = 0, due = 0 WHERE state = 'dead' AND (?1 IS NULL OR id = ?1)",
                params![id],
            )
            .map(|rows| rows as u64)
            .map_err(Error::file("write", &self.path))
    }

    /// Lets what was withdrawn wait again, as if it had never been tried: for where members were taken for having opted out who had
    /// not. Answers how many messages those are.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn reinstate(&mut self) -> Result<u64, Error> {
        let query = "UPDATE outbox SET state = 'waiting', attempts = 0, due = 0 WHERE state = 'withdrawn' AND member IS NOT NULL";
        let rows = self.connection.execute(query, []).map_err(Error::file("write", &self.path))?;
        Ok(rows as u64)
    }

    /// Records that these messages are about to be sent: whatever becomes of that, the target may have been told.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn trying(&mut self, ids: impl IntoIterator<Item = u64>) -> Result<(), Error> {
        let trying = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut update = transaction.prepare_cached("UPDATE outbox SET tried = ?2 WHERE id = ?1")?;
                for id in ids {
                    update.execute([i64::try_from(id).unwrap_or(i64::MAX), now()])?;
                }
            }
            transaction.commit()
        };
        trying().map_err(Error::file("write", &self.path))
    }

    /// Withdraws what waits or is dead and tells of these members, who opted out: it is not delivered, also where they come back,
    /// unless [`Ledger::reinstate`] says so. Answers how many messages that were; each counts once.
    ///
    /// What takes back (revoked, left, expired, spent) is told all the same where the target may have been told of the award before:
    /// otherwise it would show a badge for good of somebody who does not want to be looked at.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written; nothing is withdrawn then.
    pub fn withdraw(&mut self, opted_out: &[String]) -> Result<u64, Error> {
        let mut withdraw = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let withdrawn = withdraw(&transaction, opted_out)?;
            transaction.commit()?;
            Ok(withdrawn)
        };
        withdraw().map_err(Error::file("write", &self.path))
    }

    /// How many messages to a target wait, and for what, and how many are dead.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn waiting(&self, target: &str) -> Result<Waiting, Error> {
        let count = |state: &str| {
            self.connection
                .prepare_cached("SELECT count(*) FROM outbox WHERE target = ?1 AND state = ?2")?
                .query_row([target, state], |row| row.get::<_, i64>(0))
                .optional()
                .map(|count| count.unwrap_or(0).unsigned_abs())
        };
        let read = || {
            let (waiting, dead) = (count("waiting")?, count("dead")?);
            if waiting == 0 {
                return Ok(Waiting { waiting, dead, ..Waiting::default() });
            }
            // Others wait for those before them of the same member.
            let next = self
                .connection
                .prepare_cached(
                    "SELECT min(o.due) FROM outbox o WHERE o.target = ?1 AND o.state = 'waiting' AND NOT EXISTS
                         (SELECT 1 FROM outbox p WHERE p.target = ?1 AND p.state = 'waiting' AND p.member = o.member AND p.id < o.id)",
                )?
                .query_row([target], |row| row.get(0))?;
            let problem = self
                .connection
                .prepare_cached(
                    "SELECT problem FROM outbox WHERE target = ?1 AND state = 'waiting' AND problem <> ''
                     ORDER BY tried DESC, id DESC LIMIT 1",
                )?
                .query_row([target], |row| row.get(0))
                .optional()?;
            Ok(Waiting { waiting, dead, next, problem })
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// How many messages wait for targets that are none of these, by their names.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn strays(&self, targets: &[&str]) -> Result<Vec<(String, u64)>, Error> {
        let read = || -> rusqlite::Result<Vec<(String, u64)>> {
            self.connection
                .prepare(
                    "SELECT target, count(*) FROM outbox WHERE state IN ('waiting', 'dead') GROUP BY target ORDER BY target",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
                .collect()
        };
        let all = read().map_err(Error::file("read", &self.path))?;
        Ok(all.into_iter().filter(|(target, _)| !targets.contains(&target.as_str())).collect())
    }

    fn settle(&mut self, query: &str, id: u64, more: &[&dyn rusqlite::ToSql]) -> Result<(), Error> {
        let id = i64::try_from(id).unwrap_or(i64::MAX);
        let mut values: Vec<&dyn rusqlite::ToSql> = vec![&id];
        values.extend(more);
        let settle = || self.connection.prepare_cached(query)?.execute(&*values);
        settle().map(drop).map_err(Error::file("write", &self.path))
    }
}

/// The clock's time.
fn now() -> i64 {
    i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}

/// [`Ledger::withdraw`], inside of a transaction.
pub(crate) fn withdraw(connection: &Connection, opted_out: &[String]) -> rusqlite::Result<u64> {
    if opted_out.is_empty() {
        return Ok(0);
    }
    let gone: BTreeSet<&str> = opted_out.iter().map(String::as_str).collect();
    // By far most who opted out have nothing that waits.
    let waiting: Vec<i64> = connection
        .prepare_cached(
            "SELECT DISTINCT m.id, m.member FROM outbox o JOIN members m ON m.id = o.member WHERE o.state IN ('waiting', 'dead')",
        )?
        .query_map([], |row| {
            let is_gone = gone.contains(row.get_ref(1)?.as_str()?);
            is_gone.then(|| row.get(0)).transpose()
        })?
        .filter_map(Result::transpose)
        .collect::<rusqlite::Result<_>>()?;
    let mut update = connection.prepare_cached(
        "UPDATE outbox SET state = 'withdrawn', problem = '' WHERE member = ?1 AND state IN ('waiting', 'dead') AND NOT EXISTS
             (SELECT 1 FROM entries e JOIN entries f ON f.claim = e.claim AND f.number < e.number
              JOIN outbox p ON p.entry = f.number AND p.target = outbox.target
              WHERE e.number = outbox.entry AND e.state IN ('revoked', 'left', 'expired')
                  AND (p.state = 'delivered' OR p.tried > 0))
             AND NOT EXISTS
             -- What is spent is of points that were told by any other entry about the award.
             (SELECT 1 FROM entries e JOIN outbox p ON p.member = outbox.member AND p.target = outbox.target AND p.id <> outbox.id
              JOIN entries f ON f.number = p.entry AND f.award = e.award
              WHERE e.number = outbox.entry AND e.state = 'spent' AND (p.state = 'delivered' OR p.tried > 0))",
    )?;
    let mut withdrawn = 0;
    for member in waiting {
        withdrawn += update.execute([member])? as u64;
    }
    Ok(withdrawn)
}

fn parcel(row: &rusqlite::Row<'_>) -> rusqlite::Result<Parcel> {
    let number = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(Parcel {
        id: number(14)?,
        key: Hash(row.get(15)?).to_hex(),
        target: row.get(16)?,
        lane: number(17)?,
        attempts: row.get(18)?,
        problem: row.get(19)?,
        holding: holding(row)?,
    })
}
