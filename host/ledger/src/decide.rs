//! What becomes of a run's proposals: given, waiting, held, or taken back.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use crate::claim::{Claim, before_going, claims};
use crate::commit::Standing;
use crate::expiry::expired_points;
use crate::orders::Orders;
use crate::terms::{AwardTerms, Programme};
use crate::verdict::{Bar, BudgetUse, Hold, Proposal, Verdict};
use crate::why::{self, Cause};
use crate::write::Change;
use crate::{Kind, Share, State};

pub(crate) const DAY: i64 = 86_400_000_000_000;
/// How much was given, of an occurrence `c`: of points that expired too, all of them.
const GIVEN: &str = "CASE c.state WHEN 'expired' THEN
    (SELECT e.amount FROM entries e WHERE e.claim = c.id AND e.state <> 'expired' ORDER BY e.number DESC LIMIT 1) ELSE c.amount END";

/// What becomes of a run's proposals, and of what was given before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decided {
    /// Of each proposal, in their order.
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) changes: Vec<Change>,
    pub(crate) budgets: Vec<BudgetUse>,
    /// Why nothing is taken back.
    pub(crate) withheld: Option<String>,
}

/// The moment that is decided at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    pub(crate) as_of: i64,
    /// The programme's period that contains it.
    pub(crate) period: &'a str,
    pub(crate) index: i64,
    /// Its first moment.
    pub(crate) start: i64,
    /// Whether a newer run has been recorded: then nothing is taken back.
    pub(crate) late: bool,
    /// Everybody who was scored, in the order of ids by bytes.
    pub(crate) standings: &'a [Standing<'a>],
}

impl Occasion<'_> {
    /// Where a member stands; `None` for whoever was not scored.
    fn standing(&self, member: &str) -> Option<&Standing<'_>> {
        let place = self.standings.binary_search_by(|standing| standing.member.cmp(member)).ok()?;
        self.standings.get(place)
    }
}

/// Decides about every award, one after the other.
pub(crate) fn decide(
    connection: &Connection,
    programme: &Programme,
    proposals: &[Proposal<'_>],
    moment: &Occasion<'_>,
    withheld: Option<String>,
) -> rusqlite::Result<Decided> {
    let mut of_awards: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, proposal) in proposals.iter().enumerate() {
        of_awards.entry(proposal.award).or_default().push(place);
    }
    let mut decided = Decided {
        verdicts: vec![Verdict::Barred(Bar::Off); proposals.len()],
        withheld,
        ..Decided::default()
    };
    let orders = Orders::read(connection)?;
    let mut unrewarded = None;
    for terms in &programme.awards {
        let places = of_awards.get(terms.award.as_str()).map_or(&[][..], Vec::as_slice);
        if !terms.enabled {
            continue;
        }
        let claims = claims(connection, terms, moment.period)?;
        let award = Award { connection, terms, moment, proposals, claims, orders: &orders };
        award.decide(places, &mut unrewarded, &mut decided)?;
        if !moment.late {
            award.settle(places, programme.max_revoked, &mut decided)?;
        }
    }
    Ok(decided)
}

/// One award.
struct Award<'a> {
    connection: &'a Connection,
    terms: &'a AwardTerms,
    moment: &'a Occasion<'a>,
    proposals: &'a [Proposal<'a>],
    claims: HashMap<String, Vec<Claim>>,
    orders: &'a Orders,
}

/// What may be given, if the bounds allow it.
struct Candidate<'a> {
    /// The proposal; none for what was proposed in an earlier period and is held since.
    place: Option<usize>,
    member: Cow<'a, str>,
    amount: u64,
    reason: Cow<'a, str>,
    score: f64,
    occurrence: u32,
    /// What was held before.
    held: Option<Claim>,
}

/// When each member was last given anything.
type Unrewarded = HashMap<String, i64>;

