//! Gives a reason that speaks of a value, and does not say whose.

use groundswell_plugin::{Members, Placements, Problem, Ranking, Reason};
use crate::Attack;

#[derive(Default)]
struct ReasonWithoutValue;

impl Attack for ReasonWithoutValue {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(ranking.rank.len());
        for _ in &ranking.rank {
            placements.place(0).because(Reason::new(0));
        }
        Ok(placements)
    }
}

crate::attack!(definition: ReasonWithoutValue);
