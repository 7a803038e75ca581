//! What people decide: approve, reject, revoke, grant, and what they order for later runs.

use rusqlite::{OptionalExtension, params};

use crate::claim::{CLAIMS, Claim, before_going, claim};
use crate::commit::{ANY, newest_run, record_terms};
use crate::forget::newest;
use crate::orders::EVERY;
use crate::store::Ledger;
use crate::terms::{AwardTerms, LARGEST, Programme};
use crate::text::is_hidden;
use crate::write::{Change, RUN, Writer, whole};
use crate::{Error, Kind, Move, PeriodAt, State};

/// The period in the key of points that were spent: each time is an occurrence of its own.
const SPENT: &str = "spent";
/// That of points that a person gave.
const BY_HAND: &str = "by-hand";
/// The longest name of whoever decides, in characters.
const LONGEST_NAME: usize = 100;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 280;

/// What a person decides about one award of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// What waits or is held is given; what was about to be taken back is, a circle after its grace; an appeal is upheld, and the
    /// award given again.
    Approve,
    /// What waits or is held is not given; what was about to be taken back stays; an appeal is turned down.
    Reject,
    /// What the member has is taken back, revocable or not. A shoutout cannot be.
    Revoke,
    /// The member gets it, whatever the rules say: so many points, and 1 of every other kind. Budgets do not hold it back.
    Grant(u64),
    /// The member has come further: a training was accepted or completed, a circle left.
    Record(State),
    /// So many points are spent.
    Spend(u64),
    /// Rules do not take it back.
    Pin,
    /// Rules do not give it.
    Exclude,
    /// Neither holds any longer.
    Release,
    /// The member asks for another look at what was not given, or taken back.
    Appeal,
}

/// A person's decision.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The member's id.
    pub member: &'a str,
    /// The award's id; `*` for every award, with [`Act::Pin`], [`Act::Exclude`] and [`Act::Release`].
    pub award: &'a str,
    /// What is decided.
    pub act: Act,
    /// The entry that whoever decides has seen ([`Holding::entry`](crate::Holding::entry)): it is decided about that very
    /// occurrence, and only if nothing was recorded about it since. `None`: about the newest occurrence of which that can be
    /// decided.
    pub seen: Option<i64>,
    /// Who decides. At most 100 characters, in one line. Everybody who sees the ledger sees it.
    pub who: &'a str,
    /// Why. At most 280 characters, in one line. Kept with the member's name, and forgotten with it.
    pub why: &'a str,
}

impl<'a> Decision<'a> {
    /// About the newest occurrence of which that can be decided.
    pub const fn new(member: &'a str, award: &'a str, act: Act, who: &'a str, why: &'a str) -> Self {
        Self { member, award, act, seen: None, who, why }
    }

    /// About the very occurrence whose newest entry that is, as it was then.
    #[must_use]
    pub const fn seen(mut self, entry: i64) -> Self {
        self.seen = Some(entry);
        self
    }
}

impl Ledger {
    /// Records what a person decides: all of it or, where `dry_run` is set or something fails, nothing. Answers every change.
    ///
    /// # Errors
    ///
    /// [`Error::Nothing`] where the member has no such award; [`Error::Transition`] and [`Error::Refused`] for what cannot be;
    /// [`Error::File`] where the file cannot be read or written.
    pub fn act(
        &mut self,
        programme: &Programme,
        decision: &Decision<'_>,
        dry_run: bool,
    ) -> Result<Vec<Move>, Error> {
        let who = name(decision.who)?;
        reason(decision.why)?;
        let path = self.path.clone();
        self.write_if(&format!("person {who}"), !dry_run, |writer| {
            let failed = || Error::file("write", &path);
            let at = newest(writer.transaction).map_err(failed())?;
            let scored = is_scored(writer.transaction, decision.member).map_err(failed())?;
            let desk = Desk { writer, programme, decision, at, scored };
            if !desk.is_known().map_err(failed())? {
                return Err(Error::Refused(format!(
                    "nobody has the id {}: no run has scored them, and they were never given anything",
                    decision.member.escape_debug()
                )));
            }
            let mut changes = desk.changes(failed)?;
            let pin = desk.keeps(&changes).map_err(failed())?;
            changes.extend(pin);
            for change in &changes {
                desk.writer.change(change, at)?;
            }
            Ok(changes.into_iter().map(Move::from).collect())
        })
    }

