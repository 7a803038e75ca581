//! What may be arranged rather than earned.

use super::{BASE, MetricFamily, MetricGroup, VERB, optional};
use crate::metrics::fact::Fact;
use crate::metrics::metric::Metric;
use crate::metrics::parameter::ParameterKind;

const GAMING: MetricFamily = MetricFamily {
    group: MetricGroup::Gaming,
    edges: "what members do towards themselves does not count; equal rows without ids all count; without an actor an activity \
            does not count",
    needs: &["activities.actor and activities.recipient"],
    ..BASE
};

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "ring-share(verb=V)",
        name: "ring-share",
        parameters: &[VERB],
        unit: "share, 0 to 1",
        summary: "Which share of what the member receives comes back around a ring of two or three.",
        formula: "V received from others to whom the member gave V, or to whom somebody gave it to whom the member did / V received \
                  from others; no value without any",
        source: "reciprocal rings, as vote-fraud detection looks for them; Akoglu, Tong, Koutra: Graph based anomaly detection \
                 and description, Data Mining and Knowledge Discovery 29, 2015",
        build: |parameters| Metric::RingShare(parameters.text("verb")),
        ..GAMING
    },
    MetricFamily {
        id: "burstiness",
        name: "burstiness",
        unit: "−1 to 1",
        summary: "How unevenly in time the member acts: −1 like a clock, 0 at random, towards 1 in bursts.",
        formula: "(σ − μ) / (σ + μ) of the pauses between activities given, in whole seconds, σ their population sd and μ their mean; \
                  no value with fewer than two pauses or where all are 0",
        source: "Goh, Barabási: Burstiness and memory in complex systems, Europhysics Letters 81, 2008",
        edges: "activities towards oneself count; equal rows are a pause of 0 apart; without an actor an activity does not count",
        needs: &["activities.actor"],
        build: |_| Metric::Fact(Fact::Burstiness),
        ..GAMING
    },
    MetricFamily {
        id: "new-account-share[(days=D)]",
        name: "new-account-share",
        parameters: &[optional(
            "days",
            Some("30d"),
            ParameterKind::Days,
            "how old an account may be to be new",
        )],
        unit: "share, 0 to 1",
        summary: "Which share of what the member receives comes from new accounts.",
        formula: "activities received from known others whose account was at most D old: since joined_at, or else since their first \
                  activity, given or received / activities received from known others; no value without any",
        source: "share of throw-away accounts, as vote-fraud detection looks for them",
        window: "the run's window, first activities at any time",
        build: |parameters| Metric::Fact(Fact::NewAccounts(parameters.days("days"))),
        ..GAMING
    },
];
