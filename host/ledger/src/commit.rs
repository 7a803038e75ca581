//! Recording a run: where members stand, and what becomes of what its reward rules propose.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::decide::{Decided, Occasion, decide};
use crate::forget::newest;
use crate::history::{Chapter, history};
use crate::outbox::withdraw;
use crate::past::{Break, broken};
use crate::store::Ledger;
use crate::terms::{LARGEST, MOST_RUNS, Programme};
use crate::verdict::{BudgetUse, Proposal, Verdict};
use crate::write::{Change, RUN, TERMS, Whole, Writer};
use crate::{Error, Kind, PeriodAt, State};

/// What stands for every metric where a run may miss any.
pub(crate) const ANY: &str = "*";

/// What is said where members who opted out would be taken for others.
const NOBODY_KNOWS: &str = "by the data nobody has opted out any more, though by that of the run before somebody had: where the \
                            column `opted_out` of the table `members` got lost, bring it back; where they all came back, say so \
                            with `groundswell rewards plan --approve`";

/// Where one member stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The member's id.
    pub member: &'a str,
    /// The tier that counts for rewards.
    pub tier: &'a str,
    /// Its rung; none beside the ladder.
    pub rung: Option<u8>,
    /// The tier that the run says.
    pub said: &'a str,
    /// The score.
    pub score: f64,
    /// The member's role, where it is known.
    pub role: Option<&'a str>,
}

/// What a run's reward rules propose.
#[derive(Clone, Copy, Debug)]
pub struct Proposals<'a> {
    /// The community's terms.
    pub programme: &'a Programme,
    /// Who proposes: the plugin's name and version.
    pub actor: &'a str,
    /// The digest of the history that they were decided by.
    pub decided_by: &'a str,
    /// What is proposed, each award at most once a member.
    pub all: &'a [Proposal<'a>],
}

/// What said who is in which tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScoredBy<'a> {
    /// The plugin's name and version.
    pub plugin: &'a str,
    /// A hash of whatever it depends on what a tier means: the plugin's bytes, its settings, whom it looks at and how far back.
    /// Where it is another one than in the period before, tiers of both are not by the same measure.
    pub fingerprint: &'a str,
}

/// All that one run adds.
#[derive(Clone, Copy, Debug)]
pub struct Round<'a> {
    /// The history that it becomes part of.
    pub chapter: Chapter<'a>,
    /// The receipt's hash.
    pub receipt: &'a str,
    /// What scored.
    pub by: ScoredBy<'a>,
    /// What its data did not have.
    pub unknown: &'a [String],
    /// Where everybody stands, in the order of ids by bytes.
    pub standings: &'a [Standing<'a>],
    /// What its reward rules propose; none where no rules were asked.
    pub proposals: Option<Proposals<'a>>,
    /// Who opted out, as its data says: what waits to be told of them is withdrawn.
    pub opted_out: &'a [String],
}

/// A change of one occurrence, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Move {
    /// The member's id.
    pub member: String,
    /// The award's id.
    pub award: String,
    /// What it is.
    pub kind: Kind,
    /// Of the key; empty for what is had once at a time.
    pub period: String,
    /// Of the key, from 1.
    pub occurrence: u32,
    /// Where it stood; `None` where it begins.
    pub from: Option<State>,
    /// Where it goes.
    pub to: State,
    /// How much it is about.
    pub amount: u64,
    /// Why, as the rules, a person or the host say.
    pub reason: String,
}

impl From<Change> for Move {
    fn from(change: Change) -> Self {
        let Change { member, award, kind, period, occurrence, from, to, amount, reason, .. } = change;
        Self { member, award, kind, period, occurrence, from, to, amount, reason }
    }
}

/// What a run changes, or would change.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// Of each proposal, in their order, what becomes of it.
    pub verdicts: Vec<Verdict>,
    /// Every change, award by award.
    pub moves: Vec<Move>,
    /// Of each award that is on, how much of its budget is used.
    pub budgets: Vec<BudgetUse>,
    /// Why nothing is taken back in this run, where that is so.
    pub withheld: Option<String>,
    /// Whether what decides has changed within the period, so that nothing is recorded until it is approved.
    pub unapproved: bool,
    /// The period before, where the definition was another one then: tiers of then and now are not by the same measure.
    pub broken: Option<Break>,
    /// How many messages were withdrawn, as they were about members who opted out. A plan withdraws none.
    pub withdrawn: u64,
}