impl<'a> Award<'a> {
    fn decide(
        &self,
        places: &[usize],
        unrewarded: &mut Option<Unrewarded>,
        decided: &mut Decided,
    ) -> rusqlite::Result<()> {
        let mut candidates = Vec::new();
        for &place in places {
            let Some(proposal) = self.proposals.get(place) else { continue };
            let verdict = match self.look(place, proposal, &mut candidates) {
                Looked::Verdict(verdict) => verdict,
                Looked::Back(claim) => {
                    if !self.moment.late {
                        let to = before_going(self.connection, &claim, self.terms)?;
                        decided.changes.push(claim.to(to, proposal.member, self.terms, proposal.reason));
                    }
                    Verdict::Has
                }
                // Decided below.
                Looked::Candidate => continue,
            };
            set(&mut decided.verdicts, place, verdict);
        }
        self.waiting(places, &mut candidates)?;
        let used = self.used()?;
        let mut usage = BudgetUse {
            award: self.terms.award.clone(),
            budget: self.terms.budget,
            before: used,
            after: used,
        };
        self.order(&mut candidates, used, unrewarded)?;
        let (recent, had) = (self.recent()?, self.had()?);
        for candidate in &candidates {
            let cap = self.terms.per_member.is_some_and(|most| {
                had.get(&*candidate.member).copied().unwrap_or(0).saturating_add(candidate.amount) > most
            });
            let hold = if recent.contains(&*candidate.member) {
                Some(Hold::CoolDown)
            } else if cap {
                Some(Hold::PerMember)
            } else if self
                .terms
                .budget
                .is_some_and(|most| usage.after.saturating_add(candidate.amount) > most)
            {
                Some(Hold::Budget)
            } else {
                None
            };
            let (to, verdict) = match hold {
                Some(hold) => (State::Held, Verdict::Held(hold)),
                None if self.terms.approval => (State::Pending, Verdict::Pending),
                None => (self.terms.kind.first(), Verdict::Given),
            };
            if hold.is_none() {
                usage.after = usage.after.saturating_add(candidate.amount);
            }
            if let Some(place) = candidate.place {
                set(&mut decided.verdicts, place, verdict);
            }
            // What is held already is held still.
            if !(to == State::Held && candidate.held.is_some()) {
                decided.changes.push(self.begun(candidate, to, hold));
            }
        }
        decided.budgets.push(usage);
        Ok(())
    }

    fn look(&self, place: usize, proposal: &Proposal<'a>, candidates: &mut Vec<Candidate<'a>>) -> Looked {
        let barred = if self.is_role_barred(proposal.member) {
            Some(Bar::Role)
        } else if self.orders.excluded(proposal.member, proposal.award) {
            Some(Bar::Excluded)
        } else {
            None
        };
        let key = self.terms.key(self.moment.period);
        let claims = self.claims.get(proposal.member).map_or(&[][..], Vec::as_slice);
        let last = claims.iter().filter(|claim| claim.period == key).max_by_key(|claim| claim.occurrence);
        let has = last.is_some_and(|claim| claim.state.is_had());
        if let Some(barred) = barred.filter(|_| !has) {
            return Looked::Verdict(Verdict::Barred(barred));
        }
        let mut next = |occurrence, held| {
            candidates.push(Candidate {
                place: Some(place),
                member: proposal.member.into(),
                amount: proposal.amount,
                reason: proposal.reason.into(),
                score: proposal.score,
                occurrence,
                held,
            });
            Looked::Candidate
        };
        let late = self.moment.late;
        match last {
            // What is had once at a time is the newest run's to give.
            None if late && key.is_empty() => Looked::Verdict(Verdict::Late),
            None => next(1, None),
            Some(claim) => match claim.state {
                State::Held if late => Looked::Verdict(Verdict::Late),
                State::Held => next(claim.occurrence, Some(claim.clone())),
                State::Pending => Looked::Verdict(Verdict::Pending),
                State::Leaving | State::Revoking => Looked::Back(claim.clone()),
                state if state.is_had() => Looked::Verdict(Verdict::Has),
                // Only a later run opens the next occurrence.
                state if self.opens_again(state) && !late && self.moment.as_of > claim.changed => {
                    next(claim.occurrence + 1, None)
                }
                state => Looked::Verdict(Verdict::Closed(state)),
            },
        }
    }

    fn opens_again(&self, state: State) -> bool {
        match state {
            State::Lapsed | State::Left => true,
            State::Revoked => self.terms.kind == Kind::Badge,
            _ => false,
        }
    }

