//! What the community says of members.

use super::{BASE, MetricFamily, MetricGroup, MetricKind};
use crate::metrics::metric::Metric;
use crate::metrics::parameter::{MetricParameter, ParameterKind};

const MEMBER: MetricFamily = MetricFamily {
    group: MetricGroup::Member,
    kind: MetricKind::Category,
    source: "the community's own data",
    window: "as the data has it",
    edges: "not computed from activities",
    ..BASE
};

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "role",
        name: "role",
        summary: "What the member is in the community by appointment, such as staff or moderator.",
        formula: "the column role of the table members",
        needs: &["members.role"],
        build: |_| Metric::Role,
        ..MEMBER
    },
    MetricFamily {
        id: "attribute(name=N)",
        name: "attribute",
        parameters: &[MetricParameter {
            name: "name",
            default: None,
            required: true,
            kind: ParameterKind::Word,
            summary: "a column of the table members that the plugin has been granted",
        }],
        summary: "Something that the community knows about the member.",
        formula: "the column N of the table members",
        needs: &["members"],
        build: |parameters| Metric::Attribute { name: parameters.text("name") },
        ..MEMBER
    },
];
