//! Leaves the last member of a batch without a tier.

use groundswell_plugin::{Members, Placements, Problem, Ranking};
use crate::Attack;

#[derive(Default)]
struct TooFewPlacements;

impl Attack for TooFewPlacements {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(ranking.rank.iter().skip(1).map(|_| 0).collect())
    }
}

crate::attack!(definition: TooFewPlacements);
