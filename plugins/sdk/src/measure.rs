//! Values as shares: from 0 to 1, against the population or between two bounds.

use crate::{Members, NumberSummary, Population, Scale};

/// How far a value has come from one bound to another: 0 up to `from`, 1 from `to` on, and straight between. Where
/// `to` is not above `from` it is a step: 1 from `to` on. 0 for what is no number.
///
/// ```
/// use groundswell_plugin::ramp;
///
/// assert_eq!([5.0, 10.0, 15.0, 20.0, 99.0].map(|value| ramp(value, 10.0, 20.0)), [0.0, 0.0, 0.5, 1.0, 1.0]);
/// assert_eq!([9.0, 10.0].map(|value| ramp(value, 10.0, 10.0)), [0.0, 1.0]);
/// ```
pub fn ramp(value: f64, from: f64, to: f64) -> f64 {
    if value >= to {
        1.0
    } else if value > from {
        (value - from) / (to - from)
    } else {
        0.0
    }
}

/// The natural logarithm of 1 + value, as the scale `log1p` has it: for bounds that are compared with such an input, and
/// for sums of others. The same bits on every processor, which std's are not.
///
/// ```
/// use groundswell_plugin::log1p;
///
/// assert_eq!(log1p(0.0), 0.0);
/// assert!((log1p(1.0) - std::f64::consts::LN_2).abs() < 1e-15);
/// ```
pub fn log1p(value: f64) -> f64 {
    libm::log1p(value)
}

/// The count behind a value on the scale `log1p`: whole, which takes away what the logarithm left. 0 where it is
/// not known.
///
/// ```
/// use groundswell_plugin::count_of_log1p;
///
/// assert_eq!([0.0, 2f64.ln(), 100_001f64.ln(), f64::NAN].map(count_of_log1p), [0.0, 1.0, 100_000.0, 0.0]);
/// ```
pub fn count_of_log1p(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { libm::round(libm::expm1(value)) }
}

/// Several inputs as one number from 0 to 1: each measured against the population, each with its weight.
///
/// | scale | 0 is | 1 is |
/// | --- | --- | --- |
/// | `raw`, `log1p` | 0, and all below | the population's largest value |
/// | `z-score` | the population's smallest value | its largest |
/// | `percentile` | 0; or, where half of the population or more share the smallest value, that value, so that who has nothing has 0 | 1, ahead of everybody |
///
/// An input tells nobody apart if nobody has a value, or everybody the same, or none above 0 on `raw` and `log1p`. Its
/// weight goes to the others, in proportion to theirs: nobody loses by what is not recorded.
///
/// ```
/// use groundswell_plugin::{Blend, Column, Input, Members, NumberSummary, Population, Summary};
///
/// let inputs = [Input::raw("answers", ""), Input::raw("likes-received", ""), Input::raw("endorsements", "")];
/// let upto = |most: f64| {
///     let quantiles = (0..=100).map(|percent| most * f64::from(percent) / 100.0).collect();
///     Summary::Number(NumberSummary::new(101, 0, most / 2.0, 1.0, quantiles, most / 2.0))
/// };
/// let population = Population::new(&inputs, vec![upto(40.0), upto(10.0), upto(0.0)]);
///
/// // Nobody was endorsed: what remains is a weight of 3 and one of 1.
/// let blend = Blend::fit(&population, [(0, 3.0), (1, 1.0), (2, 5.0)]);
/// let columns = vec![vec![40.0, 20.0], vec![0.0, 10.0], vec![0.0, 0.0]];
/// let members = Members::new(&inputs, columns.into_iter().map(Column::Number).collect());
/// assert_eq!(blend.of(&members), [0.75, 0.625]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blend {
    parts: Vec<Part>,
}

/// One input of a [`Blend`] that tells members apart.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The input's place in the description.
    pub place: usize,
    /// Its weight, as a share of the weights of all that tell members apart.
    pub share: f64,
    /// The value, on the input's scale, that counts 0.
    pub least: f64,
    /// How far above it the value lies that counts 1. Above 0.
    pub span: f64,
}

impl Part {
    fn fit(population: &Population, place: usize, weight: f64) -> Option<Self> {
        let (least, span) = extent(population.number(place), population.scale(place))?;
        (weight > 0.0).then_some(Self { place, share: weight, least, span })
    }

    /// How far up a value is.
    fn measure(&self, value: f64) -> f64 {
        // False for what is no number, too.
        if value > self.least { ((value - self.least) / self.span).min(1.0) } else { 0.0 }
    }
}

impl Blend {
    /// Measures the population's inputs, given by place with a weight each. Those without a weight above 0 count for
    /// nothing.
    ///
    /// # Panics
    ///
    /// As everywhere, where a place is a category's or none of the description's.
    pub fn fit(population: &Population, weights: impl IntoIterator<Item = (usize, f64)>) -> Self {
        let parts = weights.into_iter().filter_map(|(place, weight)| Part::fit(population, place, weight));
        let mut parts: Vec<Part> = parts.collect();
        let total: f64 = parts.iter().map(|part| part.share).sum();
        for part in &mut parts {
            part.share /= total;
        }
        Self { parts }
    }

