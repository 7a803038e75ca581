//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Aside, Description, FirstAside, Input, KnownTier, Setting, Tier};

use crate::verbs::VERBS;

/// Places of the inputs behind those of [`VERBS`]; those of [`FIRST`] follow.
pub(crate) mod input {
    use crate::verbs::VERBS;

    pub(crate) const AUDIENCE: usize = VERBS.len();
    pub(crate) const CONNECTIONS: usize = AUDIENCE + 1;
}

/// Places of the tiers.
pub(crate) mod tier {
    pub(crate) const ORBIT_4: u32 = 0;
    pub(crate) const ORBIT_3: u32 = 1;
    pub(crate) const ORBIT_2: u32 = 2;
    pub(crate) const ORBIT_1: u32 = 3;
}

/// Places of the reasons behind those of [`VERBS`].
pub(crate) mod reason {
    use crate::verbs::VERBS;

    pub(crate) const CONNECTIONS: u32 = VERBS.len() as u32;
    pub(crate) const AUDIENCE: u32 = CONNECTIONS + 1;
    pub(crate) const FEW_CONNECTIONS: u32 = CONNECTIONS + 2;
}

/// Who stands beside the ladder comes after everything else.
pub(crate) const FIRST: FirstAside =
    FirstAside { input: input::CONNECTIONS + 1, tier: 4, reason: reason::FEW_CONNECTIONS + 1 };

pub(crate) fn description() -> Description {
    let description = Description::new(
        "The Orbit model: what members do of late, times how many hear of it, and four orbits around the core.",
    );
    Aside::describe(reasons(tiers(settings(inputs(description)))))
}

fn inputs(description: Description) -> Description {
    let verbs = VERBS.iter().map(|verb| Input::raw(verb.metric, verb.why).optional());
    verbs
        .fold(description, Description::input)
        .input(
            Input::log1p("audience", "The more people hear of a member, the more the member moves.")
                .optional(),
        )
        .input(
            Input::log1p("degree(graph=activity)", "Whoever is in exchange with many draws many in.")
                .optional(),
        )
}

fn settings(description: Description) -> Description {
    let weight = |name, default, most, summary| Setting::number(name, default, summary).between(0.0, most);
    let share = |name, default, summary| Setting::number(name, default, summary).between(0.0, 1.0);
    let verbs = VERBS.iter().map(|verb| weight(verb.setting, verb.weight, 10.0, verb.summary));
    verbs
        .fold(description, Description::setting)
        .setting(weight(
            "reach-weight",
            1.0,
            10.0,
            "By how much the widest reach multiplies love: 1 doubles it, and with 0 gravity is love.",
        ))
        .setting(weight("weight-audience", 1.0, 100.0, "Weight of the audience within reach."))
        .setting(weight("weight-connections", 1.0, 100.0, "Weight of members in exchange within reach."))
        .setting(share("orbit-1-share", 0.05, "The share of the population, by gravity, in the first orbit."))
        .setting(share("orbit-2-share", 0.25, "The share of the population up to the second orbit."))
        .setting(share("orbit-3-share", 0.75, "The share of the population up to the third orbit."))
        .setting(
            Setting::integer(
                "least-connections",
                5,
                "Members of the first orbit are in exchange with at least this many others, where that is known.",
            )
            .at_least(0.0),
        )
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("orbit-4", "Observer (orbit 4)", "Does little of late, or nothing.").rung(0))
        .tier(Tier::new("orbit-3", "Participant (orbit 3)", "Takes part now and then.").rung(1))
        .tier(Tier::new("orbit-2", "Contributor (orbit 2)", "Among those who give the most of late.").rung(2))
        .tier(
            Tier::new(
                "orbit-1",
                "Ambassador (orbit 1)",
                "The core: gives the most of late, in exchange with many, with a modest audience.",
            )
            .rung(3)
            .known(KnownTier::MicroInfluencer),
        )
}

fn reasons(description: Description) -> Description {
    VERBS
        .iter()
        .fold(description, |description, verb| description.reason(verb.reason.0, verb.reason.1))
        .reason("connections", "Is in exchange with {value} members.")
        .reason("audience", "Has an audience of {value}.")
        .reason("few-connections", "For the next tier, exchange with more different members: so far {value}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        let verbs: Vec<_> = VERBS.iter().map(|verb| format!("{}@raw", verb.metric)).collect();
        let mut inputs: Vec<_> = verbs.iter().map(String::as_str).enumerate().collect();
        inputs.extend([
            (input::AUDIENCE, "audience@log1p"),
            (input::CONNECTIONS, "degree(graph=activity)@log1p"),
            (FIRST.weeks(), "weeks-active-share@raw"),
            (FIRST.audience(), "audience@raw"),
            (FIRST.audience_percentile(), "audience@percentile"),
            (FIRST.role(), "role@category"),
        ]);
        let mut reasons: Vec<_> = (0..).zip(VERBS.iter().map(|verb| verb.reason.0)).collect();
        reasons.extend([
            (reason::CONNECTIONS, "connections"),
            (reason::AUDIENCE, "audience"),
            (reason::FEW_CONNECTIONS, "few-connections"),
            (FIRST.reason, "not-active"),
            (FIRST.reason + 1, "above-ceiling"),
            (FIRST.reason + 2, "staff-role"),
        ]);
        groundswell_plugin_test::assert_places::<crate::Orbit>(
            &inputs,
            &[
                (tier::ORBIT_4, "orbit-4"),
                (tier::ORBIT_3, "orbit-3"),
                (tier::ORBIT_2, "orbit-2"),
                (tier::ORBIT_1, "orbit-1"),
                (FIRST.tier, "unrated"),
                (FIRST.tier + 1, "celebrity"),
                (FIRST.tier + 2, "staff"),
            ],
            &reasons,
        );
    }
}
