//! Gives an award that it never declared.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct UnknownAward;

impl RewardAttack for UnknownAward {
    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(vec![Award::new(0, 2, Reason::about(0, 0))])
    }
}

crate::attack!(rewards: UnknownAward);
