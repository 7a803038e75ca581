//! Ranks, percentiles and quantiles, each defined once for the whole project.

use crate::ExactSum;

/// The rank of every score: 1 + the number of higher scores, so that equal scores share a rank.
///
/// Scores must be finite; 0 and −0 are equal.
///
/// ```
/// assert_eq!(groundswell_runtime::ranks(&[2.0, 5.0, 2.0, 1.0]), [2, 1, 2, 4]);
/// ```
pub fn ranks(scores: &[f64]) -> Vec<u32> {
    let order = ascending(scores);
    let mut ranks = vec![0; scores.len()];
    for_each_tie(scores, &order, |members, _below, above| {
        for &member in members {
            if let Some(rank) = ranks.get_mut(member as usize) {
                *rank = above as u32 + 1;
            }
        }
    });
    ranks
}

/// The percentile of every value, from 0 to 1: (values below + half of those equal) / number of values.
///
/// NaN is a missing value: it stays NaN and counts for nobody.
///
/// ```
/// assert_eq!(groundswell_runtime::percentiles(&[1.0, 3.0, 3.0, 7.0]), [0.125, 0.5, 0.5, 0.875]);
/// ```
pub fn percentiles(values: &[f64]) -> Vec<f64> {
    let order = ascending(values);
    let mut percentiles = vec![f64::NAN; values.len()];
    for_each_tie(values, &order, |members, below, _above| {
        let percentile = tie_percentile(below, members.len(), order.len());
        for &member in members {
            if let Some(place) = percentiles.get_mut(member as usize) {
                *place = percentile;
            }
        }
    });
    percentiles
}

/// The percentile that `value` has, or would have, among sorted values. NaN where there are none.
pub(crate) fn percentile_of(sorted: &[f64], value: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let below = sorted.partition_point(|&other| other < value);
    let equal = sorted.partition_point(|&other| other <= value) - below;
    tie_percentile(below, equal, sorted.len())
}

fn tie_percentile(below: usize, equal: usize, of: usize) -> f64 {
    // Twice the numerator is a whole number, so there is one rounding only.
    (2 * below + equal) as f64 / (2 * of) as f64
}

/// Quantile `percent` / 100 of values sorted in ascending order: the smallest observed value with at
/// least that share of the values at or below it. NaN where there are no values.
///
/// ```
/// let sorted = [1.0, 2.0, 3.0, 10.0];
/// assert_eq!(groundswell_runtime::quantile(&sorted, 50), 2.0);
/// assert_eq!(groundswell_runtime::quantile(&sorted, 51), 3.0);
/// assert_eq!(groundswell_runtime::quantile(&sorted, 0), 1.0);
/// ```
pub fn quantile(sorted: &[f64], percent: u32) -> f64 {
    let at_or_below = (sorted.len() as u128 * u128::from(percent)).div_ceil(100) as usize;
    sorted.get(at_or_below.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// The values that are there, in ascending order.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Where values lie and how far apart, right for every finite value: what would leave the range of an `f64` when
/// squared or added up is scaled by a power of two first, which changes no digit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// 2 to this power scales the values; 0 but for values whose squares leave the range.
    power: i32,
    /// Of the scaled values.
    mean: f64,
    sd: f64,
}

/// The exponents of the largest magnitude for which nothing needs to be scaled: sums of squares stay finite, and the
/// squares of the last places keep all digits.
const PLAIN: std::ops::RangeInclusive<i32> = -400..=450;

impl Spread {
    /// Of values in ascending order.
    pub(crate) fn of(sorted: &[f64]) -> Self {
        let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) else {
            return Self { power: 0, mean: f64::NAN, sd: f64::NAN };
        };
        let largest = exponent(first.abs().max(last.abs()));
        let power = if PLAIN.contains(&largest) || first == last { 0 } else { -largest };
        if first == last {
            return Self { power, mean: first, sd: 0.0 };
        }
        let count = sorted.len() as f64;
        let scaled = || sorted.iter().map(|&value| times_two_to(value, power));
        let mean = scaled().collect::<ExactSum>().value() / count;
        let squares: ExactSum = scaled().map(|value| (value - mean) * (value - mean)).collect();
        Self { power, mean, sd: (squares.value() / count).sqrt() }
    }

    /// The sum, rounded once, divided by the number of values. NaN where there are none.
    pub(crate) fn mean(&self) -> f64 {
        times_two_to(self.mean, -self.power)
    }

    /// Standard deviation over the population (divided by the number of values), exactly 0 where all values are
    /// equal. NaN where there are none.
    pub(crate) fn sd(&self) -> f64 {
        times_two_to(self.sd, -self.power)
    }

    /// The distance of a value from the mean, in standard deviations; 0 where all values are equal. NaN stays NaN.
    pub(crate) fn z_score(&self, value: f64) -> f64 {
        if self.sd == 0.0 && !value.is_nan() {
            return 0.0;
        }
        (times_two_to(value, self.power) - self.mean) / self.sd
    }
}

