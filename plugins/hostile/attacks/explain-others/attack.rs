//! Explains every member by what the next one did.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};

use crate::{Attack, honest_score};

#[derive(Default)]
struct ExplainOthers;

impl Attack for ExplainOthers {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        explained.columns.iter_mut().for_each(|column| column.rotate_left(1));
        Ok(explained)
    }
}

crate::attack!(definition: ExplainOthers);
