//! How scores come about.

use std::ops::Range;

use crate::members::BLOCK;
use crate::{Column, Members, Problem};

/// How the scores of a batch come about: base + a row's contributions is the row's score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// The score at the population's medians.
    pub base: f64,
    /// One column an input, in declared order, categories included; one finite value a row.
    pub columns: Vec<Vec<f64>>,
}

/// Explains any score: starts at the population's medians and replaces them by the member's own values, one
/// input after the other in declared order; each input is credited with the step that the score makes.
///
/// The steps telescope: whatever `score` does (products, thresholds, minima), base + contributions is the score,
/// within rounding. A missing value is the median, so its step is exactly 0.
///
/// # The order matters
///
/// What two inputs gain or lose *together* has no owner, and a waterfall gives it to the one that is declared later.
/// So a contribution reads "what this input changed, given those above it in the list", not "what it is worth by
/// itself", and another order of the same inputs would tell members other figures that are as true. Declare first
/// what members should see first, and say in the plugin's page which order it is. Only where inputs merely add up is
/// the order of no matter; [`Linear`] explains those faster.
///
/// By hand: score = `audience × rate`, the medians are an audience of 10 and a rate of 0.5, and Ada has 30 and 0.2.
/// Her score is 6, the base is 5, and the rate, declared second, pays for the large audience that it is a rate of:
///
/// | step | audience | rate | score | contribution | in the other order |
/// | --- | --- | --- | --- | --- | --- |
/// | medians | 10 | 0.5 | 5 | base | base |
/// | Ada's audience | 30 | 0.5 | 15 | +10 | +4 (after her rate) |
/// | Ada's rate | 30 | 0.2 | 6 | −9 | −3 (before her audience) |
///
/// Of Bo the rate is not known, so it contributes nothing:
///
/// ```
/// use groundswell_plugin::*;
///
/// struct Heard;
///
/// impl Definition for Heard {
///     fn describe() -> Description {
///         Description::new("").input(Input::raw("audience", "")).input(Input::raw("engagement-rate", ""))
///     }
///     fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> { Ok(Self) }
///     fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
///         Ok(members.number(0).iter().zip(members.number(1)).map(|(audience, rate)| audience * rate).collect())
///     }
///     fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
///         Ok(members.rows().map(|_| 0).collect())
///     }
/// }
///
/// let inputs = Heard::describe().inputs;
/// let summary = |missing, median| {
///     Summary::Number(NumberSummary::new(3, missing, median, 0.0, vec![median; 101], median))
/// };
/// let population = Population::new(&inputs, vec![summary(0, 10.0), summary(1, 0.5)]);
/// let fitted = Fitted::<Heard>::fit(&Settings::defaults(&[]), &population)?;
///
/// let ada_and_bo = vec![Column::Number(vec![30.0, 20.0]), Column::Number(vec![0.2, f64::NAN])];
/// let explained = fitted.explain(Members::new(&inputs, ada_and_bo))?;
/// assert_eq!(explained.base, 5.0);
/// assert_eq!(explained.columns, [[10.0, 5.0], [-9.0, 0.0]]);
/// # Ok::<(), Problem>(())
/// ```
///
/// # Cost
///
/// By column: `score` is called once for one row of medians and once an input for the whole batch, and nothing is
/// allocated for a member. Inputs that move no score need no call: see [`waterfall_among`].
///
/// # Errors
///
/// Those of `score`.
pub fn waterfall(
    members: &Members,
    score: impl Fn(&Members) -> Result<Vec<f64>, Problem>,
) -> Result<Contributions, Problem> {
    waterfall_among(members, 0..members.inputs(), score)
}

