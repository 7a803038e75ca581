//! Gives awards from the last row to the first.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct AwardsOutOfOrder;

impl RewardAttack for AwardsOutOfOrder {
    fn decide(&self, members: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        let rows = (0..members.len() as u32).rev();
        Ok(rows.map(|row| Award::new(row, 0, Reason::about(0, 0))).collect())
    }
}

crate::attack!(rewards: AwardsOutOfOrder);
