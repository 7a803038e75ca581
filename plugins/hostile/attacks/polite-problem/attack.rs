//! Does nothing wrong: refuses a setting in plain words.

use groundswell_plugin::{Population, Problem, Settings};
use crate::Attack;

#[derive(Default)]
struct PoliteProblem;

impl Attack for PoliteProblem {
    fn fit(settings: &Settings, _: &Population) -> Result<Self, Problem> {
        let weight = settings.number("answer-weight");
        Err(Problem::InvalidSetting(format!(
            "answer-weight is {weight}, but no weight is right today: try tomorrow"
        )))
    }
}

crate::attack!(definition: PoliteProblem);