    fn begun(&self, candidate: &Candidate<'_>, to: State, hold: Option<Hold>) -> Change {
        let given = to.is_had();
        Change {
            claim: candidate.held.as_ref().map(|held| held.id),
            member: candidate.member.clone().into_owned(),
            award: self.terms.award.clone(),
            kind: self.terms.kind,
            period: self.terms.key(self.moment.period).to_owned(),
            occurrence: candidate.occurrence,
            from: candidate.held.as_ref().map(|held| held.state),
            to,
            amount: candidate.amount,
            worth: candidate.amount,
            counted: if given { self.moment.period.to_owned() } else { String::new() },
            given: given.then_some(self.moment.as_of),
            detail: hold.map_or("", Hold::name).to_owned(),
            reason: candidate.reason.clone().into_owned(),
            deliver: self.terms.deliver.clone(),
        }
    }

    /// Adds what was proposed in an earlier period and is held since, though it is not proposed any more: what a member has earned
    /// once waits for room. What one has only as long as it is proposed does not.
    fn waiting(&self, places: &[usize], candidates: &mut Vec<Candidate<'a>>) -> rusqlite::Result<()> {
        if self.moment.late {
            return Ok(());
        }
        let proposed = self.proposed(places);
        let mut waiting: Vec<(&String, &Claim)> = self
            .claims
            .iter()
            .flat_map(|(member, claims)| claims.iter().map(move |claim| (member, claim)))
            .filter(|(member, claim)| self.is_kept(claim) && !proposed.contains(member.as_str()))
            .collect();
        waiting.sort_unstable_by_key(|(_, claim)| claim.id);
        for (member, claim) in waiting {
            // Whoever is not scored any more is not there to be given anything.
            let Some(score) = self.moment.standing(member).map(|standing| standing.score) else { continue };
            if self.orders.excluded(member, &self.terms.award) || self.is_role_barred(member) {
                continue;
            }
            let reason: Option<String> = self
                .connection
                .prepare_cached(
                    "SELECT s.reason FROM claims c JOIN secrets s ON s.entry = c.entry WHERE c.id = ?1",
                )?
                .query_row([claim.id], |row| row.get(0))
                .optional()?;
            candidates.push(Candidate {
                place: None,
                member: member.clone().into(),
                amount: claim.amount,
                reason: reason.unwrap_or_default().into(),
                score,
                occurrence: claim.occurrence,
                held: Some(claim.clone()),
            });
        }
        Ok(())
    }

