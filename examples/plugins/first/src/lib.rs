use groundswell_plugin::*;

struct Helpers;

impl Definition for Helpers {
    fn describe() -> Description {
        Description::new("The tenth who answer most.").input(Input::percentile("answers", "Answers help."))
            .tier(Tier::new("member", "Member", "Everybody else.").rung(0))
            .tier(Tier::new("helper", "Helper", "The top tenth.").rung(1).known(KnownTier::MicroInfluencer))
    }
    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> { Ok(Self) }
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> { Ok(members.number("answers").to_vec()) }
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(ranking.percentile.iter().map(|&share| u32::from(share > 0.9)).collect())
    }
}

groundswell_plugin::export!(definition: Helpers);
