//! Gives the badge to whoever comes first in a batch.

use groundswell_plugin::{Award, Members, Problem, Reason, Standings};

use crate::RewardAttack;

#[derive(Default)]
struct RewardTheFirst;

impl RewardAttack for RewardTheFirst {
    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(vec![Award::new(0, 0, Reason::about(0, 0))])
    }
}

crate::attack!(rewards: RewardTheFirst);
