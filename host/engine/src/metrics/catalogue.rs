//! The one table of metrics: what there is, and what each means. The command's list, the page of metrics and the tests come
//! from it.

mod activity;
mod audience;
mod gaming;
mod member;
mod network;
mod trust;
mod word_of_mouth;

use std::sync::LazyLock;

use serde::Serialize;

use super::fact::Ties;
use super::metric::Metric;
use super::parameter::{MetricParameter, ParameterKind, Parameters};

/// One line of the table of metrics: a metric, or a family of them with parameters.
///
/// All of them look from as-of at the run's window, save where the formula says otherwise. A metric is the same bits on
/// every computer and at any number of threads.
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
    /// What it is about.
    pub group: MetricGroup,
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
    /// What of the data counts: the window or all that came before as-of.
    pub window: &'static str,
    /// What becomes of activities towards oneself, of those that come twice, and of those whose actor or recipient is not known.
    pub edges: &'static str,
    /// The tables, or columns of tables, that it is computed from; any one of them will do where there is
    /// more than one.
    pub needs: &'static [&'static str],
    #[serde(skip)]
    pub(super) build: fn(&Parameters<'_>) -> Metric,
}

/// What a metric is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MetricGroup {
    /// What members do, and when.
    Activity,
    /// Whom they help, and who trusts them.
    Trust,
    /// Who hears them.
    Audience,
    /// What their recommendations lead to.
    WordOfMouth,
    /// Where they stand among others.
    Network,
    /// What may be arranged.
    Gaming,
    /// What the community says of them.
    Member,
}

impl MetricGroup {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Activity,
        Self::Trust,
        Self::Audience,
        Self::WordOfMouth,
        Self::Network,
        Self::Gaming,
        Self::Member,
    ];

    /// A few words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Activity => "Activity",
            Self::Trust => "Help and trust",
            Self::Audience => "Audience",
            Self::WordOfMouth => "Word of mouth",
            Self::Network => "Network",
            Self::Gaming => "Gaming",
            Self::Member => "Member",
        }
    }
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
    static ALL: LazyLock<Vec<MetricFamily>> = LazyLock::new(|| {
        [
            activity::FAMILIES,
            trust::FAMILIES,
            audience::FAMILIES,
            word_of_mouth::FAMILIES,
            network::FAMILIES,
            gaming::FAMILIES,
            member::FAMILIES,
        ]
        .concat()
    });
    &ALL
}

/// What families share.
const BASE: MetricFamily = MetricFamily {
    id: "",
    name: "",
    group: MetricGroup::Activity,
    parameters: &[],
    kind: MetricKind::Number,
    unit: "",
    summary: "",
    formula: "",
    source: "",
    window: "the run's window",
    edges: "",
    needs: &[],
    build: |_| Metric::Role,
};

const VERB: MetricParameter = MetricParameter {
    name: "verb",
    default: None,
    required: true,
    kind: ParameterKind::Verb,
    summary: "what was done",
};
const OBJECT_KIND: MetricParameter = MetricParameter {
    name: "object-kind",
    default: None,
    required: false,
    kind: ParameterKind::Word,
    summary: "only activities about this kind of object, as the column object_kind has it",
};
const GRAPH: MetricParameter = MetricParameter {
    name: "graph",
    default: None,
    required: true,
    kind: ParameterKind::Network,
    summary: "the ties: `follows` (follower to followed), `activity` (actor to recipient, whatever was done), or a verb",
};
const WITHIN: MetricParameter = MetricParameter {
    name: "within",
    default: Some("30d"),
    required: false,
    kind: ParameterKind::Days,
    summary: "how many days after a recommendation a conversion may follow it",
};

/// A parameter that may be left out.
const fn optional(
    name: &'static str,
    default: Option<&'static str>,
    kind: ParameterKind,
    summary: &'static str,
) -> MetricParameter {
    MetricParameter { name, default, required: false, kind, summary }
}

/// The ties that a parameter names.
fn ties(parameters: &Parameters<'_>) -> Ties {
    match parameters.text("graph").as_str() {
        "follows" => Ties::Follows,
        "activity" => Ties::Activity,
        verb => Ties::verb(verb),
    }
}
