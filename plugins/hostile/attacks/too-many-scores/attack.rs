//! Scores a member who is not there.

use groundswell_plugin::{Members, Problem};
use hostile::{Attack, honest_score};

#[derive(Default)]
struct TooManyScores;

impl Attack for TooManyScores {
    const NAME: &'static str = "too-many-scores";

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = honest_score(members);
        scores.push(1.0);
        Ok(scores)
    }
}

hostile::export!(definition: TooManyScores);
