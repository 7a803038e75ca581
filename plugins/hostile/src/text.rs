//! Attacks by one text: the variant says in which place it stands.

use std::marker::PhantomData;

use groundswell_plugin::{
    AwardKind, Description, Input, Members, Problem, RewardsDescription, Setting, Tier,
};

use crate::{Attack, RewardAttack, honest_description, honest_rewards, honest_score, name, variant};

/// What an attack writes in the place of an honest text.
pub trait Forgery: 'static {
    /// The text, made of the honest one.
    fn of(honest: &str) -> String;
}

/// An honest plugin but for one text, which is forged.
#[derive(Debug)]
pub struct OneText<F>(PhantomData<F>);

impl<F> Default for OneText<F> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<F: Forgery> OneText<F> {
    /// The text for one place: an honest one, unless it is this attacker's.
    fn text(place: &str, honest: &str) -> String {
        if variant() == place { F::of(honest) } else { honest.to_owned() }
    }

    /// The same, where the honest one says nothing.
    fn words(place: &str) -> String {
        Self::text(place, "In order.")
    }
}

impl<F: Forgery> Attack for OneText<F> {
    fn describe() -> Description {
        let mut told = honest_description();
        told.name = Some(Self::text("name", name()).into());
        if variant() == "version" {
            told = told.version(Self::text("version", ""));
        }
        told.summary = Self::words("summary").into();
        let choice = Self::text("setting-choice", "choice");
        told.input(Input::raw(Self::text("metric", "likes-received"), Self::words("why")).optional())
            .setting(Setting::boolean(
                Self::text("setting-name", "mood"),
                true,
                Self::words("setting-summary"),
            ))
            .setting(Setting::text("words", Self::words("setting-default"), "In order."))
            .setting(Setting::text("choice", choice.clone(), "In order.").one_of([choice]))
            .tier(Tier::new(
                Self::text("tier-id", "other"),
                Self::text("tier-title", "Other"),
                Self::words("tier-summary"),
            ))
            .reason(Self::text("reason-id", "other"), Self::words("reason-text"))
    }

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        match variant() {
            "problem" => Err(Problem::Other(Self::text("problem", ""))),
            _ => Ok(honest_score(members)),
        }
    }
}

impl<F: Forgery> RewardAttack for OneText<F> {
    fn describe() -> RewardsDescription {
        let mut told = honest_rewards();
        told.summary = Self::words("rewards-summary").into();
        told.award(AwardKind::badge(
            Self::text("award-id", "other"),
            Self::text("award-title", "Other"),
            Self::words("award-summary"),
        ))
        .reason("other", Self::words("award-reason"))
    }
}
