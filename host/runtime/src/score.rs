//! Scoring: score every batch, rank everyone, place and explain every batch.

use std::ops::Range;

use crate::ask::{Asked, Warm, asked_again, other_company, picked};
use crate::batches::{batches, for_each_batch, on_guest_thread};
use crate::bindings::exports::groundswell::plugin::scoring;
use crate::bindings::groundswell::plugin::types;
use crate::call::{About, Call};
use crate::parts::Parts;
use crate::population::{Prepared, Summary};
use crate::usage::Meter;
use crate::{
    Column, Error, Input, Mode, Phase, Plugin, Population, Reason, RunOptions, ScoringDescription, Step,
    Task, Usage, Value, answer, convert, percentiles, ranks, resolve_settings, shown,
};

/// An input as the plugin saw it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScoredInput {
    /// What the plugin asked for.
    pub input: Input,
    /// Its values on the asked scale.
    pub scaled: Column,
    /// Members with a raw value.
    pub count: u64,
    /// Members without one.
    pub missing: u64,
    /// Members with a raw value but none on the scale: log1p of a value below 0. They are in `count`.
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
    /// What the plugin used.
    pub usage: Usage,
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

    /// The columns of these rows, in this order.
    pub(crate) fn picked(&self, rows: &[usize]) -> Vec<Picked<'_>> {
        let column = |(input, words): (&'a Prepared, &'_ Vec<&'a str>)| match &input.scaled {
            Column::Number(values) => Picked::Number(picked(values, rows)),
            Column::Category { codes, .. } => Picked::Category(picked(codes, rows), words.clone()),
        };
        self.prepared.iter().zip(&self.words).map(column).collect()
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

/// A column of rows that do not follow each other.
pub(crate) enum Picked<'a> {
    Number(Vec<f64>),
    Category(Vec<u32>, Vec<&'a str>),
}

impl Picked<'_> {
    pub(crate) fn column(&self) -> types::Column<'_> {
        match self {
            Self::Number(values) => types::Column::Number(values),
            Self::Category(codes, values) => types::Column::Category(types::Category { codes, values }),
        }
    }
}

/// The columns that a plugin asked for, each on its scale.
pub(crate) fn prepare(
    plugin: &Plugin,
    population: &Population,
    inputs: &[Input],
) -> Result<Vec<Prepared>, Error> {
    if let Some(input) =
        inputs.iter().find(|input| input.required && population.column(&input.metric).is_none())
    {
        return Err(Error::MissingMetric {
            plugin: plugin.id().clone(),
            metric: input.metric.clone(),
            why: input.why.clone(),
        });
    }
    inputs.iter().map(|input| population.prepare_input(input)).collect()
}

impl Plugin {
    /// Scores, ranks, places and explains every member of a population.
    ///
    /// In strict mode every question about every batch gets a fresh instance and a fresh `fit`. In fast mode every
    /// thread keeps one.
    ///
    /// Of every step some batches (one in strict mode, up to eight in fast mode) are asked about again: a fresh instance
    /// gets the same members in another order, and without one of them. Other bits are a fault.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPart`] where the plugin has no definition, [`Error::Setting`] and [`Error::SettingCount`] where
    /// the options' settings are not its own, [`Error::MissingMetric`] where the population lacks a metric that it
    /// requires, [`Error::Population`] where one is not what an input asks for, [`Error::Threads`] where no thread can
    /// be had, and
    /// [`Error::Fault`] where the plugin breaks the contract or a limit in any batch; [`Error::Cancelled`] and
    /// [`Error::Deadline`] where the options say so.
    pub fn score(&self, population: &Population, options: &RunOptions) -> Result<Scored, Error> {
        let (indices, description) = self.definition()?;
        let settings = self.settings(&description.settings, options)?;
        let prepared = prepare(self, population, &description.inputs)?;
        let runtime = self.runtime();
        let _span = tracing::info_span!("score", plugin = %self.id(), members = population.rows()).entered();
        let meter = Meter::new(runtime.mode() == Mode::Strict);
        let sheet = Sheet::new(&prepared);
        let job = Job::new(Asked::new(self, options, &meter), (indices, description), &settings, &sheet);
        let (rows, size) = (population.rows(), options.rows_a_batch());
        let batches = batches(rows, size);
        let again = asked_again(runtime.mode(), &batches);

        let base = on_guest_thread(runtime, || job.base())?;
        let mut scores = vec![0.0; rows];
        let parts = Parts::of(std::slice::from_mut(&mut scores), size);
        for_each_batch(runtime, options, &batches, Some(Step::Score), |warm: &mut _, range| {
            let told = job.scores(warm, range.clone())?;
            parts.write(&range, std::slice::from_ref(&told));
            Ok(())
        })?;
        drop(parts);
        for_each_batch(runtime, options, &again, None, |(): &mut (), range| job.score_again(range, &scores))?;
        let (ranks, percentiles) = (ranks(&scores), percentiles(&scores));
        let ranked = Ranked { scores: &scores, ranks: &ranks, percentiles: &percentiles };
        let place = |warm: &mut _, range| job.placements(warm, range, &ranked);
        let placed = for_each_batch(runtime, options, &batches, Some(Step::Place), place)?;
        for_each_batch(runtime, options, &again, None, |(): &mut (), range| {
            let before = placed.get(range.start / size);
            job.place_again(range, &ranked, before)
        })?;
        let mut contributions = vec![vec![0.0; rows]; description.inputs.len()];
        let parts = Parts::of(&mut contributions, size);
        for_each_batch(runtime, options, &batches, Some(Step::Explain), |warm: &mut _, range| {
            let told = job.contributions(warm, range.clone(), base, &scores)?;
            parts.write(&range, &told);
            Ok(())
        })?;
        drop(parts);
        for_each_batch(runtime, options, &again, None, |(): &mut (), range| {
            job.explain_again(range, base, &scores, &contributions)
        })?;

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
        let usage = meter.usage();
        Ok(Scored { scores, ranks, percentiles, tiers, base, contributions, inputs, usage, reasons, ends })
    }

