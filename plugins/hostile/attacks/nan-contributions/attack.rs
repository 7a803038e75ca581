//! Explains a score by something that is no number.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use crate::{Attack, honest_score};

#[derive(Default)]
struct NanContributions;

impl Attack for NanContributions {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        if let Some(value) = explained.columns.last_mut().and_then(|column| column.last_mut()) {
            *value = f64::NAN;
        }
        Ok(explained)
    }
}

crate::attack!(definition: NanContributions);