/// The exponent of a magnitude: 2 to it is at most the value. The least there is for 0.
fn exponent(magnitude: f64) -> i32 {
    libm::ilogb(magnitude).max(-1074)
}

/// The value times 2 to a power between −1100 and 1100. Exact, unless the product is too small for all digits.
fn times_two_to(value: f64, power: i32) -> f64 {
    if power == 0 { value } else { libm::scalbn(value, power) }
}

/// Indices of the values that are there, by value. Equal values in any order.
fn ascending(values: &[f64]) -> Vec<u32> {
    let value = |index: &u32| values.get(*index as usize).copied().unwrap_or(f64::NAN);
    let mut order: Vec<u32> =
        (0_u32..).zip(values).filter(|(_, value)| !value.is_nan()).map(|(index, _)| index).collect();
    order.sort_unstable_by(|left, right| value(left).total_cmp(&value(right)));
    order
}

/// Calls `visit(members, below, above)` for every group of equal values. 0 and −0 are neighbours in the
/// total order, so comparing with `==` puts them in one group.
fn for_each_tie(values: &[f64], order: &[u32], mut visit: impl FnMut(&[u32], usize, usize)) {
    let mut below = 0;
    let same = |left: &u32, right: &u32| values.get(*left as usize) == values.get(*right as usize);
    for members in order.chunk_by(same) {
        let up_to = below + members.len();
        visit(members, below, order.len() - up_to);
        below = up_to;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Few different values, so that ties are the rule.
    fn values() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(
            prop_oneof![4 => (-3_i8..3).prop_map(f64::from), 1 => Just(-0.0), 1 => Just(f64::NAN)],
            0..80,
        )
    }

    proptest! {
        #[test]
        fn ranks_count_the_higher_scores(values in values()) {
            let scores: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
            for (score, rank) in scores.iter().zip(ranks(&scores)) {
                prop_assert_eq!(rank as usize, 1 + scores.iter().filter(|other| *other > score).count());
            }
        }

        #[test]
        fn percentiles_follow_their_definition(values in values()) {
            let there: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
            let by_value = sorted(&values);
            for (value, percentile) in values.iter().zip(percentiles(&values)) {
                if value.is_nan() {
                    prop_assert!(percentile.is_nan());
                    continue;
                }
                let below = there.iter().filter(|other| *other < value).count() as f64;
                let equal = there.iter().filter(|other| *other == value).count() as f64;
                prop_assert_eq!(percentile, (below + equal / 2.0) / there.len() as f64);
                prop_assert_eq!(percentile, percentile_of(&by_value, *value));
            }
        }

        #[test]
        fn quantiles_are_the_smallest_value_that_covers_the_share(values in values(), percent in 0_u32..=100) {
            let sorted = sorted(&values);
            let found = quantile(&sorted, percent);
            prop_assert_eq!(found.is_nan(), sorted.is_empty());
            let covers = |value: f64| {
                100 * sorted.iter().filter(|other| **other <= value).count() as u64
                    >= u64::from(percent) * sorted.len() as u64
            };
            let expected = sorted.iter().copied().find(|value| covers(*value)).unwrap_or(f64::NAN);
            prop_assert!(found == expected || sorted.is_empty());
        }

        #[test]
        fn the_order_of_members_changes_nothing(values in values(), turn in 0_usize..80) {
            let mut turned = values.clone();
            let turn = if values.is_empty() { 0 } else { turn % values.len() };
            turned.rotate_left(turn);
            let mut expected = percentiles(&values);
            expected.rotate_left(turn);
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&percentiles(&turned)), bits(&expected));
            let spreads = [&values, &turned].map(|values| Spread::of(&sorted(values)));
            let [left, right] = spreads.map(|spread| (spread.mean().to_bits(), spread.sd().to_bits()));
            prop_assert_eq!(left, right);
        }

        #[test]
        fn mean_and_deviation_are_right_for_every_finite_value(
            values in prop::collection::vec(any::<f64>().prop_filter("finite", |value| value.is_finite()), 1..40),
        ) {
            let sorted = sorted(&values);
            let (spread, least, most) = (Spread::of(&sorted), sorted[0], sorted[sorted.len() - 1]);
            let slack = spread.sd() * 1e-12;
            prop_assert!(least - slack <= spread.mean() && spread.mean() <= most + slack);
            prop_assert!(spread.sd().is_finite());
            let scores: Vec<f64> = values.iter().map(|&value| spread.z_score(value)).collect();
            // Nobody is further away than the rest of the population can bear, and together they are at 0.
            let bound = (values.len() as f64).sqrt() + 1e-9;
            prop_assert!(scores.iter().all(|score| score.abs() <= bound), "{scores:?}");
            prop_assert!(scores.iter().sum::<f64>().abs() < 1e-6, "{scores:?}");
            let squares: f64 = scores.iter().map(|score| score * score).sum();
            prop_assert!(least == most || (squares / values.len() as f64 - 1.0).abs() < 1e-6, "{scores:?}");
        }

        #[test]
        fn another_unit_changes_no_digit(values in prop::collection::vec(-1e6..1e6_f64, 2..40), power in -400_i32..900) {
            // Multiples of 2⁻¹⁰ lose no digit in the other unit.
            let values: Vec<f64> = values.iter().map(|value| (value * 1024.0).round() / 1024.0).collect();
            let unit = |value: f64| libm::scalbn(value, power);
            let other: Vec<f64> = values.iter().map(|&value| unit(value)).collect();
            let [plain, scaled] = [&values, &other].map(|values| Spread::of(&sorted(values)));
            prop_assert_eq!(unit(plain.mean()).to_bits(), scaled.mean().to_bits());
            prop_assert_eq!(unit(plain.sd()).to_bits(), scaled.sd().to_bits());
            for (value, other) in values.iter().zip(&other) {
                prop_assert_eq!(plain.z_score(*value).to_bits(), scaled.z_score(*other).to_bits());
            }
        }
    }

    #[test]
    fn the_standard_deviation_is_that_of_the_population() {
        let spread = |values: &[f64]| {
            let spread = Spread::of(&sorted(values));
            (spread.mean(), spread.sd())
        };
        assert_eq!(spread(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), (5.0, 2.0));
        assert_eq!(spread(&[0.1, 0.1, 0.1]), (0.1, 0.0));
        assert!(spread(&[]).0.is_nan() && spread(&[]).1.is_nan());
    }

    #[test]
    fn values_whose_squares_leave_the_range_have_scores_all_the_same() {
        let scores = |values: &[f64]| {
            let spread = Spread::of(&sorted(values));
            values.iter().map(|&value| spread.z_score(value)).collect::<Vec<_>>()
        };
        let plain = scores(&[1.0, 3.0, 2.0]);
        assert_eq!(scores(&[1e300, 3e300, 2e300]), plain);
        assert_eq!(scores(&[f64::MAX, f64::MIN]), [1.0, -1.0]);
        assert_eq!(scores(&[5e-324, 15e-324, 10e-324]), plain);
        let unit = f64::MAX / 8.0;
        assert_eq!(Spread::of(&[2.0 * unit, 4.0 * unit, 6.0 * unit]).mean(), 4.0 * unit);
    }
}
