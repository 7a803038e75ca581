//! What can be found out about everyone, from which metrics are made.

use super::parameter::{Days, Share};
use super::span::Unit;

/// Which activities are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Count {
    /// `None` for every verb.
    pub(crate) verb: Option<String>,
    pub(crate) object_kind: Option<String>,
    /// Leave out those towards oneself.
    pub(crate) others_only: bool,
    /// Leave out those that name no product.
    pub(crate) with_product: bool,
}

impl Count {
    /// Every activity with the verb.
    pub(crate) fn of(verb: &str) -> Self {
        Self { verb: Some(verb.to_owned()), object_kind: None, others_only: false, with_product: false }
    }

    /// Those towards others, or from others.
    pub(crate) fn others(self) -> Self {
        Self { others_only: true, ..self }
    }
}

/// Who did it, or to whom it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Given,
    Received,
}

/// Which ties between two different members make a network. A tie that comes again is the same tie, and stronger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ties {
    /// From follower to followed.
    Follows,
    /// From actor to recipient, whatever was done.
    Activity,
    /// From actor to recipient of activities with one of the verbs, sorted.
    Verbs(Vec<String>),
}

/// Ties between members whose activities weigh half as much for every so many days of their age.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fading {
    pub(crate) ties: Ties,
    pub(crate) half_life: Days,
}

impl Ties {
    pub(crate) fn verb(verb: &str) -> Self {
        Self::Verbs(vec![verb.to_owned()])
    }
}

/// How the credit for a conversion is shared among the recommendations before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Model {
    FirstTouch,
    LastTouch,
    Linear,
    /// Halved for every so many days between recommendation and conversion.
    TimeDecay(Days),
}

/// One number a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// Activities in the window.
    Count(Side, Count),
    /// The sum of their weights.
    Weight(Side, String),
    /// Activities given, each worth half as much for every so many days it is old.
    Decayed(Days, Option<String>),
    /// Units of time with an activity given.
    Units(Unit),
    /// The most of them in a row.
    Streak(Unit),
    /// Different topics of activities given.
    Topics(Option<String>),
    /// How evenly exchange with others is spread over topics.
    TopicSpread,
    /// Hours from `to` of the recipient to `verb`, at the median.
    Response { verb: String, to: String },
    /// Different newcomers among the recipients.
    Newcomers { verb: String, days: Days },
    /// The h-index of what was done to the member's objects.
    HIndex(String),
    /// Stack Exchange's points, of which a like of a question brings so many.
    Reputation { question_like: u32 },
    /// The share of positive weights among those received.
    Positive(String),
    /// How unevenly in time the member acts.
    Burstiness,
    /// The share of what was received that came from new accounts.
    NewAccounts(Days),
    /// The share of ripe recommendations that were followed.
    FollowThrough(Days),
    /// Conversions after recommendations less those before them, a recommendation.
    Lift(Days),
    /// Conversions credited to the member.
    Conversions(Model, Days),
    /// Their value.
    ConversionValue(Model, Days),
}

/// Whether a share of restart is given to few.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Restart {
    pub(crate) share: Share,
    /// To members with this role alone; `None` for all alike.
    pub(crate) role: Option<String>,
}
