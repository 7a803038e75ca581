//! Asks for members, values or ties before it measures.

use crate::{Attack, honest_networks, variant};
use groundswell_plugin::bindings::metric::groundswell::plugin::network;
use groundswell_plugin::{Network, Problem, Settings};

struct AskTooEarly;

impl Attack for AskTooEarly {
    fn networks(_: &Settings) -> Result<Vec<Network>, Problem> {
        let found = match variant() {
            "members" => network::members() as usize,
            "values" => usize::from(matches!(network::values_from(0, 0), network::Column::Number(_))),
            _ => network::ties_from(0, 0).weight.len(),
        };
        Ok(honest_networks().into_iter().take(found).collect())
    }
}

crate::attack!(AskTooEarly);
