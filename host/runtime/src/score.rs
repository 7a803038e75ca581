//! Scoring: score every batch, rank everyone, place and explain every batch.

use std::ops::Range;

use crate::batches::{for_each_batch, on_guest_thread};
use crate::bindings::exports::groundswell::plugin::scoring;
use crate::bindings::groundswell::plugin::types;
use crate::call::{About, Call};
use crate::population::{Prepared, Summary};
use crate::{
    Column, Error, Input, Phase, Plugin, Population, Reason, RunOptions, ScoringDescription, Step, Value,
    answer, convert, percentiles, ranks, resolve_settings,
};

/// An input as the plugin saw it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScoredInput {
    /// What the plugin asked for.
    pub input: Input,
    /// Its values on the asked scale.
    pub scaled: Column,
    /// Members with a raw value but none on the scale: log1p of a value below 0.
    pub lost: u64,
    /// The population's raw median on the scale; NaN for categories and where nobody has a value.
    pub median_scaled: f64,
}

/// What a definition made of a population: one element a member in every column.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scored {
    /// The scores. Finite.
    pub scores: Vec<f64>,
    /// 1 + members with a higher score.
    pub ranks: Vec<u32>,
    /// (members below + half of those equal) / members.
    pub percentiles: Vec<f64>,
    /// Indices into the definition's tiers.
    pub tiers: Vec<u32>,
    /// The score of a row of medians, to which contributions are added.
    pub base: f64,
    /// One column an input.
    pub contributions: Vec<Vec<f64>>,
    /// The inputs, in declared order.
    pub inputs: Vec<ScoredInput>,
    reasons: Vec<Reason>,
    /// Where each member's reasons end.
    ends: Vec<usize>,
}

impl Scored {
    /// Why a member is in its tier, in the plugin's order. Empty for a member that is not there.
    pub fn reasons(&self, row: usize) -> &[Reason] {
        let start = row.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let end = self.ends.get(row).copied();
        start.zip(end).and_then(|(start, end)| self.reasons.get(start..end)).unwrap_or_default()
    }
}

/// The inputs of a plugin over a population, in the shapes that the engine lowers without copying.
pub(crate) struct Sheet<'a> {
    prepared: &'a [Prepared],
    words: Vec<Vec<&'a str>>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(prepared: &'a [Prepared]) -> Self {
        Self { prepared, words: prepared.iter().map(convert::words).collect() }
    }

    fn summaries(&self) -> Vec<types::Summary<'_>> {
        self.prepared.iter().zip(&self.words).map(|(input, words)| convert::summary(input, words)).collect()
    }

    pub(crate) fn columns(&self, rows: &Range<usize>) -> Vec<types::Column<'_>> {
        self.prepared
            .iter()
            .zip(&self.words)
            .map(|(input, words)| match &input.scaled {
                Column::Number(values) => types::Column::Number(values.get(rows.clone()).unwrap_or_default()),
                Column::Category { codes, .. } => types::Column::Category(types::Category {
                    codes: codes.get(rows.clone()).unwrap_or_default(),
                    values: words,
                }),
            })
            .collect()
    }

    /// One row: the median of every number, the most frequent word of every category.
    fn medians(&self) -> Vec<types::Column<'_>> {
        self.prepared
            .iter()
            .zip(&self.words)
            .map(|(input, words)| match &input.summary {
                Summary::Number(summary) => {
                    types::Column::Number(std::slice::from_ref(&summary.median_scaled))
                }
                Summary::Category(summary) => types::Column::Category(types::Category {
                    codes: std::slice::from_ref(&summary.most_frequent),
                    values: words,
                }),
            })
            .collect()
    }
}

/// The columns that a plugin asked for, each on its scale.
pub(crate) fn prepare(population: &Population, inputs: &[Input]) -> Result<Vec<Prepared>, Error> {
    inputs.iter().map(|input| population.prepare_input(input)).collect()
}

impl Plugin {
    /// Scores, ranks, places and explains every member of a population.
    ///
    /// Every question about every batch gets a fresh instance and a fresh `fit`.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPart`] where the plugin has no definition, [`Error::Setting`] where the options'
    /// settings are not its own, [`Error::Population`] where a metric is not what an input asks for, and
    /// [`Error::Fault`] where the plugin breaks the contract or a limit in any batch.
    pub fn score(&self, population: &Population, options: &RunOptions) -> Result<Scored, Error> {
        let (indices, description) = self.definition()?;
        let settings = self.settings(&description.settings, options)?;
        let prepared = prepare(population, &description.inputs)?;
        let job =
            Job { plugin: self, indices, description, settings: &settings, sheet: Sheet::new(&prepared) };
        let rows = population.rows();
        let stack = self.runtime().limits().stack_bytes;

        let base = on_guest_thread(stack, || job.base())?;
        let scores = for_each_batch(rows, stack, options, Step::Score, |range| job.scores(range))?.concat();
        let (ranks, percentiles) = (ranks(&scores), percentiles(&scores));
        let ranked = Ranked { scores: &scores, ranks: &ranks, percentiles: &percentiles };
        let placed =
            for_each_batch(rows, stack, options, Step::Place, |range| job.placements(range, &ranked))?;
        let explained = for_each_batch(rows, stack, options, Step::Explain, |range| {
            job.contributions(range, base, &scores)
        })?;

        let mut contributions = vec![Vec::with_capacity(rows); description.inputs.len()];
        for batch in explained {
            contributions.iter_mut().zip(batch).for_each(|(column, part)| column.extend(part));
        }
        let mut tiers = Vec::with_capacity(rows);
        let (mut reasons, mut ends) = (Vec::new(), Vec::with_capacity(rows));
        for batch in placed {
            let mut given = batch.reasons.iter().peekable();
            for row in 0..batch.tier.len() {
                while let Some(placed) = given.next_if(|placed| placed.row as usize == row) {
                    reasons.push(convert::reason(placed.reason));
                }
                ends.push(reasons.len());
            }
            tiers.extend(batch.tier);
        }
        drop(job);
        let inputs = description.inputs.iter().zip(prepared).map(scored_input).collect();
        Ok(Scored { scores, ranks, percentiles, tiers, base, contributions, inputs, reasons, ends })
    }

