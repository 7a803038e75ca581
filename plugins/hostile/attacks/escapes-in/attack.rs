//! Hides commands for the terminal, and controls that turn text around, in a text that people are shown.

use groundswell_plugin::{
    AwardKind, Description, Input, Members, Problem, RewardsDescription, Setting, Tier,
};

use crate::{Attack, RewardAttack, honest_description, honest_rewards, honest_score, name, variant};

/// The text for one place: an honest one, unless it is this attacker's.
fn text(place: &str, honest: &str) -> String {
    if variant() != place {
        return honest.to_owned();
    }
    format!("{honest}\u{1b}[2J\u{1b}[31m\u{202e}\u{7}boss")
}

#[derive(Default)]
struct EscapesIn;

impl Attack for EscapesIn {
    fn describe() -> Description {
        let mut told = honest_description();
        told.name = Some(text("name", name()).into());
        if variant() == "version" {
            told = told.version(text("version", ""));
        }
        told.summary = text("summary", "In order.").into();
        let choice = text("setting-choice", "choice");
        told.input(Input::raw(text("metric", "likes-received"), text("why", "In order.")).optional())
            .setting(Setting::boolean(text("setting-name", "mood"), true, text("setting-summary", "In order.")))
            .setting(Setting::text("words", text("setting-default", "In order."), "In order."))
            .setting(Setting::text("choice", choice.clone(), "In order.").one_of([choice]))
            .tier(Tier::new(text("tier-id", "other"), text("tier-title", "Other"), text("tier-summary", "In order.")))
            .reason(text("reason-id", "other"), text("reason-text", "In order."))
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        match variant() {
            "problem" => Err(Problem::Other(text("problem", ""))),
            _ => Ok(honest_score(members)),
        }
    }
}

impl RewardAttack for EscapesIn {
    fn describe() -> RewardsDescription {
        let mut told = honest_rewards();
        told.summary = text("rewards-summary", "In order.").into();
        told.award(AwardKind::badge(text("award-id", "other"), text("award-title", "Other"), text("award-summary", "In order.")))
            .reason("other", text("award-reason", "In order."))
    }
}

crate::attack!(definition: EscapesIn, rewards: EscapesIn);
