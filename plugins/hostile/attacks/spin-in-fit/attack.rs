//! Never finishes fitting.

use groundswell_plugin::{Population, Problem, Settings};
use hostile::Attack;

#[derive(Default)]
struct SpinInFit;

impl Attack for SpinInFit {
    const NAME: &'static str = "spin-in-fit";

    fn fit(_: &Settings, _: &Population) -> Result<Self, Problem> {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(definition: SpinInFit);
