//! The plugin that the module exports: the attack that its role says.

use groundswell_plugin::{
    Award, Contributions, Definition, Description, Members, Placements, Population, Problem, Ranking,
    RewardRules, RewardsDescription, Settings, Standings, Tier,
};

use crate::{Attack, RewardAttack, name};

type Fit = fn(&Settings, &Population) -> Result<Box<dyn Model>, Problem>;
type Open = fn(&Settings, &[Tier]) -> Result<Box<dyn Rules>, Problem>;

/// The functions of an attack.
#[derive(Clone, Copy, Debug)]
pub struct Played {
    describe: fn() -> Description,
    fit: Fit,
    describe_rewards: fn() -> RewardsDescription,
    open: Open,
}

impl Played {
    /// An attack whose two parts are these.
    pub const fn of<D: Attack, R: RewardAttack>() -> Self {
        Self { describe: D::describe, fit: fit::<D>, describe_rewards: R::describe, open: open::<R> }
    }

    fn chosen() -> &'static Self {
        crate::role::played().unwrap_or(const { &Self::of::<crate::Honest, crate::Honest>() })
    }
}

fn fit<D: Attack>(settings: &Settings, population: &Population) -> Result<Box<dyn Model>, Problem> {
    Ok(Box::new(D::fit(settings, population)?))
}

fn open<R: RewardAttack>(settings: &Settings, tiers: &[Tier]) -> Result<Box<dyn Rules>, Problem> {
    Ok(Box::new(R::open(settings, tiers)?))
}

/// A fitted definition of any attack.
trait Model {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem>;
    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem>;
    fn explain(&self, members: &Members) -> Result<Contributions, Problem>;
}

impl<A: Attack> Model for A {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Attack::score(self, members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Attack::place(self, members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        Attack::explain(self, members)
    }
}

/// Opened reward rules of any attack.
trait Rules {
    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem>;
}

impl<A: RewardAttack> Rules for A {
    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        RewardAttack::decide(self, members, standings)
    }
}

/// The plugin: a fitted definition, or opened rules, of the attack that is played.
pub struct Chosen(Made);

enum Made {
    Model(Box<dyn Model>),
    Rules(Box<dyn Rules>),
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Chosen").field(&name()).finish()
    }
}

impl Chosen {
    fn model(&self) -> Result<&dyn Model, Problem> {
        match &self.0 {
            Made::Model(model) => Ok(&**model),
            Made::Rules(_) => Err(Problem::Other("reward rules were asked for scores".to_owned())),
        }
    }
}

impl Definition for Chosen {
    fn describe() -> Description {
        (Played::chosen().describe)()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        Ok(Self(Made::Model((Played::chosen().fit)(settings, population)?)))
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        self.model()?.score(members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        self.model()?.place(members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        self.model()?.explain(members)
    }
}

impl RewardRules for Chosen {
    fn describe() -> RewardsDescription {
        (Played::chosen().describe_rewards)()
    }

    fn open(settings: &Settings, tiers: &[Tier]) -> Result<Self, Problem> {
        Ok(Self(Made::Rules((Played::chosen().open)(settings, tiers)?)))
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        match &self.0 {
            Made::Rules(rules) => rules.decide(members, standings),
            Made::Model(_) => Err(Problem::Other("a definition was asked for awards".to_owned())),
        }
    }
}
