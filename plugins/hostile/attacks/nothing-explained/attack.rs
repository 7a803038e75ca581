//! Explains every member as if there were nothing to explain: the right base, and zeros.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};

use crate::{Attack, honest_score};

#[derive(Default)]
struct NothingExplained;

impl Attack for NothingExplained {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        explained.columns.iter_mut().flatten().for_each(|contribution| *contribution = 0.0);
        Ok(explained)
    }
}

crate::attack!(definition: NothingExplained);
