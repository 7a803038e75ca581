//! Complains for ten megabytes, with commands for the terminal.

use groundswell_plugin::{Members, Problem};
use crate::Attack;

#[derive(Default)]
struct HugeProblem;

impl Attack for HugeProblem {
    fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
        Err(Problem::Other("\u{1b}[31mno! ".repeat(1 << 20)))
    }
}

crate::attack!(definition: HugeProblem);
