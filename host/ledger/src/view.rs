//! Looking: what members have, now or at any moment, and what was ever said about one.

use rusqlite::{params, params_from_iter};
use serde::Serialize;

use crate::claim::state;
use crate::store::Ledger;
use crate::{Error, Kind, Moment, State};

/// Where one occurrence of an award stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Holding {
    /// The member's id; `None` for somebody who was forgotten.
    pub member: Option<String>,
    /// The award's id; `*` for an order about every award.
    pub award: String,
    /// What it is.
    pub kind: Kind,
    /// Of the key; empty for what is had once at a time.
    pub period: String,
    /// Of the key, from 1.
    pub occurrence: u32,
    /// Where it stands.
    pub state: State,
    /// How many points; 1 for every other kind.
    pub amount: u64,
    /// When it came into this state: the community's time.
    pub at: Moment,
    /// When that was recorded: the clock's time.
    pub recorded: Moment,
    /// Why it is held, for one that is: `budget`, `per-member` or `cool-down`; for who is told of it, `to` and the targets.
    pub detail: String,
    /// Why, as the rules, a person or, of what is taken back, lapses or runs out, the host said; empty where it is forgotten.
    pub reason: String,
    /// Who said so: `plugin` with name and version, `person` with name, `host`.
    pub actor: String,
    /// The receipt of the run behind it; empty where a person decided.
    pub receipt: String,
    /// The number of the entry.
    pub entry: i64,
}

/// Which occurrences are meant.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selection {
    /// In one of these states; any where none is named.
    pub states: Vec<State>,
    /// Of this award.
    pub award: Option<String>,
    /// Of this member.
    pub member: Option<String>,
    /// As it was at this moment of the community's time.
    pub at: Option<Moment>,
    /// No more than so many.
    pub most: Option<usize>,
}

/// How many points a member has of one award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Balance {
    /// The member's id; `None` for all who were forgotten.
    pub member: Option<String>,
    /// The award's id.
    pub award: String,
    /// Given, less what was spent, taken back or expired.
    pub balance: i64,
}

/// Where a member stood in one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stood {
    /// The definition's name.
    pub definition: String,
    /// The period.
    pub period: String,
    /// The tier that counted for rewards.
    pub tier: String,
    /// Its rung; `None` beside the ladder.
    pub rung: Option<u8>,
    /// The tier that the run said: another one where too few runs in a row had said so for it to count; `None` where a ledger of an
    /// earlier version did not say so.
    pub said: Option<String>,
    /// As-of of the run.
    pub as_of: Moment,
    /// The run's receipt, which names plugin and settings.
    pub receipt: String,
    /// The plugin that scored, with its version; `None` where a ledger of an earlier version did not say so.
    pub plugin: Option<String>,
    /// A hash of all that tiers depend on besides the data; `None` likewise. Tiers of two periods are by the same measure where it
    /// is the same.
    pub fingerprint: Option<String>,
}

/// The newest entry about each occurrence up to a moment.
const HOLDINGS: &str = "
    SELECT m.member, e.award, e.kind, e.period, e.occurrence, e.state, e.amount, e.at, e.detail, coalesce(s.reason, ''), e.actor,
           coalesce(r.receipt, ''), e.number, e.recorded
    FROM claims c
    JOIN entries e ON e.number = (SELECT max(n.number) FROM entries n WHERE n.claim = c.id AND n.at <= :at)
    LEFT JOIN members m ON m.id = c.member
    LEFT JOIN secrets s ON s.entry = e.number
    LEFT JOIN receipts r ON r.id = e.receipt
    WHERE true";

