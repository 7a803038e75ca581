//! Gives an award to a row that is not there.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct AwardUnknownRow;

impl RewardAttack for AwardUnknownRow {
    fn decide(&self, members: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(vec![Award::new(members.len() as u32, 0, Reason::about(0, 0))])
    }
}

crate::attack!(rewards: AwardUnknownRow);
