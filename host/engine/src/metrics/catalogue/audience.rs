//! Who hears members.

use super::{BASE, MetricFamily, MetricGroup, optional};
use crate::metrics::metric::Metric;
use crate::metrics::parameter::ParameterKind;

const AUDIENCE: MetricFamily = MetricFamily {
    group: MetricGroup::Audience,
    window: "follows at as-of, whenever they began",
    edges: "following oneself does not count; a follow that comes twice counts once; who joins after as-of does not exist yet",
    needs: &["follows"],
    ..BASE
};

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "followers",
        name: "followers",
        unit: "followers",
        summary: "How many members follow the member.",
        formula: "distinct members, other than the member, who had joined and followed them by as-of",
        source: "in-degree; Cha, Haddadi, Benevenuto, Gummadi: Measuring user influence in Twitter, ICWSM 2010",
        build: |_| Metric::Followers,
        ..AUDIENCE
    },
    MetricFamily {
        id: "external-followers",
        name: "external-followers",
        unit: "followers",
        summary: "How many people follow the member elsewhere.",
        formula: "the column external_followers of the table members",
        source: "the community's own data",
        window: "as the data has it",
        edges: "not computed from activities",
        needs: &["members.external_followers"],
        build: |_| Metric::ExternalFollowers,
        ..AUDIENCE
    },
    MetricFamily {
        id: "audience",
        name: "audience",
        unit: "followers",
        summary: "How many people the member reaches, here and elsewhere.",
        formula: "followers + external-followers; where there is no table follows, no value without \
                  external_followers",
        source: "in-degree; Cha, Haddadi, Benevenuto, Gummadi: Measuring user influence in Twitter, ICWSM 2010",
        needs: &["follows", "members.external_followers"],
        build: |_| Metric::Audience,
        ..AUDIENCE
    },
    MetricFamily {
        id: "engagement-rate",
        name: "engagement-rate",
        unit: "activities per follower",
        summary: "How much the member's audience does with what it hears.",
        formula: "activities received from others, whatever their verb / audience; no value without an audience",
        source: "engagement per follower, as influencer marketing reports it",
        window: "activities in the window, follows at as-of",
        edges: "activities towards oneself do not count; equal rows without ids all count; an unknown actor is somebody else",
        needs: &["activities.recipient and follows", "activities.recipient and members.external_followers"],
        build: |_| Metric::EngagementRate,
        ..AUDIENCE
    },
    MetricFamily {
        id: "active-follower-share",
        name: "active-follower-share",
        unit: "share, 0 to 1",
        summary: "Which share of the member's followers is active.",
        formula: "followers with at least one activity given in the window / followers; no value without followers",
        source: "share of an audience that is alive; a common check for bought followers",
        window: "activities in the window, follows at as-of",
        needs: &["follows and activities.actor"],
        build: |_| Metric::ActiveFollowerShare,
        ..AUDIENCE
    },
    MetricFamily {
        id: "reach[(hops=H)]",
        name: "reach",
        parameters: &[optional(
            "hops",
            Some("1"),
            ParameterKind::Choice(&["1", "2"]),
            "1 for followers, 2 for them and their followers",
        )],
        unit: "members",
        summary: "How many different members hear of what the member says, at first or second hand.",
        formula: "distinct members, other than the member, from whom at most H follows lead to the member",
        source: "unique reach: an audience without its overlaps, as media planning counts it",
        build: |parameters| Metric::Reach(parameters.number("hops").unwrap_or(1)),
        ..AUDIENCE
    },
];
