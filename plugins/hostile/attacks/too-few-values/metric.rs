//! Leaves the last member without a value.

use crate::{Attack, honest_values};
use groundswell_plugin::{Community, Problem, Settings};

struct TooFewValues;

impl Attack for TooFewValues {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let mut values = honest_values(community);
        values.pop();
        Ok(values)
    }
}

crate::attack!(TooFewValues);
