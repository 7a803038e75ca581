//! Never finishes opening its rules.

use groundswell_plugin::{Problem, Settings, Tier};
use hostile::RewardAttack;

#[derive(Default)]
struct SpinInOpen;

impl RewardAttack for SpinInOpen {
    const NAME: &'static str = "spin-in-open";

    fn open(_: &Settings, _: &[Tier]) -> Result<Self, Problem> {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(rewards: SpinInOpen);
