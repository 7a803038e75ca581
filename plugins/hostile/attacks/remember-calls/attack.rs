//! Scores by how often it was asked: a fresh instance for every batch makes it forget.

use std::sync::atomic::{AtomicU32, Ordering};

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use crate::{Attack, honest_score};

static CALLS: AtomicU32 = AtomicU32::new(0);

#[derive(Default)]
struct RememberCalls;

impl Attack for RememberCalls {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let calls = CALLS.fetch_add(1, Ordering::Relaxed);
        Ok(honest_score(members).into_iter().map(|score| score + f64::from(calls)).collect())
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall(members, |members| Ok(honest_score(members)))
    }
}

crate::attack!(definition: RememberCalls);
