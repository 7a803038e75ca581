//! The lives of awards: which states each kind goes through, and what may follow what.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an award is in everyone's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// A sign beside the name: granted, revoked if revocable, granted again.
    Badge,
    /// A public thank-you: granted, and never taken back.
    Shoutout,
    /// An invitation to learn something: invited, accepted, completed, expired.
    Training,
    /// Access to a space of their own: joined, leaving for as long as the grace lasts, left.
    Circle,
    /// An amount to collect or spend: granted, spent, expired.
    Points,
    /// No award but what a person ordered about one: pinned or excluded, until released.
    Order,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Badge, Self::Shoutout, Self::Training, Self::Circle, Self::Points, Self::Order];

    /// Its name: `badge`, `shoutout`, `training`, `circle`, `points`, `order`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Badge => "badge",
            Self::Shoutout => "shoutout",
            Self::Training => "training",
            Self::Circle => "circle",
            Self::Points => "points",
            Self::Order => "order",
        }
    }

    /// The kind of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The state in which the member has it.
    pub fn first(self) -> State {
        match self {
            Self::Badge | Self::Shoutout | Self::Points => State::Granted,
            Self::Training => State::Invited,
            Self::Circle => State::Joined,
            Self::Order => State::Pinned,
        }
    }

    /// The state in which it is taken back.
    pub fn taken(self) -> State {
        match self {
            Self::Circle => State::Left,
            _ => State::Revoked,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where one occurrence of an award stands. Every entry of the ledger is the beginning of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// Proposed, and not given for now: the entry says why.
    Held,
    /// Proposed, and waiting for a person. Counts against the budget.
    Pending,
    /// Proposed once and no more, before it was given.
    Lapsed,
    /// A person said no.
    Rejected,
    /// A badge, a shoutout or points that the member has.
    Granted,
    /// Invited to a training.
    Invited,
    /// Takes part in a training.
    Accepted,
    /// Has done a training.
    Completed,
    /// Is in a circle.
    Joined,
    /// Is in a circle, no longer proposed, and has the grace left.
    Leaving,
    /// Is to be taken back, and waits for a person: too many were to go at once.
    Revoking,
    /// Taken back.
    Revoked,
    /// No longer in a circle.
    Left,
    /// An invitation to a training that was not accepted in time, or points that were not spent in time.
    Expired,
    /// Points that were spent.
    Spent,
    /// The member asks for another look.
    Appealed,
    /// The appeal was heard: the next occurrence has what comes of it.
    Upheld,
    /// A person keeps it from being taken back.
    Pinned,
    /// A person keeps it from being given.
    Excluded,
    /// What a person ordered no longer holds.
    Released,
}

impl State {
    const ALL: [Self; 20] = [
        Self::Held,
        Self::Pending,
        Self::Lapsed,
        Self::Rejected,
        Self::Granted,
        Self::Invited,
        Self::Accepted,
        Self::Completed,
        Self::Joined,
        Self::Leaving,
        Self::Revoking,
        Self::Revoked,
        Self::Left,
        Self::Expired,
        Self::Spent,
        Self::Appealed,
        Self::Upheld,
        Self::Pinned,
        Self::Excluded,
        Self::Released,
    ];

    /// Its name, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Lapsed => "lapsed",
            Self::Rejected => "rejected",
            Self::Granted => "granted",
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Completed => "completed",
            Self::Joined => "joined",
            Self::Leaving => "leaving",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
            Self::Left => "left",
            Self::Expired => "expired",
            Self::Spent => "spent",
            Self::Appealed => "appealed",
            Self::Upheld => "upheld",
            Self::Pinned => "pinned",
            Self::Excluded => "excluded",
            Self::Released => "released",
        }
    }

    /// The state of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Every state, in the order of a life.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        Self::ALL.into_iter()
    }

    /// Whether the member has what was given: it counts in memberships and balances.
    pub fn is_had(self) -> bool {
        use State::{Accepted, Completed, Granted, Invited, Joined, Leaving, Revoking};
        matches!(self, Granted | Invited | Accepted | Completed | Joined | Leaving | Revoking)
    }

    /// Whether it waits for a person.
    pub fn waits(self) -> bool {
        matches!(self, Self::Pending | Self::Revoking | Self::Appealed)
    }

    /// Whether the platform is told.
    pub fn is_told(self) -> bool {
        use State::{Accepted, Completed, Expired, Granted, Invited, Joined, Left, Revoked, Spent};
        matches!(self, Granted | Invited | Accepted | Completed | Joined | Revoked | Left | Expired | Spent)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether an occurrence of this kind may go from one state to another; `None` stands for what comes before the first.
///
/// What only a person may do (take back what is not revocable, give what was held) is not decided here.
pub fn may_follow(kind: Kind, from: Option<State>, to: State) -> bool {
    use State::{
        Accepted, Appealed, Completed, Excluded, Expired, Granted, Held, Invited, Joined, Lapsed, Leaving,
        Left, Pending, Pinned, Rejected, Released, Revoked, Revoking, Spent, Upheld,
    };
    if kind == Kind::Order {
        return matches!((from, to), (None, Pinned | Excluded) | (Some(Pinned | Excluded), Released));
    }
    let Some(from) = from else {
        return to == Held || to == Pending || to == kind.first() || (kind == Kind::Points && to == Spent);
    };
    match (from, to) {
        (Held, Pending | Lapsed | Rejected | Appealed) | (Pending, Held | Lapsed | Rejected) => true,
        (Held | Pending, to) => to == kind.first(),
        (Lapsed | Rejected | Revoked | Left, Appealed) => true,
        (Expired, Appealed) => kind == Kind::Training,
        (Appealed, Rejected | Upheld) => true,
        _ => match kind {
            Kind::Badge => {
                matches!((from, to), (Granted, Revoking | Revoked) | (Revoking, Granted | Revoked))
            }
            Kind::Shoutout | Kind::Order => false,
            Kind::Training => matches!(
                (from, to),
                (Invited, Accepted | Completed | Expired | Revoking | Revoked)
                    | (Accepted, Completed | Revoking | Revoked)
                    | (Revoking, Invited | Accepted | Revoked)
            ),
            Kind::Circle => matches!(
                (from, to),
                (Joined, Leaving | Left | Revoking)
                    | (Leaving, Joined | Left | Revoking)
                    | (Revoking, Joined | Leaving | Left)
            ),
            Kind::Points => {
                matches!((from, to), (Granted, Expired | Revoking | Revoked) | (Revoking, Granted | Revoked))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        assert!(State::all().all(|state| State::of_name(state.name()) == Some(state)));
        assert!(Kind::ALL.into_iter().all(|kind| Kind::of_name(kind.name()) == Some(kind)));
    }

    #[test]
    fn lives_are_as_the_page_says() {
        let told = |kind: Kind| {
            let from = std::iter::once(None).chain(State::all().map(Some));
            let lines = from.filter_map(|from| {
                let next: Vec<&str> =
                    State::all().filter(|to| may_follow(kind, from, *to)).map(State::name).collect();
                let from = from.map_or("-", State::name);
                (!next.is_empty()).then(|| format!("{from} > {}", next.join(" ")))
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(told(Kind::Badge), @r"
        - > held pending granted
        held > pending lapsed rejected granted appealed
        pending > held lapsed rejected granted
        lapsed > appealed
        rejected > appealed
        granted > revoking revoked
        revoking > granted revoked
        revoked > appealed
        left > appealed
        appealed > rejected upheld
        ");
        insta::assert_snapshot!(told(Kind::Shoutout), @r"
        - > held pending granted
        held > pending lapsed rejected granted appealed
        pending > held lapsed rejected granted
        lapsed > appealed
        rejected > appealed
        revoked > appealed
        left > appealed
        appealed > rejected upheld
        ");
        insta::assert_snapshot!(told(Kind::Training), @r"
        - > held pending invited
        held > pending lapsed rejected invited appealed
        pending > held lapsed rejected invited
        lapsed > appealed
        rejected > appealed
        invited > accepted completed revoking revoked expired
        accepted > completed revoking revoked
        revoking > invited accepted revoked
        revoked > appealed
        left > appealed
        expired > appealed
        appealed > rejected upheld
        ");
        insta::assert_snapshot!(told(Kind::Circle), @r"
        - > held pending joined
        held > pending lapsed rejected joined appealed
        pending > held lapsed rejected joined
        lapsed > appealed
        rejected > appealed
        joined > leaving revoking left
        leaving > joined revoking left
        revoking > joined leaving left
        revoked > appealed
        left > appealed
        appealed > rejected upheld
        ");
        insta::assert_snapshot!(told(Kind::Points), @r"
        - > held pending granted spent
        held > pending lapsed rejected granted appealed
        pending > held lapsed rejected granted
        lapsed > appealed
        rejected > appealed
        granted > revoking revoked expired
        revoking > granted revoked
        revoked > appealed
        left > appealed
        appealed > rejected upheld
        ");
        insta::assert_snapshot!(told(Kind::Order), @r"
        - > pinned excluded
        pinned > released
        excluded > released
        ");
    }
}