    /// [`Plugin::score`] on a thread of its own: to be awaited, or waited for, while this one does something else.
    ///
    /// ```
    /// # async fn members(plugin: groundswell_runtime::Plugin, members: groundswell_runtime::Population)
    /// # -> Result<(), groundswell_runtime::Error> {
    /// use groundswell_runtime::RunOptions;
    ///
    /// let scored = plugin.spawn_score(members, RunOptions::new()).await?;
    /// # let _ = scored; Ok(()) }
    /// ```
    pub fn spawn_score(&self, population: Population, options: RunOptions) -> Task<Scored> {
        let plugin = self.clone();
        let callers = options.stop.cancel.clone();
        let no_thread = |error| Error::Threads(format!("no thread can be started: {error}"));
        Task::start(callers.as_ref(), no_thread, move |cancel| {
            plugin.score(&population, &options.cancel(cancel))
        })
    }

    /// The options' settings, checked against what the plugin declares.
    pub(crate) fn settings(
        &self,
        declared: &[crate::Setting],
        options: &RunOptions,
    ) -> Result<Vec<Value>, Error> {
        let given = match &options.settings {
            None => std::collections::BTreeMap::new(),
            Some(given) if given.len() != declared.len() => {
                return Err(Error::SettingCount {
                    plugin: self.id().clone(),
                    given: given.len(),
                    declared: declared.len(),
                });
            }
            Some(given) => {
                declared.iter().map(|setting| setting.name.clone()).zip(given.iter().cloned()).collect()
            }
        };
        resolve_settings(declared, &given)
            .map_err(|error| Error::Setting { plugin: self.id().clone(), error: Box::new(error) })
    }
}

fn scored_input((input, prepared): (&Input, Prepared)) -> ScoredInput {
    let Prepared { scaled, summary, lost } = prepared;
    let (count, missing, median_scaled) = match summary {
        Summary::Number(summary) => (summary.count, summary.missing, summary.median_scaled),
        Summary::Category(summary) => (summary.count, summary.missing, f64::NAN),
    };
    ScoredInput { input: input.clone(), scaled, count, missing, lost, median_scaled }
}

/// Scores and what the host made of them, over the whole population.
pub(crate) struct Ranked<'a> {
    pub(crate) scores: &'a [f64],
    pub(crate) ranks: &'a [u32],
    pub(crate) percentiles: &'a [f64],
}

impl<'a> Ranked<'a> {
    pub(crate) fn batch(&self, rows: &Range<usize>) -> types::Ranking<'a> {
        types::Ranking {
            score: self.scores.get(rows.clone()).unwrap_or_default(),
            rank: self.ranks.get(rows.clone()).unwrap_or_default(),
            percentile: self.percentiles.get(rows.clone()).unwrap_or_default(),
        }
    }

    pub(crate) fn picked(&self, rows: &[usize]) -> PickedRanking {
        let Self { scores, ranks, percentiles } = self;
        PickedRanking {
            scores: picked(scores, rows),
            ranks: picked(ranks, rows),
            percentiles: picked(percentiles, rows),
        }
    }
}

/// The same of rows that do not follow each other.
pub(crate) struct PickedRanking {
    scores: Vec<f64>,
    ranks: Vec<u32>,
    percentiles: Vec<f64>,
}

