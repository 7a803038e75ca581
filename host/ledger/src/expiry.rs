//! Points that were not spent in time. What is spent is taken from the oldest first.

use rusqlite::{Connection, params};

use crate::State;
use crate::claim::{CLAIMS, Claim, claim};
use crate::decide::DAY;
use crate::terms::AwardTerms;
use crate::why;
use crate::write::Change;

/// Adds the expiry of every grant whose time is over by as-of, as far as it was not spent.
pub(crate) fn expired_points(
    connection: &Connection,
    terms: &AwardTerms,
    as_of: i64,
    changes: &mut Vec<Change>,
) -> rusqlite::Result<()> {
    let Some(days) = terms.expires else { return Ok(()) };
    let why = why::expired(State::Granted, days);
    let over = as_of.saturating_sub(i64::from(days) * DAY);
    let mut query = connection.prepare_cached(&format!(
        "{CLAIMS} WHERE c.award = ?1 AND c.kind = 'points' AND c.state IN ('granted', 'revoking', 'expired', 'spent')
         ORDER BY c.member, c.given, c.id"
    ))?;
    let mut rows = query.query(params![terms.award])?;
    let mut one: Option<(String, Vec<Claim>)> = None;
    while let Some(row) = rows.next()? {
        let member: String = row.get(0)?;
        let claim = claim(row)?;
        match &mut one {
            Some((known, claims)) if *known == member => claims.push(claim),
            _ => {
                if let Some((member, claims)) = one.replace((member, vec![claim])) {
                    of_member(&member, &claims, over, (terms, &why), changes);
                }
            }
        }
    }
    if let Some((member, claims)) = one {
        of_member(&member, &claims, over, (terms, &why), changes);
    }
    Ok(())
}

/// The grants of one member, oldest first.
fn of_member(
    member: &str,
    claims: &[Claim],
    over: i64,
    (terms, why): (&AwardTerms, &str),
    changes: &mut Vec<Change>,
) {
    let sum = |state: State| -> u64 {
        claims
            .iter()
            .filter(|claim| claim.state == state)
            .fold(0, |sum, claim| sum.saturating_add(claim.amount))
    };
    // What is left of expired grants is what was spent of them.
    let mut spent = sum(State::Spent).saturating_sub(sum(State::Expired));
    for claim in claims.iter().filter(|claim| matches!(claim.state, State::Granted | State::Revoking)) {
        let used = spent.min(claim.amount);
        spent -= used;
        if claim.state == State::Granted && claim.given.is_some_and(|given| given <= over) {
            let mut change = claim.to(State::Expired, member, terms, why);
            change.amount = claim.amount - used;
            change.worth = used;
            changes.push(change);
        }
    }
}
