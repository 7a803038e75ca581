//! Attacks in the middle of a question: the variant says of which.

use std::marker::PhantomData;

use groundswell_plugin::{
    Award, Contributions, Description, Members, Placements, Population, Problem, Ranking, RewardsDescription,
    Settings, Standings, Tier,
};

use crate::{Attack, Honest, RewardAttack, variant};

/// What an attack does in place of an answer.
pub trait Deed: 'static {
    /// Does it. `moment` is what it was asked: `fit`, `describe-rewards`.
    fn strike(moment: &str);
}

/// An honest plugin but for one question, where it strikes before it answers.
#[derive(Debug)]
pub struct OneMoment<D>(PhantomData<D>);

impl<D> Default for OneMoment<D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<D: Deed> OneMoment<D> {
    fn at(moment: &str) {
        if variant() == moment {
            D::strike(moment);
        }
    }
}

impl<D: Deed> Attack for OneMoment<D> {
    fn describe() -> Description {
        Self::at("describe");
        <Honest as Attack>::describe()
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Self::at("fit");
        Ok(Self::default())
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Self::at("score");
        Attack::score(&Honest, members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Self::at("place");
        Attack::place(&Honest, members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        Self::at("explain");
        Attack::explain(&Honest, members)
    }
}

impl<D: Deed> RewardAttack for OneMoment<D> {
    fn describe() -> RewardsDescription {
        Self::at("describe-rewards");
        <Honest as RewardAttack>::describe()
    }

    fn open(_: &Settings, _: &[Tier]) -> Result<Self, Problem> {
        Self::at("open");
        Ok(Self::default())
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        Self::at("decide");
        RewardAttack::decide(&Honest, members, standings)
    }
}
