//! Never finishes explaining.

use groundswell_plugin::{Contributions, Members, Problem};
use hostile::Attack;

#[derive(Default)]
struct SpinInExplain;

impl Attack for SpinInExplain {
    const NAME: &'static str = "spin-in-explain";

    fn explain(&self, _: &Members) -> Result<Contributions, Problem> {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(definition: SpinInExplain);
