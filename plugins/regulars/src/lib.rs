//! Skeleton.
use groundswell_plugin::*;

/// Skeleton.
#[derive(Debug)]
pub struct Regulars(Linear);

impl Definition for Regulars {
    fn describe() -> Description {
        Description::new("Skeleton.")
            .input(Input::percentile("answers", "Answers help whoever asks."))
            .tier(Tier::new("member", "Member", "Everyone.").rung(0))
    }
    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        Ok(Self(Linear::new([1.0])))
    }
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(self.0.score(members))
    }
    fn place(&self, members: &Members, _: &Ranking) -> Result<Placements, Problem> {
        Ok(members.rows().map(|_| 0).collect())
    }
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        Ok(self.0.explain(members))
    }
}
groundswell_plugin::export!(definition: Regulars);
