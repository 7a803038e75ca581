//! Asks for what comes after the last member and the last tie, as far as numbers go.

use crate::{Attack, honest_values};
use groundswell_plugin::bindings::metric::groundswell::plugin::network;
use groundswell_plugin::{Community, Problem, Settings};

struct AskBeyondTheEnd;

impl Attack for AskBeyondTheEnd {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let found = [community.members() as u64, 1 << 32, u64::MAX].map(|first| {
            let values = match network::values_from(0, u32::try_from(first).unwrap_or(u32::MAX)) {
                network::Column::Number(values) => values.len(),
                network::Column::Category(category) => category.codes.len(),
            };
            let past = if first < 1 << 32 { u64::MAX - 1 } else { first };
            values + network::ties_from(1, past).source.len()
        });
        let mut values = honest_values(community);
        // Whatever there was would show.
        values.iter_mut().for_each(|value| *value += found.iter().sum::<usize>() as f64);
        Ok(values)
    }
}

crate::attack!(AskBeyondTheEnd);
