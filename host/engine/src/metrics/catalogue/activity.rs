//! What members do, and when.

use super::{BASE, MetricFamily, MetricGroup, OBJECT_KIND, VERB, optional};
use crate::metrics::fact::{Count, Fact, Side};
use crate::metrics::metric::Metric;
use crate::metrics::parameter::{MetricParameter, ParameterKind, Parameters};
use crate::metrics::span::Unit;

const ACTIVITY: MetricFamily = MetricFamily {
    group: MetricGroup::Activity,
    needs: &["activities.actor"],
    edges: "activities towards oneself count; equal rows without ids all count; activities without an actor count for nobody",
    ..BASE
};

const ONE_VERB: MetricParameter =
    optional("verb", None, ParameterKind::Verb, "only activities with this verb; all where nothing is said");

fn counted(parameters: &Parameters<'_>, side: Side) -> Metric {
    let count = Count::of(&parameters.text("verb"));
    let count = Count { object_kind: parameters.word("object-kind"), ..count };
    Metric::Count(side, if side == Side::Received { count.others() } else { count })
}

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "given(verb=V[, object-kind=K])",
        name: "given",
        parameters: &[VERB, OBJECT_KIND],
        unit: "activities",
        summary: "How often the member did something.",
        formula: "activities with that verb, and about that kind of object, whose actor is the member; weights do not count",
        source: "count of events",
        build: |parameters| counted(parameters, Side::Given),
        ..ACTIVITY
    },
    MetricFamily {
        id: "received(verb=V[, object-kind=K])",
        name: "received",
        parameters: &[VERB, OBJECT_KIND],
        unit: "activities",
        summary: "How often others did something towards the member.",
        formula: "activities with that verb, and about that kind of object, whose recipient is the member and whose actor is \
                  somebody else or unknown; weights do not count",
        source: "count of events",
        edges: "activities towards oneself do not count; equal rows without ids all count; an unknown actor is somebody else",
        needs: &["activities.recipient"],
        build: |parameters| counted(parameters, Side::Received),
        ..ACTIVITY
    },
    MetricFamily {
        id: "answers",
        name: "answers",
        unit: "answers",
        summary: "How many questions the member answered.",
        formula: "given(verb=answer)",
        source: "count of events",
        build: |_| Metric::Count(Side::Given, Count::of("answer")),
        ..ACTIVITY
    },
    MetricFamily {
        id: "likes-received[(object-kind=K)]",
        name: "likes-received",
        parameters: &[OBJECT_KIND],
        unit: "likes",
        summary: "How many likes the member received.",
        formula: "received(verb=like), or received(verb=like, object-kind=K)",
        source: "count of events",
        edges: "likes of oneself do not count; equal rows without ids all count; an unknown actor is somebody else",
        needs: &["activities.recipient"],
        build: |parameters| {
            let count = Count { object_kind: parameters.word("object-kind"), ..Count::of("like") };
            Metric::Count(Side::Received, count.others())
        },
        ..ACTIVITY
    },
    MetricFamily {
        id: "weight-given(verb=V)",
        name: "weight-given",
        parameters: &[VERB],
        unit: "the unit of the column weight",
        summary: "How much the member gave, by weight.",
        formula: "sum of the weights of given(verb=V), added in the order of time",
        source: "sum over events",
        build: |parameters| Metric::Fact(Fact::Weight(Side::Given, parameters.text("verb"))),
        ..ACTIVITY
    },
    MetricFamily {
        id: "weight-received(verb=V)",
        name: "weight-received",
        parameters: &[VERB],
        unit: "the unit of the column weight",
        summary: "How much the member received from others, by weight.",
        formula: "sum of the weights of received(verb=V), added in the order of time",
        source: "sum over events",
        edges: "activities towards oneself do not count; equal rows without ids all count; an unknown actor is somebody else",
        needs: &["activities.recipient"],
        build: |parameters| Metric::Fact(Fact::Weight(Side::Received, parameters.text("verb"))),
        ..ACTIVITY
    },
    MetricFamily {
        id: "decayed-activity[(half-life=D, verb=V)]",
        name: "decayed-activity",
        parameters: &[
            optional(
                "half-life",
                Some("30d"),
                ParameterKind::Days,
                "after so many days an activity counts half",
            ),
            ONE_VERB,
        ],
        unit: "activities of now",
        summary: "How much the member did, what is recent counting for more.",
        formula: "Σ over activities given of 2^(−age / half-life), age being the time from the activity to as-of",
        source: "exponential decay; Cormode, Shkapenyuk, Srivastava, Xu: Forward decay, ICDE 2009",
        build: |parameters| {
            Metric::Fact(Fact::Decayed(parameters.days("half-life"), parameters.word("verb")))
        },
        ..ACTIVITY
    },
    MetricFamily {
        id: "days-active",
        name: "days-active",
        unit: "days",
        summary: "On how many days the member did something.",
        formula: "calendar days (UTC) with at least one activity given",
        source: "count of active periods",
        build: |_| Metric::Fact(Fact::Units(Unit::Day)),
        ..ACTIVITY
    },
    MetricFamily {
        id: "weeks-active",
        name: "weeks-active",
        unit: "weeks",
        summary: "In how many weeks the member did something.",
        formula: "ISO weeks (Monday to Sunday, UTC) with at least one activity given",
        source: "count of active periods",
        build: |_| Metric::Fact(Fact::Units(Unit::Week)),
        ..ACTIVITY
    },
    MetricFamily {
        id: "weeks-active-share",
        name: "weeks-active-share",
        unit: "share, 0 to 1",
        summary: "In which share of the weeks the member did something.",
        formula: "weeks-active / ISO weeks that the window touches; the window `all` begins with the community's oldest activity",
        source: "share of active periods, a common measure of regularity",
        build: |_| Metric::WeeksActiveShare,
        ..ACTIVITY
    },
    MetricFamily {
        id: "longest-streak[(unit=U)]",
        name: "longest-streak",
        parameters: &[optional(
            "unit",
            Some("day"),
            ParameterKind::Choice(&["day", "week"]),
            "calendar days or ISO weeks, UTC",
        )],
        unit: "days or weeks",
        summary: "For how many days or weeks in a row the member did something, at the best.",
        formula: "the longest run of consecutive units with at least one activity given",
        source: "streaks, as question-and-answer sites and learning programs show them",
        build: |parameters| {
            let unit = if parameters.text("unit") == "week" { Unit::Week } else { Unit::Day };
            Metric::Fact(Fact::Streak(unit))
        },
        ..ACTIVITY
    },
    MetricFamily {
        id: "tenure-days",
        name: "tenure-days",
        unit: "days",
        summary: "How long the member has been there.",
        formula: "whole days (24 hours) from joined_at, or else from the first activity given, to as-of; no value without either",
        source: "elapsed time",
        window: "all time up to as-of",
        needs: &["members.joined_at", "activities.actor"],
        build: |_| Metric::Tenure,
        ..ACTIVITY
    },
    MetricFamily {
        id: "recency-days",
        name: "recency-days",
        unit: "days",
        summary: "How long ago the member last did something.",
        formula: "whole days (24 hours) from the last activity given in the window to as-of; no value without one",
        source: "recency of the RFM model; Hughes: Strategic database marketing, 1994",
        build: |_| Metric::Recency,
        ..ACTIVITY
    },
    MetricFamily {
        id: "response-hours[(verb=V, to=W)]",
        name: "response-hours",
        parameters: &[
            optional("verb", Some("answer"), ParameterKind::Verb, "what counts as a response"),
            optional("to", Some("ask"), ParameterKind::Verb, "what is responded to"),
        ],
        unit: "hours",
        summary: "How long others wait for the member's answer, at the median.",
        formula: "median over V given to others of the time since the recipient's last W before it in the same topic (both \
                  without a topic is one too); of an even number, halfway between the middle two; no value where there is no \
                  such W before any",
        source: "time to response; Mamykina, Manoim, Mittal, Hripcsak, Hartmann: Design lessons from the fastest Q&A site in \
                 the west, CHI 2011",
        window: "V in the window, W at any time before it",
        edges: "V towards oneself does not count; each of equal rows counts; without actor or recipient V counts for nobody",
        needs: &["activities.actor and activities.recipient"],
        build: |parameters| {
            Metric::Fact(Fact::Response { verb: parameters.text("verb"), to: parameters.text("to") })
        },
        ..ACTIVITY
    },
    MetricFamily {
        id: "topics[(verb=V)]",
        name: "topics",
        parameters: &[ONE_VERB],
        unit: "topics",
        summary: "In how many topics the member is active.",
        formula: "distinct topics of activities given",
        source: "count of distinct",
        edges: "activities towards oneself count; a topic counts once; activities without an actor or a topic do not count",
        needs: &["activities.actor and activities.topic"],
        build: |parameters| Metric::Fact(Fact::Topics(parameters.word("verb"))),
        ..ACTIVITY
    },
];
