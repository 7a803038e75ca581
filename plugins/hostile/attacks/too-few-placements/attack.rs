//! Leaves the last member of a batch without a tier.

use groundswell_plugin::{Members, Placements, Problem, Ranking};
use hostile::Attack;

#[derive(Default)]
struct TooFewPlacements;

impl Attack for TooFewPlacements {
    const NAME: &'static str = "too-few-placements";

    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(ranking.rank.iter().skip(1).map(|_| 0).collect())
    }
}

hostile::export!(definition: TooFewPlacements);
