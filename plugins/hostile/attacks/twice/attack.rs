//! Declares the same thing twice.

use groundswell_plugin::{
    AwardKind, Description, Input, KnownTier, RewardsDescription, Setting, Tier,
};

use crate::{Attack, RewardAttack, honest_description, honest_rewards, variant};

#[derive(Default)]
struct Twice;

impl Attack for Twice {
    fn describe() -> Description {
        let told = honest_description();
        match variant() {
            "input" => told.input(Input::raw("answers", "Again.")),
            "metric" => told.input(Input::category("answers", "As a word.")),
            "setting" => told.setting(Setting::boolean("answer-weight", true, "Again.")),
            "tier" => told.tier(Tier::new("member", "Member", "Again.")),
            "rung" => told.tier(Tier::new("other", "Other", "On a rung that is taken.").rung(1)),
            "meaning" => {
                told.tier(Tier::new("other", "Other", "As famous as the star.").known(KnownTier::Celebrity))
            }
            "reason" => told.reason("answered", "Again."),
            _ => told,
        }
    }
}

impl RewardAttack for Twice {
    fn describe() -> RewardsDescription {
        match variant() {
            "award" => honest_rewards().award(AwardKind::badge("helper", "Helper", "Again.")),
            _ => honest_rewards(),
        }
    }
}

crate::attack!(definition: Twice, rewards: Twice);
