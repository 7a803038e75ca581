//! Whom a community takes for granted: micro-influencers without thanks, those who fall behind their own past, those about to
//! leave the tier, and those who are new in it.

mod answer;
pub(crate) mod decline;
mod options;
#[cfg(test)]
mod simulation;
mod words;

use std::collections::BTreeMap;

use groundswell_ledger::{Chapter, Kind, Ledger, Moment, Selection, State};
use groundswell_runtime::{KnownTier, shown};

pub use answer::{
    Appreciation, Arrived, CommunityPace, Contact, DeclineTest, Falling, Leaving, LeavingReason, Overlooked,
};
pub use options::AppreciateOptions;

use self::decline::{BLOCK, FALSE_ALARMS, WEEKS, adjusted, can_fall, chance, fortnights};
use self::words::{arrived_words, falling_words, leaving_words, overlooked_words};
use crate::metrics::{Attended, Attention, Look, attention};
use crate::pipeline::Pipeline;
use crate::plan::View;
use crate::plugins::located;
use crate::run::MemberResult;
use crate::{Community, Error, Run, RunOptions};

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

/// The test, as it is told.
const TEST: &str = "exact randomisation test over fortnights of the member's own year, one-sided (Fisher 1935, Pitman 1937), \
                    adjusted for the number of members who are tested (Benjamini, Hochberg 1995)";

impl Community {
    /// Looks for micro-influencers whom the community may take for granted: who was not thanked for long, whose activity falls
    /// against their own past, who is about to leave the tier, who is new in it. Each with the evidence and a next step.
    ///
    /// Runs the definition that is meant, the programme's where none is asked for, without recording anything, and looks into
    /// the ledger. Micro-influencers are the members of tiers that the definition says are known as that; what the ledger holds
    /// after as-of counts for nothing. Without a programme, or before its first run, the ledger knows nothing, which is said.
    /// [`RunOptions::out`] counts for nothing here.
    ///
    /// | list | who is in it | order |
    /// | --- | --- | --- |
    /// | overlooked | no `thank` and no `accept` of somebody else, and no shoutout and no badge of the ledger, in the last `days` | longest without first |
    /// | falling | the [test](AppreciateOptions::weeks) says that they do less than their own past lets expect | least probable first |
    /// | leaving | no longer a micro-influencer, and one at the newest run of an earlier period; in a circle or with an award that is about to be taken back, where they are or were one; or with a score in the lowest `margin` of the tier's | in that order, then lowest score first |
    /// | arrived | the ledger says of no earlier period that they were one | highest score first |
    ///
    /// Whoever is not in the population now, opted out, or has an excluded role is in no list.
    ///
    /// # Errors
    ///
    /// As [`Community::run`]; [`Error::Appreciation`] for options out of bounds; and where no tier of the definition is known as
    /// that of micro-influencers.
    pub fn appreciate(&self, options: &AppreciateOptions, run: &RunOptions) -> Result<Appreciation, Error> {
        options.check()?;
        let mut run = run.clone().dry_run(true);
        run.out = None;
        let pipeline = self.pipeline(&run);
        let definition = pipeline.definition()?.to_owned();
        let view = pipeline.view(true)?;
        // What is looked at beside the run is the same snapshot.
        let frozen = self.clone().with_snapshot(view.snapshot.clone());
        let ran = frozen.run(&run.clone().definition(&definition))?;
        let micros = Micros::of(&ran);
        if micros.tiers.is_empty() {
            let message =
                format!("no tier of the definition `{definition}` is known as that of micro-influencers");
            let help = "choose another definition, or let its plugin say `known` of the tier that means it"
                .to_owned();
            return Err(located(self.config(), &["definitions"], &definition, message, Some(help)));
        }
        let ids: Vec<&str> = micros.members.iter().map(|member| member.member).collect();
        let seen = attention(&Look {
            snapshot: &view.snapshot,
            config: self.config(),
            as_of: view.as_of,
            members: &ids,
            weeks: WEEKS,
            threads: run.thread_count(),
            stop: &run.stop(),
            progress: pipeline.progress(),
        })?;
        let record = Record::read(&pipeline, &view, &ran)?;
        Looking { options, view: &view, run: &ran, micros: &micros, seen: &seen, record: record.as_ref() }
            .answer(definition)
    }
}

/// Who is a micro-influencer, by rank.
struct Micros<'r> {
    /// The ids of the tiers that mean it.
    tiers: Vec<&'r str>,
    members: Vec<MemberResult<'r>>,
}

