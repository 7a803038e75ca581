//! Describes far more than anybody can look at.

use groundswell_plugin::{AwardKind, Description, Input, RewardsDescription, Setting, Tier};

use crate::{Attack, RewardAttack, honest_description, honest_rewards, variant};

/// More than any description may have of anything.
const MANY: usize = 300;

fn ids(what: &str) -> impl Iterator<Item = String> {
    (0..if variant() == what { MANY } else { 0 }).map(|number| format!("many-{number}"))
}

#[derive(Default)]
struct DescribeTooMany;

impl Attack for DescribeTooMany {
    fn describe() -> Description {
        let told = honest_description();
        let told = ids("inputs").fold(told, |told, id| told.input(Input::raw(id, "One of many.")));
        let told = ids("settings").fold(told, |told, id| told.setting(Setting::boolean(id, true, "One of many.")));
        let told = ids("tiers").fold(told, |told, id| told.tier(Tier::new(id, "Many", "One of many.")));
        let told = ids("reasons").fold(told, |told, id| told.reason(id, "One of many."));
        let choices = ids("choices").chain(["one".to_owned()]);
        told.setting(Setting::text("choice", "one", "Of many.").one_of(choices))
    }
}

impl RewardAttack for DescribeTooMany {
    fn describe() -> RewardsDescription {
        ids("awards").fold(honest_rewards(), |told, id| {
            told.award(AwardKind::badge(id, "Many", "One of many."))
        })
    }
}

crate::attack!(definition: DescribeTooMany, rewards: DescribeTooMany);