    fn proposed(&self, places: &[usize]) -> HashSet<&'a str> {
        places.iter().filter_map(|place| self.proposals.get(*place)).map(|proposal| proposal.member).collect()
    }

    fn is_role_barred(&self, member: &str) -> bool {
        let role = self.moment.standing(member).and_then(|standing| standing.role);
        role.is_some_and(|role| self.terms.not_for.iter().any(|barred| barred == role))
    }

    /// Whether what is held stays so, though it is not proposed.
    fn is_kept(&self, claim: &Claim) -> bool {
        claim.state == State::Held
            && !self.terms.revocable
            && claim.period == self.terms.key(self.moment.period)
            && claim.period.is_empty()
    }

    /// Higher scores first; of equal ones who has gone longest without anything; of those by id.
    fn order(
        &self,
        candidates: &mut [Candidate<'_>],
        used: u64,
        unrewarded: &mut Option<Unrewarded>,
    ) -> rusqlite::Result<()> {
        let wanted = candidates.iter().fold(used, |sum, one| sum.saturating_add(one.amount));
        if self.terms.budget.is_none_or(|budget| wanted <= budget) {
            return Ok(());
        }
        let last = match unrewarded {
            Some(known) => known,
            None => unrewarded.insert(last_given(self.connection)?),
        };
        candidates.sort_by(|left, right| {
            let score = right.score.total_cmp(&left.score);
            let waited = last.get(&*left.member).cmp(&last.get(&*right.member));
            score.then(waited).then_with(|| left.member.cmp(&right.member))
        });
        Ok(())
    }

    /// How much of the budget is used, or waits for a person.
    fn used(&self) -> rusqlite::Result<u64> {
        self.connection
            .prepare_cached(&format!(
                "SELECT coalesce(sum({GIVEN}), 0) FROM claims c
                     WHERE c.award = ?1 AND (c.state = 'pending' AND c.member IS NOT NULL AND c.period = ?3
                          OR c.counted = ?2 AND c.given IS NOT NULL)"
            ))?
            .query_row(
                params![self.terms.award, self.moment.period, self.terms.key(self.moment.period)],
                |row| row.get(0),
            )
            .map(|used: i64| used.unsigned_abs())
    }

    /// Who was given one too short a time ago.
    fn recent(&self) -> rusqlite::Result<HashSet<String>> {
        if self.terms.cool_down == 0 {
            return Ok(HashSet::new());
        }
        let after = self.moment.as_of.saturating_sub(i64::from(self.terms.cool_down) * DAY);
        self.connection
            .prepare_cached(
                "SELECT DISTINCT m.member FROM claims c JOIN members m ON m.id = c.member WHERE c.award = ?1 AND (c.given > ?2 OR c.state = 'pending')",
            )?
            .query_map(params![self.terms.award, after], |row| row.get(0))?
            .collect()
    }

    /// How much each member was given.
    fn had(&self) -> rusqlite::Result<HashMap<String, u64>> {
        if self.terms.per_member.is_none() {
            return Ok(HashMap::new());
        }
        let within = self.terms.per_member_within.map(|days| i64::from(days) * DAY);
        let after = within.map_or(i64::MIN, |within| self.moment.as_of.saturating_sub(within));
        self.connection
            .prepare_cached(&format!(
                "SELECT m.member, sum({GIVEN}) FROM claims c JOIN members m ON m.id = c.member
                     WHERE c.award = ?1 AND (c.given > ?2 OR c.state = 'pending') AND c.state <> 'spent' GROUP BY c.member"
            ))?
            .query_map(params![self.terms.award, after], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?
            .collect()
    }

    /// What becomes of occurrences that are no longer proposed, and of what runs out.
    fn settle(&self, places: &[usize], max_revoked: Share, decided: &mut Decided) -> rusqlite::Result<()> {
        let proposed = self.proposed(places);
        let key = self.terms.key(self.moment.period);
        let (mut holders, mut waiting, mut going) = (HashMap::new(), 0_u64, Vec::new());
        let mut members: Vec<(&String, &Vec<Claim>)> = self.claims.iter().collect();
        members.sort_unstable_by_key(|(member, _)| *member);
        for (member, claims) in members {
            for claim in claims {
                let current = claim.period == key;
                let gone = current && !proposed.contains(member.as_str());
                if current && claim.state.is_had() {
                    holders.insert(member.as_str(), claim.state);
                }
                waiting += u64::from(current && claim.state == State::Revoking);
                match claim.state {
                    // It waits for room, as long as the member is there.
                    State::Held if self.is_kept(claim) && self.moment.standing(member).is_some() => {}
                    State::Held | State::Pending if gone || !current => {
                        self.lapse(member, claim, current, decided);
                    }
                    State::Invited if self.has_run_out(claim) => {
                        let why = why::expired(claim.state, self.terms.expires.unwrap_or_default());
                        decided.changes.push(claim.to(State::Expired, member, self.terms, &why));
                    }
                    // It was counted when the grace began.
                    State::Leaving
                        if gone
                            && self.is_taken(member)
                            && self.is_over(claim)?
                            && decided.withheld.is_none() =>
                    {
                        let why = why::left(self.cause(member));
                        decided.changes.push(claim.to(self.terms.kind.taken(), member, self.terms, &why));
                    }
                    State::Granted | State::Invited | State::Accepted | State::Joined
                        if gone && self.is_taken(member) =>
                    {
                        going.push((member, claim));
                    }
                    _ => {}
                }
            }
        }
        if decided.withheld.is_none() && !going.is_empty() {
            let taken = self.taken()?;
            // Whoever is leaving has it still, and is counted among those who lose it.
            let lost = taken
                .iter()
                .filter(|member| holders.get(member.as_str()).is_none_or(|state| *state == State::Leaving));
            let before = taken.iter().filter(|member| !holders.contains_key(member.as_str()));
            // Those that wait already count with those that would follow them.
            let lost = (going.len() + lost.count()) as u64 + waiting;
            let too_many = !max_revoked.covers(lost, (holders.len() + before.count()) as u64);
            let most = too_many.then_some(max_revoked);
            decided.changes.extend(going.iter().map(|(member, claim)| self.take(member, claim, most)));
        }
        if self.terms.kind == Kind::Points && self.terms.expires.is_some() {
            expired_points(self.connection, self.terms, self.moment.as_of, &mut decided.changes)?;
        }
        Ok(())
    }

    /// From whom rules have taken it in this period, and whose grace began in it. Not who has it again.
    fn taken(&self) -> rusqlite::Result<HashSet<String>> {
        self.connection
            .prepare_cached(
                "SELECT DISTINCT m.member FROM claims c JOIN members m ON m.id = c.member JOIN entries e ON e.claim = c.id
                 WHERE c.award = ?1 AND c.period = ?2 AND c.changed >= ?3
                   AND c.state NOT IN ('granted', 'invited', 'accepted', 'completed', 'joined', 'revoking')
                   AND e.at >= ?3 AND e.actor LIKE 'plugin %' AND (e.state IN ('revoked', 'leaving') OR e.state = 'left' AND
                       (SELECT b.state FROM entries b WHERE b.claim = c.id AND b.number < e.number
                        ORDER BY b.number DESC LIMIT 1) <> 'leaving')",
            )?
            .query_map(
                params![self.terms.award, self.terms.key(self.moment.period), self.moment.start],
                |row| row.get(0),
            )?
            .collect()
    }

    /// Takes it back, begins the grace or, where there are more than `most` of them, puts it before a person.
    fn take(&self, member: &str, claim: &Claim, most: Option<Share>) -> Change {
        let (cause, grace) = (self.cause(member), self.terms.grace);
        if let Some(most) = most {
            return claim.to(State::Revoking, member, self.terms, &why::revoking(cause, most));
        }
        if claim.state == State::Joined && grace > 0 {
            let mut change = claim.to(State::Leaving, member, self.terms, &why::leaving(cause, grace));
            change.detail = self.moment.index.to_string();
            return change;
        }
        claim.to(self.terms.kind.taken(), member, self.terms, &why::taken(cause))
    }

    fn lapse(&self, member: &str, claim: &Claim, current: bool, decided: &mut Decided) {
        if decided.withheld.is_none() {
            let cause = if current { self.cause(member) } else { Cause::PeriodOver };
            let why = why::lapsed(cause, claim.state);
            decided.changes.push(claim.to(State::Lapsed, member, self.terms, &why));
        }
    }

    /// Why what is not proposed is not.
    fn cause(&self, member: &str) -> Cause {
        match self.moment.standing(member) {
            Some(_) => Cause::NotProposed,
            None => Cause::NotScored,
        }
    }

    /// Whether it is taken from this member once it is no longer proposed. Points stay: they may be spent by then.
    fn is_taken(&self, member: &str) -> bool {
        self.terms.revocable
            && self.terms.kind != Kind::Points
            && !self.orders.pinned(member, &self.terms.award)
    }

    fn has_run_out(&self, claim: &Claim) -> bool {
        let (Some(days), Some(given)) = (self.terms.expires, claim.given) else { return false };
        self.terms.kind == Kind::Training && given.saturating_add(i64::from(days) * DAY) <= self.moment.as_of
    }

    /// Whether the grace is over for who is leaving.
    fn is_over(&self, claim: &Claim) -> rusqlite::Result<bool> {
        // The period's index at that time stands in the entry that began it.
        let since: String = self
            .connection
            .prepare_cached("SELECT detail FROM entries WHERE claim = ?1 AND state = 'leaving' ORDER BY number DESC LIMIT 1")?
            .query_row([claim.id], |row| row.get(0))?;
        let since: i64 = since.parse().unwrap_or(i64::MIN);
        Ok(self.moment.index >= since.saturating_add(i64::from(self.terms.grace)))
    }
}

enum Looked {
    Verdict(Verdict),
    /// It was about to go, and stays.
    Back(Claim),
    Candidate,
}

fn set(verdicts: &mut [Verdict], place: usize, verdict: Verdict) {
    if let Some(one) = verdicts.get_mut(place) {
        *one = verdict;
    }
}

fn last_given(connection: &Connection) -> rusqlite::Result<Unrewarded> {
    connection
        .prepare_cached(
            "SELECT m.member, max(c.given) FROM claims c JOIN members m ON m.id = c.member
             WHERE c.given IS NOT NULL AND c.state <> 'spent' GROUP BY c.member",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
