//! The metrics: one table of what there is, and what each means.

mod columns;
mod facts;
mod metric;
mod query;

use serde::Serialize;

pub(crate) use columns::{Measured, Request, measure};
pub(crate) use facts::Facts;
pub(crate) use metric::Metric;

use metric::Parameters;

/// One line of the table of metrics: a metric, or a family of them with parameters.
///
/// All of them look from as-of at the run's window, save where the formula says otherwise. A metric is an
/// exact whole number or one correctly rounded division, so it is the same bits on every computer.
///
/// An id is the name, and the parameters in brackets where there are any: `answers`,
/// `received(verb=thank)`, `given(verb=reply, object-kind=question)`.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct MetricFamily {
    /// The id's pattern; what stands in square brackets may be left out.
    pub id: &'static str,
    /// The id without parameters.
    pub name: &'static str,
    /// What stands between the id's brackets.
    pub parameters: &'static [MetricParameter],
    /// Whether it is a number or a word.
    pub kind: MetricKind,
    /// The unit of its values; empty for words.
    pub unit: &'static str,
    /// One sentence: what it says about a member.
    pub summary: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// Where the idea comes from.
    pub source: &'static str,
    /// The tables, or columns of tables, that it is computed from; any one of them will do where there is
    /// more than one.
    pub needs: &'static [&'static str],
    #[serde(skip)]
    build: fn(&Parameters<'_>) -> Metric,
}

/// One parameter of a family.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct MetricParameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be.
    pub summary: &'static str,
}

/// Whether a metric is a number or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MetricKind {
    /// A number: scales `raw`, `log1p`, `z-score` and `percentile`.
    Number,
    /// A word: scale `category`.
    Category,
}

/// All metrics, by what they are about.
///
/// ```
/// let answers = groundswell::metrics().iter().find(|metric| metric.id == "answers");
/// assert_eq!(answers.map(|metric| metric.unit), Some("answers"));
/// ```
pub fn metrics() -> &'static [MetricFamily] {
    METRICS
}

const VERB: MetricParameter = MetricParameter {
    name: "verb",
    required: true,
    summary: "one of the community's verbs: `answer`, `thank`, …, or one of its own, `x-name`",
};
const OBJECT_KIND: MetricParameter = MetricParameter {
    name: "object-kind",
    required: false,
    summary: "only activities about this kind of object, as the column object_kind has it",
};

