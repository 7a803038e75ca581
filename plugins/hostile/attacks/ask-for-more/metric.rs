//! Asks for a network or an input that it did not declare.

use crate::{Attack, variant};
use groundswell_plugin::bindings::metric::groundswell::plugin::network;
use groundswell_plugin::{Community, Problem, Settings};

struct AskForMore;

impl Attack for AskForMore {
    fn measure(_: &Settings, _: &Community) -> Result<Vec<f64>, Problem> {
        match variant() {
            "network" => Ok(network::ties_from(2, 0).weight),
            "last-network" => Ok(network::ties_from(u32::MAX, u64::MAX).weight),
            "input" => Ok(vec![f64::from(u8::from(matches!(network::values_from(2, 0), network::Column::Number(_))))]),
            _ => Ok(vec![f64::from(u8::from(matches!(network::values_from(u32::MAX, u32::MAX), network::Column::Number(_))))]),
        }
    }
}

crate::attack!(AskForMore);
