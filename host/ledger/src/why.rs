//! What the host says where nobody else does: why something was taken back, lapsed or ran out.

use crate::{Share, State};

/// Why a member is given nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The rules do not propose it any more.
    NotProposed,
    /// The newest run did not score the member.
    NotScored,
    /// It belongs to a period that is over.
    PeriodOver,
}

impl Cause {
    fn words(self) -> &'static str {
        match self {
            Self::NotProposed => "no longer proposed",
            Self::NotScored => "not scored any more",
            Self::PeriodOver => "the period ended",
        }
    }
}

/// Why it is taken back.
pub(crate) fn taken(cause: Cause) -> String {
    cause.words().to_owned()
}

/// Why it is taken back after the grace.
pub(crate) fn left(cause: Cause) -> String {
    format!("{}, and the grace is over", cause.words())
}

/// Why the grace has begun, which lasts so many periods.
pub(crate) fn leaving(cause: Cause, grace: u32) -> String {
    let periods = if grace == 1 { "period" } else { "periods" };
    format!("{}: the grace is {grace} {periods}", cause.words())
}

/// Why a person has to agree.
pub(crate) fn revoking(cause: Cause, most: Share) -> String {
    format!("{}, and more than {most} would lose it in this period", cause.words())
}

/// Why what was held or pending is not any longer.
pub(crate) fn lapsed(cause: Cause, from: State) -> String {
    let meanwhile = if from == State::Pending { "waited for a person" } else { "was held" };
    format!("{} while it {meanwhile}", cause.words())
}

/// Why an invitation, or points, ran out after so many days.
pub(crate) fn expired(from: State, days: u32) -> String {
    let (done, unit) =
        (if from == State::Invited { "accepted" } else { "spent" }, if days == 1 { "day" } else { "days" });
    format!("not {done} within {days} {unit}")
}