const METRICS: &[MetricFamily] = &[
    MetricFamily {
        id: "answers",
        name: "answers",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "answers",
        summary: "How many questions the member answered.",
        formula: "given(verb=answer)",
        source: "count of events",
        needs: &["activities.actor"],
        build: |_| Metric::given("answer", None),
    },
    MetricFamily {
        id: "acceptance-rate",
        name: "acceptance-rate",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "share, 0 to 1",
        summary: "Which share of the member's answers was accepted.",
        formula: "activities `accept` received from others / activities `answer` given to others, both in the \
                  window, at most 1 (an answer from before the window can be accepted in it); an answer \
                  without a recipient is one to others; no value without answers",
        source: "acceptance share, as question-and-answer sites show it",
        needs: &["activities.actor and activities.recipient"],
        build: |_| Metric::AcceptanceRate,
    },
    MetricFamily {
        id: "members-helped[(verb=V)]",
        name: "members-helped",
        parameters: &[MetricParameter {
            name: "verb",
            required: false,
            summary: "what counts as help; `answer` where nothing is said. Communities that chat may want `reply`",
        }],
        kind: MetricKind::Number,
        unit: "members",
        summary: "How many different members the member answered.",
        formula: "distinct recipients, other than the member, of activities V given",
        source: "out-degree of the help network; Zhang, Ackerman, Adamic: Expertise networks in online \
                 communities, WWW 2007",
        needs: &["activities.actor and activities.recipient"],
        build: |parameters| Metric::Helped { verb: parameters.or("verb", "answer") },
    },
    MetricFamily {
        id: "likes-received[(object-kind=K)]",
        name: "likes-received",
        parameters: &[OBJECT_KIND],
        kind: MetricKind::Number,
        unit: "likes",
        summary: "How many likes the member received.",
        formula: "received(verb=like), or received(verb=like, object-kind=K)",
        source: "count of events",
        needs: &["activities.recipient"],
        build: |parameters| Metric::received("like", parameters.get("object-kind")),
    },
    MetricFamily {
        id: "given(verb=V[, object-kind=K])",
        name: "given",
        parameters: &[VERB, OBJECT_KIND],
        kind: MetricKind::Number,
        unit: "activities",
        summary: "How often the member did something.",
        formula: "activities with that verb, and about that kind of object, whose actor is the member; those \
                  towards oneself count, weights do not",
        source: "count of events",
        needs: &["activities.actor"],
        build: |parameters| Metric::given(&parameters.or("verb", ""), parameters.get("object-kind")),
    },
    MetricFamily {
        id: "received(verb=V[, object-kind=K])",
        name: "received",
        parameters: &[VERB, OBJECT_KIND],
        kind: MetricKind::Number,
        unit: "activities",
        summary: "How often others did something towards the member.",
        formula: "activities with that verb, and about that kind of object, whose recipient is the member and \
                  whose actor is somebody else or unknown; weights do not count",
        source: "count of events",
        needs: &["activities.recipient"],
        build: |parameters| Metric::received(&parameters.or("verb", ""), parameters.get("object-kind")),
    },
    MetricFamily {
        id: "weeks-active-share",
        name: "weeks-active-share",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "share, 0 to 1",
        summary: "In which share of the weeks the member did something.",
        formula: "ISO weeks (Monday to Sunday, UTC) with at least one activity given / ISO weeks that the window \
                  touches; the window `all` begins with the community's oldest activity",
        source: "share of active periods, a common measure of regularity",
        needs: &["activities.actor"],
        build: |_| Metric::WeeksActiveShare,
    },
    MetricFamily {
        id: "days-active",
        name: "days-active",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "days",
        summary: "On how many days the member did something.",
        formula: "calendar days (UTC) with at least one activity given",
        source: "count of active periods",
        needs: &["activities.actor"],
        build: |_| Metric::DaysActive,
    },
    MetricFamily {
        id: "recency-days",
        name: "recency-days",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "days",
        summary: "How long ago the member last did something.",
        formula: "whole days (24 hours) from the last activity given in the window to as-of; no value without one",
        source: "recency of the RFM model",
        needs: &["activities.actor"],
        build: |_| Metric::RecencyDays,
    },
    MetricFamily {
        id: "tenure-days",
        name: "tenure-days",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "days",
        summary: "How long the member has been there.",
        formula: "whole days (24 hours) from joined_at, or else from the first activity given, however long ago, to \
                  as-of; no value without either",
        source: "elapsed time",
        needs: &["members.joined_at", "activities.actor"],
        build: |_| Metric::TenureDays,
    },
    MetricFamily {
        id: "audience",
        name: "audience",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "followers",
        summary: "How many people the member reaches, here and elsewhere.",
        formula: "followers + external_followers; where there is no table follows, no value without \
                  external_followers",
        source: "in-degree; Cha, Haddadi, Benevenuto, Gummadi: Measuring user influence in Twitter, ICWSM 2010",
        needs: &["follows", "members.external_followers"],
        build: |_| Metric::Audience,
    },
    MetricFamily {
        id: "followers",
        name: "followers",
        parameters: &[],
        kind: MetricKind::Number,
        unit: "followers",
        summary: "How many members follow the member.",
        formula: "distinct members, other than the member, who had joined and followed them by as-of",
        source: "in-degree; Cha, Haddadi, Benevenuto, Gummadi: Measuring user influence in Twitter, ICWSM 2010",
        needs: &["follows"],
        build: |_| Metric::Followers,
    },
    MetricFamily {
        id: "role",
        name: "role",
        parameters: &[],
        kind: MetricKind::Category,
        unit: "",
        summary: "What the member is in the community by appointment, such as staff or moderator.",
        formula: "the column role of the table members",
        source: "the community's own data",
        needs: &["members.role"],
        build: |_| Metric::Role,
    },
    MetricFamily {
        id: "attribute(name=N)",
        name: "attribute",
        parameters: &[MetricParameter {
            name: "name",
            required: true,
            summary: "a column of the table members that the plugin has been granted",
        }],
        kind: MetricKind::Category,
        unit: "",
        summary: "Something that the community knows about the member.",
        formula: "the column N of the table members",
        source: "the community's own data",
        needs: &["members"],
        build: |parameters| Metric::Attribute { name: parameters.or("name", "") },
    },
];
