//! Scores by the place in the batch: who comes first gets more.

use groundswell_plugin::{Members, Problem};

use crate::{Attack, honest_score};

#[derive(Default)]
struct CountRows;

impl Attack for CountRows {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let scores = honest_score(members).into_iter().enumerate();
        Ok(scores.map(|(row, score)| score - row as f64).collect())
    }
}

crate::attack!(definition: CountRows);
