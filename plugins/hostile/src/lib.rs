//! What the attackers share: an honest plugin whose every method an attacker may replace.
//!
//! The attackers are this crate's examples, a folder each under `attacks/`; the table in the README says what
//! each tries. They depend on the SDK like any plugin: nothing that they do is out of a stranger's reach.

use groundswell_plugin::{
    Award, AwardKind, Contributions, Definition, Description, Input, KnownTier, Members, Placements,
    Population, Problem, Ranking, Reason, RewardRules, RewardsDescription, Setting, Settings, Standings,
    Tier, waterfall,
};

/// An honest definition, unless a method is replaced.
pub trait Attack: Default + 'static {
    /// The example's name.
    const NAME: &'static str;

    /// Two inputs, one setting, three tiers, one reason.
    fn describe() -> Description {
        honest_description(Self::NAME)
    }

    /// Always succeeds.
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn fit(_settings: &Settings, _population: &Population) -> Result<Self, Problem> {
        Ok(Self::default())
    }

    /// See [`honest_score`].
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(honest_score(members))
    }

    /// See [`honest_placements`].
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn place(&self, _members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(honest_placements(ranking))
    }

    /// The SDK's waterfall.
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall(members, |members| self.score(members))
    }
}

/// What an attack says of itself.
pub fn honest_description(name: &'static str) -> Description {
    Description::new("Answers count twice, thanks count once.")
        .name(name)
        .input(Input::raw("answers", "Answers help whoever asks."))
        .input(Input::log1p("received(verb=thank)", "Thanks say that it helped.").optional())
        .setting(
            Setting::number("answer-weight", 2.0, "How much an answer counts, in points.").between(0.0, 10.0),
        )
        .tier(Tier::new("member", "Member", "Everybody else.").rung(0))
        .tier(Tier::new("helper", "Helper", "The top half.").rung(1).known(KnownTier::MicroInfluencer))
        .tier(Tier::new("star", "Star", "The very best.").known(KnownTier::Celebrity))
        .reason("answered", "Answered {value} questions.")
}

/// Two points an answer, one a thank-you on the logarithmic scale.
pub fn honest_score(members: &Members) -> Vec<f64> {
    members.rows().map(|row| 2.0 * row.number(0) + row.number(1)).collect()
}

/// The top half are helpers, because they answered.
pub fn honest_placements(ranking: &Ranking) -> Placements {
    let mut placements = Placements::with_capacity(ranking.percentile.len());
    for &share in &ranking.percentile {
        if share >= 0.5 {
            placements.place(1).because(Reason::about(0, 0));
        } else {
            placements.place(0);
        }
    }
    placements
}

/// Honest reward rules, unless a method is replaced.
pub trait RewardAttack: Default + 'static {
    /// The example's name.
    const NAME: &'static str;

    /// One input, no setting, a badge and points, one reason.
    fn describe() -> RewardsDescription {
        RewardsDescription::new("A badge for helpers.")
            .name(Self::NAME)
            .input(Input::raw("answers", "Answers help whoever asks.").varies())
            .award(AwardKind::badge("helper", "Helper", "Worn by the top half.").revocable())
            .award(AwardKind::points("answers", "Answers", "A point an answer.").each_period())
            .reason("answered", "Answered {value} questions.")
    }

    /// Always succeeds.
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn open(_settings: &Settings, _tiers: &[Tier]) -> Result<Self, Problem> {
        Ok(Self::default())
    }

    /// See [`honest_awards`].
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn decide(&self, _members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        Ok(honest_awards(standings))
    }
}

/// A badge for every helper.
pub fn honest_awards(standings: &Standings) -> Vec<Award> {
    let helpers = standings.rows().filter(|standing| standing.is(KnownTier::MicroInfluencer));
    helpers.map(|standing| Award::new(standing.row(), 0, Reason::about(0, 0))).collect()
}

/// Makes the SDK's plugin of an attack.
#[derive(Debug)]
pub struct Plugin<A>(A);

impl<A: Attack> Definition for Plugin<A> {
    fn describe() -> Description {
        A::describe()
    }

    fn fit(settings: &Settings, population: &Population) -> Result<Self, Problem> {
        A::fit(settings, population).map(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        self.0.score(members)
    }

    fn place(&self, members: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        self.0.place(members, ranking)
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        self.0.explain(members)
    }
}

/// Makes the SDK's reward rules of an attack.
#[derive(Debug)]
pub struct Rules<A>(A);

impl<A: RewardAttack> RewardRules for Rules<A> {
    fn describe() -> RewardsDescription {
        A::describe()
    }

    fn open(settings: &Settings, tiers: &[Tier]) -> Result<Self, Problem> {
        A::open(settings, tiers).map(Self)
    }

    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        self.0.decide(members, standings)
    }
}

/// Exports an attack as a definition, or as reward rules.
#[macro_export]
macro_rules! export {
    (definition: $attack:ty) => {
        groundswell_plugin::export!(definition: $crate::Plugin<$attack>);
    };
    (rewards: $attack:ty) => {
        groundswell_plugin::export!(rewards: $crate::Rules<$attack>);
    };
    (definition: $attack:ty, rewards: $rewards:ty) => {
        groundswell_plugin::export!(definition: $crate::Plugin<$attack>, rewards: $crate::Rules<$rewards>);
    };
}