impl<'r> Micros<'r> {
    fn of(run: &'r Run) -> Self {
        let known = run.board.ladder.iter().filter(|tier| tier.known == Some(KnownTier::MicroInfluencer));
        let tiers: Vec<&str> = known.map(|tier| tier.id.as_str()).collect();
        let members = run.members().filter(|member| tiers.contains(&member.tier)).collect();
        Self { tiers, members }
    }

    fn is_one(&self, tier: &str) -> bool {
        self.tiers.contains(&tier)
    }
}

/// What the ledger holds.
struct Record {
    ledger: Ledger,
    history: groundswell_ledger::History,
    /// The first moment of the period that as-of lies in.
    start: i64,
    /// Whether it knows where members of the population stood in an earlier period.
    has_past: bool,
}

impl Record {
    /// `None` where nothing was ever recorded.
    fn read(pipeline: &Pipeline<'_>, view: &View, run: &Run) -> Result<Option<Self>, Error> {
        let Some(period) = &view.period else { return Ok(None) };
        let ledger = Ledger::look_whole(&pipeline.ledger())?;
        if ledger.is_new() {
            return Ok(None);
        }
        let history = ledger.history(&Chapter {
            definition: &run.info().definition,
            period: &period.key,
            start: period.start,
            as_of: view.as_of,
            runs: 1,
        })?;
        let has_past = run.members().any(|member| history.of(member.member).is_some());
        Ok(Some(Self { ledger, history, start: period.start, has_past }))
    }

    /// When a member last got a shoutout and a badge, up to a moment.
    fn given(&self, member: &str, as_of: i64) -> Result<(Option<Moment>, Option<Moment>), Error> {
        let story = self.ledger.story(member)?;
        let last = |kind: Kind| {
            let mut known: Vec<(&str, &str, u32)> = Vec::new();
            let mut newest = None;
            for one in story.iter().filter(|one| one.kind == kind && one.state == kind.first()) {
                // Of each occurrence the first time counts: one that was kept after all was not given again.
                let occurrence = (one.award.as_str(), one.period.as_str(), one.occurrence);
                if one.at.0 <= as_of && !known.contains(&occurrence) {
                    known.push(occurrence);
                    newest = newest.max(Some(one.at));
                }
            }
            newest
        };
        Ok((last(Kind::Shoutout), last(Kind::Badge)))
    }
}

/// Everything that is looked at.
struct Looking<'a> {
    options: &'a AppreciateOptions,
    view: &'a View,
    run: &'a Run,
    micros: &'a Micros<'a>,
    seen: &'a Attention,
    record: Option<&'a Record>,
}

