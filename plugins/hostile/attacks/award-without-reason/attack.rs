//! Gives an award for a reason that is not there.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct AwardWithoutReason;

impl RewardAttack for AwardWithoutReason {
    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(vec![Award::new(0, 0, Reason::new(7))])
    }
}

crate::attack!(rewards: AwardWithoutReason);
