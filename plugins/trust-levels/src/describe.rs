//! What the definition asks for and offers. Places in the description have names, and a test keeps them true.

use groundswell_plugin::{Aside, Description, FirstAside, Input, KnownTier, Setting, Tier};

use crate::requirements::{LEVELS, REQUIREMENTS};

/// Places of the inputs behind those of [`REQUIREMENTS`]; those of [`FIRST`] follow.
pub(crate) mod input {
    use crate::requirements::REQUIREMENTS;

    pub(crate) const FLAGS: usize = REQUIREMENTS.len();
}

/// Places of the reasons.
pub(crate) mod reason {
    use crate::requirements::REQUIREMENTS;

    /// Of a requirement that is met for good.
    pub(crate) fn enough(place: usize) -> u32 {
        2 * place as u32
    }

    /// Of a requirement for the next level that is not met.
    pub(crate) fn lacking(place: usize) -> u32 {
        2 * place as u32 + 1
    }

    pub(crate) const FLAGGED: u32 = 2 * REQUIREMENTS.len() as u32;
}

/// Who stands beside the ladder comes after everything else.
pub(crate) const FIRST: FirstAside =
    FirstAside { input: input::FLAGS + 1, tier: LEVELS as u32 + 1, reason: reason::FLAGGED + 1 };

pub(crate) fn description() -> Description {
    let description = Description::new(
        "A ladder of trust levels, from new to leader: so many days, topics, likes and answers for each.",
    );
    Aside::describe(reasons(tiers(settings(inputs(description)))))
}

fn inputs(description: Description) -> Description {
    REQUIREMENTS
        .iter()
        .fold(description, |description, requirement| {
            description.input(Input::raw(requirement.metric, requirement.why).optional())
        })
        .input(
            Input::raw("received(verb=x-flag)", "Whoever is flagged too often rises no further.")
                .lowers()
                .optional(),
        )
}

fn settings(description: Description) -> Description {
    let of_levels = REQUIREMENTS.iter().flat_map(|requirement| requirement.settings);
    of_levels
        .fold(description, |description, (name, summary, default)| {
            description.setting(Setting::integer(name, default, summary).at_least(0.0))
        })
        .setting(
            Setting::integer(
                "most-flags",
                5,
                "Whoever is flagged more often than this stays below level 3, where flags are recorded as `x-flag`.",
            )
            .at_least(0.0),
        )
}

fn tiers(description: Description) -> Description {
    description
        .tier(Tier::new("level-0", "New (level 0)", "Has only begun.").rung(0))
        .tier(Tier::new("level-1", "Basic (level 1)", "Has taken the first steps.").rung(1))
        .tier(Tier::new("level-2", "Member (level 2)", "Comes back and takes part.").rung(2))
        .tier(Tier::new("level-3", "Regular (level 3)", "There for a long time, active and liked.").rung(3))
        .tier(
            Tier::new(
                "level-4",
                "Leader (level 4)",
                "The most active and liked over a long time, who answer others, with a modest audience.",
            )
            .rung(4)
            .known(KnownTier::MicroInfluencer),
        )
}

fn reasons(description: Description) -> Description {
    REQUIREMENTS
        .iter()
        .flat_map(|requirement| [requirement.enough, requirement.lacking])
        .fold(description, |description, (id, text)| description.reason(id, text))
        .reason("flagged", "For level 3, be flagged less often: so far {value} times.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_name() {
        let requirements: Vec<_> = REQUIREMENTS.iter().map(|it| format!("{}@raw", it.metric)).collect();
        let mut inputs: Vec<_> = requirements.iter().map(String::as_str).enumerate().collect();
        inputs.extend([
            (input::FLAGS, "received(verb=x-flag)@raw"),
            (FIRST.weeks(), "weeks-active-share@raw"),
            (FIRST.audience(), "audience@raw"),
            (FIRST.audience_percentile(), "audience@percentile"),
            (FIRST.role(), "role@category"),
        ]);
        let of = |(place, it): (usize, &crate::requirements::Requirement)| {
            [(reason::enough(place), it.enough.0), (reason::lacking(place), it.lacking.0)]
        };
        let mut reasons: Vec<_> = REQUIREMENTS.iter().enumerate().flat_map(of).collect();
        reasons.extend([
            (reason::FLAGGED, "flagged"),
            (FIRST.reason, "not-active"),
            (FIRST.reason + 1, "above-ceiling"),
            (FIRST.reason + 2, "staff-role"),
        ]);
        groundswell_plugin_test::assert_places::<crate::TrustLevels>(
            &inputs,
            &[
                (0, "level-0"),
                (1, "level-1"),
                (2, "level-2"),
                (3, "level-3"),
                (4, "level-4"),
                (FIRST.tier, "unrated"),
                (FIRST.tier + 1, "celebrity"),
                (FIRST.tier + 2, "staff"),
            ],
            &reasons,
        );
    }
}
