//! Places a member in a tier that is not there.

use groundswell_plugin::{Members, Placements, Problem, Ranking};
use crate::Attack;

#[derive(Default)]
struct UnknownTier;

impl Attack for UnknownTier {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(ranking.rank.iter().map(|_| 3).collect())
    }
}

crate::attack!(definition: UnknownTier);
