//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Ceiling, Description, Input, KnownTier, Setting, StaffRoles, Tier};

/// Places of the inputs.
pub(crate) mod input {
    pub(crate) const ANSWERS: usize = 0;
    pub(crate) const HELPED: usize = 1;
    pub(crate) const WEEKS: usize = 2;
    pub(crate) const THANKS: usize = 3;
    pub(crate) const ENDORSEMENTS: usize = 4;
    pub(crate) const LIKES: usize = 5;
    pub(crate) const ACCEPTANCE: usize = 6;
    pub(crate) const AUDIENCE: usize = 7;
    pub(crate) const AUDIENCE_PERCENTILE: usize = 8;
    pub(crate) const ROLE: usize = 9;
    pub(crate) const COUNT: usize = 10;
}

/// Places of the tiers.
pub(crate) mod tier {
    pub(crate) const UNRATED: u32 = 0;
    pub(crate) const MEMBER: u32 = 1;
    pub(crate) const REGULAR: u32 = 2;
    pub(crate) const MICRO_INFLUENCER: u32 = 3;
    pub(crate) const CELEBRITY: u32 = 4;
    pub(crate) const STAFF: u32 = 5;
}

/// Places of the reasons.
pub(crate) mod reason {
    pub(crate) const NOT_ACTIVE: u32 = 0;
    pub(crate) const HELPED: u32 = 1;
    pub(crate) const THANKED: u32 = 2;
    pub(crate) const ENDORSED: u32 = 3;
    pub(crate) const LIKED: u32 = 4;
    pub(crate) const ACTIVE: u32 = 5;
    pub(crate) const HELPED_FEW: u32 = 6;
    pub(crate) const SELDOM_ACTIVE: u32 = 7;
    pub(crate) const LITTLE_TRUST: u32 = 8;
    pub(crate) const SMALL_AUDIENCE: u32 = 9;
    pub(crate) const ABOVE_CEILING: u32 = 10;
    pub(crate) const STAFF_ROLE: u32 = 11;
}

pub(crate) fn description() -> Description {
    let description = Description::new(
        "The most active members, who regularly help others and whom others trust, under a ceiling on audience.",
    );
    reasons(tiers(settings(inputs(description))))
}

fn inputs(description: Description) -> Description {
    // What is said of the audience here speaks of the floor too.
    let [_, audience_percentile] = Ceiling::inputs();
    description
        .input(Input::log1p("answers", "Whoever answers questions keeps the community going.").optional())
        .input(
            Input::log1p(
                "members-helped",
                "Helping many different members says more than writing a lot to a few.",
            )
            .optional(),
        )
        .input(Input::raw("weeks-active-share", "Regulars are there week after week, not once."))
        .input(
            Input::log1p("received(verb=thank)", "A thank-you says that the help was worth it.").optional(),
        )
        .input(
            Input::log1p("received(verb=endorse)", "An endorsement is a member's word for another.")
                .optional(),
        )
        .input(
            Input::log1p("likes-received", "Likes are how most members say that they agree or trust.")
                .optional(),
        )
        .input(
            Input::raw("acceptance-rate", "An accepted answer is one that solved the asker's problem.")
                .optional(),
        )
        .input(
            Input::raw(
                "audience",
                "A modest audience is what sets this group apart: it moves no score, but has a floor and a \
                 ceiling.",
            )
            .varies()
            .optional(),
        )
        .input(audience_percentile)
        .input(StaffRoles::input())
}

