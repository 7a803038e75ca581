//! Executes the instruction that cannot be executed.

use groundswell_plugin::{
    Award, Contributions, Description, Members, Placements, Population, Problem, Ranking, RewardsDescription,
    Settings, Standings, Tier,
};

use crate::{Attack, Honest, RewardAttack, variant};

fn trap(phase: &str) {
    if variant() == phase {
        std::process::abort()
    }
}

#[derive(Default)]
struct TrapIn;

impl Attack for TrapIn {
    fn describe() -> Description {
        trap("describe");
        <Honest as Attack>::describe()
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        trap("fit");
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        trap("score");
        Attack::score(&Honest, members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        trap("place");
        Attack::place(&Honest, members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        trap("explain");
        Attack::explain(&Honest, members)
    }
}

impl RewardAttack for TrapIn {
    fn describe() -> RewardsDescription {
        trap("describe-rewards");
        <Honest as RewardAttack>::describe()
    }

    fn open(_: &Settings, _: &[Tier]) -> Result<Self, Problem> {
        trap("open");
        Ok(Self)
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        trap("decide");
        RewardAttack::decide(&Honest, members, standings)
    }
}

crate::attack!(definition: TrapIn, rewards: TrapIn);
