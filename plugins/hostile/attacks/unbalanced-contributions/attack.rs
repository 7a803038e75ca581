//! Explains one member by contributions that do not add up to the score.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use crate::{Attack, honest_score};

#[derive(Default)]
struct UnbalancedContributions;

impl Attack for UnbalancedContributions {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        if let Some(value) = explained.columns.first_mut().and_then(|column| column.first_mut()) {
            *value += 0.5;
        }
        Ok(explained)
    }
}

crate::attack!(definition: UnbalancedContributions);
