//! Attacks nothing: a small honest plugin with both parts, called to show that whatever came before did no harm.

use hostile::{Attack, RewardAttack};

#[derive(Default)]
struct Good;

impl Attack for Good {
    const NAME: &'static str = "good";
}

impl RewardAttack for Good {
    const NAME: &'static str = "good";
}

hostile::export!(definition: Good, rewards: Good);
