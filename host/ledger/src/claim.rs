//! Occurrences of awards, as they stand.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use crate::State;
use crate::terms::AwardTerms;
use crate::write::Change;

/// An occurrence, as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) id: i64,
    pub(crate) period: String,
    pub(crate) occurrence: u32,
    pub(crate) state: State,
    pub(crate) amount: u64,
    pub(crate) counted: String,
    pub(crate) given: Option<i64>,
    pub(crate) changed: i64,
    /// The newest entry about it.
    pub(crate) entry: i64,
}

impl Claim {
    /// The same occurrence in another state.
    pub(crate) fn to(&self, to: State, member: &str, terms: &AwardTerms, reason: &str) -> Change {
        Change {
            claim: Some(self.id),
            member: member.to_owned(),
            award: terms.award.clone(),
            kind: terms.kind,
            period: self.period.clone(),
            occurrence: self.occurrence,
            from: Some(self.state),
            to,
            amount: self.amount,
            worth: self.amount,
            counted: self.counted.clone(),
            given: self.given,
            detail: String::new(),
            reason: reason.to_owned(),
            deliver: terms.deliver.clone(),
        }
    }
}

/// Occurrences of members who are not forgotten, as [`claim`] reads them; what is behind it says which.
pub(crate) const CLAIMS: &str =
    "SELECT m.member, c.id, c.period, c.occurrence, c.state, c.amount, c.counted, c.given, c.changed, c.kind, c.entry, c.award
    FROM claims c JOIN members m ON m.id = c.member";

/// The occurrences of an award that a run may change, by member.
pub(crate) fn claims(
    connection: &Connection,
    terms: &AwardTerms,
    period: &str,
) -> rusqlite::Result<HashMap<String, Vec<Claim>>> {
    let mut claims: HashMap<String, Vec<Claim>> = HashMap::new();
    let mut query = connection.prepare_cached(&format!(
        "{CLAIMS} WHERE c.award = ?1 AND c.kind <> 'order' AND c.state <> 'spent'
           AND (c.period = ?2 OR c.state IN ('held', 'pending', 'invited', 'accepted'))"
    ))?;
    let mut rows = query.query(params![terms.award, terms.key(period)])?;
    while let Some(row) = rows.next()? {
        let claim = claim(row)?;
        let member = row.get_ref(0)?.as_str()?;
        match claims.get_mut(member) {
            Some(known) => known.push(claim),
            None => drop(claims.insert(member.to_owned(), vec![claim])),
        }
    }
    Ok(claims)
}

/// An occurrence of [`CLAIMS`].
pub(crate) fn claim(row: &rusqlite::Row<'_>) -> rusqlite::Result<Claim> {
    Ok(Claim {
        id: row.get(1)?,
        period: row.get(2)?,
        occurrence: row.get(3)?,
        state: state(row, 4)?,
        amount: row.get::<_, i64>(5)?.unsigned_abs(),
        counted: row.get(6)?,
        given: row.get(7)?,
        changed: row.get(8)?,
        entry: row.get(10)?,
    })
}

/// The state in a column.
pub(crate) fn state(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<State> {
    let name = row.get_ref(column)?.as_str()?;
    State::of_name(name).ok_or_else(|| {
        let unknown = format!("there is no state `{name}`");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, unknown.into())
    })
}

/// The state that an occurrence was in before it was about to go.
pub(crate) fn before_going(
    connection: &Connection,
    claim: &Claim,
    terms: &AwardTerms,
) -> rusqlite::Result<State> {
    let mut query = connection.prepare_cached(
        "SELECT state FROM entries WHERE claim = ?1 AND state NOT IN ('leaving', 'revoking') ORDER BY number DESC LIMIT 1",
    )?;
    let mut rows = query.query([claim.id])?;
    let before = rows.next()?.map(|row| state(row, 0)).transpose()?;
    Ok(before.unwrap_or_else(|| terms.kind.first()))
}