    /// Lets the awards of the period that contains a moment (nanoseconds since 1970, UTC) be decided by other plugins, settings or
    /// terms from now on, and the data lack what it has lost.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn approve_terms(
        &mut self,
        programme: &Programme,
        as_of: i64,
        who: &str,
        why: &str,
    ) -> Result<PeriodAt, Error> {
        let who = name(who)?;
        reason(why)?;
        let path = self.path.clone();
        let period = programme
            .calendar
            .at(as_of)
            .map_err(|error| Error::words("write", &path, format!("no period contains as-of: {error}")))?;
        self.write(&format!("person {who}"), |writer| {
            let mut approve = || {
                record_terms(writer, &period, &programme.terms, as_of)?;
                if let Some(newest) = newest_run(writer.transaction)? {
                    writer.transaction.execute(
                        "UPDATE runs SET unknown = ?3, wishes = NULL WHERE definition = ?1 AND period = ?2",
                        [&newest.definition, &newest.period, &format!("[\"{ANY}\"]")],
                    )?;
                    writer.chapter(RUN, &newest.definition, &newest.period, newest.as_of)?;
                }
                Ok(())
            };
            approve().map_err(Error::file("write", &path))
        })?;
        Ok(period)
    }
}

/// Whether the newest run of the programme scored a member; so where there was none.
fn is_scored(connection: &rusqlite::Connection, member: &str) -> rusqlite::Result<bool> {
    let Some(newest) = newest_run(connection)? else { return Ok(true) };
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM history WHERE definition = ?1 AND period = ?2 AND member = ?3 AND receipt = ?4)",
        params![newest.definition, newest.period, member, newest.receipt],
        |row| row.get(0),
    )
}

/// Joins or parts letters, as Persian and families of emoji are written; harmless in a reason, and in a name a way to be another.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// The name of whoever decides, which everybody sees.
fn name(text: &str) -> Result<&str, Error> {
    line("the name of whoever decides", text, LONGEST_NAME, &[])
}

/// Why something is decided.
fn reason(text: &str) -> Result<&str, Error> {
    line("the reason", text, LONGEST_REASON, &JOINERS)
}

/// A text that fits into one line, and is what it looks like.
fn line<'t>(what: &str, text: &'t str, longest: usize, allowed: &[char]) -> Result<&'t str, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Refused(format!("{what} is missing")));
    }
    if text.chars().any(char::is_control) || text.chars().count() > longest {
        return Err(Error::Refused(format!("{what} must be one line of at most {longest} characters")));
    }
    if let Some(hidden) = text.chars().find(|one| is_hidden(*one) && !allowed.contains(one)) {
        return Err(Error::Refused(format!(
            "{what} has the character {}, which cannot be seen or changes how others are shown: leave it out",
            hidden.escape_unicode()
        )));
    }
    Ok(text)
}

/// Where a decision is made.
struct Desk<'w, 't, 'd> {
    writer: &'w mut Writer<'t>,
    programme: &'d Programme,
    decision: &'d Decision<'d>,
    at: i64,
    /// Whether the newest run scored the member.
    scored: bool,
}

/// An occurrence, and what is said of its award.
struct Found {
    claim: Claim,
    terms: AwardTerms,
}