/// A [`waterfall`] that steps over the inputs outside `inputs`, by place: those that are looked at for tiers alone and
/// move no score. They contribute 0, and cost no call of `score`.
///
/// One that does move the score must be inside, or base and contributions do not add up to it and the host says so.
///
/// # Errors
///
/// Those of `score`.
pub fn waterfall_among(
    members: &Members,
    inputs: Range<usize>,
    score: impl Fn(&Members) -> Result<Vec<f64>, Problem>,
) -> Result<Contributions, Problem> {
    let rows = members.len();
    let base = score_of_medians(members, &score)?;
    let mut step = members.at_medians(rows);
    let mut before = vec![base; rows];
    let mut columns = Vec::with_capacity(members.inputs());
    for place in 0..members.inputs() {
        if !inputs.contains(&place) || !members.is_known(place) {
            columns.push(vec![0.0; rows]);
            continue;
        }
        step.copy_column(place, members);
        let after = score(&step)?;
        // The scores before are of no use any more: their buffer becomes the contributions.
        for (before, after) in before.iter_mut().zip(&after) {
            *before = after - *before;
        }
        columns.push(std::mem::replace(&mut before, after));
    }
    Ok(Contributions { base, columns })
}

/// The score of one row of medians, through the same code as every other score.
fn score_of_medians(
    members: &Members,
    score: impl Fn(&Members) -> Result<Vec<f64>, Problem>,
) -> Result<f64, Problem> {
    let scores = score(&members.at_medians(1))?;
    scores.first().copied().ok_or_else(|| Problem::Other("no score for one row of medians".into()))
}

/// A weighted sum of numeric inputs, with its explanation: fast, and the order of inputs is of no matter.
///
/// ```
/// use groundswell_plugin::{Column, Input, Linear, Members};
///
/// let inputs = [Input::log1p("answers", ""), Input::percentile("members-helped", "")];
/// let columns = vec![Column::Number(vec![1.0, 2.0]), Column::Number(vec![0.5, 0.9])];
/// let score = Linear::new([2.0, 10.0]).score(&Members::new(&inputs, columns));
/// assert_eq!(score, [7.0, 13.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    weights: Vec<f64>,
}

impl Linear {
    /// One weight an input, in declared order. Categories, and inputs without a weight, count for nothing.
    pub fn new(weights: impl Into<Vec<f64>>) -> Self {
        Self { weights: weights.into() }
    }

    /// The weights, in declared order.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The scores of a batch.
    pub fn score(&self, members: &Members) -> Vec<f64> {
        let mut scores = vec![0.0; members.len()];
        let terms: Vec<_> = self.terms(members).collect();
        let (blocks, rest) = scores.as_chunks_mut::<BLOCK>();
        // A block's sums stay in registers while every column is looked at once.
        for (place, block) in blocks.iter_mut().enumerate() {
            let mut sums = [0.0; BLOCK];
            for (values, _, weight) in &terms {
                let Some(values) = values.get(place) else { continue };
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += weight * value;
                }
            }
            *block = sums;
        }
        for (_, left, weight) in &terms {
            for (score, value) in rest.iter_mut().zip(*left) {
                *score += weight * value;
            }
        }
        scores
    }

    /// Explains the scores of a batch: every input contributes weight × (value − median).
    pub fn explain(&self, members: &Members) -> Contributions {
        let base = self.score(&members.at_medians(1)).first().copied().unwrap_or_default();
        let columns = members
            .columns()
            .iter()
            .enumerate()
            .map(|(place, column)| match (column, self.weights.get(place)) {
                (Column::Number(values), Some(&weight)) if weight != 0.0 && members.is_known(place) => {
                    let median = weight * members.median(place);
                    values.iter().map(|value| weight * value - median).collect()
                }
                _ => vec![0.0; members.len()],
            })
            .collect();
        Contributions { base, columns }
    }

    /// The columns that count, in blocks and what is left over, with their weights.
    fn terms<'a>(
        &'a self,
        members: &'a Members,
    ) -> impl Iterator<Item = (&'a [[f64; BLOCK]], &'a [f64], f64)> {
        members.columns().iter().zip(&self.weights).filter_map(|(column, &weight)| match column {
            Column::Number(values) if weight != 0.0 => {
                let (blocks, left) = values.as_chunks();
                Some((blocks, left, weight))
            }
            _ => None,
        })
    }
}
