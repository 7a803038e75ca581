//! Scales and summaries as a host makes them. Slow, and plain enough to be believed.

use groundswell_plugin::{NumberSummary, Scale};

/// Raw values on a scale; NaN stays NaN.
pub(crate) fn scaled(scale: Scale, raw: &[f64]) -> Vec<f64> {
    let known: Vec<f64> = raw.iter().copied().filter(|value| !value.is_nan()).collect();
    let count = known.len() as f64;
    let (mean, sd) = moments(&known);
    let on_scale = |&value: &f64| match scale {
        _ if value.is_nan() => f64::NAN,
        Scale::Raw | Scale::Category => value,
        Scale::Log1p if value < 0.0 => f64::NAN,
        Scale::Log1p => libm::log1p(value),
        Scale::ZScore if sd == 0.0 => 0.0,
        Scale::ZScore => (value - mean) / sd,
        Scale::Percentile => {
            let below = known.iter().filter(|&&it| it < value).count() as f64;
            let equal = known.iter().filter(|&&it| it == value).count() as f64;
            (below + equal / 2.0) / count
        }
    };
    raw.iter().map(on_scale).collect()
}

/// What the population's values look like.
pub(crate) fn summary(scale: Scale, raw: &[f64]) -> NumberSummary {
    let mut known: Vec<f64> = raw.iter().copied().filter(|value| !value.is_nan()).collect();
    known.sort_by(f64::total_cmp);
    let count = known.len();
    let quantile = |percent: usize| {
        let place = (percent * count).div_ceil(100).max(1) - 1;
        known.get(place).copied().unwrap_or(f64::NAN)
    };
    let (mean, sd) = moments(&known);
    let median = raw.iter().position(|&value| value == quantile(50));
    let median_scaled = median.map_or(f64::NAN, |place| scaled(scale, raw)[place]);
    let missing = (raw.len() - count) as u64;
    NumberSummary::new(count as u64, missing, mean, sd, (0..=100).map(quantile).collect(), median_scaled)
}

/// Mean and standard deviation; exactly 0 where all are equal.
fn moments(known: &[f64]) -> (f64, f64) {
    let count = known.len() as f64;
    if known.windows(2).all(|pair| pair[0] == pair[1]) {
        return known.first().map_or((f64::NAN, f64::NAN), |value| (*value, 0.0));
    }
    let mean = known.iter().sum::<f64>() / count;
    let variance = known.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_those_of_the_contract() {
        let raw = [0.0, 0.0, 3.0, f64::NAN, -1.0];
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        let same = |scale, expected: [f64; 5]| assert_eq!(bits(scaled(scale, &raw)), bits(expected.to_vec()));
        same(Scale::Percentile, [0.5, 0.5, 0.875, f64::NAN, 0.125]);
        same(Scale::Log1p, [0.0, 0.0, libm::log1p(3.0), f64::NAN, f64::NAN]);
        let sd = 2.25_f64.sqrt();
        same(Scale::ZScore, [-0.5 / sd, -0.5 / sd, 2.5 / sd, f64::NAN, -1.5 / sd]);
    }

    #[test]
    fn a_quantile_is_the_smallest_value_with_so_many_at_or_below_it() {
        let it = summary(Scale::Percentile, &[4.0, f64::NAN, 1.0, 2.0, 2.0]);
        assert_eq!((it.count, it.missing, it.mean), (4, 1, 2.25));
        assert_eq!(
            [0.0, 0.25, 0.26, 0.75, 0.76, 1.0].map(|q| it.quantile(q)),
            [1.0, 1.0, 2.0, 2.0, 4.0, 4.0]
        );
        assert_eq!(it.median_scaled, 0.5);
        assert!(summary(Scale::Raw, &[f64::NAN]).quantile(0.5).is_nan());
    }
}
