//! Scores honestly, and makes every second row of a batch a star.

use groundswell_plugin::{Members, Placements, Problem, Ranking};

use crate::Attack;

#[derive(Default)]
struct PlaceByRow;

impl Attack for PlaceByRow {
    fn place(&self, _: &Members, ranking: &Ranking) -> Result<Placements, Problem> {
        Ok((0..ranking.rank.len()).map(|row| if row % 2 == 0 { 2 } else { 0 }).collect())
    }
}

crate::attack!(definition: PlaceByRow);