fn settings(description: Description) -> Description {
    let weight = |name, default, summary| Setting::number(name, default, summary).between(0.0, 100.0);
    let share = |name, default, summary| Setting::number(name, default, summary).between(0.0, 1.0);
    let count = |name, default, summary| Setting::integer(name, default, summary).at_least(0.0);
    let [ceiling, ceiling_percentile, ceiling_least] = Ceiling::settings();
    description
        .setting(share(
            "trust-share",
            0.6,
            "How much of the score trust makes up; activity makes up the rest.",
        ))
        .setting(weight("weight-answers", 1.0, "Weight of questions answered within activity."))
        .setting(weight("weight-members-helped", 1.0, "Weight of different members helped within activity."))
        .setting(weight("weight-weeks-active", 1.0, "Weight of the share of weeks active within activity."))
        .setting(weight("weight-thanks", 2.0, "Weight of thanks received within trust."))
        .setting(weight("weight-endorsements", 2.0, "Weight of endorsements received within trust."))
        .setting(weight("weight-likes", 1.0, "Weight of likes received within trust."))
        .setting(weight("weight-acceptance", 0.2, "Weight of the share of answers accepted within trust."))
        .setting(share(
            "micro-influencer-share",
            0.05,
            "The share of the population, by score, from which micro-influencers come.",
        ))
        .setting(share("regular-share", 0.2, "The share of the population, by score, who are regulars."))
        .setting(count("least-helped", 3, "Micro-influencers have helped at least this many members."))
        .setting(count(
            "least-appreciated",
            5,
            "Micro-influencers have received at least this many thanks, endorsements and likes together.",
        ))
        .setting(share(
            "least-weeks-active",
            0.02,
            "Micro-influencers have been active in at least this share of weeks.",
        ))
        .setting(count(
            "audience-floor",
            1,
            "Micro-influencers have at least this audience, in followers, where it is known; 0 turns it off.",
        ))
        .setting(ceiling)
        .setting(ceiling_percentile)
        .setting(ceiling_least)
        .setting(StaffRoles::setting())
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("unrated", "Not rated", "Not active themselves in the window."))
        .tier(Tier::new("member", "Member", "Active in the window.").rung(0))
        .tier(Tier::new("regular", "Regular", "Among the best scores for activity and trust.").rung(1))
        .tier(
            Tier::new(
                "micro-influencer",
                "Micro-influencer",
                "Among the very best scores, earned by activity and by trust, with a modest audience.",
            )
            .rung(2)
            .known(KnownTier::MicroInfluencer),
        )
        .tier(Ceiling::tier())
        .tier(StaffRoles::tier())
}

fn reasons(description: Description) -> Description {
    let (above_ceiling, staff_role) = (Ceiling::reason(), StaffRoles::reason());
    description
        .reason("not-active", "Not active themselves in the window.")
        .reason("helped", "Helped {value} different members.")
        .reason("thanked", "Was thanked {value} times.")
        .reason("endorsed", "Was endorsed {value} times.")
        .reason("liked", "Received {value} likes.")
        .reason("active", "Share of weeks active: {value}.")
        .reason("helped-few", "For the next tier, help more different members: so far {value}.")
        .reason("seldom-active", "For the next tier, be active in more weeks: so far a share of {value}.")
        .reason(
            "little-trust",
            "For the next tier, more thanks, endorsements or likes from others are needed.",
        )
        .reason("small-audience", "For the next tier, a larger audience is needed: so far {value}.")
        .reason(above_ceiling.0, above_ceiling.1)
        .reason(staff_role.0, staff_role.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        groundswell_plugin_test::assert_places::<crate::Regulars>(
            &[
                (input::ANSWERS, "answers@log1p"),
                (input::HELPED, "members-helped@log1p"),
                (input::WEEKS, "weeks-active-share@raw"),
                (input::THANKS, "received(verb=thank)@log1p"),
                (input::ENDORSEMENTS, "received(verb=endorse)@log1p"),
                (input::LIKES, "likes-received@log1p"),
                (input::ACCEPTANCE, "acceptance-rate@raw"),
                (input::AUDIENCE, "audience@raw"),
                (input::AUDIENCE_PERCENTILE, "audience@percentile"),
                (input::ROLE, "role@category"),
            ],
            &[
                (tier::UNRATED, "unrated"),
                (tier::MEMBER, "member"),
                (tier::REGULAR, "regular"),
                (tier::MICRO_INFLUENCER, "micro-influencer"),
                (tier::CELEBRITY, "celebrity"),
                (tier::STAFF, "staff"),
            ],
            &[
                (reason::NOT_ACTIVE, "not-active"),
                (reason::HELPED, "helped"),
                (reason::THANKED, "thanked"),
                (reason::ENDORSED, "endorsed"),
                (reason::LIKED, "liked"),
                (reason::ACTIVE, "active"),
                (reason::HELPED_FEW, "helped-few"),
                (reason::SELDOM_ACTIVE, "seldom-active"),
                (reason::LITTLE_TRUST, "little-trust"),
                (reason::SMALL_AUDIENCE, "small-audience"),
                (reason::ABOVE_CEILING, "above-ceiling"),
                (reason::STAFF_ROLE, "staff-role"),
            ],
        );
    }
}
