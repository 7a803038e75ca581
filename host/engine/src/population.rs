//! Who is scored, and who is not and why.

use std::fmt;

use crate::metrics::Everyone;
use crate::run::LeftOut;
use crate::{CommunityConfig, PopulationKind};

/// Who is scored. Everyone else is counted, each once, under the first reason that applies.
#[derive(Debug)]
pub(crate) struct Population {
    /// The numbers of its members, which are in the order of their ids by bytes.
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
    pub(crate) fn select(everyone: &Everyone, community: &CommunityConfig, as_of: i64) -> Self {
        let mut left_out = LeftOut::default();
        let mut places = Vec::new();
        for member in 0..everyone.world.members() {
            match absence(everyone, member, community, as_of) {
                None => places.push(member as u32),
                Some(Absence::OptedOut) => left_out.opted_out += 1,
                Some(Absence::NotYetJoined) => left_out.not_yet_joined += 1,
                Some(Absence::ExcludedRole) => left_out.excluded_role += 1,
                Some(Absence::Inactive) => left_out.inactive += 1,
                Some(Absence::Unknown) => {}
            }
        }
        Self { places, left_out }
    }

    /// Why a member is not in the population; `None` for who is.
    pub(crate) fn absence(
        everyone: &Everyone,
        id: &str,
        community: &CommunityConfig,
        as_of: i64,
    ) -> Option<Absence> {
        match everyone.world.find(id) {
            None => Some(Absence::Unknown),
            Some(member) => absence(everyone, member, community, as_of),
        }
    }
}

/// The numbers of all who may be seen by a plugin: whoever is not left out for more than being inactive.
pub(crate) fn visible(everyone: &Everyone, community: &CommunityConfig, as_of: i64) -> Vec<u32> {
    let seen = |member: &u32| {
        matches!(absence(everyone, *member as usize, community, as_of), None | Some(Absence::Inactive))
    };
    (0..everyone.world.members() as u32).filter(seen).collect()
}

fn absence(everyone: &Everyone, member: usize, community: &CommunityConfig, as_of: i64) -> Option<Absence> {
    let world = &everyone.world;
    if !everyone.exists(member) {
        return Some(Absence::Unknown);
    }
    if world.opted_out(member) {
        return Some(Absence::OptedOut);
    }
    if world.joined_after(member, as_of) {
        return Some(Absence::NotYetJoined);
    }
    if community.excludes(world.role(member)) {
        return Some(Absence::ExcludedRole);
    }
    let active = everyone.presence.active.get(member).is_some_and(|&activities| activities > 0);
    (community.population == PopulationKind::Active && !active).then_some(Absence::Inactive)
}
