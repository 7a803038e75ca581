//! Bringing ledgers of earlier versions forward, entry by entry.

use std::collections::HashSet;

use rusqlite::Transaction;

use crate::claim::{CLAIMS, claim};
use crate::commit::ScoredBy;
use crate::terms::AwardTerms;
use crate::write::{Change, FORGOT, MIGRATED, RUN, Whole, Writer, disown};
use crate::{Kind, State};

/// Makes entries of the awards of version 1, which stand in the table `given`.
///
/// A circle had a period in its key where it recurred. By now a member is in one once at a time: the first of those is when they
/// joined, and the others say that they were in it still.
pub(crate) fn adopt(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut writer = Writer::of_host(transaction)?;
    writer.whole(&Whole { state: MIGRATED, period: "", amount: 1, at: 0, detail: "" })?;
    let mut query = transaction.prepare(
        "SELECT g.member, g.award, g.period, g.occurrence, g.kind, g.amount, g.reason, g.as_of, r.receipt,
                coalesce((SELECT period FROM runs WHERE runs.receipt = g.receipt), g.period),
                g.member = 'forgotten ' || g.number AND g.reason = ''
         FROM given g JOIN receipts r ON r.id = g.receipt ORDER BY g.number",
    )?;
    let mut rows = query.query([])?;
    let mut forgotten = 0;
    let mut joined = HashSet::new();
    while let Some(row) = rows.next()? {
        let kind = Kind::of_name(row.get_ref(4)?.as_str()?).unwrap_or(Kind::Badge);
        let (member, award): (String, String) = (row.get(0)?, row.get(1)?);
        let (mut period, mut occurrence): (String, u32) = (row.get(2)?, row.get(3)?);
        if kind == Kind::Circle {
            if !joined.insert((member.clone(), award.clone())) {
                continue;
            }
            (period, occurrence) = (String::new(), 1);
        }
        let (amount, at): (i64, i64) = (row.get(5)?, row.get(7)?);
        let amount = u64::try_from(amount).unwrap_or(0);
        writer.because_of(row.get_ref(8)?.as_str()?, &ScoredBy::default())?;
        let change = Change {
            claim: None,
            member,
            award,
            kind,
            period,
            occurrence,
            from: None,
            to: kind.first(),
            amount,
            worth: amount,
            counted: row.get(9)?,
            given: Some(at),
            detail: String::new(),
            reason: row.get(6)?,
            deliver: Vec::new(),
        };
        writer.changed(&change, at)?;
        if row.get(10)? {
            forgotten += 1;
            disown(transaction, &change.member)?;
        }
    }
    writer.because_of_nothing();
    if forgotten > 0 {
        writer.whole(&Whole { state: FORGOT, period: "", amount: forgotten, at: 0, detail: "" })?;
    }
    let chapters: Vec<(String, String, i64)> = transaction
        .prepare("SELECT definition, period, as_of FROM runs ORDER BY as_of, definition, period")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (definition, period, at) in chapters {
        writer.chapter(RUN, &definition, &period, at)?;
    }
    Ok(())
}

/// Mends what version 2 left of circles, entry by entry: what came of version 1 as one membership for each period is one from then on;
/// and whose grace began there, uncounted, begins it anew.
pub(crate) fn bring_forward(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut writer = Writer::of_host(transaction)?;
    writer.whole(&Whole { state: MIGRATED, period: "", amount: 2, at: 0, detail: "" })?;
    let mut query = transaction.prepare(&format!(
        "{CLAIMS} WHERE c.kind = 'circle' AND (c.period <> '' AND c.state IN ('joined', 'leaving', 'revoking') OR c.state = 'leaving')
         ORDER BY m.member, c.award, c.given, c.id"
    ))?;
    let mut rows = query.query([])?;
    let mut own = transaction.prepare(
        "SELECT coalesce(max(c.occurrence), 0), coalesce(max(c.state IN ('joined', 'leaving', 'revoking', 'held', 'pending')), 0)
         FROM claims c JOIN members m ON m.id = c.member WHERE m.member = ?1 AND c.award = ?2 AND c.period = ''",
    )?;
    while let Some(row) = rows.next()? {
        let claim = claim(row)?;
        let (member, award): (String, String) = (row.get(0)?, row.get(11)?);
        let terms = AwardTerms::new(&award, Kind::Circle);
        let at = claim.changed;
        if claim.period.is_empty() {
            writer.changed(&claim.to(State::Joined, &member, &terms, "the grace begins anew"), at)?;
            continue;
        }
        let once = "one membership, whatever the period";
        writer.changed(&claim.to(State::Left, &member, &terms, once), at)?;
        let (occurrence, is_there): (u32, bool) =
            own.query_row([&member, &award], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if !is_there {
            let begun = (State::Joined, claim.amount);
            let mut joined = Change::begun(&member, &terms, "", occurrence + 1, begun, once);
            (joined.given, joined.counted) = (claim.given, claim.counted);
            writer.changed(&joined, claim.given.unwrap_or(at))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Ledger, Selection};

    #[test]
    fn circles_of_version_2_are_one_membership_and_their_graces_begin_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let mut ledger = Ledger::open(&path).unwrap();
        let terms = AwardTerms::new("circle", Kind::Circle);
        let begun = |member: &str, period: &str, at: i64| {
            let mut change = Change::begun(member, &terms, period, 1, (State::Joined, 1), "belongs");
            change.given = Some(at);
            change
        };
        ledger
            .write("host", |writer| {
                // Of version 1: one for each period, and beside one of them another that came since.
                for (member, period, at) in
                    [("ada", "2020-01", 10), ("ada", "2020-02", 20), ("bob", "2020-01", 10), ("bob", "", 30)]
                {
                    writer.change(&begun(member, period, at), at)?;
                }
                // One who is about to leave, and was counted by nobody.
                writer.change(&begun("cem", "", 10), 10)?;
                let leaving =
                    "SELECT c.id FROM claims c JOIN members m ON m.id = c.member WHERE m.member = 'cem'";
                let id = writer
                    .transaction
                    .query_row(leaving, [], |row| row.get(0))
                    .map_err(Error::file("read", &path))?;
                let change = Change {
                    claim: Some(id),
                    from: Some(State::Joined),
                    to: State::Leaving,
                    ..begun("cem", "", 10)
                };
                writer.change(&change, 20)?;
                bring_forward(writer.transaction).map_err(Error::file("write", &path))
            })
            .unwrap();
        let mut told: Vec<String> = ledger
            .holdings(&Selection::default())
            .unwrap()
            .into_iter()
            .map(|one| {
                format!(
                    "{} `{}` {} {}",
                    one.member.unwrap_or_default(),
                    one.period,
                    one.occurrence,
                    one.state
                )
            })
            .collect();
        told.sort_unstable();
        insta::assert_snapshot!(told.join("\n"), @r"
        ada `2020-01` 1 left
        ada `2020-02` 1 left
        ada `` 1 joined
        bob `2020-01` 1 left
        bob `` 1 joined
        cem `` 1 joined
        ");
        assert_eq!(Ledger::verify(&path, &[], &mut |_, _| ()).unwrap().findings, [""; 0]);
        assert_eq!(ledger.due("platform", i64::MAX, 10).unwrap(), []);
    }
}
