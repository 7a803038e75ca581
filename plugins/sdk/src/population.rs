//! What the population looks like, one summary an input.

use std::rc::Rc;

use crate::input::Inputs;
use crate::members::MISSING;
use crate::{Input, InputKey, Scale};

/// What the population's values of a numeric input look like.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NumberSummary {
    /// Members with a value.
    pub count: u64,
    /// Members without one.
    pub missing: u64,
    /// Mean of the raw values. NaN where count is 0.
    pub mean: f64,
    /// Standard deviation of the raw values, over the population. NaN where count is 0.
    pub sd: f64,
    /// 101 quantiles of the raw values, 0 % to 100 %. All NaN where count is 0.
    pub quantiles: Vec<f64>,
    /// The raw median on the input's own scale. NaN where count is 0, and where it has no logarithm on `log1p`.
    pub median_scaled: f64,
}

impl NumberSummary {
    /// A summary made by hand: for tests, where no host makes it.
    pub fn new(
        count: u64,
        missing: u64,
        mean: f64,
        sd: f64,
        quantiles: Vec<f64>,
        median_scaled: f64,
    ) -> Self {
        Self { count, missing, mean, sd, quantiles, median_scaled }
    }

    /// The raw value with at least the share `q` (0 to 1, rounded up to a whole percent) of the population's
    /// values at or below it. NaN where nobody has a value.
    pub fn quantile(&self, q: f64) -> f64 {
        // A share such as 0.07 times 100 lies a little above 7.
        let percent = (q.clamp(0.0, 1.0) * 100.0 - 1e-9).ceil();
        self.quantiles.get(percent as usize).copied().unwrap_or(f64::NAN)
    }
}

/// What the population's values of a category look like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CategorySummary {
    /// Members with a value.
    pub count: u64,
    /// Members without one.
    pub missing: u64,
    /// The dictionary of every batch, sorted by bytes.
    pub values: Vec<String>,
    /// How many members have each.
    pub counts: Vec<u64>,
}

impl CategorySummary {
    /// A summary made by hand: for tests, where no host makes it.
    pub fn new(missing: u64, values: Vec<String>, counts: Vec<u64>) -> Self {
        Self { count: counts.iter().sum(), missing, values, counts }
    }

    /// The most frequent value's code, of ties the first by bytes: what stands for the median.
    fn most_frequent(&self) -> u32 {
        let mut best = (MISSING, 0);
        for (code, &count) in (0..).zip(&self.counts) {
            if count > best.1 {
                best = (code, count);
            }
        }
        best.0
    }
}

/// What the population's values of one input look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Summary {
    /// Of an input with a numeric scale.
    Number(NumberSummary),
    /// Of a category.
    Category(CategorySummary),
}

/// What the population looks like, one [`Summary`] an input: all that `fit` may learn from.
///
/// # Panics
///
/// As everywhere, asking for an input that the plugin did not declare, or for a number where it declared a
/// category, panics with the names in the message.
#[derive(Clone, Debug)]
pub struct Population {
    summaries: Vec<Summary>,
    inputs: Inputs,
}

impl Population {
    /// A population by hand: for tests, where no host makes it. One summary an input, in declared order.
    pub fn new(inputs: &[Input], summaries: Vec<Summary>) -> Self {
        Self { summaries, inputs: Inputs::of(inputs) }
    }

    pub(crate) fn from_summaries(inputs: Inputs, summaries: Vec<Summary>) -> Self {
        Self { summaries, inputs }
    }

    /// The summary of a numeric input.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn number(&self, input: impl InputKey) -> &NumberSummary {
        match self.summary(input) {
            Summary::Number(summary) => summary,
            Summary::Category(_) => panic!("{:?} is a category, not a number", input.key()),
        }
    }

    /// The summary of a category.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn category(&self, input: impl InputKey) -> &CategorySummary {
        match self.summary(input) {
            Summary::Category(summary) => summary,
            Summary::Number(_) => panic!("{:?} is a number, not a category", input.key()),
        }
    }

    /// Whether anybody has a value. False for an optional input that the data does not have.
    pub fn has(&self, input: impl InputKey) -> bool {
        match self.summary(input) {
            Summary::Number(summary) => summary.count > 0,
            Summary::Category(summary) => summary.count > 0,
        }
    }

    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    fn summary(&self, input: impl InputKey) -> &Summary {
        match self.summaries.get(self.inputs.place(input.key())) {
            Some(summary) => summary,
            None => panic!("no input {:?}: there are {}", input.key(), self.summaries.len()),
        }
    }

    /// The scale of the input in this place.
    pub(crate) fn scale(&self, place: usize) -> Scale {
        self.inputs.scale(place)
    }

    pub(crate) fn medians(&self) -> Rc<[Median]> {
        self.summaries.iter().map(Median::of).collect()
    }
}

/// What a missing value of one input counts as in scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Median {
    pub(crate) value: MedianValue,
    /// Whether anybody has a value.
    pub(crate) known: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum MedianValue {
    /// Never NaN: an input that nobody has a value of counts as 0, the same for everybody.
    Number(f64),
    /// [`MISSING`] where nobody has a value.
    Category(u32),
}

impl Median {
    fn of(summary: &Summary) -> Self {
        match summary {
            Summary::Number(summary) => {
                let median = summary.median_scaled;
                // A median that is on no scale (the logarithm of a value below 0) is as good as none.
                let value = MedianValue::Number(if median.is_nan() { 0.0 } else { median });
                Self { value, known: summary.count > 0 }
            }
            Summary::Category(summary) => {
                Self { value: MedianValue::Category(summary.most_frequent()), known: summary.count > 0 }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_round_up_to_whole_percents() {
        let summary = NumberSummary::new(101, 0, 50.0, 29.0, (0..=100).map(f64::from).collect(), 50.0);
        assert_eq!(summary.quantile(0.98), 98.0);
        assert_eq!(summary.quantile(0.07), 7.0);
        assert_eq!(summary.quantile(0.981), 99.0);
        assert_eq!(summary.quantile(2.0), 100.0);
    }

    #[test]
    fn the_most_frequent_word_stands_for_the_median_and_the_first_of_ties() {
        let words = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(CategorySummary::new(0, words.clone(), vec![1, 4, 4]).most_frequent(), 1);
        assert_eq!(CategorySummary::new(9, words, vec![0, 0, 0]).most_frequent(), MISSING);
    }
}
