//! Executes the instruction that cannot be executed.

use groundswell_plugin::{Members, Problem};
use hostile::Attack;

#[derive(Default)]
struct Trap;

impl Attack for Trap {
    const NAME: &'static str = "trap";

    fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
        std::process::abort()
    }
}

hostile::export!(definition: Trap);
