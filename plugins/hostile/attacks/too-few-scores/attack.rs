//! Leaves the last member of a batch without a score.

use groundswell_plugin::{Members, Problem};
use crate::{Attack, honest_score};

#[derive(Default)]
struct TooFewScores;

impl Attack for TooFewScores {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = honest_score(members);
        scores.pop();
        Ok(scores)
    }
}

crate::attack!(definition: TooFewScores);