/// What became of a commit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Committed {
    /// Everything is recorded.
    Recorded(Outcome),
    /// The history is not what the proposals were decided by; nothing is recorded.
    HistoryChanged,
}

impl Ledger {
    /// What a run would change. Nothing is recorded.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, or lacks entries whose hashes stand in `ledger.heads`.
    pub fn plan(&self, round: &Round<'_>) -> Result<Outcome, Error> {
        self.has_all()?;
        Ok(decided(&self.connection, &self.path, "read", round)?.outcome())
    }

    /// Records a run: all of it or nothing.
    ///
    /// A run older than the one that its period has by then changes nothing of the runs; of the history it
    /// adds the members that the newer one did not score. Awards that are there stay as they are, and nothing is taken back. A run that
    /// is recorded already, by its receipt, writes nothing.
    ///
    /// Whether or not its terms are approved, messages about who opted out are withdrawn, as by [`Ledger::withdraw`], unless a newer run
    /// was recorded.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written; nothing is recorded then.
    pub fn commit(&mut self, round: &Round<'_>) -> Result<Committed, Error> {
        let actor = round
            .proposals
            .map_or_else(|| "host".to_owned(), |proposals| format!("plugin {}", proposals.actor));
        let path = self.path.clone();
        self.write(&actor, |writer| {
            if let Some(proposals) = &round.proposals {
                let now = history(writer.transaction, &round.chapter).map_err(Error::file("write", &path))?;
                if now.digest() != proposals.decided_by {
                    return Ok(Committed::HistoryChanged);
                }
            }
            let decided = decided(writer.transaction, &path, "write", round)?;
            if decided.unapproved {
                let withdrawn =
                    withdraw_of(writer.transaction, round).map_err(Error::file("write", &path))?;
                return Ok(Committed::Recorded(Outcome { withdrawn, ..decided.outcome() }));
            }
            writer.because_of(round.receipt, &round.by).map_err(Error::file("write", &path))?;
            if let Some((terms, period)) = &decided.new_terms {
                record_terms(writer, period, terms, round.chapter.as_of)
                    .map_err(Error::file("write", &path))?;
            }
            for change in &decided.decided.changes {
                writer.change(change, round.chapter.as_of)?;
            }
            stand(writer, round, &decided.unknown).map_err(Error::file("write", &path))?;
            // What this run would tell of them is among it.
            let withdrawn = withdraw_of(writer.transaction, round).map_err(Error::file("write", &path))?;
            Ok(Committed::Recorded(Outcome { withdrawn, ..decided.outcome() }))
        })
    }
}

/// Withdraws what waits of who opted out; nothing where newer data was recorded, whose word on that is not undone by older.
fn withdraw_of(connection: &Connection, round: &Round<'_>) -> rusqlite::Result<u64> {
    if newest(connection)? > round.chapter.as_of {
        return Ok(0);
    }
    withdraw(connection, round.opted_out)
}

struct OfRound<'a> {
    decided: Decided,
    /// What decides in the period, where nothing did before.
    new_terms: Option<(&'a str, PeriodAt)>,
    /// What its data did not have, but for what is missed: that is known to be there once it is back.
    unknown: Vec<String>,
    unapproved: bool,
    broken: Option<Break>,
}

impl OfRound<'_> {
    fn outcome(self) -> Outcome {
        let Decided { verdicts, changes, budgets, withheld } = self.decided;
        let moves = changes.into_iter().map(Move::from).collect();
        Outcome {
            verdicts,
            moves,
            budgets,
            withheld,
            unapproved: self.unapproved,
            broken: self.broken,
            withdrawn: 0,
        }
    }
}

