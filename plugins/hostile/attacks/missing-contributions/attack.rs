//! Leaves an input out of the explanation.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use crate::{Attack, honest_score};

#[derive(Default)]
struct MissingContributions;

impl Attack for MissingContributions {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        explained.columns.pop();
        Ok(explained)
    }
}

crate::attack!(definition: MissingContributions);
