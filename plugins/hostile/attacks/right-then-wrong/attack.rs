//! Is right for a hundred batches, then wrong.

use std::sync::atomic::{AtomicU32, Ordering};

use groundswell_plugin::{Contributions, Members, Problem, waterfall};

use crate::{Attack, honest_score};

static CALLS: AtomicU32 = AtomicU32::new(0);

#[derive(Default)]
struct RightThenWrong;

impl Attack for RightThenWrong {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let bonus = f64::from(CALLS.fetch_add(1, Ordering::Relaxed) >= 100);
        Ok(honest_score(members).into_iter().map(|score| score + bonus).collect())
    }

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        waterfall(members, |members| Ok(honest_score(members)))
    }
}

crate::attack!(definition: RightThenWrong);
