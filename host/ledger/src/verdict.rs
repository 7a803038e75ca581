//! What rules propose, and what becomes of it.

use serde::Serialize;

use crate::State;

/// An award that the rules propose.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The member's id.
    pub member: &'a str,
    /// The award's id.
    pub award: &'a str,
    /// How many points, at least 1; 1 for every other kind.
    pub amount: u64,
    /// Why.
    pub reason: &'a str,
    /// The member's score: who has more comes first where a budget is short.
    pub score: f64,
}

/// Why something is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Hold {
    /// The period's budget is used up.
    Budget,
    /// The member has had as many as one may have.
    PerMember,
    /// It is too soon after the last one.
    CoolDown,
}

impl Hold {
    /// Its name, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::PerMember => "per-member",
            Self::CoolDown => "cool-down",
        }
    }
}

/// Why a member cannot get an award at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Bar {
    /// The programme has it off.
    Off,
    /// It is not for the member's role.
    Role,
    /// A person keeps the member from it.
    Excluded,
}

/// What becomes of one proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// The member gets it now.
    Given,
    /// The member has it.
    Has,
    /// It waits for a person.
    Pending,
    /// It is held.
    Held(Hold),
    /// The member cannot get it.
    Barred(Bar),
    /// It was had, or refused, and is over.
    Closed(State),
    /// A newer run has been recorded, and this one gives no more of what is had once at a time.
    Late,
    /// What decides has changed within the period, and nobody has approved of that.
    Unapproved,
}

impl Verdict {
    /// Its name: `given`, `has`, `pending`, `held`, `barred`, `closed`, `late`, `unapproved`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Has => "has",
            Self::Pending => "pending",
            Self::Held(_) => "held",
            Self::Barred(_) => "barred",
            Self::Closed(_) => "closed",
            Self::Late => "late",
            Self::Unapproved => "unapproved",
        }
    }

    /// What it is held, barred or closed by; empty for the others.
    pub fn detail(self) -> &'static str {
        match self {
            Self::Held(hold) => hold.name(),
            Self::Barred(Bar::Off) => "off",
            Self::Barred(Bar::Role) => "role",
            Self::Barred(Bar::Excluded) => "excluded",
            Self::Closed(state) => state.name(),
            Self::Given | Self::Has | Self::Pending | Self::Late | Self::Unapproved => "",
        }
    }
}

/// How much of an award's budget is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BudgetUse {
    /// The award.
    pub award: String,
    /// The bound; `None` where there is none.
    pub budget: Option<u64>,
    /// What was given in the period, or waits, before.
    pub before: u64,
    /// The same afterwards.
    pub after: u64,
}
