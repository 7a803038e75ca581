//! Measures more than any number.

use crate::{Attack, honest_values};
use groundswell_plugin::{Community, Problem, Settings};

struct InfiniteValues;

impl Attack for InfiniteValues {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        Ok(honest_values(community).into_iter().map(|value| value / 0.0).collect())
    }
}

crate::attack!(InfiniteValues);
