//! The past of a definition: who was in which tier from period to period, and where it is not the same definition any more.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::history::{Chapter, run_before};
use crate::store::Ledger;
use crate::{Error, Moment};

/// How the members whom a definition scored stood in one period, by the period's newest run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Past {
    /// The period.
    pub period: String,
    /// As-of of the run.
    pub as_of: Moment,
    /// The run's receipt.
    pub receipt: String,
    /// The plugin that scored, with its version; `None` where a ledger of an earlier version did not say so.
    pub plugin: Option<String>,
    /// A hash of all that tiers depend on besides the data; `None` likewise.
    pub fingerprint: Option<String>,
    /// Whether that is another one than in the period before, so that tiers of both are not by the same measure; `None` where
    /// it is not known of one of them, or there is none before.
    pub breaks: Option<bool>,
    /// How many members were scored.
    pub members: u64,
    /// How many of them were in each tier that counted for rewards.
    pub tiers: BTreeMap<String, u64>,
    /// For how many the run said another tier, which too few runs had said to count.
    pub unconfirmed: u64,
    /// How many have a higher rung than in the period before.
    pub higher: u64,
    /// How many have a lower one.
    pub lower: u64,
    /// How many were not scored in the period before.
    pub arrived: u64,
    /// How many of the period before are not scored.
    pub gone: u64,
}

/// What another ledger says of the same members in the same period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// In how many cases the runs of both say the same tier, whether or not it counted yet.
    pub same: u64,
    /// In how many the other one says a higher rung.
    pub higher: u64,
    /// In how many a lower one.
    pub lower: u64,
    /// In how many another tier, of which none is above the other.
    pub aside: u64,
    /// How many members the other one does not have.
    pub missing: u64,
    /// How many it has besides.
    pub more: u64,
}

/// A definition that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Break {
    /// The newest earlier period, in which it was something else.
    pub period: String,
    /// The plugin that scored then, with its version.
    pub plugin: String,
}

/// The newest run of a period.
struct Run {
    period: String,
    as_of: i64,
    receipt: i64,
    name: String,
    plugin: Option<String>,
    fingerprint: Option<String>,
}

impl Ledger {
    /// Every period in which a definition was run, oldest first; `since` this moment, where one is named.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn past(&self, definition: &str, since: Option<Moment>) -> Result<Vec<Past>, Error> {
        let read = || -> rusqlite::Result<Vec<Past>> {
            let runs = runs(&self.connection, definition)?;
            let first = since.map_or(0, |since| runs.partition_point(|run| run.as_of < since.0));
            let mut before = match first.checked_sub(1).and_then(|place| runs.get(place)) {
                Some(run) => Some((run, members(&self.connection, definition, run)?)),
                None => None,
            };
            let mut all = Vec::new();
            for run in runs.iter().skip(first) {
                let past = past(&self.connection, definition, run, before)?;
                before = Some((run, past.members));
                all.push(past);
            }
            Ok(all)
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// The definitions that were ever run, by name.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn definitions(&self) -> Result<Vec<String>, Error> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut query =
                self.connection.prepare("SELECT DISTINCT definition FROM runs ORDER BY definition")?;
            query.query_map([], |row| row.get(0))?.collect()
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// Compares where members stood in a period with what another ledger says of it.
    ///
    /// # Errors
    ///
    /// Where one of the files cannot be read.
    pub fn compared(&self, other: &Self, definition: &str, period: &str) -> Result<Compared, Error> {
        let read = || -> rusqlite::Result<Compared> {
            let mut compared = Compared::default();
            let (mut these, mut those) =
                (self.connection.prepare_cached(STANDINGS)?, other.connection.prepare_cached(STANDINGS)?);
            let (mut these, mut those) =
                (these.query([definition, period])?, those.query([definition, period])?);
            let (mut this, mut that) = (these.next()?, those.next()?);
            loop {
                let order = match (this, that) {
                    (None, None) => return Ok(compared),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some(this), Some(that)) => {
                        let order = this.get_ref(0)?.as_str()?.cmp(that.get_ref(0)?.as_str()?);
                        if order == Ordering::Equal {
                            *compared.of(this, that)? += 1;
                        }
                        order
                    }
                };
                match order {
                    Ordering::Less => {
                        compared.missing += 1;
                        this = these.next()?;
                    }
                    Ordering::Greater => {
                        compared.more += 1;
                        that = those.next()?;
                    }
                    Ordering::Equal => (this, that) = (these.next()?, those.next()?),
                }
            }
        };
        read().map_err(Error::file("read", &self.path))
    }
}

