//! Answers with a score that is no number.

use groundswell_plugin::{Members, Problem};
use crate::{Attack, honest_score};

#[derive(Default)]
struct NanScores;

impl Attack for NanScores {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let mut scores = honest_score(members);
        if let Some(last) = scores.last_mut() {
            *last = f64::NAN;
        }
        Ok(scores)
    }
}

crate::attack!(definition: NanScores);
