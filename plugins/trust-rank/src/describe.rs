//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Aside, Description, FirstAside, Input, KnownTier, Setting, Tier};

/// Places of the inputs; those of [`FIRST`] follow.
pub(crate) mod input {
    pub(crate) const ENDORSE_TRUST: usize = 0;
    pub(crate) const ENDORSE_SIGNED: usize = 1;
    pub(crate) const ENDORSE_SUPPORTERS: usize = 2;
    pub(crate) const ENDORSE_RINGS: usize = 3;
    pub(crate) const THANK_TRUST: usize = 4;
    pub(crate) const THANK_SUPPORTERS: usize = 5;
    pub(crate) const THANK_RINGS: usize = 6;
    pub(crate) const ACCEPT_TRUST: usize = 7;
    pub(crate) const ACCEPT_SUPPORTERS: usize = 8;
    pub(crate) const ACCEPT_RINGS: usize = 9;
}

/// Places of the tiers.
pub(crate) mod tier {
    pub(crate) const MEMBER: u32 = 0;
    pub(crate) const SUPPORTED: u32 = 1;
    pub(crate) const TRUSTED: u32 = 2;
}

/// Places of the reasons.
pub(crate) mod reason {
    pub(crate) const ENDORSED: u32 = 0;
    pub(crate) const THANKED: u32 = 1;
    pub(crate) const ACCEPTED: u32 = 2;
    pub(crate) const NO_SUPPORTERS: u32 = 3;
    pub(crate) const FEW_SUPPORTERS: u32 = 4;
    pub(crate) const IN_RINGS: u32 = 5;
}

/// Who stands beside the ladder comes after everything else.
pub(crate) const FIRST: FirstAside = FirstAside { input: 10, tier: 3, reason: 6 };

pub(crate) fn description() -> Description {
    let description = Description::new(
        "Members whom many others trust, those most who are trusted themselves, less what goes round in rings.",
    );
    Aside::describe(reasons(tiers(settings(inputs(description)))))
}

fn inputs(description: Description) -> Description {
    let trust = |metric, why| Input::raw(metric, why).optional();
    let supporters = |metric, why| Input::log1p(metric, why).optional();
    let rings = |metric, why| Input::raw(metric, why).lowers().optional();
    description
        .input(trust(
            "eigentrust(verb=endorse)",
            "An endorsement counts for more, the more whoever gives it is trusted.",
        ))
        .input(trust(
            "signed-trust(verb=endorse)",
            "What others last said of you; where endorsements can be negative, those are taken off.",
        ))
        .input(supporters(
            "supporters(verb=endorse)",
            "Endorsements of many different members say more than many of a few.",
        ))
        .input(rings(
            "ring-share(verb=endorse)",
            "Endorsements that come back around a ring of two or three may be arranged.",
        ))
        .input(trust(
            "eigentrust(verb=thank)",
            "Thanks count for more, the more whoever gives them is trusted.",
        ))
        .input(supporters(
            "supporters(verb=thank)",
            "Thanks of many different members say more than many of a few.",
        ))
        .input(rings(
            "ring-share(verb=thank)",
            "Thanks that come back around a ring of two or three may be arranged.",
        ))
        .input(trust(
            "eigentrust(verb=accept)",
            "An accepted answer counts for more, the more whoever asked is trusted.",
        ))
        .input(supporters(
            "supporters(verb=accept)",
            "Answers that many different members accepted say more.",
        ))
        .input(rings(
            "ring-share(verb=accept)",
            "Accepted answers that come back around a ring of two or three may be arranged.",
        ))
}

