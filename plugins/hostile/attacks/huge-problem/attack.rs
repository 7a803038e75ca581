//! Complains for ten megabytes, with commands for the terminal.

use groundswell_plugin::{Members, Problem};
use hostile::Attack;

#[derive(Default)]
struct HugeProblem;

impl Attack for HugeProblem {
    const NAME: &'static str = "huge-problem";

    fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
        Err(Problem::Other("\u{1b}[31mno! ".repeat(1 << 20)))
    }
}

hostile::export!(definition: HugeProblem);
