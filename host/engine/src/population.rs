//! Who is scored, and who is not and why.

use std::fmt;

use crate::metrics::Facts;
use crate::run::LeftOut;
use crate::{CommunityConfig, PopulationKind};

/// Who is scored. Everyone else is counted, each once, under the first reason that applies.
#[derive(Debug)]
pub(crate) struct Population {
    /// Where the facts of its members stand, in the order of their ids by bytes.
    pub(crate) places: Vec<u32>,
    pub(crate) left_out: LeftOut,
}

/// Why a member is not scored, in the order in which reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    Unknown,
    OptedOut,
    NotYetJoined,
    ExcludedRole,
    Inactive,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "no member up to as-of has this id",
            Self::OptedOut => "they do not want to be looked at (opted_out)",
            Self::NotYetJoined => "they joined after as-of",
            Self::ExcludedRole => "their role is one of exclude-roles",
            Self::Inactive => {
                "they have no activity, given or received, in the window; `population = \"all\"` scores them"
            }
        })
    }
}

impl Population {
    /// Chooses the population of a run.
    pub(crate) fn select(facts: &Facts, community: &CommunityConfig, as_of: i64) -> Self {
        let mut left_out = LeftOut::default();
        let mut places = Vec::new();
        for place in 0..facts.ids.len() {
            match absence(facts, place, community, as_of) {
                None => places.push(place as u32),
                Some(Absence::OptedOut) => left_out.opted_out += 1,
                Some(Absence::NotYetJoined) => left_out.not_yet_joined += 1,
                Some(Absence::ExcludedRole) => left_out.excluded_role += 1,
                Some(Absence::Inactive) => left_out.inactive += 1,
                Some(Absence::Unknown) => {}
            }
        }
        places.sort_unstable_by(|left, right| facts.ids.get(*left as usize).cmp(&facts.ids.get(*right as usize)));
        Self { places, left_out }
    }

    /// Why a member is not in the population; `None` for who is.
    pub(crate) fn absence(facts: &Facts, id: &str, community: &CommunityConfig, as_of: i64) -> Option<Absence> {
        match facts.ids.iter().position(|known| known == id) {
            None => Some(Absence::Unknown),
            Some(place) => absence(facts, place, community, as_of),
        }
    }
}

fn absence(facts: &Facts, place: usize, community: &CommunityConfig, as_of: i64) -> Option<Absence> {
    let active = facts.active.get(place).is_some_and(|&activities| activities > 0);
    if let Some(profile) = facts.profiles.get(place) {
        if profile.opted_out {
            return Some(Absence::OptedOut);
        }
        if profile.joined_at.is_some_and(|joined| joined > as_of) {
            return Some(Absence::NotYetJoined);
        }
        if profile.role.as_ref().is_some_and(|role| community.exclude_roles.contains(role)) {
            return Some(Absence::ExcludedRole);
        }
    }
    (community.population == PopulationKind::Active && !active).then_some(Absence::Inactive)
}
