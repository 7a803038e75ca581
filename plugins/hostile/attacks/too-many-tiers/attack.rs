//! Declares 33 tiers.

use groundswell_plugin::{Description, Tier};
use hostile::{Attack, honest_description};

#[derive(Default)]
struct TooManyTiers;

impl Attack for TooManyTiers {
    const NAME: &'static str = "too-many-tiers";

    fn describe() -> Description {
        (0..30).fold(honest_description(Self::NAME), |description, i| {
            description.tier(Tier::new(format!("tier-{i}"), "Tier", "One of many."))
        })
    }
}

hostile::export!(definition: TooManyTiers);
