//! What attacks share: an honest definition and honest reward rules, whose methods they replace.

use groundswell_plugin::{
    Award, AwardKind, Contributions, Description, Input, KnownTier, Members, Placements, Population, Problem,
    Ranking, Reason, RewardsDescription, Setting, Settings, Standings, Tier, waterfall,
};

use crate::name;

/// The part of an attacker that attacks nothing.
#[derive(Debug, Default)]
pub struct Honest;

impl Attack for Honest {}

impl RewardAttack for Honest {}

/// An honest definition, unless a method is replaced.
pub trait Attack: Default + 'static {
    /// Two inputs, one setting, three tiers, one reason.
    fn describe() -> Description {
        honest_description()
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
pub fn honest_description() -> Description {
    Description::new("Answers count twice, thanks count once.")
        .name(name())
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
    /// One input, no setting, a badge and points, one reason.
    fn describe() -> RewardsDescription {
        honest_rewards()
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

/// What the rules of an attack say of themselves.
pub fn honest_rewards() -> RewardsDescription {
    RewardsDescription::new("A badge for helpers.")
        .name(name())
        .input(Input::raw("answers", "Answers help whoever asks.").varies())
        .award(AwardKind::badge("helper", "Helper", "Worn by the top half.").revocable())
        .award(AwardKind::points("answers", "Answers", "A point an answer.").each_period())
        .reason("answered", "Answered {value} questions.")
}

/// A badge for every helper.
pub fn honest_awards(standings: &Standings) -> Vec<Award> {
    let helpers = standings.rows().filter(|standing| standing.is(KnownTier::MicroInfluencer));
    helpers.map(|standing| Award::new(standing.row(), 0, Reason::about(0, 0))).collect()
}