fn decided<'a>(
    connection: &Connection,
    path: &Path,
    action: &'static str,
    round: &Round<'a>,
) -> Result<OfRound<'a>, Error> {
    let mut of_round = OfRound {
        decided: Decided::default(),
        new_terms: None,
        unknown: round.unknown.to_vec(),
        unapproved: false,
        broken: broken(connection, &round.chapter, round.by.fingerprint)
            .map_err(Error::file(action, path))?,
    };
    let Some(Proposals { programme, all, .. }) = round.proposals else { return Ok(of_round) };
    let chapter = &round.chapter;
    if let Some(large) = all.iter().find(|proposal| proposal.amount > LARGEST) {
        return Err(Error::Refused(format!(
            "`{}` of {} would be {} points, and no award is of more than {LARGEST}",
            large.award,
            large.member.escape_debug(),
            large.amount
        )));
    }
    let calendar =
        |error: jiff::Error| Error::words(action, path, format!("no period contains as-of: {error}"));
    let period = programme.calendar.at(chapter.as_of).map_err(calendar)?;
    let mut read = || -> rusqlite::Result<Option<Error>> {
        if let Some(other) = of_another_kind(connection, programme)? {
            return Ok(Some(other));
        }
        let known = terms_at(connection, &period, chapter.as_of)?;
        let changed = known.as_ref().is_some_and(|(_, known)| *known != programme.terms);
        let newest = newest_run(connection)?;
        let late = newest.as_ref().is_some_and(|newest| newest.as_of > chapter.as_of);
        let knew = newest.as_ref().is_some_and(|newest| newest.wishes == Some(true));
        if knew && !late && round.opted_out.is_empty() {
            return Ok(Some(Error::Refused(NOBODY_KNOWS.to_owned())));
        }
        let lost = newest.map_or_else(Vec::new, |newest| lost(&newest.unknown, round.unknown));
        of_round.unknown.retain(|metric| !lost.contains(&metric.as_str()));
        let withheld = (!lost.is_empty()).then(|| {
            format!(
                "nothing is taken back: the data does not have what {} is made from, which the run before had, or did not ask for. Bring it; \
                 or let it be missing with `groundswell rewards plan --approve`",
                lost.join(", ")
            )
        });
        let occasion = Occasion {
            as_of: chapter.as_of,
            period: chapter.period,
            index: period.index,
            start: period.start,
            late,
            standings: round.standings,
        };
        of_round.decided = decide(connection, programme, all, &occasion, withheld)?;
        of_round.unapproved = changed;
        if known.is_none_or(|(key, _)| key != period.key) {
            of_round.new_terms = Some((programme.terms.as_str(), period.clone()));
        }
        Ok(None)
    };
    if let Some(refused) = read().map_err(Error::file(action, path))? {
        return Err(refused);
    }
    if of_round.unapproved {
        // What would become of them stands in the changes; for now nothing does.
        for verdict in &mut of_round.decided.verdicts {
            if matches!(verdict, Verdict::Given | Verdict::Pending | Verdict::Held(_)) {
                *verdict = Verdict::Unapproved;
            }
        }
    }
    // What cannot follow is told by a plan too.
    of_round.decided.changes.iter().try_for_each(Change::check)?;
    Ok(of_round)
}

/// A run whose awards were proposed.
pub(crate) struct NewestRun {
    pub(crate) definition: String,
    pub(crate) period: String,
    pub(crate) as_of: i64,
    pub(crate) receipt: i64,
    /// What its data did not have, in JSON.
    unknown: String,
    /// Whether by its data somebody had opted out.
    pub(crate) wishes: Option<bool>,
}

/// The newest of those; of whatever definition, as a definition's name may change.
pub(crate) fn newest_run(connection: &Connection) -> rusqlite::Result<Option<NewestRun>> {
    connection
        .query_row(
            "SELECT definition, period, as_of, receipt, unknown, wishes FROM runs WHERE programme ORDER BY as_of DESC LIMIT 1",
            [],
            |row| {
                Ok(NewestRun {
                    definition: row.get(0)?,
                    period: row.get(1)?,
                    as_of: row.get(2)?,
                    receipt: row.get(3)?,
                    unknown: row.get(4)?,
                    wishes: row.get(5)?,
                })
            },
        )
        .optional()
}

