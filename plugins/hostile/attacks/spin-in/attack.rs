//! Never finishes one thing that it is asked.

use groundswell_plugin::{
    Award, Contributions, Description, Members, Placements, Population, Problem, Ranking, RewardsDescription,
    Settings, Standings, Tier,
};

use crate::{Attack, Honest, RewardAttack, variant};

fn spin(phase: &str) {
    if variant() == phase {
        loop {
            std::hint::black_box(());
        }
    }
}

#[derive(Default)]
struct SpinIn;

impl Attack for SpinIn {
    fn describe() -> Description {
        spin("describe");
        <Honest as Attack>::describe()
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        spin("fit");
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        spin("score");
        Attack::score(&Honest, members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        spin("place");
        Attack::place(&Honest, members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        spin("explain");
        Attack::explain(&Honest, members)
    }
}

impl RewardAttack for SpinIn {
    fn describe() -> RewardsDescription {
        spin("describe-rewards");
        <Honest as RewardAttack>::describe()
    }

    fn open(_: &Settings, _: &[Tier]) -> Result<Self, Problem> {
        spin("open");
        Ok(Self)
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        spin("decide");
        RewardAttack::decide(&Honest, members, standings)
    }
}

crate::attack!(definition: SpinIn, rewards: SpinIn);
