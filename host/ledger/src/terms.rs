//! A community's terms: what it says about each award that its reward rules may propose.

use serde::{Deserialize, Serialize};

use crate::{Calendar, Kind, Share};

/// The most that one award, or one spending, may be of: so that sums of any number of them fit into 64 bits.
pub const LARGEST: u64 = u32::MAX as u64;
/// The most runs that have to agree before a tier counts for rewards.
pub const MOST_RUNS: u32 = 12;

/// What a community says about one award, and what the reward rules say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct AwardTerms {
    /// The award's id.
    pub award: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it is taken back once the rules no longer propose it.
    pub revocable: bool,
    /// Whether a member can get it once in every period, and not once for good. Of no account for a circle, in which a member
    /// is once at a time.
    pub each_period: bool,
    /// Whether it is given at all. Default: yes. One that is off stays with whoever has it.
    pub enabled: bool,
    /// Whether a person has to approve each. Default: no.
    pub approval: bool,
    /// How much may be given in a period: awards, or points. Default: no bound.
    pub budget: Option<u64>,
    /// How much one member may be given within [`per_member_within`](Self::per_member_within): awards, or points. Default: no
    /// bound.
    pub per_member: Option<u64>,
    /// In how many days `per_member` counts, back from as-of; `None` for all time.
    pub per_member_within: Option<u32>,
    /// How many days after one the same member may be given another. Default: 0.
    pub cool_down: u32,
    /// Members with these roles are not given it.
    pub not_for: Vec<String>,
    /// After how many days an invitation to a training, or points, expire. Default: never.
    pub expires: Option<u32>,
    /// For how many periods a member stays in a circle once no longer proposed. Default: 1.
    pub grace: u32,
    /// The targets that are told of it, by name.
    pub deliver: Vec<String>,
}

impl Default for AwardTerms {
    fn default() -> Self {
        Self {
            award: String::new(),
            kind: Kind::Badge,
            revocable: false,
            each_period: false,
            enabled: true,
            approval: false,
            budget: None,
            per_member: None,
            per_member_within: None,
            cool_down: 0,
            not_for: Vec::new(),
            expires: None,
            grace: 1,
            deliver: Vec::new(),
        }
    }
}

impl AwardTerms {
    /// The default terms of an award.
    pub fn new(award: impl Into<String>, kind: Kind) -> Self {
        Self { award: award.into(), kind, ..Self::default() }
    }

    /// The period in the key of an occurrence: empty for what is had once at a time.
    pub(crate) fn key<'p>(&self, period: &'p str) -> &'p str {
        if self.each_period && self.kind != Kind::Circle { period } else { "" }
    }
}

/// A community's programme, as the ledger has to know it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Programme {
    /// Every award that the rules may propose.
    pub awards: Vec<AwardTerms>,
    /// The programme's periods.
    pub calendar: Calendar,
    /// How large a share of an award's holders rules may take it from in one period, the beginning of a circle's grace counted;
    /// more wait for a person. Holders are those who have it now, and those from whom rules have taken it in the period.
    /// Default: [`Share::TENTH`].
    pub max_revoked: Share,
    /// A hash of whatever decides: plugins, settings, terms. Runs with another in the same period change nothing until it is
    /// approved.
    pub terms: String,
}

impl Programme {
    /// A programme of these awards, that takes back from one in ten at most in a period.
    pub fn new(awards: Vec<AwardTerms>, calendar: Calendar, terms: impl Into<String>) -> Self {
        Self { awards, calendar, max_revoked: Share::TENTH, terms: terms.into() }
    }

    pub(crate) fn of(&self, award: &str) -> Option<&AwardTerms> {
        self.awards.iter().find(|terms| terms.award == award)
    }
}