impl Desk<'_, '_, '_> {
    fn is_known(&self) -> rusqlite::Result<bool> {
        self.writer.transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM members WHERE member = ?1) OR EXISTS (SELECT 1 FROM history WHERE member = ?1)",
            [self.decision.member],
            |row| row.get(0),
        )
    }

    fn changes<F: FnOnce(rusqlite::Error) -> Error>(
        &self,
        failed: impl Fn() -> F,
    ) -> Result<Vec<Change>, Error> {
        let Decision { member, award, act, why, .. } = *self.decision;
        self.unseen(failed())?;
        let found = |what: &'static str, wanted: fn(State) -> bool| {
            let found = self.found(wanted).map_err(failed())?;
            found.ok_or_else(|| Error::Nothing { member: member.to_owned(), award: award.to_owned(), what })
        };
        let decided = |state: State| state == State::Held || state.waits();
        match act {
            Act::Approve => {
                let Found { claim, terms } = found("that waits for a person", decided)?;
                Ok(match claim.state {
                    State::Revoking => vec![self.taken(&claim, &terms).map_err(failed())?],
                    State::Appealed => {
                        let upheld = claim.to(State::Upheld, member, &terms, why);
                        let newest = self.last(&claim.period).map_err(failed())?;
                        let newest = newest.map_or(claim.occurrence, |newest| newest.occurrence);
                        let next = Claim { occurrence: newest + 1, ..claim };
                        let mut given = self.given(&next, &terms)?;
                        (given.claim, given.from) = (None, None);
                        vec![upheld, given]
                    }
                    _ => vec![self.given(&claim, &terms)?],
                })
            }
            Act::Reject => {
                let Found { claim, terms } = found("that waits for a person", decided)?;
                let to = match claim.state {
                    State::Revoking => {
                        before_going(self.writer.transaction, &claim, &terms).map_err(failed())?
                    }
                    _ => State::Rejected,
                };
                Ok(vec![claim.to(to, member, &terms, why)])
            }
            Act::Revoke => {
                let Found { claim, terms } = found("now", State::is_had)?;
                if terms.kind == Kind::Points && self.balance().map_err(failed())? < whole(claim.amount) {
                    return Err(Error::Refused(format!(
                        "{} has spent some of these points already: what is spent cannot be taken back",
                        member.escape_debug()
                    )));
                }
                Ok(vec![claim.to(terms.kind.taken(), member, &terms, why)])
            }
            Act::Record(to) => {
                let Found { claim, terms } = found("now", State::is_had)?;
                if !matches!(to, State::Accepted | State::Completed | State::Left) {
                    return Err(Error::Refused(format!(
                        "{to} cannot be recorded: it is one of accepted, completed, left"
                    )));
                }
                Ok(vec![claim.to(to, member, &terms, why)])
            }
            Act::Appeal => {
                let over = |state: State| {
                    use State::{Expired, Held, Lapsed, Left, Rejected, Revoked};
                    matches!(state, Held | Lapsed | Rejected | Revoked | Left | Expired)
                };
                let Found { claim, terms } = found("that was not given or is over", over)?;
                let newest = self.last(&claim.period).map_err(failed())?;
                if newest.is_some_and(|newest| newest.occurrence > claim.occurrence) {
                    return Err(Error::Refused(format!(
                        "`{award}` of {} was decided about again since: there is nothing to appeal",
                        member.escape_debug()
                    )));
                }
                Ok(vec![claim.to(State::Appealed, member, &terms, why)])
            }
            Act::Grant(amount) => self.grant(amount, failed),
            Act::Spend(amount) => self.spend(amount, failed),
            Act::Pin => self.order(State::Pinned, failed),
            Act::Exclude => self.order(State::Excluded, failed),
            Act::Release => {
                let released = self.orders().map_err(failed())?;
                let (order, terms) = released.ok_or_else(|| Error::Nothing {
                    member: member.to_owned(),
                    award: award.to_owned(),
                    what: "that is pinned or excluded",
                })?;
                Ok(vec![order.to(State::Released, member, &terms, why)])
            }
        }
    }

    /// What a community says of an award; what the ledger knows of it where the community says nothing any more.
    fn terms(&self, kind: Kind) -> AwardTerms {
        let award = self.decision.award;
        self.programme.of(award).cloned().unwrap_or_else(|| AwardTerms::new(award, kind))
    }

    /// Refuses what is decided about something else than was seen.
    fn unseen(&self, failed: impl FnOnce(rusqlite::Error) -> Error) -> Result<(), Error> {
        let Decision { member, award, act, seen: Some(seen), .. } = *self.decision else { return Ok(()) };
        if matches!(act, Act::Grant(_) | Act::Spend(_) | Act::Pin | Act::Exclude | Act::Release) {
            return Err(Error::Refused(
                "an entry is named, and this is not decided about what is recorded already".to_owned(),
            ));
        }
        let there: bool = self
            .writer
            .transaction
            .prepare_cached(&format!(
                "SELECT EXISTS ({CLAIMS} WHERE m.member = ?1 AND c.award = ?2 AND c.kind <> 'order' AND c.entry = ?3)"
            ))
            .and_then(|mut query| query.query_row(params![member, award, seen], |row| row.get(0)))
            .map_err(failed)?;
        if there {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "entry {seen} is not the newest about a `{award}` of {}: something was recorded since, or it is about another one. Look again",
            member.escape_debug()
        )))
    }

    /// The newest occurrence in such a state; the one that was seen, where one was.
    fn found(&self, wanted: impl Fn(State) -> bool) -> rusqlite::Result<Option<Found>> {
        let mut query = self.writer.transaction.prepare_cached(&format!(
            "{CLAIMS} WHERE m.member = ?1 AND c.award = ?2 AND c.kind <> 'order' ORDER BY c.entry DESC"
        ))?;
        let mut rows = query.query([self.decision.member, self.decision.award])?;
        while let Some(row) = rows.next()? {
            let claim = claim(row)?;
            let seen = self.decision.seen.is_none_or(|seen| seen == claim.entry);
            if seen && wanted(claim.state) && claim.period != SPENT {
                let kind = Kind::of_name(row.get_ref(9)?.as_str()?).unwrap_or(Kind::Badge);
                return Ok(Some(Found { claim, terms: AwardTerms { kind, ..self.terms(kind) } }));
            }
        }
        Ok(None)
    }

    /// What was about to be taken back, taken; of a circle whose grace has not begun that begins.
    fn taken(&self, claim: &Claim, terms: &AwardTerms) -> rusqlite::Result<Change> {
        let Decision { member, why, .. } = *self.decision;
        let was_leaving: bool = self
            .writer
            .transaction
            .prepare_cached(
                "SELECT coalesce((SELECT state = 'leaving' FROM entries WHERE claim = ?1 AND state <> 'revoking'
                     ORDER BY number DESC LIMIT 1), 0)",
            )?
            .query_row([claim.id], |row| row.get(0))?;
        let graced = terms.kind == Kind::Circle && terms.grace > 0;
        let period = self.programme.calendar.at(self.at).ok().filter(|_| graced);
        let Some(period) = period.filter(|_| !was_leaving) else {
            return Ok(claim.to(terms.kind.taken(), member, terms, why));
        };
        let mut change = claim.to(State::Leaving, member, terms, why);
        change.detail = period.index.to_string();
        Ok(change)
    }

    /// The same occurrence, given.
    fn given(&self, claim: &Claim, terms: &AwardTerms) -> Result<Change, Error> {
        self.refuse_unscored()?;
        let mut change = claim.to(terms.kind.first(), self.decision.member, terms, self.decision.why);
        change.given = Some(self.at);
        change.counted = self.period();
        Ok(change)
    }

    /// Whoever opted out is given nothing, and who is not scored by the newest run may have.
    fn refuse_unscored(&self) -> Result<(), Error> {
        if self.scored {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "{} was not scored by the newest run, and may have opted out: nothing is given to them. Where they are back, run anew first",
            self.decision.member.escape_debug()
        )))
    }

    /// What a person gives, or keeps from being taken, rules do not take back: that it is pinned from then on.
    fn keeps(&self, changes: &[Change]) -> rusqlite::Result<Option<Change>> {
        let Decision { member, award, act, why, .. } = *self.decision;
        let kept = changes.last().filter(|change| {
            let stays = matches!((act, change.from), (Act::Reject, Some(State::Revoking)));
            let again = matches!((act, change.from), (Act::Approve | Act::Grant(_), None));
            change.to.is_had() && change.kind != Kind::Points && (stays || again)
        });
        let revocable = self.programme.of(award).is_some_and(|terms| terms.revocable);
        if kept.is_none() || !revocable || self.orders()?.is_some() {
            return Ok(None);
        }
        let last = self.last(State::Pinned.name())?;
        Ok(Some(order(member, award, State::Pinned, last, why)))
    }

    /// The programme's period in which it is decided.
    fn period(&self) -> String {
        self.programme.calendar.at(self.at).map_or_else(|_| String::new(), |period| period.key)
    }

    fn grant<F: FnOnce(rusqlite::Error) -> Error>(
        &self,
        amount: u64,
        failed: impl Fn() -> F,
    ) -> Result<Vec<Change>, Error> {
        let Decision { member, award, why, .. } = *self.decision;
        let Some(terms) = self.programme.of(award) else { return Err(self.no_award()) };
        self.refuse_unscored()?;
        refuse_large(amount)?;
        if amount == 0 || (terms.kind != Kind::Points && amount != 1) {
            let what =
                if terms.kind == Kind::Points { "at least 1 point" } else { "one, and no amount of it" };
            return Err(Error::Refused(format!("of `{award}` a member gets {what}")));
        }
        let period = self.period();
        // What a person gives of points is beside what rules give.
        let key = if terms.kind == Kind::Points { BY_HAND } else { terms.key(&period) };
        let last = self.last(key).map_err(failed())?;
        let fresh = |occurrence| {
            let mut change = Change::begun(member, terms, key, occurrence, (terms.kind.first(), amount), why);
            (change.counted, change.given) = (period.clone(), Some(self.at));
            change
        };
        Ok(match last {
            None => vec![fresh(1)],
            Some(claim) if matches!(claim.state, State::Held | State::Pending) => {
                vec![self.given(&claim, terms)?]
            }
            Some(claim) if claim.state == State::Appealed => {
                return Err(Error::Refused(format!(
                    "{} has appealed: approve or reject that",
                    member.escape_debug()
                )));
            }
            // Of points one can always get more.
            Some(claim) if claim.state.is_had() && terms.kind != Kind::Points => {
                return Err(Error::Refused(format!(
                    "{} has `{award}` already: it is {}",
                    member.escape_debug(),
                    claim.state
                )));
            }
            Some(claim) => vec![fresh(claim.occurrence + 1)],
        })
    }

    fn spend<F: FnOnce(rusqlite::Error) -> Error>(
        &self,
        amount: u64,
        failed: impl Fn() -> F,
    ) -> Result<Vec<Change>, Error> {
        let Decision { member, award, why, .. } = *self.decision;
        let terms = self.programme.of(award).filter(|terms| terms.kind == Kind::Points);
        let Some(terms) = terms else { return Err(self.no_award()) };
        refuse_large(amount)?;
        let balance = self.balance().map_err(failed())?;
        if amount == 0 || whole(amount) > balance {
            return Err(Error::Refused(format!(
                "{} cannot spend {amount} points of `{award}`: the balance is {balance}",
                member.escape_debug()
            )));
        }
        let last = self.last(SPENT).map_err(failed())?;
        let occurrence = last.map_or(1, |last| last.occurrence + 1);
        Ok(vec![Change::begun(member, terms, SPENT, occurrence, (State::Spent, amount), why)])
    }

    fn no_award(&self) -> Error {
        let ids: Vec<&str> = self.programme.awards.iter().map(|terms| terms.award.as_str()).collect();
        Error::Refused(format!(
            "the programme has no award `{}` of which that can be said: its awards are {}",
            self.decision.award.escape_debug(),
            ids.join(", ")
        ))
    }

    fn order<F: FnOnce(rusqlite::Error) -> Error>(
        &self,
        to: State,
        failed: impl Fn() -> F,
    ) -> Result<Vec<Change>, Error> {
        let Decision { member, award, why, .. } = *self.decision;
        if award != EVERY && self.programme.of(award).is_none() {
            return Err(self.no_award());
        }
        if let Some((order, _)) = self.orders().map_err(failed())? {
            return Err(Error::Refused(format!(
                "`{award}` of {} is {} already: release it first",
                member.escape_debug(),
                order.state
            )));
        }
        let last = self.last(to.name()).map_err(failed())?;
        Ok(vec![order(member, award, to, last, why)])
    }

    /// The order about this award that holds.
    fn orders(&self) -> rusqlite::Result<Option<(Claim, AwardTerms)>> {
        let order = self
            .writer
            .transaction
            .prepare_cached(&format!(
                "{CLAIMS} WHERE m.member = ?1 AND c.award = ?2 AND c.kind = 'order' AND c.state <> 'released'"
            ))?
            .query_row([self.decision.member, self.decision.award], claim)
            .optional()?;
        Ok(order.map(|order| (order, AwardTerms::new(self.decision.award, Kind::Order))))
    }

    /// The newest occurrence of a key.
    fn last(&self, period: &str) -> rusqlite::Result<Option<Claim>> {
        self.writer
            .transaction
            .prepare_cached(&format!("{CLAIMS} WHERE m.member = ?1 AND c.award = ?2 AND c.period = ?3 ORDER BY c.occurrence DESC LIMIT 1"))?
            .query_row(params![self.decision.member, self.decision.award, period], claim)
            .optional()
    }

    fn balance(&self) -> rusqlite::Result<i64> {
        self.writer
            .transaction
            .prepare_cached(
                "SELECT coalesce(sum(CASE c.state WHEN 'granted' THEN c.amount WHEN 'revoking' THEN c.amount WHEN 'expired' THEN c.amount
                     WHEN 'spent' THEN -c.amount ELSE 0 END), 0)
                 FROM claims c JOIN members m ON m.id = c.member WHERE m.member = ?1 AND c.award = ?2 AND c.kind = 'points'",
            )?
            .query_row([self.decision.member, self.decision.award], |row| row.get(0))
    }
}

fn refuse_large(amount: u64) -> Result<(), Error> {
    if amount > LARGEST {
        return Err(Error::Refused(format!("{amount} points are too many: at most {LARGEST} at a time")));
    }
    Ok(())
}

/// The beginning of an order.
fn order(member: &str, award: &str, to: State, last: Option<Claim>, why: &str) -> Change {
    let occurrence = last.map_or(1, |last| last.occurrence + 1);
    let terms = AwardTerms::new(award, Kind::Order);
    Change::begun(member, &terms, to.name(), occurrence, (to, 0), why)
}
