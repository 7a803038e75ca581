//! Panics with a message, which should reach the log.

use groundswell_plugin::{
    Award, Contributions, Description, Members, Placements, Population, Problem, Ranking, RewardsDescription,
    Settings, Standings, Tier,
};

use crate::{Attack, Honest, RewardAttack, variant};

#[expect(clippy::panic, reason = "that is the attack")]
fn cry(phase: &str) {
    if variant() == phase {
        panic!("cannot bear to {phase}")
    }
}

#[derive(Default)]
struct PanicIn;

impl Attack for PanicIn {
    fn describe() -> Description {
        cry("describe");
        <Honest as Attack>::describe()
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        cry("fit");
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        cry("score");
        Attack::score(&Honest, members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        cry("place");
        Attack::place(&Honest, members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        cry("explain");
        Attack::explain(&Honest, members)
    }
}

impl RewardAttack for PanicIn {
    fn describe() -> RewardsDescription {
        cry("describe-rewards");
        <Honest as RewardAttack>::describe()
    }

    fn open(_: &Settings, _: &[Tier]) -> Result<Self, Problem> {
        cry("open");
        Ok(Self)
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        cry("decide");
        RewardAttack::decide(&Honest, members, standings)
    }
}

crate::attack!(definition: PanicIn, rewards: PanicIn);