impl Looking<'_> {
    fn answer(&self, definition: String) -> Result<Appreciation, Error> {
        let overlooked = self.overlooked()?;
        let (falling, test) = self.falling();
        let leaving = self.leaving()?;
        let (arrived, unknown) = self.arrived()?;
        let mut notes = self.notes();
        if unknown > 0 {
            notes.push(format!(
                "{unknown} micro-influencers were in tiers that the definition does not have any more: whether they are new is unknown"
            ));
        }
        Ok(Appreciation {
            as_of: self.run.info().as_of.clone(),
            definition,
            period: self.run.info().period.clone(),
            members: self.micros.members.len() as u64,
            days: self.options.days,
            margin: self.options.margin,
            ledger: self.record.is_some(),
            earlier_periods: self.record.is_some_and(|record| record.has_past),
            everybody: self.everybody(),
            test,
            notes,
            overlooked,
            falling,
            leaving,
            arrived,
        })
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.run.info().notes.clone();
        let absent = [(self.seen.has_thanks, "thank"), (self.seen.has_accepts, "accept")];
        for (_, verb) in absent.iter().filter(|(has, _)| !has) {
            notes.push(format!("the data has no activity `{verb}`: who was thanked by it is unknown"));
        }
        if !self.knows_thanks() {
            notes.push("nothing is known that would be thanks: who is overlooked is unknown".to_owned());
        }
        match self.record {
            None if self.run.info().period.is_none() => notes.push(
                "there is no programme, and so no ledger: shoutouts, badges and circles, and who is new, are unknown"
                    .to_owned(),
            ),
            None => notes.push(
                "the ledger is empty, since no run was recorded: shoutouts, badges and circles, and who is new, are unknown"
                    .to_owned(),
            ),
            Some(record) if !record.has_past => notes.push(
                "the ledger knows of no earlier period: who is new, and who was a micro-influencer before, is unknown"
                    .to_owned(),
            ),
            Some(_) => {}
        }
        notes
    }

    /// Whether anything is known that would be thanks.
    fn knows_thanks(&self) -> bool {
        self.record.is_some() || self.seen.has_thanks || self.seen.has_accepts
    }

    fn everybody(&self) -> CommunityPace {
        let recent = self.options.weeks as usize;
        let sum = |weeks: &[u64]| weeks.iter().sum::<u64>();
        let (now, before) = self.seen.everybody.split_at_checked(recent).unwrap_or_default();
        CommunityPace {
            per_week: per_week(sum(now), recent),
            per_week_before: per_week(sum(before), WEEKS - recent),
        }
    }

    fn title(&self, tier: &str) -> String {
        let known = self.run.board.ladder.iter().find(|known| known.id == tier);
        // A tier that the definition no longer has is known by its id alone.
        known.map_or_else(|| shown(tier, 64), |tier| shown(&tier.title, 64))
    }

    /// The micro-influencers with what was seen of them.
    fn micros(&self) -> impl Iterator<Item = (&MemberResult<'_>, &Attended)> {
        self.micros.members.iter().zip(&self.seen.members)
    }

    fn overlooked(&self) -> Result<Vec<Overlooked>, Error> {
        if !self.knows_thanks() {
            return Ok(Vec::new());
        }
        let as_of = self.view.as_of;
        let since = as_of.saturating_sub(DAY.saturating_mul(i64::from(self.options.days)));
        let mut all = Vec::new();
        for (member, seen) in self.micros() {
            let (thanked, accepted) = (seen.thanked.map(Moment), seen.accepted.map(Moment));
            if [thanked, accepted].into_iter().flatten().any(|at| at.0 > since) {
                continue;
            }
            let (shoutout, badge) = match self.record {
                Some(record) => record.given(member.member, as_of)?,
                None => (None, None),
            };
            let newest = [thanked, accepted, shoutout, badge].into_iter().flatten().max();
            if newest.is_none_or(|at| at.0 <= since) {
                let mut one = Overlooked {
                    member: member.member.to_owned(),
                    thanked,
                    accepted,
                    shoutout,
                    badge,
                    newest,
                    evidence: String::new(),
                    next_step: String::new(),
                };
                (one.evidence, one.next_step) =
                    overlooked_words(&one, self.options.days, self.seen, self.record.is_some());
                all.push(one);
            }
        }
        // Those who never were come first.
        all.sort_by(|left, right| (left.newest, &left.member).cmp(&(right.newest, &right.member)));
        Ok(all)
    }

    fn falling(&self) -> (Vec<Falling>, DeclineTest) {
        let recent = self.options.weeks as usize;
        let mut tested = Vec::new();
        for (member, seen) in self.micros() {
            let week = |at: i64| (self.view.as_of.abs_diff(at) / (7 * DAY.unsigned_abs())) as usize;
            let fortnights = fortnights(&seen.weeks, seen.first.map(week));
            let chance =
                chance(&fortnights, recent / BLOCK).filter(|_| can_fall(&fortnights, recent / BLOCK));
            let Some(chance) = chance else { continue };
            let (now, before) = fortnights.split_at_checked(recent / BLOCK).unwrap_or_default();
            tested.push((
                member,
                chance,
                now.iter().sum::<u64>(),
                before.iter().sum::<u64>(),
                before.len() * BLOCK,
            ));
        }
        let chances: Vec<f64> = tested.iter().map(|(_, chance, ..)| *chance).collect();
        let test = DeclineTest {
            name: TEST,
            weeks: self.options.weeks,
            weeks_before: WEEKS as u32 - self.options.weeks,
            false_alarms: FALSE_ALARMS,
            tested: tested.len() as u64,
            untested: (self.micros.members.len() - tested.len()) as u64,
        };
        let told =
            tested.into_iter().zip(adjusted(&chances)).filter(|(_, adjusted)| *adjusted <= FALSE_ALARMS);
        let mut all: Vec<Falling> = told
            .map(|((member, chance, now, before, weeks_before), adjusted)| {
                let mut one = Falling {
                    member: member.member.to_owned(),
                    activities: now,
                    weeks: self.options.weeks,
                    activities_before: before,
                    weeks_before: weeks_before as u32,
                    chance,
                    adjusted,
                    evidence: String::new(),
                    next_step: String::new(),
                };
                (one.evidence, one.next_step) = falling_words(&one);
                one
            })
            .collect();
        all.sort_by(|left, right| {
            left.chance.total_cmp(&right.chance).then_with(|| left.member.cmp(&right.member))
        });
        (all, test)
    }

    fn leaving(&self) -> Result<Vec<Leaving>, Error> {
        let taken = self.being_taken()?;
        let edges = self.edges();
        let mut all = Vec::new();
        for member in self.run.members() {
            let is_one = self.micros.is_one(member.tier);
            let before = self
                .record
                .and_then(|record| record.history.of(member.member))
                .and_then(|before| before.previous.as_deref())
                .filter(|before| self.micros.is_one(before));
            let mut reasons = Vec::new();
            if let Some(before) = before.filter(|_| !is_one) {
                reasons
                    .push(LeavingReason::NoLonger { before: self.title(before), now: member.tier_title() });
            }
            if is_one || before.is_some() {
                reasons.extend(taken.get(member.member).into_iter().flatten().cloned());
            }
            if let Some(edge) = edges.iter().find(|edge| edge.tier == member.tier)
                && member.score <= edge.to
            {
                reasons.push(LeavingReason::NearEdge {
                    score: member.score,
                    lowest: edge.lowest,
                    highest: edge.highest,
                });
            }
            if !reasons.is_empty() {
                let (evidence, next_step) = leaving_words(&reasons, self.options.margin);
                let score = member.score;
                let (member, tier) = (member.member.to_owned(), member.tier_title());
                all.push((score, Leaving { member, tier, reasons, evidence, next_step }));
            }
        }
        all.sort_by(|(left_score, left), (right_score, right)| {
            let urgency = |one: &Leaving| one.reasons.iter().map(LeavingReason::urgency).min();
            urgency(left)
                .cmp(&urgency(right))
                .then_with(|| left_score.total_cmp(right_score))
                .then_with(|| left.member.cmp(&right.member))
        });
        Ok(all.into_iter().map(|(_, one)| one).collect())
    }

    /// By member, which circles they are about to leave, and which awards are about to be taken back.
    fn being_taken(&self) -> Result<BTreeMap<String, Vec<LeavingReason>>, Error> {
        let mut taken: BTreeMap<String, Vec<LeavingReason>> = BTreeMap::new();
        let Some(record) = self.record else { return Ok(taken) };
        let mut selection = Selection::default();
        selection.states = vec![State::Leaving, State::Revoking];
        selection.at = Some(Moment(self.view.as_of));
        for one in record.ledger.holdings(&selection)? {
            let (award, since) = (one.award, one.at);
            let reason = match one.state {
                State::Leaving => LeavingReason::Leaving { award, since },
                _ => LeavingReason::Revoking { award, since },
            };
            if let Some(member) = one.member {
                taken.entry(member).or_default().push(reason);
            }
        }
        Ok(taken)
    }

    /// Where the tiers of micro-influencers begin. One whose members all have the same score has no edge to be near to.
    fn edges(&self) -> Vec<Edge<'_>> {
        let edge = |&tier: &_| {
            let scores = self.micros.members.iter().filter(|one| one.tier == tier).map(|one| one.score);
            let lowest = scores.clone().min_by(f64::total_cmp)?;
            let highest = scores.max_by(f64::total_cmp)?;
            let to = lowest + self.options.margin * (highest - lowest);
            (highest > lowest).then_some(Edge { tier, lowest, highest, to })
        };
        self.micros.tiers.iter().filter_map(edge).collect()
    }

    /// Who is one for the first time, and of how many that is not known, as they were in tiers that the definition does not have.
    fn arrived(&self) -> Result<(Vec<Arrived>, u64), Error> {
        let Some(record) = self.record.filter(|record| record.has_past) else {
            return Ok(Default::default());
        };
        let (mut all, mut unknown) = (Vec::new(), 0);
        for member in &self.micros.members {
            let stood = record.ledger.tiers(member.member)?;
            let earlier = stood.iter().filter(|stood| {
                stood.definition == self.run.info().definition && stood.as_of.0 < record.start
            });
            let was_one = |tier: Option<&String>| tier.is_some_and(|tier| self.micros.is_one(tier));
            if earlier.clone().any(|stood| was_one(Some(&stood.tier)) || was_one(stood.said.as_ref())) {
                continue;
            }
            if earlier.clone().any(|stood| !self.run.board.ladder.iter().any(|tier| tier.id == stood.tier)) {
                unknown += 1;
                continue;
            }
            let before = earlier.last().map(|stood| (self.title(&stood.tier), stood.period.clone()));
            let (evidence, next_step) = arrived_words(&member.tier_title(), before.as_ref());
            all.push(Arrived {
                member: member.member.to_owned(),
                tier: member.tier_title(),
                before: before.map(|(title, _)| title),
                evidence,
                next_step,
            });
        }
        Ok((all, unknown))
    }
}

/// Where a tier begins: who scores up to `to` is near to it.
struct Edge<'a> {
    tier: &'a str,
    lowest: f64,
    highest: f64,
    to: f64,
}

fn per_week(activities: u64, weeks: usize) -> f64 {
    activities as f64 / weeks.max(1) as f64
}
