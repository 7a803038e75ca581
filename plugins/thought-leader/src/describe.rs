//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Ceiling, Description, Input, KnownTier, Setting, StaffRoles, Tier};

/// Places of the inputs.
pub(crate) mod input {
    pub(crate) const EXTERNAL: usize = 0;
    pub(crate) const AUDIENCE: usize = 1;
    pub(crate) const REACH: usize = 2;
    pub(crate) const PAGERANK: usize = 3;
    pub(crate) const ENGAGEMENT: usize = 4;
    pub(crate) const WEEKS: usize = 5;
    pub(crate) const AUDIENCE_PERCENTILE: usize = 6;
    pub(crate) const ROLE: usize = 7;
}

/// Places of the tiers.
pub(crate) mod tier {
    pub(crate) const MEMBER: u32 = 0;
    pub(crate) const VOICE: u32 = 1;
    pub(crate) const THOUGHT_LEADER: u32 = 2;
    pub(crate) const UNRATED: u32 = 3;
    pub(crate) const CELEBRITY: u32 = 4;
    pub(crate) const STAFF: u32 = 5;
}

/// Places of the reasons.
pub(crate) mod reason {
    pub(crate) const EXTERNAL: u32 = 0;
    pub(crate) const AUDIENCE: u32 = 1;
    pub(crate) const REACH: u32 = 2;
    pub(crate) const SMALL_AUDIENCE: u32 = 3;
    pub(crate) const SELDOM_ACTIVE: u32 = 4;
    pub(crate) const NOT_ACTIVE: u32 = 5;
    pub(crate) const ABOVE_CEILING: u32 = 6;
    pub(crate) const STAFF_ROLE: u32 = 7;
}

pub(crate) fn description() -> Description {
    let description = Description::new(
        "Influencers, not micro-influencers: members who are heard far beyond the community and are active in it.",
    );
    reasons(tiers(settings(inputs(description))))
}

fn inputs(description: Description) -> Description {
    let [_, audience_percentile] = Ceiling::inputs();
    description
        .input(
            Input::log1p("external-followers", "A following elsewhere carries what is said here out of it.")
                .optional(),
        )
        .input(Input::log1p("audience", "How many hear of you, here and elsewhere."))
        .input(
            Input::log1p(
                "reach(hops=2)",
                "Different members who hear of you at first or second hand, whom an audience counts twice.",
            )
            .optional(),
        )
        .input(
            Input::raw(
                "pagerank(graph=follows)",
                "To be followed by those who are followed themselves counts for more.",
            )
            .optional(),
        )
        .input(Input::percentile("engagement-rate", "An audience that responds listens, too.").optional())
        .input(
            Input::raw(
                "weeks-active-share",
                "Who was not active is no member among members; it moves no score.",
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
    description
        .setting(share(
            "engagement-share",
            0.3,
            "How much of the score depends on how well the audience responds; the rest is how many hear.",
        ))
        .setting(weight("weight-external", 2.0, "Weight of followers elsewhere among those who hear."))
        .setting(weight("weight-audience", 1.0, "Weight of the whole audience among those who hear."))
        .setting(weight("weight-reach", 1.0, "Weight of different members at first or second hand."))
        .setting(weight("weight-pagerank", 1.0, "Weight of attention, as PageRank has it."))
        .setting(count(
            "floor",
            100_000,
            "An audience above this, in followers, can make a thought leader, whatever its percentile.",
        ))
        .setting(share(
            "floor-percentile",
            0.98,
            "An audience above this percentile can make one as well if it reaches floor-least; 1 turns it off.",
        ))
        .setting(count("floor-least", 100, "An audience below this, in followers, never makes a thought leader."))
        .setting(count("ceiling", 1_000_000, "An audience above this, in followers, makes a celebrity."))
        .setting(share(
            "least-weeks-active",
            0.02,
            "Thought leaders have been active in at least this share of weeks, where that is known.",
        ))
        .setting(share("voice-share", 0.2, "The share of the population, by score, who are voices."))
        .setting(StaffRoles::setting())
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("member", "Member", "Heard by as many as most.").rung(0))
        .tier(Tier::new("voice", "Voice", "Heard by more than most.").rung(1))
        .tier(
            Tier::new(
                "thought-leader",
                "Thought leader",
                "Has an audience beyond that of micro-influencers, and is active in the community.",
            )
            .rung(2)
            .known(KnownTier::Influencer),
        )
        .tier(Tier::new("unrated", "Not rated", "Not active themselves in the window."))
        .tier(Ceiling::tier())
        .tier(StaffRoles::tier())
}

fn reasons(description: Description) -> Description {
    let (above_ceiling, staff_role) = (Ceiling::reason(), StaffRoles::reason());
    description
        .reason("external", "Followed by {value} elsewhere.")
        .reason("audience", "Has an audience of {value}.")
        .reason("reach", "Reaches {value} different members at first or second hand.")
        .reason("small-audience", "For the next tier, a larger audience is needed: so far {value}.")
        .reason("seldom-active", "For the next tier, be active in more weeks: so far a share of {value}.")
        .reason("not-active", "Not active themselves in the window.")
        .reason(above_ceiling.0, above_ceiling.1)
        .reason(staff_role.0, staff_role.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        groundswell_plugin_test::assert_places::<crate::ThoughtLeader>(
            &[
                (input::EXTERNAL, "external-followers@log1p"),
                (input::AUDIENCE, "audience@log1p"),
                (input::REACH, "reach(hops=2)@log1p"),
                (input::PAGERANK, "pagerank(graph=follows)@raw"),
                (input::ENGAGEMENT, "engagement-rate@percentile"),
                (input::WEEKS, "weeks-active-share@raw"),
                (input::AUDIENCE_PERCENTILE, "audience@percentile"),
                (input::ROLE, "role@category"),
            ],
            &[
                (tier::MEMBER, "member"),
                (tier::VOICE, "voice"),
                (tier::THOUGHT_LEADER, "thought-leader"),
                (tier::UNRATED, "unrated"),
                (tier::CELEBRITY, "celebrity"),
                (tier::STAFF, "staff"),
            ],
            &[
                (reason::EXTERNAL, "external"),
                (reason::AUDIENCE, "audience"),
                (reason::REACH, "reach"),
                (reason::SMALL_AUDIENCE, "small-audience"),
                (reason::SELDOM_ACTIVE, "seldom-active"),
                (reason::NOT_ACTIVE, "not-active"),
                (reason::ABOVE_CEILING, "above-ceiling"),
                (reason::STAFF_ROLE, "staff-role"),
            ],
        );
    }
}
