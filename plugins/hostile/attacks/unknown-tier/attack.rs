//! Places a member in a tier that is not there.

use groundswell_plugin::{Members, Placements, Problem, Ranking};
use hostile::Attack;

#[derive(Default)]
struct UnknownTier;

impl Attack for UnknownTier {
    const NAME: &'static str = "unknown-tier";

    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok(ranking.rank.iter().map(|_| 3).collect())
    }
}

hostile::export!(definition: UnknownTier);
