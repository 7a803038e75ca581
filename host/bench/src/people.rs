//! Members that do not exist, with columns like those of real ones.

use groundswell_runtime::{Column, Input, Population, Scale};

/// Skewed counts and few words. `gaps`: a tenth of all numbers are missing, as in most communities.
pub(crate) fn members(rows: usize, inputs: &[Input], gaps: bool) -> Population {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    inputs.iter().fold(Population::new(rows), |members, input| {
        if members.column(&input.metric).is_some() {
            return members;
        }
        let column = if input.scale == Scale::Category {
            let words: Vec<_> = (0..rows).map(|_| (next() % 50 == 0).then_some("staff")).collect();
            Column::from_words(words)
        } else {
            let value = |random: u64| match random % 10 {
                0 if gaps => f64::NAN,
                0..=7 => 0.0,
                _ => (random >> 32) as f64 % 200.0,
            };
            Column::Number((0..rows).map(|_| value(next())).collect())
        };
        members.with(input.metric.clone(), column).unwrap()
    })
}

/// The columns on the scales that a plugin asked for.
pub(crate) fn scaled(members: &Population, inputs: &[Input]) -> Vec<Column> {
    inputs.iter().map(|input| members.scaled(&input.metric, input.scale).unwrap()).collect()
}
