//! Scores a member who is not there.

use groundswell_plugin::{Members, Problem};
use crate::{Attack, honest_score};

#[derive(Default)]
struct TooManyScores;

impl Attack for TooManyScores {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = honest_score(members);
        scores.push(1.0);
        Ok(scores)
    }
}

crate::attack!(definition: TooManyScores);
