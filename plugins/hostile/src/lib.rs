//! The attackers that are written in Rust: an honest plugin whose every method an attack may replace.
//!
//! Each attack is a folder under `attacks/`; its first line says what it tries. They depend on the SDK like any plugin:
//! nothing that they do is out of a stranger's reach.
//!
//! They are one module, so that a hundred attackers cost one build and little room: which attack a component plays
//! stands in [`ROLE`], which the suite (`plugins/hostile/suite`) writes into each copy.

mod chosen;
mod honest;
mod moment;
mod role;
mod text;

pub use chosen::{Chosen, Played};
pub use honest::{
    Attack, Honest, RewardAttack, honest_awards, honest_description, honest_placements, honest_rewards,
    honest_score,
};
pub use moment::{Deed, OneMoment};
pub use role::{ROLE, name, variant};
pub use text::{Forgery, OneText};

include!(concat!(env!("OUT_DIR"), "/attacks.rs"));

/// Makes an attack of a folder's types: on the definition, on the reward rules, or on both.
#[macro_export]
macro_rules! attack {
    (definition: $attack:ty) => {
        $crate::attack!(definition: $attack, rewards: $crate::Honest);
    };
    (rewards: $rewards:ty) => {
        $crate::attack!(definition: $crate::Honest, rewards: $rewards);
    };
    (definition: $attack:ty, rewards: $rewards:ty) => {
        pub(crate) const ATTACK: $crate::Played = $crate::Played::of::<$attack, $rewards>();
    };
}

groundswell_plugin::export!(definition: Chosen, rewards: Chosen);
