//! Leaves a member out of one input's contributions.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use crate::{Attack, honest_score};

#[derive(Default)]
struct ShortContributions;

impl Attack for ShortContributions {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        if let Some(column) = explained.columns.last_mut() {
            column.pop();
        }
        Ok(explained)
    }
}

crate::attack!(definition: ShortContributions);
