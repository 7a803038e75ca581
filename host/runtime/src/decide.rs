//! Deciding: reward rules propose awards to members that a definition has placed.

use std::ops::Range;

use serde::Serialize;

use crate::ask::{Asked, Warm, asked_again, other_company, picked};
use crate::batches::{batches, for_each_batch};
use crate::bindings::exports::groundswell::plugin::rewards;
use crate::bindings::groundswell::plugin::types;
use crate::call::{About, Call};
use crate::score::{Picked, Ranked, Sheet, prepare};
use crate::usage::Meter;
use crate::{
    Error, Mode, Phase, Plugin, Population, Reason, RewardsDescription, RunOptions, Scored, Step, Tier,
    Usage, answer, convert,
};

/// A proposed award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Award {
    /// Row of the population, from 0.
    pub row: u32,
    /// Index into the rules' awards.
    pub award: u32,
    /// Why, of the rules' own reasons.
    pub reason: Reason,
    /// How many points; 1 for every other kind.
    pub amount: u64,
}

/// Where members stand when rewards are decided: one element a member in every column.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Standings {
    /// Scores.
    pub scores: Vec<f64>,
    /// 1 + members with a higher score.
    pub ranks: Vec<u32>,
    /// Percentiles of the scores.
    pub percentiles: Vec<f64>,
    /// Indices into the definition's tiers.
    pub tiers: Vec<u32>,
    /// The tier at the newest committed run of the same definition in an earlier period.
    pub previous: Vec<Option<u32>>,
    /// The highest rung reached in any earlier period.
    pub best_before: Vec<Option<u8>>,
}

impl Standings {
    /// The standings of members without a history, until `previous` and `best_before` say otherwise.
    pub fn new(scored: &Scored) -> Self {
        let rows = scored.scores.len();
        Self {
            scores: scored.scores.clone(),
            ranks: scored.ranks.clone(),
            percentiles: scored.percentiles.clone(),
            tiers: scored.tiers.clone(),
            previous: vec![None; rows],
            best_before: vec![None; rows],
        }
    }

    fn fits(&self, rows: usize, tiers: usize) -> Option<String> {
        let lengths = [
            self.scores.len(),
            self.ranks.len(),
            self.percentiles.len(),
            self.tiers.len(),
            self.previous.len(),
            self.best_before.len(),
        ];
        if lengths.iter().any(|&length| length != rows) {
            return Some(format!("their columns do not all have the population's {rows} rows"));
        }
        let beyond = |tier: &u32| *tier as usize >= tiers;
        (self.tiers.iter().any(beyond) || self.previous.iter().flatten().any(beyond))
            .then(|| format!("they name a tier beyond the {tiers} given"))
    }
}

/// What reward rules propose for a population.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Decided {
    /// The awards, in the order of members.
    pub awards: Vec<Award>,
    /// What the plugin used.
    pub usage: Usage,
}

impl Plugin {
    /// Asks the reward rules what each member ought to get. `tiers` are those of the definition that made
    /// the standings, which may be another plugin's.
    ///
    /// # Errors
    ///
    /// As [`Plugin::score`]; [`Error::Standings`] where they do not fit the population or the tiers.
    pub fn decide(
        &self,
        population: &Population,
        tiers: &[Tier],
        standings: &Standings,
        options: &RunOptions,
    ) -> Result<Decided, Error> {
        let (indices, description) = self.reward_rules()?;
        if let Some(what) = standings.fits(population.rows(), tiers.len()) {
            return Err(Error::Standings(what));
        }
        let settings = self.settings(&description.settings, options)?;
        let prepared = prepare(self, population, &description.inputs)?;
        let runtime = self.runtime();
        let _span = tracing::info_span!("decide", plugin = %self.id(), members = population.rows()).entered();
        let meter = Meter::new(runtime.mode() == Mode::Strict);
        let job = Job {
            asked: Asked::new(self, options, &meter),
            indices,
            description,
            settings: settings.iter().map(convert::value).collect(),
            tiers: tiers.iter().map(convert::tier_param).collect(),
            sheet: Sheet::new(&prepared),
            standings,
        };
        let size = options.rows_a_batch();
        let batches = batches(population.rows(), size);
        let decide = |warm: &mut _, range| job.awards(warm, range);
        let decided = for_each_batch(runtime, options, &batches, Some(Step::Decide), decide)?;
        let again = asked_again(runtime.mode(), &batches);
        for_each_batch(runtime, options, &again, None, |(): &mut (), range| {
            let before = decided.get(range.start / size);
            job.awards_again(range, before)
        })?;
        Ok(Decided { awards: decided.into_iter().flatten().collect(), usage: meter.usage() })
    }
}

