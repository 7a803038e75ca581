//! Logs commands for the terminal, and scores honestly.

use groundswell_plugin::{Members, Problem, log};

use crate::{Attack, honest_score};

#[derive(Default)]
struct EscapesInTheLog;

impl Attack for EscapesInTheLog {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        log::warn("\u{1b}[2J\u{202e}all is well\u{7}");
        Ok(honest_score(members))
    }
}

crate::attack!(definition: EscapesInTheLog);
