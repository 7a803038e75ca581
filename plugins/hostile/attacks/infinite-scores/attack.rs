//! Puts one member infinitely far above the others.

use groundswell_plugin::{Members, Problem};
use crate::{Attack, honest_score};

#[derive(Default)]
struct InfiniteScores;

impl Attack for InfiniteScores {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = honest_score(members);
        if let Some(first) = scores.first_mut() {
            *first = f64::INFINITY;
        }
        Ok(scores)
    }
}

crate::attack!(definition: InfiniteScores);
