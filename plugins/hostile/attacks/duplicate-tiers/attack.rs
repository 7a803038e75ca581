//! Declares the same tier twice.

use groundswell_plugin::{Description, Tier};
use hostile::{Attack, honest_description};

#[derive(Default)]
struct DuplicateTiers;

impl Attack for DuplicateTiers {
    const NAME: &'static str = "duplicate-tiers";

    fn describe() -> Description {
        honest_description(Self::NAME).tier(Tier::new("member", "Member", "Somebody else."))
    }
}

hostile::export!(definition: DuplicateTiers);
