//! Never finishes deciding.

use groundswell_plugin::{Award, Members, Problem, Standings};
use hostile::RewardAttack;

#[derive(Default)]
struct SpinInDecide;

impl RewardAttack for SpinInDecide {
    const NAME: &'static str = "spin-in-decide";

    fn decide(&self, _: &Members, _: &Standings) -> Result<Vec<Award>, Problem> {
        loop {
            std::hint::black_box(());
        }
    }
}

hostile::export!(rewards: SpinInDecide);
