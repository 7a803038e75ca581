//! Scores by who stands before in the table.

use groundswell_plugin::{Members, Problem};

use crate::{Attack, honest_score};

#[derive(Default)]
struct LookAtNeighbours;

impl Attack for LookAtNeighbours {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let own = honest_score(members);
        let before = std::iter::once(0.0).chain(own.iter().copied());
        Ok(own.iter().zip(before).map(|(own, before)| own + before / 2.0).collect())
    }
}

crate::attack!(definition: LookAtNeighbours);
