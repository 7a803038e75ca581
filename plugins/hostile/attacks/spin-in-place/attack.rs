//! Never finishes placing.

use groundswell_plugin::{Members, Placements, Problem, Ranking};
use hostile::Attack;

#[derive(Default)]
struct SpinInPlace;

impl Attack for SpinInPlace {
    const NAME: &'static str = "spin-in-place";

    fn place(&self, _: &Members, _: &Ranking) -> Result<Placements, Problem> {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(definition: SpinInPlace);