impl Compared {
    /// The number that one member counts in.
    fn of(&mut self, this: &rusqlite::Row<'_>, that: &rusqlite::Row<'_>) -> rusqlite::Result<&mut u64> {
        let (before, now): (Option<u8>, Option<u8>) = (this.get(2)?, that.get(2)?);
        if this.get_ref(1)? == that.get_ref(1)? {
            return Ok(&mut self.same);
        }
        Ok(match before.zip(now).map(|(before, now)| now.cmp(&before)) {
            Some(Ordering::Greater) => &mut self.higher,
            Some(Ordering::Less) => &mut self.lower,
            _ => &mut self.aside,
        })
    }
}

/// Whom the newest run of a period scored, by id.
const STANDINGS: &str =
    "SELECT h.member, coalesce(h.said, h.tier), CASE WHEN h.said IS NULL THEN h.rung END FROM history h
     JOIN runs r ON r.definition = h.definition AND r.period = h.period AND r.receipt = h.receipt
     WHERE h.definition = ?1 AND h.period = ?2 ORDER BY h.member";

fn runs(connection: &Connection, definition: &str) -> rusqlite::Result<Vec<Run>> {
    connection
        .prepare_cached(
            "SELECT u.period, u.as_of, u.receipt, r.receipt, r.plugin, r.fingerprint
             FROM runs u JOIN receipts r ON r.id = u.receipt WHERE u.definition = ?1 ORDER BY u.as_of, u.period",
        )?
        .query_map([definition], |row| {
            Ok(Run {
                period: row.get(0)?,
                as_of: row.get(1)?,
                receipt: row.get(2)?,
                name: row.get(3)?,
                plugin: row.get(4)?,
                fingerprint: row.get(5)?,
            })
        })?
        .collect()
}

/// How many members a run scored.
fn members(connection: &Connection, definition: &str, run: &Run) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM history WHERE definition = ?1 AND period = ?2 AND receipt = ?3",
        )?
        .query_row(params![definition, run.period, run.receipt], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

fn past(
    connection: &Connection,
    definition: &str,
    run: &Run,
    before: Option<(&Run, u64)>,
) -> rusqlite::Result<Past> {
    let tiers: BTreeMap<String, u64> = connection
        .prepare_cached(
            "SELECT tier, count(*) FROM history WHERE definition = ?1 AND period = ?2 AND receipt = ?3 GROUP BY tier",
        )?
        .query_map(params![definition, run.period, run.receipt], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let members = tiers.values().sum();
    let (higher, lower, stayed, unconfirmed): (i64, i64, i64, i64) = connection
        .prepare_cached(
            "SELECT coalesce(sum(h.rung > b.rung), 0), coalesce(sum(h.rung < b.rung), 0), count(b.member), count(h.said)
             FROM history h LEFT JOIN history b
                 ON b.definition = h.definition AND b.period = ?4 AND b.member = h.member AND b.receipt = ?5
             WHERE h.definition = ?1 AND h.period = ?2 AND h.receipt = ?3",
        )?
        .query_row(
            params![
                definition,
                run.period,
                run.receipt,
                before.map(|(run, _)| run.period.as_str()),
                before.map(|(run, _)| run.receipt)
            ],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
    let stayed = stayed.unsigned_abs();
    let breaks =
        before.and_then(|(before, _)| Some(before.fingerprint.as_ref()? != run.fingerprint.as_ref()?));
    Ok(Past {
        period: run.period.clone(),
        as_of: Moment(run.as_of),
        receipt: run.name.clone(),
        plugin: run.plugin.clone(),
        fingerprint: run.fingerprint.clone(),
        breaks,
        members,
        tiers,
        unconfirmed: unconfirmed.unsigned_abs(),
        higher: higher.unsigned_abs(),
        lower: lower.unsigned_abs(),
        arrived: members - stayed,
        gone: before.map_or(0, |(_, before)| before.saturating_sub(stayed)),
    })
}

/// Whether a definition is another one than in the newest period before a chapter's.
pub(crate) fn broken(
    connection: &Connection,
    chapter: &Chapter<'_>,
    fingerprint: &str,
) -> rusqlite::Result<Option<Break>> {
    let Some((period, receipt)) = run_before(connection, chapter)? else { return Ok(None) };
    let (plugin, before): (Option<String>, Option<String>) = connection
        .prepare_cached("SELECT plugin, fingerprint FROM receipts WHERE id = ?1")?
        .query_row([receipt], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let other = before.is_some_and(|before| !fingerprint.is_empty() && before != fingerprint);
    Ok(other.then(|| Break { period, plugin: plugin.unwrap_or_default() }))
}
