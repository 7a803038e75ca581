//! Gives a reason that is not there.

use groundswell_plugin::{Members, Placements, Problem, Ranking, Reason};
use hostile::Attack;

#[derive(Default)]
struct UnknownReason;

impl Attack for UnknownReason {
    const NAME: &'static str = "unknown-reason";

    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(ranking.rank.len());
        for _ in &ranking.rank {
            placements.place(0).because(Reason::new(1));
        }
        Ok(placements)
    }
}

hostile::export!(definition: UnknownReason);