    /// Whether no input tells members apart: then everybody has 0.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What it is made of, in the order of [`fit`](Self::fit).
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Every member's number, from 0 to 1.
    pub fn of(&self, members: &Members) -> Vec<f64> {
        let mut sums = vec![0.0; members.len()];
        for part in &self.parts {
            for (sum, value) in sums.iter_mut().zip(members.number(part.place)) {
                *sum += part.share * part.measure(*value);
            }
        }
        sums
    }
}

/// The value that counts 0, and the distance to the one that counts 1; none where everybody is alike.
fn extent(summary: &NumberSummary, scale: Scale) -> Option<(f64, f64)> {
    let (smallest, largest) = (summary.quantile(0.0), summary.quantile(1.0));
    if smallest.is_nan() || smallest == largest {
        return None;
    }
    let (least, most) = match scale {
        Scale::Raw => (0.0, largest),
        Scale::Log1p => (0.0, if largest > 0.0 { libm::log1p(largest) } else { 0.0 }),
        Scale::ZScore => ((smallest - summary.mean) / summary.sd, (largest - summary.mean) / summary.sd),
        Scale::Percentile if summary.quantile(0.5) == smallest => (summary.median_scaled, 1.0),
        Scale::Percentile => (0.0, 1.0),
        Scale::Category => return None,
    };
    (most > least).then_some((least, most - least))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Input, Summary};

    const NAN: f64 = f64::NAN;

    /// The blend of one input of a population with these values, all of the same number of members.
    fn blend(input: Input, values: &[f64], median_scaled: f64) -> (Blend, Input) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let sd =
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
        let quantile = |percent: usize| {
            values.get((percent * values.len()).div_ceil(100).max(1) - 1).copied().unwrap_or(NAN)
        };
        let quantiles = (0..=100).map(quantile).collect();
        let summary = NumberSummary::new(values.len() as u64, 0, mean, sd, quantiles, median_scaled);
        let population = Population::new(std::slice::from_ref(&input), vec![Summary::Number(summary)]);
        (Blend::fit(&population, [(0, 2.0)]), input)
    }

    fn measures((blend, input): (Blend, Input), scaled: &[f64]) -> Vec<f64> {
        blend.of(&Members::new(&[input], vec![Column::Number(scaled.to_vec())]))
    }

    #[test]
    fn counts_are_measured_against_the_largest() {
        let raw = blend(Input::raw("a", ""), &[-5.0, 1.0, 4.0], 1.0);
        assert_eq!(measures(raw, &[-5.0, 0.0, 1.0, 4.0, NAN]), [0.0, 0.0, 0.25, 1.0, 0.0]);
        let log = blend(Input::log1p("a", ""), &[0.0, 3.0, 15.0], libm::log1p(3.0));
        assert_eq!(measures(log, &[0.0, libm::log1p(3.0), libm::log1p(15.0)]), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn a_z_score_is_measured_from_the_smallest_to_the_largest() {
        let z = blend(Input::z_score("a", ""), &[0.0, 2.0, 4.0], 0.0);
        let sd = (8.0_f64 / 3.0).sqrt();
        assert_eq!(measures(z, &[-2.0 / sd, 0.0, 2.0 / sd]), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn a_percentile_begins_with_those_who_have_nothing_where_they_are_half_or_more() {
        let most_have_nothing = blend(Input::percentile("a", ""), &[0.0, 0.0, 0.0, 7.0], 0.375);
        assert_eq!(measures(most_have_nothing, &[0.375, 0.875, 1.0]), [0.0, 0.8, 1.0]);
        let few_have_nothing = blend(Input::percentile("a", ""), &[0.0, 1.0, 2.0, 7.0], 0.375);
        assert_eq!(measures(few_have_nothing, &[0.125, 0.375, 0.875]), [0.125, 0.375, 0.875]);
    }

    #[test]
    fn what_tells_nobody_apart_has_no_part() {
        for (input, values) in [
            (Input::raw("a", ""), &[3.0, 3.0][..]),
            (Input::raw("a", ""), &[-2.0, 0.0]),
            (Input::log1p("a", ""), &[-0.5, 0.0]),
            (Input::percentile("a", ""), &[0.0; 3]),
            (Input::z_score("a", ""), &[0.0; 3]),
            (Input::raw("a", ""), &[]),
        ] {
            let it = blend(input, values, NAN);
            assert!(it.0.is_empty(), "{values:?}");
            assert_eq!(measures(it, &[1.0, NAN]), [0.0, 0.0]);
        }
    }
}
