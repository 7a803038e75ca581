//! Gives ten of a badge, which comes alone.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};
use crate::RewardAttack;

#[derive(Default)]
struct TenBadges;

impl RewardAttack for TenBadges {
    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(vec![Award::new(0, 0, Reason::about(0, 0)).amount(10)])
    }
}

crate::attack!(rewards: TenBadges);
