//! How scores come about.

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
/// within rounding. A missing value is the median, so its step is 0.
///
/// # The order matters
///
/// Where inputs act together, the one declared later gets what they gain together. With medians of 0 and
/// score = `a × b`, a member with `a = 2, b = 3` is told that `a` contributed 0 and `b` contributed 6. Declare
/// first what should be seen first; for a plain sum the order is of no matter.
///
/// # Cost
///
/// `score` is called once for the medians and once an input.
///
/// # Errors
///
/// Those of `score`.
pub fn waterfall(
    members: &Members,
    score: impl Fn(&Members) -> Result<Vec<f64>, Problem>,
) -> Result<Contributions, Problem> {
    let rows = members.len();
    let base = score_of_medians(members, &score)?;
    let mut step = members.at_medians(rows);
    let mut before = vec![base; rows];
    let mut columns = Vec::with_capacity(members.inputs());
    for place in 0..members.inputs() {
        if !members.is_known(place) {
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
