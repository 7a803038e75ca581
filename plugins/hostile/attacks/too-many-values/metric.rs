//! Measures somebody who is not there.

use crate::{Attack, honest_values};
use groundswell_plugin::{Community, Problem, Settings};

struct TooManyValues;

impl Attack for TooManyValues {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let mut values = honest_values(community);
        values.push(1.0);
        Ok(values)
    }
}

crate::attack!(TooManyValues);