/// What decides at a moment, and in which period that was recorded: in the one that contains it or, where periods have another
/// length by now, in the newest that did.
fn terms_at(
    connection: &Connection,
    period: &PeriodAt,
    as_of: i64,
) -> rusqlite::Result<Option<(String, String)>> {
    connection
        .query_row(
            "SELECT period, terms FROM terms WHERE period = ?1 OR start <= ?2 AND ?2 < until
             ORDER BY period = ?1 DESC, start DESC LIMIT 1",
            params![period.key, as_of],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
}

/// An award that is something else in the ledger than in the rules.
fn of_another_kind(connection: &Connection, programme: &Programme) -> rusqlite::Result<Option<Error>> {
    let mut query = connection
        .prepare_cached("SELECT kind FROM claims WHERE award = ?1 AND kind NOT IN (?2, 'order') LIMIT 1")?;
    for terms in &programme.awards {
        let other: Option<String> =
            query.query_row([&terms.award, terms.kind.name()], |row| row.get(0)).optional()?;
        if let Some(other) = other {
            return Ok(Some(Error::Refused(format!(
                "`{}` is a {} in the ledger, and a {} in the reward rules: give that another id",
                terms.award,
                other.escape_debug(),
                terms.kind
            ))));
        }
    }
    Ok(None)
}

/// The metrics that are unknown now and were known before.
fn lost<'u>(before: &str, now: &'u [String]) -> Vec<&'u str> {
    let before: BTreeSet<String> = serde_json::from_str(before).unwrap_or_default();
    if before.contains(ANY) {
        return Vec::new();
    }
    now.iter().filter(|metric| !before.contains(*metric)).map(String::as_str).collect()
}

pub(crate) fn record_terms(
    writer: &mut Writer<'_>,
    period: &PeriodAt,
    terms: &str,
    at: i64,
) -> rusqlite::Result<()> {
    writer.transaction.execute(
        "INSERT INTO terms (period, start, until, terms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET terms = excluded.terms, start = excluded.start, until = excluded.until",
        params![period.key, period.start, period.until, terms],
    )?;
    writer.whole(&Whole {
        state: TERMS,
        period: &period.key,
        amount: 0,
        at,
        detail: &terms_detail(period.start, period.until, terms),
    })
}

/// What an entry says of what decides.
pub(crate) fn terms_detail(start: i64, until: i64, terms: &str) -> String {
    format!("{start} {until} {terms}")
}

/// Records where members stand.
fn stand(writer: &mut Writer<'_>, round: &Round<'_>, unknown: &[String]) -> rusqlite::Result<()> {
    let Round { chapter, receipt, by, standings, .. } = *round;
    let receipt = writer.because_of(receipt, &by)?;
    let transaction = writer.transaction;
    let mut rows = transaction.execute(
        "INSERT INTO runs (definition, period, as_of, receipt, unknown, programme, wishes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET as_of = excluded.as_of, receipt = excluded.receipt, unknown = excluded.unknown,
             programme = excluded.programme, wishes = excluded.wishes
         WHERE excluded.as_of >= as_of AND (excluded.as_of, excluded.receipt) <> (as_of, receipt)",
        params![
            chapter.definition,
            chapter.period,
            chapter.as_of,
            receipt,
            serde_json::to_string(unknown).unwrap_or_default(),
            round.proposals.is_some(),
            (!round.opted_out.is_empty()).then_some(true)
        ],
    )?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO history (definition, period, member, tier, rung, as_of, receipt, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET tier = excluded.tier, rung = excluded.rung, as_of = excluded.as_of,
             receipt = excluded.receipt, said = excluded.said
         WHERE excluded.as_of >= as_of AND (excluded.as_of, excluded.receipt) <> (as_of, receipt)",
    )?;
    for Standing { member, tier, rung, said, .. } in standings {
        rows += insert.execute(params![
            chapter.definition,
            chapter.period,
            member,
            tier,
            rung,
            chapter.as_of,
            receipt,
            Some(said).filter(|said| *said != tier)
        ])?;
    }
    if chapter.runs > 1 {
        rows += see(transaction, &chapter, standings)?;
    }
    if rows > 0 {
        writer.chapter(RUN, chapter.definition, chapter.period, chapter.as_of)?;
    }
    Ok(())
}

/// Keeps what this run said, and no more runs than may have to agree.
fn see(
    connection: &Connection,
    chapter: &Chapter<'_>,
    standings: &[Standing<'_>],
) -> rusqlite::Result<usize> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO sightings (definition, as_of, member, said, counts) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET said = excluded.said, counts = excluded.counts
         WHERE (said, counts) <> (excluded.said, excluded.counts)",
    )?;
    let mut rows = 0;
    for standing in standings {
        rows += insert.execute(params![
            chapter.definition,
            chapter.as_of,
            standing.member,
            standing.said,
            standing.tier
        ])?;
    }
    rows += connection.execute(
        "DELETE FROM sightings WHERE definition = ?1 AND as_of NOT IN
             (SELECT DISTINCT as_of FROM sightings WHERE definition = ?1 ORDER BY as_of DESC LIMIT ?2)",
        params![chapter.definition, MOST_RUNS],
    )?;
    Ok(rows)
}
