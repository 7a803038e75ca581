//! Deciding: reward rules propose awards to members that a definition has placed.

use std::ops::Range;

use serde::Serialize;

use crate::batches::for_each_batch;
use crate::bindings::exports::groundswell::plugin::rewards;
use crate::bindings::groundswell::plugin::types;
use crate::call::{About, Call};
use crate::score::{Ranked, Sheet, prepare};
use crate::{
    Error, Phase, Plugin, Population, Reason, RewardsDescription, RunOptions, Scored, Step, Tier, answer,
    convert,
};

/// A proposed award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// The standings of members without a history.
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
            return Some(format!("its columns do not all have the population's {rows} rows"));
        }
        let beyond = |tier: &u32| *tier as usize >= tiers;
        (self.tiers.iter().any(beyond) || self.previous.iter().flatten().any(beyond))
            .then(|| format!("it names a tier beyond the {tiers} given"))
    }
}

impl Plugin {
    /// Asks the reward rules what each member ought to get. `tiers` are those of the definition that made
    /// the standings, which may be another plugin's.
    ///
    /// # Errors
    ///
    /// As [`Plugin::score`]; [`Error::Population`] also where the standings do not fit the population.
    pub fn decide(
        &self,
        population: &Population,
        tiers: &[Tier],
        standings: &Standings,
        options: &RunOptions,
    ) -> Result<Vec<Award>, Error> {
        let (indices, description) = self.reward_rules()?;
        if let Some(what) = standings.fits(population.rows(), tiers.len()) {
            return Err(Error::Population { metric: "standings".to_owned(), what });
        }
        let settings = self.settings(&description.settings, options)?;
        let prepared = prepare(population, &description.inputs)?;
        let sheet = Sheet::new(&prepared);
        let settings: Vec<_> = settings.iter().map(convert::value).collect();
        let tiers: Vec<_> = tiers.iter().map(convert::tier_param).collect();
        let stack = self.runtime().limits().stack_bytes;
        let decided = for_each_batch(population.rows(), stack, options, Step::Decide, |range| {
            let told =
                self.decide_batch(indices, description, &settings, &tiers, &sheet, standings, &range)?;
            let first = range.start as u32;
            Ok(told.into_iter().map(move |award| Award {
                row: first + award.row,
                award: award.award,
                reason: convert::reason(award.reason),
                amount: award.amount,
            }))
        })?;
        Ok(decided.into_iter().flatten().collect())
    }

    #[expect(clippy::too_many_arguments, reason = "one caller, and each is another part of the question")]
    fn decide_batch(
        &self,
        indices: &rewards::GuestIndices,
        description: &RewardsDescription,
        settings: &[types::ValueParam<'_>],
        tiers: &[types::TierParam<'_>],
        sheet: &Sheet<'_>,
        standings: &Standings,
        range: &Range<usize>,
    ) -> Result<Vec<rewards::Award>, Error> {
        let mut call = Call::start(self, About::Members(range.clone()))?;
        let guest = indices.load(&mut call.store, &call.instance);
        let guest = call.answer(Phase::Load, guest.map(Ok))?;
        let rules = guest.rules().call_open(&mut call.store, settings, tiers);
        let rules = call.answer(Phase::Open, rules)?;
        let Standings { scores, ranks, percentiles, .. } = standings;
        let columns = sheet.columns(range);
        let batch = types::Batch { rows: range.len() as u32, columns: &columns };
        let ranked = Ranked { scores, ranks, percentiles };
        let standing = types::Standing {
            ranking: ranked.batch(range),
            tier: standings.tiers.get(range.clone()).unwrap_or_default(),
            previous: standings.previous.get(range.clone()).unwrap_or_default(),
            best_before: standings.best_before.get(range.clone()).unwrap_or_default(),
        };
        let told = guest.rules().call_decide(&mut call.store, rules, batch, standing);
        let told = call.answer(Phase::Decide, told)?;
        let RewardsDescription { awards, reasons, inputs, .. } = description;
        answer::awards(&told, range.len(), awards, reasons, inputs)
            .map_err(|what| call.broken(Phase::Decide, what))?;
        Ok(told)
    }
}
