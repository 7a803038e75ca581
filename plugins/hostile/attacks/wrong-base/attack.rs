//! Moves the base away from the score at the medians, with contributions that add up all the same.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use crate::{Attack, honest_score};

#[derive(Default)]
struct WrongBase;

impl Attack for WrongBase {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        explained.base += 1.0;
        for value in explained.columns.iter_mut().take(1).flatten() {
            *value -= 1.0;
        }
        Ok(explained)
    }
}

crate::attack!(definition: WrongBase);
