//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Description, Input, KnownTier, Setting, StaffRoles, Tier};

/// Places of the inputs.
pub(crate) mod input {
    pub(crate) const AUDIENCE: usize = 0;
    pub(crate) const ENGAGEMENT: usize = 1;
    pub(crate) const ROLE: usize = 2;
}

/// Places of the tiers.
pub(crate) mod tier {
    pub(crate) const MEMBER: u32 = 0;
    pub(crate) const NANO: u32 = 1;
    pub(crate) const MICRO: u32 = 2;
    pub(crate) const MACRO: u32 = 3;
    pub(crate) const MEGA: u32 = 4;
    pub(crate) const QUIET: u32 = 5;
    pub(crate) const UNRATED: u32 = 6;
    pub(crate) const STAFF: u32 = 7;
}

/// Places of the reasons.
pub(crate) mod reason {
    pub(crate) const AUDIENCE: u32 = 0;
    pub(crate) const ENGAGED: u32 = 1;
    pub(crate) const SMALL: u32 = 2;
    pub(crate) const QUIET: u32 = 3;
    pub(crate) const UNKNOWN: u32 = 4;
    pub(crate) const STAFF_ROLE: u32 = 5;
}

pub(crate) fn description() -> Description {
    let description = Description::new(
        "Members by the size of their audience, nano to mega, and by how much it responds: for choosing whom to ask.",
    );
    reasons(tiers(settings(inputs(description))))
}

fn inputs(description: Description) -> Description {
    description
        .input(
            Input::log1p(
                "audience",
                "An audience of micro size counts fully; a smaller one and a larger one count less.",
            )
            .varies(),
        )
        .input(
            Input::raw(
                "engagement-rate",
                "An audience that responds is worth more than one that only counts.",
            )
            .optional(),
        )
        .input(StaffRoles::input())
}

fn settings(description: Description) -> Description {
    let bound = |name, default, summary| Setting::integer(name, default, summary).at_least(0.0);
    description
        .setting(bound("nano-from", 1_000, "The smallest audience of the band nano, in followers."))
        .setting(bound("micro-from", 10_000, "The smallest audience of the band micro, in followers."))
        .setting(bound("micro-to", 150_000, "The largest audience of the band micro, in followers."))
        .setting(bound("macro-to", 1_000_000, "The largest audience of the band macro, in followers."))
        .setting(
            Setting::number(
                "least-engagement",
                0.1,
                "What an audience of micro or macro size does at least with the member, in activities of the window \
                 per 100 followers; 0 turns it off.",
            )
            .at_least(0.0),
        )
        .setting(StaffRoles::setting())
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("member", "Member", "Has an audience smaller than nano.").rung(0))
        .tier(Tier::new("nano", "Nano", "Has an audience between that of most members and micro.").rung(1))
        .tier(
            Tier::new("micro", "Micro-influencer", "Has a modest audience, which responds.")
                .rung(2)
                .known(KnownTier::MicroInfluencer),
        )
        .tier(
            Tier::new("macro", "Macro-influencer", "Has a large audience, which responds.")
                .rung(3)
                .known(KnownTier::Influencer),
        )
        .tier(Tier::new("mega", "Mega", "Has an audience above macro.").known(KnownTier::Celebrity))
        .tier(Tier::new(
            "quiet",
            "Quiet audience",
            "Has an audience of micro or macro size, which hardly responds.",
        ))
        .tier(Tier::new("unrated", "Not rated", "How large their audience is, is not known."))
        .tier(StaffRoles::tier())
}

fn reasons(description: Description) -> Description {
    let staff_role = StaffRoles::reason();
    description
        .reason("audience", "Has an audience of {value}.")
        .reason("engaged", "Activities received for each follower: {value}.")
        .reason("small", "For the next tier, a larger audience is needed.")
        .reason(
            "quiet",
            "For the tier of that size, the audience would have to respond more: so far {value} activities a follower.",
        )
        .reason("unknown", "How large the audience is, is not known.")
        .reason(staff_role.0, staff_role.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        groundswell_plugin_test::assert_places::<crate::AudienceBand>(
            &[
                (input::AUDIENCE, "audience@log1p"),
                (input::ENGAGEMENT, "engagement-rate@raw"),
                (input::ROLE, "role@category"),
            ],
            &[
                (tier::MEMBER, "member"),
                (tier::NANO, "nano"),
                (tier::MICRO, "micro"),
                (tier::MACRO, "macro"),
                (tier::MEGA, "mega"),
                (tier::QUIET, "quiet"),
                (tier::UNRATED, "unrated"),
                (tier::STAFF, "staff"),
            ],
            &[
                (reason::AUDIENCE, "audience"),
                (reason::ENGAGED, "engaged"),
                (reason::SMALL, "small"),
                (reason::QUIET, "quiet"),
                (reason::UNKNOWN, "unknown"),
                (reason::STAFF_ROLE, "staff-role"),
            ],
        );
    }
}
