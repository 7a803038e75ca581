//! Gives a reason that is not there.

use groundswell_plugin::{Members, Placements, Problem, Ranking, Reason};
use crate::Attack;

#[derive(Default)]
struct UnknownReason;

impl Attack for UnknownReason {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(ranking.rank.len());
        for _ in &ranking.rank {
            placements.place(0).because(Reason::new(1));
        }
        Ok(placements)
    }
}

crate::attack!(definition: UnknownReason);
