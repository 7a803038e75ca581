//! Writes ten thousand long lines to the log, then scores honestly.

use groundswell_plugin::{Members, Problem, log};
use crate::{Attack, honest_score};

#[derive(Default)]
struct FloodLog;

impl Attack for FloodLog {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        let line = "noise \u{1b}[2J".repeat(100);
        for _ in 0..10_000 {
            log::warn(&line);
        }
        Ok(honest_score(members))
    }
}

crate::attack!(definition: FloodLog);
