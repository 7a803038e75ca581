//! Scores by how far above the others of the batch a member is.

use groundswell_plugin::{Members, Problem};

use crate::{Attack, honest_score};

#[derive(Default)]
struct CompareWithCompany;

impl Attack for CompareWithCompany {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let scores = honest_score(members);
        let highest = scores.iter().copied().fold(0.0, f64::max) + scores.len() as f64;
        Ok(scores.into_iter().map(|score| score - highest).collect())
    }
}

crate::attack!(definition: CompareWithCompany);
