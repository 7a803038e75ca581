//! Traps the first time, and would answer anybody who asked the same instance again.

use std::sync::atomic::{AtomicBool, Ordering};

use groundswell_plugin::{Members, Problem};

use crate::{Attack, honest_score};

static ASKED: AtomicBool = AtomicBool::new(false);

#[derive(Default)]
struct TrapThenAnswer;

impl Attack for TrapThenAnswer {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        if !ASKED.swap(true, Ordering::Relaxed) {
            std::process::abort();
        }
        Ok(honest_score(members))
    }
}

crate::attack!(definition: TrapThenAnswer);
