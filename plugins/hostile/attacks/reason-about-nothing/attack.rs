//! Gives a reason about an input that is not there.

use groundswell_plugin::{Members, Placements, Problem, Ranking, Reason};
use crate::Attack;

#[derive(Default)]
struct ReasonAboutNothing;

impl Attack for ReasonAboutNothing {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(ranking.rank.len());
        for _ in &ranking.rank {
            placements.place(0).because(Reason::about(0, 2));
        }
        Ok(placements)
    }
}

crate::attack!(definition: ReasonAboutNothing);
