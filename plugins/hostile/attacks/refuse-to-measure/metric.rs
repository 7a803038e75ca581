//! Says politely, and with escapes, that it cannot go on.

use crate::Attack;
use groundswell_plugin::{Community, Problem, Settings};

struct RefuseToMeasure;

impl Attack for RefuseToMeasure {
    fn measure(_: &Settings, _: &Community) -> Result<Vec<f64>, Problem> {
        Err(Problem::UnsupportedInput("too few ties\u{1b}[2J to speak of".to_owned()))
    }
}

crate::attack!(RefuseToMeasure);
