//! Talks a member to death: nine reasons.

use groundswell_plugin::{Members, Placements, Problem, Ranking, Reason};
use crate::Attack;

#[derive(Default)]
struct TooManyReasons;

impl Attack for TooManyReasons {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        let mut placements = Placements::with_capacity(ranking.rank.len());
        for _ in &ranking.rank {
            placements.place(0);
            for _ in 0..9 {
                placements.because(Reason::about(0, 0));
            }
        }
        Ok(placements)
    }
}

crate::attack!(definition: TooManyReasons);