    /// The options' settings, checked against what the plugin declares.
    pub(crate) fn settings(
        &self,
        declared: &[crate::Setting],
        options: &RunOptions,
    ) -> Result<Vec<Value>, Error> {
        let given = match &options.settings {
            None => std::collections::BTreeMap::new(),
            Some(given) => {
                declared.iter().map(|setting| setting.name.clone()).zip(given.iter().cloned()).collect()
            }
        };
        resolve_settings(declared, &given)
            .map_err(|error| Error::Setting { plugin: self.id().clone(), error: Box::new(error) })
    }
}

fn scored_input((input, prepared): (&Input, Prepared)) -> ScoredInput {
    ScoredInput {
        input: input.clone(),
        scaled: prepared.scaled,
        lost: prepared.lost,
        median_scaled: match prepared.summary {
            Summary::Number(summary) => summary.median_scaled,
            Summary::Category(_) => f64::NAN,
        },
    }
}

/// Scores and what the host made of them, over the whole population.
pub(crate) struct Ranked<'a> {
    pub(crate) scores: &'a [f64],
    pub(crate) ranks: &'a [u32],
    pub(crate) percentiles: &'a [f64],
}

impl Ranked<'_> {
    pub(crate) fn batch(&self, rows: &Range<usize>) -> types::Ranking<'_> {
        types::Ranking {
            score: self.scores.get(rows.clone()).unwrap_or_default(),
            rank: self.ranks.get(rows.clone()).unwrap_or_default(),
            percentile: self.percentiles.get(rows.clone()).unwrap_or_default(),
        }
    }
}

/// A definition at work on one population.
struct Job<'a> {
    plugin: &'a Plugin,
    indices: &'a scoring::GuestIndices,
    description: &'a ScoringDescription,
    settings: &'a [Value],
    sheet: Sheet<'a>,
}

impl Job<'_> {
    /// A fresh instance with a fresh fit.
    fn fit(
        &self,
        about: About,
    ) -> Result<(Call<'_>, scoring::Guest, wasmtime::component::ResourceAny), Error> {
        let mut call = Call::start(self.plugin, about)?;
        let settings: Vec<_> = self.settings.iter().map(convert::value).collect();
        let guest = self.indices.load(&mut call.store, &call.instance);
        let guest = call.answer(Phase::Load, guest.map(Ok))?;
        let model = guest.model().call_fit(&mut call.store, &settings, &self.sheet.summaries());
        let model = call.answer(Phase::Fit, model)?;
        Ok((call, guest, model))
    }

    fn base(&self) -> Result<f64, Error> {
        let (mut call, guest, model) = self.fit(About::Medians)?;
        let columns = self.sheet.medians();
        let batch = types::Batch { rows: 1, columns: &columns };
        let told = guest.model().call_score(&mut call.store, model, batch);
        let told = call.answer(Phase::Score, told)?;
        answer::scores(&told, 1)
            .map_err(|what| call.broken(Phase::Score, format!("{what} (asked about a row of medians)")))?;
        Ok(told.first().copied().unwrap_or_default())
    }

    fn scores(&self, range: Range<usize>) -> Result<Vec<f64>, Error> {
        let (mut call, guest, model) = self.fit(About::Members(range.clone()))?;
        let columns = self.sheet.columns(&range);
        let batch = types::Batch { rows: range.len() as u32, columns: &columns };
        let told = guest.model().call_score(&mut call.store, model, batch);
        let told = call.answer(Phase::Score, told)?;
        answer::scores(&told, range.len()).map_err(|what| call.broken(Phase::Score, what))?;
        Ok(told)
    }

    fn placements(&self, range: Range<usize>, ranked: &Ranked<'_>) -> Result<scoring::Placements, Error> {
        let (mut call, guest, model) = self.fit(About::Members(range.clone()))?;
        let columns = self.sheet.columns(&range);
        let batch = types::Batch { rows: range.len() as u32, columns: &columns };
        let told = guest.model().call_place(&mut call.store, model, batch, ranked.batch(&range));
        let told = call.answer(Phase::Place, told)?;
        let ScoringDescription { tiers, reasons, inputs, .. } = self.description;
        answer::placements(&told, range.len(), tiers.len(), reasons, inputs)
            .map_err(|what| call.broken(Phase::Place, what))?;
        Ok(told)
    }

    fn contributions(&self, range: Range<usize>, base: f64, scores: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let (mut call, guest, model) = self.fit(About::Members(range.clone()))?;
        let columns = self.sheet.columns(&range);
        let batch = types::Batch { rows: range.len() as u32, columns: &columns };
        let told = guest.model().call_explain(&mut call.store, model, batch);
        let told = call.answer(Phase::Explain, told)?;
        let scores = scores.get(range.clone()).unwrap_or_default();
        answer::contributions(&told, range.len(), base, scores, &self.description.inputs)
            .map_err(|what| call.broken(Phase::Explain, what))?;
        Ok(told.columns)
    }
}
