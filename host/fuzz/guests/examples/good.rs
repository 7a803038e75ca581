//! A small plugin with both parts that breaks no rule.

use groundswell_plugin::{
    Award, AwardKind, Definition, Description, Input, KnownTier, Members, Placements, Population, Problem,
    Ranking, Reason, RewardRules, RewardsDescription, Setting, Settings, Standings, Tier,
};

struct Good;

impl Definition for Good {
    fn describe() -> Description {
        Description::new("Answers count twice, thanks count once.")
            .name("good")
            .input(Input::raw("answers", "Answers help whoever asks."))
            .input(Input::log1p("received(verb=thank)", "Thanks say that it helped.").optional())
            .setting(Setting::number("answer-weight", 2.0, "How much an answer counts.").between(0.0, 10.0))
            .tier(Tier::new("member", "Member", "Everybody else.").rung(0))
            .tier(Tier::new("helper", "Helper", "The top half.").rung(1).known(KnownTier::MicroInfluencer))
            .reason("answered", "Answered {value} questions.")
    }

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(members.rows().map(|row| 2.0 * row.number(0) + row.number(1)).collect())
    }

    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(ranking.percentile.len());
        for &share in &ranking.percentile {
            if share >= 0.5 {
                placements.place(1).because(Reason::about(0, 0));
            } else {
                placements.place(0);
            }
        }
        Ok(placements)
    }
}

impl RewardRules for Good {
    fn describe() -> RewardsDescription {
        RewardsDescription::new("A badge for helpers.")
            .name("good")
            .input(Input::raw("answers", "Answers help whoever asks.").varies())
            .award(AwardKind::badge("helper", "Helper", "Worn by the top half.").revocable())
            .reason("answered", "Answered {value} questions.")
    }

    fn open(_: &Settings, _: &[Tier]) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn decide(&self, _: &Members, standings: &Standings) -> Result<Vec<Award>, Problem> {
        let helpers = standings.rows().filter(|standing| standing.is(KnownTier::MicroInfluencer));
        Ok(helpers.map(|standing| Award::new(standing.row(), 0, Reason::about(0, 0))).collect())
    }
}

groundswell_plugin::export!(definition: Good, rewards: Good);