impl PickedRanking {
    pub(crate) fn ranking(&self) -> types::Ranking<'_> {
        types::Ranking { score: &self.scores, rank: &self.ranks, percentile: &self.percentiles }
    }
}

/// A definition at work on one population.
pub(crate) struct Job<'a> {
    asked: Asked<'a>,
    indices: &'a scoring::GuestIndices,
    description: &'a ScoringDescription,
    settings: Vec<types::ValueParam<'a>>,
    summaries: Vec<types::Summary<'a>>,
    sheet: &'a Sheet<'a>,
}

/// A fitted model in its instance.
pub(crate) type Model = (scoring::Guest, wasmtime::component::ResourceAny);

impl<'a> Job<'a> {
    pub(crate) fn new(
        asked: Asked<'a>,
        (indices, description): (&'a scoring::GuestIndices, &'a ScoringDescription),
        settings: &'a [Value],
        sheet: &'a Sheet<'a>,
    ) -> Self {
        let settings = settings.iter().map(convert::value).collect();
        Self { asked, indices, description, settings, summaries: sheet.summaries(), sheet }
    }
}

impl Job<'_> {
    fn fit(&self, call: &mut Call) -> Result<Model, Error> {
        let guest = self.indices.load(&mut call.store, &call.instance);
        let guest = call.answer(Phase::Load, guest.map(Ok))?;
        let model = guest.model().call_fit(&mut call.store, &self.settings, &self.summaries);
        let model = call.answer(Phase::Fit, model)?;
        Ok((guest, model))
    }

    /// The score of a row of medians.
    pub(crate) fn base(&self) -> Result<f64, Error> {
        let columns = self.sheet.medians();
        let question = |call: &mut Call, (guest, model): &Model| {
            let batch = types::Batch { rows: 1, columns: &columns };
            let told = guest.model().call_score(&mut call.store, *model, batch);
            let told = call.answer(Phase::Score, told)?;
            answer::scores(&told, 1).map_err(|what| {
                call.broken(Phase::Score, format!("{what} (asked about a row of medians)"))
            })?;
            Ok(told.first().copied().unwrap_or_default())
        };
        self.asked.ask(&mut None, About::Medians, |call| self.fit(call), question)
    }

    fn score(
        &self,
        call: &mut Call,
        (guest, model): &Model,
        columns: &[types::Column<'_>],
        rows: usize,
    ) -> Result<Vec<f64>, Error> {
        let batch = types::Batch { rows: rows as u32, columns };
        let told = guest.model().call_score(&mut call.store, *model, batch);
        let told = call.answer(Phase::Score, told)?;
        answer::scores(&told, rows).map_err(|what| call.broken(Phase::Score, what))?;
        Ok(told)
    }

    /// The scores of a batch.
    pub(crate) fn scores(
        &self,
        warm: &mut Option<Warm<Model>>,
        range: Range<usize>,
    ) -> Result<Vec<f64>, Error> {
        let columns = self.sheet.columns(&range);
        let question = |call: &mut Call, fitted: &Model| self.score(call, fitted, &columns, range.len());
        self.asked.ask(warm, About::Members(range.clone()), |call| self.fit(call), question)
    }

    /// Compares with what a fresh instance scores in other company.
    pub(crate) fn score_again(&self, range: Range<usize>, scores: &[f64]) -> Result<(), Error> {
        let rows = other_company(&range);
        let columns = self.sheet.picked(&rows);
        let columns: Vec<_> = columns.iter().map(Picked::column).collect();
        let question = |call: &mut Call, fitted: &Model| self.score(call, fitted, &columns, rows.len());
        let fresh = self.asked.ask_again(&range, |call| self.fit(call), question)?;
        let before = picked(scores, &rows);
        let mut pairs = rows.iter().zip(before.iter().zip(&fresh));
        match pairs.find(|(_, (before, fresh))| before.to_bits() != fresh.to_bits()) {
            None => Ok(()),
            Some((&row, (before, fresh))) => {
                let answered = format!("scored {before}, and {fresh}");
                Err(self.asked.impure(Phase::Score, range, row, &answered))
            }
        }
    }

    fn place(
        &self,
        call: &mut Call,
        (guest, model): &Model,
        columns: &[types::Column<'_>],
        ranking: types::Ranking<'_>,
    ) -> Result<scoring::Placements, Error> {
        let rows = ranking.score.len();
        let batch = types::Batch { rows: rows as u32, columns };
        let told = guest.model().call_place(&mut call.store, *model, batch, ranking);
        let told = call.answer(Phase::Place, told)?;
        let ScoringDescription { tiers, reasons, inputs, .. } = self.description;
        answer::placements(&told, rows, tiers.len(), reasons, inputs)
            .map_err(|what| call.broken(Phase::Place, what))?;
        Ok(told)
    }

    fn placements(
        &self,
        warm: &mut Option<Warm<Model>>,
        range: Range<usize>,
        ranked: &Ranked<'_>,
    ) -> Result<scoring::Placements, Error> {
        let columns = self.sheet.columns(&range);
        let question =
            |call: &mut Call, fitted: &Model| self.place(call, fitted, &columns, ranked.batch(&range));
        self.asked.ask(warm, About::Members(range.clone()), |call| self.fit(call), question)
    }

    /// Compares with where a fresh instance places in other company.
    fn place_again(
        &self,
        range: Range<usize>,
        ranked: &Ranked<'_>,
        before: Option<&scoring::Placements>,
    ) -> Result<(), Error> {
        let rows = other_company(&range);
        let columns = self.sheet.picked(&rows);
        let columns: Vec<_> = columns.iter().map(Picked::column).collect();
        let other = ranked.picked(&rows);
        let question = |call: &mut Call, fitted: &Model| self.place(call, fitted, &columns, other.ranking());
        let fresh = self.asked.ask_again(&range, |call| self.fit(call), question)?;
        let before = before.map(by_row).unwrap_or_default();
        let fresh = by_row(&fresh);
        let same = |(row, placed): &(&usize, &Placed)| before.get(*row - range.start) == Some(*placed);
        match rows.iter().zip(&fresh).find(|pair| !same(pair)) {
            None => Ok(()),
            Some((&row, _)) => {
                let answered = "placed by one tier and its reasons, and by others";
                Err(self.asked.impure(Phase::Place, range, row, answered))
            }
        }
    }

    fn explain(
        &self,
        call: &mut Call,
        (guest, model): &Model,
        columns: &[types::Column<'_>],
        base: f64,
        scores: &[f64],
    ) -> Result<Vec<Vec<f64>>, Error> {
        let batch = types::Batch { rows: scores.len() as u32, columns };
        let told = guest.model().call_explain(&mut call.store, *model, batch);
        let told = call.answer(Phase::Explain, told)?;
        answer::contributions(&told, base, scores, &self.description.inputs, columns)
            .map_err(|what| call.broken(Phase::Explain, what))?;
        Ok(told.columns)
    }

    fn contributions(
        &self,
        warm: &mut Option<Warm<Model>>,
        range: Range<usize>,
        base: f64,
        scores: &[f64],
    ) -> Result<Vec<Vec<f64>>, Error> {
        let columns = self.sheet.columns(&range);
        let scores = scores.get(range.clone()).unwrap_or_default();
        let question = |call: &mut Call, fitted: &Model| self.explain(call, fitted, &columns, base, scores);
        self.asked.ask(warm, About::Members(range), |call| self.fit(call), question)
    }

    /// Compares with how a fresh instance explains in other company.
    fn explain_again(
        &self,
        range: Range<usize>,
        base: f64,
        scores: &[f64],
        before: &[Vec<f64>],
    ) -> Result<(), Error> {
        let rows = other_company(&range);
        let columns = self.sheet.picked(&rows);
        let columns: Vec<_> = columns.iter().map(Picked::column).collect();
        let scores = picked(scores, &rows);
        let question = |call: &mut Call, fitted: &Model| self.explain(call, fitted, &columns, base, &scores);
        let fresh = self.asked.ask_again(&range, |call| self.fit(call), question)?;
        for ((before, fresh), input) in before.iter().zip(&fresh).zip(&self.description.inputs) {
            let before = picked(before, &rows);
            let mut pairs = rows.iter().zip(before.iter().zip(fresh));
            if let Some((&row, (before, fresh))) =
                pairs.find(|(_, (before, fresh))| before.to_bits() != fresh.to_bits())
            {
                let input = shown(&input.id(), 200);
                let answered = format!("explained by {before} of `{input}`, and by {fresh}");
                return Err(self.asked.impure(Phase::Explain, range, row, &answered));
            }
        }
        Ok(())
    }
}

/// A member's tier and the reasons for it.
type Placed = (u32, Vec<(u32, Option<u32>)>);

/// What each row of a batch was given.
fn by_row(placements: &scoring::Placements) -> Vec<Placed> {
    let mut placed: Vec<Placed> = placements.tier.iter().map(|&tier| (tier, Vec::new())).collect();
    for given in &placements.reasons {
        if let Some((_, reasons)) = placed.get_mut(given.row as usize) {
            reasons.push((given.reason.text, given.reason.input));
        }
    }
    placed
}