/// Reward rules at work on one population.
struct Job<'a> {
    asked: Asked<'a>,
    indices: &'a rewards::GuestIndices,
    description: &'a RewardsDescription,
    settings: Vec<types::ValueParam<'a>>,
    tiers: Vec<types::TierParam<'a>>,
    sheet: Sheet<'a>,
    standings: &'a Standings,
}

/// Opened rules in their instance.
type Opened = (rewards::Guest, wasmtime::component::ResourceAny);

impl Job<'_> {
    fn open(&self, call: &mut Call) -> Result<Opened, Error> {
        let guest = self.indices.load(&mut call.store, &call.instance);
        let guest = call.answer(Phase::Load, guest.map(Ok))?;
        let rules = guest.rules().call_open(&mut call.store, &self.settings, &self.tiers);
        let rules = call.answer(Phase::Open, rules)?;
        Ok((guest, rules))
    }

    fn decide(
        &self,
        call: &mut Call,
        (guest, rules): &Opened,
        columns: &[types::Column<'_>],
        standing: types::Standing<'_>,
    ) -> Result<Vec<rewards::Award>, Error> {
        let rows = standing.tier.len();
        let batch = types::Batch { rows: rows as u32, columns };
        let told = guest.rules().call_decide(&mut call.store, *rules, batch, standing);
        let told = call.answer(Phase::Decide, told)?;
        let RewardsDescription { awards, reasons, inputs, .. } = self.description;
        answer::awards(&told, rows, awards, reasons, inputs)
            .map_err(|what| call.broken(Phase::Decide, what))?;
        Ok(told)
    }

    fn ranked(&self) -> Ranked<'_> {
        let Standings { scores, ranks, percentiles, .. } = self.standings;
        Ranked { scores, ranks, percentiles }
    }

    fn awards(&self, warm: &mut Option<Warm<Opened>>, range: Range<usize>) -> Result<Vec<Award>, Error> {
        let columns = self.sheet.columns(&range);
        let Standings { tiers, previous, best_before, .. } = self.standings;
        let question = |call: &mut Call, opened: &Opened| {
            let standing = types::Standing {
                ranking: self.ranked().batch(&range),
                tier: tiers.get(range.clone()).unwrap_or_default(),
                previous: previous.get(range.clone()).unwrap_or_default(),
                best_before: best_before.get(range.clone()).unwrap_or_default(),
            };
            let told = self.decide(call, opened, &columns, standing)?;
            let first = range.start as u32;
            Ok(told.into_iter().map(|award| convert::award(award, first)).collect())
        };
        self.asked.ask(warm, About::Members(range.clone()), |call| self.open(call), question)
    }

    /// Compares with what a fresh instance decides in other company.
    fn awards_again(&self, range: Range<usize>, before: Option<&Vec<Award>>) -> Result<(), Error> {
        let rows = other_company(&range);
        let columns = self.sheet.picked(&rows);
        let columns: Vec<_> = columns.iter().map(Picked::column).collect();
        let Standings { tiers, previous, best_before, .. } = self.standings;
        let ranking = self.ranked().picked(&rows);
        let (tier, previous) = (picked(tiers, &rows), picked(previous, &rows));
        let best_before = picked(best_before, &rows);
        let question = |call: &mut Call, opened: &Opened| {
            let standing = types::Standing {
                ranking: ranking.ranking(),
                tier: &tier,
                previous: &previous,
                best_before: &best_before,
            };
            self.decide(call, opened, &columns, standing)
        };
        let told = self.asked.ask_again(&range, |call| self.open(call), question)?;
        let mut fresh: Vec<Award> = told
            .into_iter()
            .filter_map(|award| {
                let row = *rows.get(award.row as usize)? as u32;
                Some(Award { row, ..convert::award(award, 0) })
            })
            .collect();
        // Of one member they stay as they came.
        fresh.sort_by_key(|award| award.row);
        let asked = |award: &&Award| award.row as usize != range.start || range.len() == 1;
        let before: Vec<Award> = before.into_iter().flatten().filter(asked).copied().collect();
        if before == fresh {
            return Ok(());
        }
        let differs = before.iter().zip(&fresh).find(|(before, fresh)| before != fresh);
        let of_both = differs.map(|(before, fresh)| before.row.min(fresh.row));
        let beyond = || before.get(fresh.len()).or_else(|| fresh.get(before.len())).map(|award| award.row);
        let row = of_both.or_else(beyond).unwrap_or_default() as usize;
        Err(self.asked.impure(Phase::Decide, range, row, "proposed some awards, and others"))
    }
}
