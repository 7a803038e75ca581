//! Never finishes scoring.

use groundswell_plugin::{Members, Problem};
use hostile::Attack;

#[derive(Default)]
struct SpinInScore;

impl Attack for SpinInScore {
    const NAME: &'static str = "spin-in-score";

    fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(definition: SpinInScore);
