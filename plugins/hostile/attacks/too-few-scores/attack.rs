//! Leaves the last member of a batch without a score.

use groundswell_plugin::{Members, Problem};
use hostile::{Attack, honest_score};

#[derive(Default)]
struct TooFewScores;

impl Attack for TooFewScores {
    const NAME: &'static str = "too-few-scores";

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = honest_score(members);
        scores.pop();
        Ok(scores)
    }
}

hostile::export!(definition: TooFewScores);
