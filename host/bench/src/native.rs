//! The same definitions, compiled with the benchmark.

use groundswell_plugin as sdk;
use groundswell_runtime::{Column, ExactSum, Input, Population, quantile};

use crate::people::scaled;
use crate::times::{each, middle, timed};

/// A definition fitted to a population, and that population cut into batches.
pub(crate) struct Native<D> {
    fitted: sdk::Fitted<D>,
    batches: Vec<sdk::Members>,
}

impl<D: sdk::Definition + Clone> Native<D> {
    /// Whole batches alone: what is left over is left out.
    pub(crate) fn new(members: &Population, inputs: &[Input], size: usize) -> Self {
        let described = D::describe();
        let scaled = scaled(members, inputs);
        let summaries =
            inputs.iter().zip(&scaled).map(|(input, column)| summary(members, input, column)).collect();
        let population = sdk::Population::new(&described.inputs, summaries);
        let settings = sdk::Settings::defaults(&described.settings);
        let batch = |at: usize| {
            let rows = at * size..(at + 1) * size;
            let columns = scaled.iter().map(|column| match column {
                Column::Number(values) => sdk::Column::Number(values[rows.clone()].to_vec()),
                Column::Category { codes, values } => sdk::Column::Category {
                    codes: codes[rows.clone()].to_vec(),
                    values: values.to_vec().into(),
                },
            });
            sdk::Members::new(&described.inputs, columns.collect())
        };
        let batches = (0..members.rows() / size).map(batch).collect();
        Self { fitted: sdk::Fitted::fit(&settings, &population).unwrap(), batches }
    }

    /// The scores of all batches.
    pub(crate) fn scores(&self) -> Vec<f64> {
        self.batches.iter().flat_map(|batch| self.fitted.score(batch.clone()).unwrap()).collect()
    }

    /// Nanoseconds a member, in the middle one of all batches; making the columns is not part of it.
    pub(crate) fn time(&self) -> f64 {
        let time = |batch: sdk::Members| {
            let rows = batch.len();
            let (time, scores) = timed(|| self.fitted.score(batch).unwrap());
            assert!(std::hint::black_box(scores)[0].is_finite());
            each(time, rows)
        };
        // All of them are made beforehand: the first have left the caches by then, as those of the sandbox have.
        let batches = self.batches.clone();
        middle(batches.into_iter().map(time).collect())
    }
}

/// What the host tells `fit` about an input.
fn summary(members: &Population, input: &Input, scaled: &Column) -> sdk::Summary {
    match (members.column(&input.metric), scaled) {
        (Some(Column::Number(raw)), Column::Number(scaled)) => {
            let mut sorted: Vec<f64> = raw.iter().copied().filter(|value| !value.is_nan()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let count = sorted.len();
            let mean = sorted.iter().copied().collect::<ExactSum>().value() / count as f64;
            let squares: ExactSum = sorted.iter().map(|value| (value - mean) * (value - mean)).collect();
            let middle = quantile(&sorted, 50);
            let at = raw.iter().position(|value| *value == middle).unwrap();
            sdk::Summary::Number(sdk::NumberSummary::new(
                count as u64,
                (raw.len() - count) as u64,
                mean,
                (squares.value() / count as f64).sqrt(),
                (0..=100).map(|percent| quantile(&sorted, percent)).collect(),
                scaled[at],
            ))
        }
        (_, Column::Category { codes, values }) => {
            let count = |code: u32| codes.iter().filter(|other| **other == code).count() as u64;
            let counts: Vec<u64> = (0..values.len() as u32).map(count).collect();
            let missing = codes.len() as u64 - counts.iter().sum::<u64>();
            sdk::Summary::Category(sdk::CategorySummary::new(missing, values.to_vec(), counts))
        }
        _ => unreachable!("no definition here asks for what `members` does not make"),
    }
}
