//! Gives the same award to the same member twice.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct AwardTwice;

impl RewardAttack for AwardTwice {
    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        let award = Award::new(0, 0, Reason::about(0, 0));
        Ok(vec![award, award])
    }
}

crate::attack!(rewards: AwardTwice);
