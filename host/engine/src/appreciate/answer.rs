//! Whom a community may take for granted, as it is told.

use groundswell_ledger::Moment;
use serde::Serialize;

/// Whom a community may take for granted. Made by [`Community::appreciate`](crate::Community::appreciate).
///
/// Evidence and next steps are sentences for people, in which everything from elsewhere is escaped; ids of members are as they
/// stand in the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Appreciation {
    /// The moment that is looked from, RFC 3339.
    pub as_of: String,
    /// The definition that says who is a micro-influencer.
    pub definition: String,
    /// The programme's period; `None` without a programme.
    pub period: Option<String>,
    /// How many micro-influencers there are.
    pub members: u64,
    /// How many days without thanks make somebody overlooked.
    pub days: u32,
    /// The lowest share of the tier's scores that is near to its edge.
    pub margin: f64,
    /// Whether the ledger was asked. Without it shoutouts, badges, circles and earlier periods are unknown.
    pub ledger: bool,
    /// Whether the ledger knows where members stood in earlier periods. Without them nobody is known to be new, or to have been a
    /// micro-influencer before.
    pub earlier_periods: bool,
    /// What everybody together does: where all do less, single members are no news.
    pub everybody: CommunityPace,
    /// How it was found out who falls.
    pub test: DeclineTest,
    /// What should be said about the data and the ledger.
    pub notes: Vec<String>,
    /// Without thanks, accepted answer, shoutout and badge for `days`; the longest first.
    pub overlooked: Vec<Overlooked>,
    /// Less active than their own past lets expect; the least probable first.
    pub falling: Vec<Falling>,
    /// About to leave the tier, or just gone.
    pub leaving: Vec<Leaving>,
    /// Micro-influencers for the first time; the highest score first.
    pub arrived: Vec<Arrived>,
}

impl Appreciation {
    /// Everybody who is in a list, list by list: whom to write to, why, and what to do. Whoever is in two lists comes twice.
    pub fn contacts(&self) -> impl Iterator<Item = Contact<'_>> {
        fn contact<'a>(
            list: &'static str,
            member: &'a str,
            evidence: &'a str,
            next_step: &'a str,
        ) -> Contact<'a> {
            Contact { member, list, evidence, next_step }
        }
        let overlooked = self.overlooked.iter();
        let overlooked =
            overlooked.map(|one| contact("overlooked", &one.member, &one.evidence, &one.next_step));
        let falling =
            self.falling.iter().map(|one| contact("falling", &one.member, &one.evidence, &one.next_step));
        let leaving =
            self.leaving.iter().map(|one| contact("leaving", &one.member, &one.evidence, &one.next_step));
        let arrived =
            self.arrived.iter().map(|one| contact("arrived", &one.member, &one.evidence, &one.next_step));
        overlooked.chain(falling).chain(leaving).chain(arrived)
    }
}

/// One row of a contact list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Contact<'a> {
    /// The member's id, as it stands in the data.
    pub member: &'a str,
    /// The list that they are in: `overlooked`, `falling`, `leaving` or `arrived`.
    pub list: &'static str,
    /// Why, with the figures.
    pub evidence: &'a str,
    /// What to do about it.
    pub next_step: &'a str,
}

/// What everybody together does a week: activities of which somebody is known to have done them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CommunityPace {
    /// In the recent weeks.
    pub per_week: f64,
    /// In the rest of the 52 weeks.
    pub per_week_before: f64,
}

/// How it was found out whose activity falls.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeclineTest {
    /// The test, with its authors.
    pub name: &'static str,
    /// How many recent weeks are compared.
    pub weeks: u32,
    /// With how many before them, at most.
    pub weeks_before: u32,
    /// The share of false alarms that is expected among those who are told, at most, 0 to 1.
    pub false_alarms: f64,
    /// How many micro-influencers were tested.
    pub tested: u64,
    /// How many were not, since they have not been active for long enough, or so seldom or so evenly that no
    /// order of their fortnights would be a surprise.
    pub untested: u64,
}

/// A micro-influencer whom nobody thanked for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Overlooked {
    /// The member's id, as it stands in the data.
    pub member: String,
    /// The last `thank` of somebody else; `None` for never.
    pub thanked: Option<Moment>,
    /// The last answer that somebody else accepted.
    pub accepted: Option<Moment>,
    /// The last shoutout that the ledger gave; `None` too where it was not asked.
    pub shoutout: Option<Moment>,
    /// The last badge that it gave.
    pub badge: Option<Moment>,
    /// The newest of these.
    pub newest: Option<Moment>,
    /// Why, with the figures.
    pub evidence: String,
    /// What to do about it.
    pub next_step: String,
}

/// A micro-influencer who does less than their own past lets expect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Falling {
    /// The member's id, as it stands in the data.
    pub member: String,
    /// Activities given in the recent weeks.
    pub activities: u64,
    /// How many weeks those are.
    pub weeks: u32,
    /// Activities given in the weeks before.
    pub activities_before: u64,
    /// How many weeks those are: of 52 as many as the member was there for.
    pub weeks_before: u32,
    /// The p-value: how probable so little is where nothing has changed.
    pub chance: f64,
    /// The same, adjusted for how many members were tested.
    pub adjusted: f64,
    /// Why, with the figures.
    pub evidence: String,
    /// What to do about it.
    pub next_step: String,
}

/// A micro-influencer who is about to leave the tier, or has just left it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Leaving {
    /// The member's id, as it stands in the data.
    pub member: String,
    /// The title of the tier they are in now, escaped.
    pub tier: String,
    /// Every reason to say so.
    pub reasons: Vec<LeavingReason>,
    /// Why, with the figures.
    pub evidence: String,
    /// What to do about it.
    pub next_step: String,
}

/// Why somebody is taken to be about to leave the tier.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LeavingReason {
    /// Was a micro-influencer at the newest run of an earlier period, and is none now. Titles, escaped.
    NoLonger {
        /// The tier then.
        before: String,
        /// The tier now.
        now: String,
    },
    /// Is about to leave a circle.
    Leaving {
        /// The circle's id.
        award: String,
        /// Since when.
        since: Moment,
    },
    /// Is to lose an award as soon as a person says so.
    Revoking {
        /// The award's id.
        award: String,
        /// Since when.
        since: Moment,
    },
    /// Has one of the lowest scores of the tier.
    NearEdge {
        /// The member's.
        score: f64,
        /// The tier's lowest.
        lowest: f64,
        /// The tier's highest.
        highest: f64,
    },
}

impl LeavingReason {
    /// The smaller, the sooner something has to be done.
    pub(super) fn urgency(&self) -> u8 {
        match self {
            Self::NoLonger { .. } => 0,
            Self::Leaving { .. } | Self::Revoking { .. } => 1,
            Self::NearEdge { .. } => 2,
        }
    }
}

/// A micro-influencer for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Arrived {
    /// The member's id, as it stands in the data.
    pub member: String,
    /// The title of their tier, escaped.
    pub tier: String,
    /// The title of the tier they were in at the last earlier period that knows them, escaped; `None` where none does.
    pub before: Option<String>,
    /// Why, with the figures.
    pub evidence: String,
    /// What to do about it.
    pub next_step: String,
}
