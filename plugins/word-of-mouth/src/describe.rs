//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Aside, Description, FirstAside, Input, KnownTier, Setting, Tier};

/// Places of the inputs; those of [`FIRST`] follow.
pub(crate) mod input {
    pub(crate) const UNASKED: usize = 0;
    pub(crate) const ADVICE: usize = 1;
    pub(crate) const FOLLOWED: usize = 2;
    pub(crate) const LIFT: usize = 3;
    pub(crate) const UNASKED_RAW: usize = 4;
    pub(crate) const ADVICE_RAW: usize = 5;
    pub(crate) const RECIPIENTS: usize = 6;
    pub(crate) const CONVERSIONS: usize = 7;
}

/// Places of the tiers.
pub(crate) mod tier {
    pub(crate) const MEMBER: u32 = 0;
    pub(crate) const RECOMMENDER: u32 = 1;
    pub(crate) const MICRO_INFLUENCER: u32 = 2;
}

/// Places of the reasons.
pub(crate) mod reason {
    pub(crate) const UNASKED: u32 = 0;
    pub(crate) const ADVICE: u32 = 1;
    pub(crate) const FOLLOWED: u32 = 2;
    pub(crate) const CONVERSIONS: u32 = 3;
    pub(crate) const RECOMMEND: u32 = 4;
    pub(crate) const FEW_RECIPIENTS: u32 = 5;
    pub(crate) const FEW_CONVERSIONS: u32 = 6;
}

/// Who stands beside the ladder comes after everything else.
pub(crate) const FIRST: FirstAside = FirstAside { input: 8, tier: 3, reason: 7 };

pub(crate) fn description() -> Description {
    let description = Description::new(
        "Members who recommend often and whose recommendations are followed, each measured against this community.",
    );
    Aside::describe(reasons(tiers(settings(inputs(description)))))
}

fn inputs(description: Description) -> Description {
    description
        .input(Input::percentile(
            "recommendations-per-week",
            "Word of mouth works mostly by its frequency: this is how often you recommend something unasked.",
        ))
        .input(
            Input::percentile("advice-per-week", "How often you recommend something to somebody who asked.")
                .optional(),
        )
        .input(
            Input::percentile("follow-through", "A recommendation that is followed was worth listening to.")
                .optional(),
        )
        .input(
            Input::percentile(
                "conversion-lift",
                "What each recommendation brings, beyond what the same people tried or bought before it.",
            )
            .optional(),
        )
        .input(
            Input::raw("recommendations-per-week", "Tells who recommends at all; as such it moves no score.")
                .varies()
                .optional(),
        )
        .input(
            Input::raw("advice-per-week", "Tells who recommends at all; as such it moves no score.")
                .varies()
                .optional(),
        )
        .input(
            Input::raw(
                "recommendation-recipients",
                "Recommending to several members makes a micro-influencer, to one a friend; it moves no score.",
            )
            .varies()
            .optional(),
        )
        .input(
            Input::raw("conversions", "Somebody has to have followed a micro-influencer; it moves no score.")
                .varies()
                .optional(),
        )
}

fn settings(description: Description) -> Description {
    let weight = |name, summary| Setting::number(name, 1.0, summary).between(0.0, 100.0);
    let share = |name, default, summary| Setting::number(name, default, summary).between(0.0, 1.0);
    description
        .setting(share(
            "effect-share",
            0.4,
            "How much of the score depends on what comes of recommendations; the rest is how often they are made.",
        ))
        .setting(weight("weight-recommendations", "Weight of recommendations unasked within the rate."))
        .setting(weight("weight-advice", "Weight of recommendations when asked within the rate."))
        .setting(weight("weight-follow-through", "Weight of the share that is followed within the effect."))
        .setting(weight("weight-try-or-buy", "Weight of conversions per recommendation within the effect."))
        .setting(share(
            "micro-influencer-share",
            0.05,
            "The share of the population, by score, from which micro-influencers come.",
        ))
        .setting(
            Setting::integer(
                "least-recipients",
                3,
                "Micro-influencers have recommended something to at least this many members, where that is known.",
            )
            .at_least(0.0),
        )
        .setting(
            Setting::number(
                "least-conversions",
                1.0,
                "Micro-influencers are credited with at least this many conversions, where those are known.",
            )
            .at_least(0.0),
        )
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("member", "Member", "Has recommended nothing in the window.").rung(0))
        .tier(Tier::new("recommender", "Recommender", "Has recommended something in the window.").rung(1))
        .tier(
            Tier::new(
                "micro-influencer",
                "Micro-influencer",
                "Among the best scores for word of mouth, to several members and with effect, with a modest audience.",
            )
            .rung(2)
            .known(KnownTier::MicroInfluencer),
        )
}

fn reasons(description: Description) -> Description {
    description
        .reason("unasked", "Recommendations a week, unasked: {value}.")
        .reason("advice", "Recommendations a week, when asked: {value}.")
        .reason("followed", "Share of recommendations that were followed: {value}.")
        .reason("conversions", "Conversions credited: {value}.")
        .reason("recommend", "For the next tier, recommend something that you like.")
        .reason("few-recipients", "For the next tier, recommend to more different members: so far {value}.")
        .reason(
            "few-conversions",
            "For the next tier, more recommendations have to be followed: so far {value}.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        groundswell_plugin_test::assert_places::<crate::WordOfMouth>(
            &[
                (input::UNASKED, "recommendations-per-week@percentile"),
                (input::ADVICE, "advice-per-week@percentile"),
                (input::FOLLOWED, "follow-through@percentile"),
                (input::LIFT, "conversion-lift@percentile"),
                (input::UNASKED_RAW, "recommendations-per-week@raw"),
                (input::ADVICE_RAW, "advice-per-week@raw"),
                (input::RECIPIENTS, "recommendation-recipients@raw"),
                (input::CONVERSIONS, "conversions@raw"),
                (FIRST.weeks(), "weeks-active-share@raw"),
                (FIRST.audience(), "audience@raw"),
                (FIRST.audience_percentile(), "audience@percentile"),
                (FIRST.role(), "role@category"),
            ],
            &[
                (tier::MEMBER, "member"),
                (tier::RECOMMENDER, "recommender"),
                (tier::MICRO_INFLUENCER, "micro-influencer"),
                (FIRST.tier, "unrated"),
                (FIRST.tier + 1, "celebrity"),
                (FIRST.tier + 2, "staff"),
            ],
            &[
                (reason::UNASKED, "unasked"),
                (reason::ADVICE, "advice"),
                (reason::FOLLOWED, "followed"),
                (reason::CONVERSIONS, "conversions"),
                (reason::RECOMMEND, "recommend"),
                (reason::FEW_RECIPIENTS, "few-recipients"),
                (reason::FEW_CONVERSIONS, "few-conversions"),
                (FIRST.reason, "not-active"),
                (FIRST.reason + 1, "above-ceiling"),
                (FIRST.reason + 2, "staff-role"),
            ],
        );
    }
}