fn settings(description: Description) -> Description {
    let weight = |name, default, summary| Setting::number(name, default, summary).between(0.0, 100.0);
    let share = |name, default, summary| Setting::number(name, default, summary).between(0.0, 1.0);
    description
        .setting(weight("weight-endorsements", 2.0, "Weight of trust by endorsements."))
        .setting(weight("weight-thanks", 2.0, "Weight of trust by thanks."))
        .setting(weight("weight-accepts", 1.0, "Weight of trust by accepted answers."))
        .setting(weight("weight-eigentrust", 2.0, "Weight of EigenTrust within each of the three."))
        .setting(weight("weight-supporters", 1.0, "Weight of different members within each of the three."))
        .setting(weight("weight-signed-trust", 1.0, "Weight of signed trust within endorsements."))
        .setting(share(
            "ring-discount",
            0.5,
            "How much is taken off trust of which everything comes back around rings; 0 turns it off.",
        ))
        .setting(share(
            "trusted-share",
            0.05,
            "The share of the population, by score, who can be trusted members.",
        ))
        .setting(
            Setting::integer(
                "least-supporters",
                3,
                "Trusted members are endorsed, thanked or accepted by at least this many different members.",
            )
            .at_least(0.0),
        )
        .setting(share(
            "most-ring-share",
            0.5,
            "Of what most supporters of a trusted member gave, at most this share comes back around a ring.",
        ))
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("member", "Member", "Nobody has said so far that they trust them.").rung(0))
        .tier(Tier::new("supported", "Supported", "Endorsed, thanked or accepted by others.").rung(1))
        .tier(
            Tier::new(
                "trusted",
                "Trusted member",
                "Among those trusted most, by several others and not around rings, with a modest audience.",
            )
            .rung(2)
            .known(KnownTier::MicroInfluencer),
        )
}

fn reasons(description: Description) -> Description {
    description
        .reason("endorsed", "Endorsed by {value} different members.")
        .reason("thanked", "Thanked by {value} different members.")
        .reason("accepted", "Answers accepted by {value} different members.")
        .reason("no-supporters", "For the next tier, somebody has to endorse, thank or accept an answer.")
        .reason(
            "few-supporters",
            "For the next tier, the trust of more different members is needed: so far {value}.",
        )
        .reason(
            "in-rings",
            "For the next tier, less of the trust may come back around rings: so far a share of {value}.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        groundswell_plugin_test::assert_places::<crate::TrustRank>(
            &[
                (input::ENDORSE_TRUST, "eigentrust(verb=endorse)@raw"),
                (input::ENDORSE_SIGNED, "signed-trust(verb=endorse)@raw"),
                (input::ENDORSE_SUPPORTERS, "supporters(verb=endorse)@log1p"),
                (input::ENDORSE_RINGS, "ring-share(verb=endorse)@raw"),
                (input::THANK_TRUST, "eigentrust(verb=thank)@raw"),
                (input::THANK_SUPPORTERS, "supporters(verb=thank)@log1p"),
                (input::THANK_RINGS, "ring-share(verb=thank)@raw"),
                (input::ACCEPT_TRUST, "eigentrust(verb=accept)@raw"),
                (input::ACCEPT_SUPPORTERS, "supporters(verb=accept)@log1p"),
                (input::ACCEPT_RINGS, "ring-share(verb=accept)@raw"),
                (FIRST.weeks(), "weeks-active-share@raw"),
                (FIRST.audience(), "audience@raw"),
                (FIRST.audience_percentile(), "audience@percentile"),
                (FIRST.role(), "role@category"),
            ],
            &[
                (tier::MEMBER, "member"),
                (tier::SUPPORTED, "supported"),
                (tier::TRUSTED, "trusted"),
                (FIRST.tier, "unrated"),
                (FIRST.tier + 1, "celebrity"),
                (FIRST.tier + 2, "staff"),
            ],
            &[
                (reason::ENDORSED, "endorsed"),
                (reason::THANKED, "thanked"),
                (reason::ACCEPTED, "accepted"),
                (reason::NO_SUPPORTERS, "no-supporters"),
                (reason::FEW_SUPPORTERS, "few-supporters"),
                (reason::IN_RINGS, "in-rings"),
                (FIRST.reason, "not-active"),
                (FIRST.reason + 1, "above-ceiling"),
                (FIRST.reason + 2, "staff-role"),
            ],
        );
    }
}
