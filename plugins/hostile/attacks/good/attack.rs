//! Attacks nothing: a small honest plugin with both parts, called to show that whatever came before did no harm.

use crate::{Attack, RewardAttack};

#[derive(Default)]
struct Good;

impl Attack for Good {}

impl RewardAttack for Good {}

crate::attack!(definition: Good, rewards: Good);
