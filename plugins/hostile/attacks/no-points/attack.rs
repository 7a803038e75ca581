//! Gives an award of 0 points.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct NoPoints;

impl RewardAttack for NoPoints {
    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(vec![Award::new(0, 1, Reason::about(0, 0)).amount(0)])
    }
}

crate::attack!(rewards: NoPoints);