impl Ledger {
    /// Occurrences of awards, and orders of people, newest last.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn holdings(&self, selection: &Selection) -> Result<Vec<Holding>, Error> {
        let states: Vec<String> = selection.states.iter().map(|state| format!("'{state}'")).collect();
        let states = match states.is_empty() {
            true => String::new(),
            false => format!(" AND e.state IN ({})", states.join(", ")),
        };
        let most = selection.most.map_or(-1, |most| i64::try_from(most).unwrap_or(-1));
        // Only what is asked for, so that an index can find it.
        let award = if selection.award.is_some() { " AND c.award = :award" } else { "" };
        let member = if selection.member.is_some() { " AND m.member = :member" } else { "" };
        let query = format!("{HOLDINGS}{award}{member}{states} ORDER BY e.number LIMIT {most}");
        let read = || -> rusqlite::Result<Vec<Holding>> {
            let at = selection.at.map_or(i64::MAX, |at| at.0);
            let mut values: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":at", &at)];
            values.extend(selection.award.as_ref().map(|award| (":award", award as &dyn rusqlite::ToSql)));
            values
                .extend(selection.member.as_ref().map(|member| (":member", member as &dyn rusqlite::ToSql)));
            self.connection.prepare(&query)?.query_map(&*values, holding)?.collect()
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// Everything that was ever recorded about a member, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn story(&self, member: &str) -> Result<Vec<Holding>, Error> {
        let read = || -> rusqlite::Result<Vec<Holding>> {
            self.connection
                .prepare(
                    "SELECT m.member, e.award, e.kind, e.period, e.occurrence, e.state, e.amount, e.at, e.detail,
                            coalesce(s.reason, ''), e.actor, coalesce(r.receipt, ''), e.number, e.recorded
                     FROM members m JOIN claims c ON c.member = m.id JOIN entries e ON e.claim = c.id
                     LEFT JOIN secrets s ON s.entry = e.number LEFT JOIN receipts r ON r.id = e.receipt
                     WHERE m.member = ?1 ORDER BY e.number",
                )?
                .query_map([member], holding)?
                .collect()
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// How many points members have, at a moment of the community's time or now.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn balances(&self, member: Option<&str>, at: Option<Moment>) -> Result<Vec<Balance>, Error> {
        let read = || -> rusqlite::Result<Vec<Balance>> {
            self.connection
                .prepare(
                    "SELECT m.member, c.award, sum(CASE e.state
                         WHEN 'granted' THEN e.amount WHEN 'revoking' THEN e.amount WHEN 'spent' THEN -e.amount
                         WHEN 'expired' THEN (SELECT f.amount FROM entries f WHERE f.claim = c.id AND f.state = 'granted'
                                              ORDER BY f.number LIMIT 1) - e.amount
                         ELSE 0 END)
                     FROM claims c
                     JOIN entries e ON e.number = (SELECT max(n.number) FROM entries n WHERE n.claim = c.id AND n.at <= ?1)
                     LEFT JOIN members m ON m.id = c.member
                     WHERE c.kind = 'points' AND (?2 IS NULL OR m.member = ?2)
                     GROUP BY m.member, c.award ORDER BY m.member, c.award",
                )?
                .query_map(params![at.map_or(i64::MAX, |at| at.0), member], |row| {
                    Ok(Balance { member: row.get(0)?, award: row.get(1)?, balance: row.get(2)? })
                })?
                .collect()
        };
        read().map_err(Error::file("read", &self.path))
    }

    /// Where a member stood in each period, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn tiers(&self, member: &str) -> Result<Vec<Stood>, Error> {
        let read = || -> rusqlite::Result<Vec<Stood>> {
            self.connection
                .prepare(
                    "SELECT h.definition, h.period, h.tier, h.rung, CASE WHEN r.fingerprint IS NOT NULL THEN coalesce(h.said, h.tier) END, h.as_of, r.receipt, r.plugin, r.fingerprint
                     FROM history h
                     JOIN receipts r ON r.id = h.receipt WHERE h.member = ?1 ORDER BY h.as_of, h.definition",
                )?
                .query_map(params_from_iter([member]), |row| {
                    Ok(Stood {
                        definition: row.get(0)?,
                        period: row.get(1)?,
                        tier: row.get(2)?,
                        rung: row.get(3)?,
                        said: row.get(4)?,
                        as_of: Moment(row.get(5)?),
                        receipt: row.get(6)?,
                        plugin: row.get(7)?,
                        fingerprint: row.get(8)?,
                    })
                })?
                .collect()
        };
        read().map_err(Error::file("read", &self.path))
    }
}

impl Ledger {
    /// Whether by the data of the newest run somebody had opted out; `None` where nobody had, or that is not known.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn knew_wishes(&self) -> Result<Option<bool>, Error> {
        let newest = crate::commit::newest_run(&self.connection).map_err(Error::file("read", &self.path))?;
        Ok(newest.and_then(|newest| newest.wishes))
    }
}

pub(crate) fn holding(row: &rusqlite::Row<'_>) -> rusqlite::Result<Holding> {
    Ok(Holding {
        member: row.get(0)?,
        award: row.get(1)?,
        kind: Kind::of_name(row.get_ref(2)?.as_str()?).unwrap_or(Kind::Badge),
        period: row.get(3)?,
        occurrence: row.get(4)?,
        state: state(row, 5)?,
        amount: row.get::<_, i64>(6)?.unsigned_abs(),
        at: Moment(row.get(7)?),
        detail: row.get(8)?,
        reason: row.get(9)?,
        actor: row.get(10)?,
        receipt: row.get(11)?,
        entry: row.get(12)?,
        recorded: Moment(row.get(13)?),
    })
}
