//! One metric: its id read, and what it takes to compute it.

use std::collections::BTreeMap;
use std::fmt;

use groundswell_network::Direction;
use groundswell_runtime::Column;

use super::MetricKind;
use super::catalogue::{MetricFamily, metrics};
use super::fact::{Count, Fact, Restart, Side, Ties};
use super::parameter::{Parameters, Share};
use crate::MetricConfig;
use crate::nearest::nearest;

/// One metric, its parameters filled in. Ids that mean the same are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Metric {
    /// How often something was done.
    Count(Side, Count),
    /// How often a week something was done.
    PerWeek(Count),
    /// What is found out as it is.
    Fact(Fact),
    WeeksActiveShare,
    Recency,
    Tenure,
    AcceptanceRate,
    ThanksPerAnswer,
    /// To how many others, or from how many.
    Others(Ties, Side),
    SignedTrust(String),
    EigenTrust(String, Restart),
    Reciprocity(Ties),
    RingShare(String),
    Followers,
    ExternalFollowers,
    Audience,
    EngagementRate,
    ActiveFollowerShare,
    Reach(u32),
    Degree(Ties, Way),
    Strength(Ties, Way),
    PageRank {
        ties: Ties,
        weighted: bool,
        damping: Share,
        role: Option<String>,
    },
    Core(Ties),
    Betweenness(Ties, Option<u32>),
    Clustering(Ties),
    Triangles(Ties),
    Role,
    Attribute {
        name: String,
    },
    /// One of the community's own, `[metrics.NAME]`.
    Own(String),
}

/// Which end of ties is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    In,
    Out,
    Both,
}

impl Way {
    pub(super) fn direction(self) -> Direction {
        match self {
            Self::In => Direction::In,
            Self::Out => Direction::Out,
            Self::Both => Direction::Both,
        }
    }
}

impl Metric {
    /// Reads an id.
    pub(crate) fn parse(id: &str) -> Result<(Self, &'static MetricFamily), MetricProblem> {
        let problem = |what: String| MetricProblem { id: id.to_owned(), what };
        let (name, inside) = match id.split_once('(') {
            None => (id, None),
            Some((name, rest)) => {
                let inside =
                    rest.strip_suffix(')').ok_or_else(|| problem("its bracket is not closed".to_owned()))?;
                (name, Some(inside))
            }
        };
        let Some(family) = metrics().iter().find(|family| family.name == name) else {
            let near = nearest(name, metrics().iter().map(|family| family.name));
            return Err(problem(match near {
                Some(near) => format!("there is no such metric, did you mean `{near}`?"),
                None => "there is no such metric; `groundswell metrics` lists them".to_owned(),
            }));
        };
        let pattern = (family.name, family.id, family.parameters);
        let parameters = Parameters::parse(pattern, inside).map_err(problem)?;
        Ok(((family.build)(&parameters), family))
    }

    /// Reads an id in a community that has these metrics of its own.
    pub(crate) fn parse_in(id: &str, own: &BTreeMap<String, MetricConfig>) -> Result<Self, MetricProblem> {
        if own.contains_key(id) {
            return Ok(Self::Own(id.to_owned()));
        }
        Self::parse(id).map(|(metric, _)| metric)
    }

    /// The attribute that a plugin must have been granted to see it.
    pub(crate) fn attribute(&self) -> Option<&str> {
        match self {
            Self::Attribute { name } => Some(name),
            _ => None,
        }
    }

    /// The column of a metric that the data cannot supply.
    pub(crate) fn missing(&self, rows: usize) -> Column {
        match self.kind() {
            MetricKind::Number => Column::Number(vec![f64::NAN; rows].into()),
            MetricKind::Category => Column::from_words(std::iter::repeat_n(None, rows)),
        }
    }

    /// Whether it is a number or a word.
    pub(crate) fn kind(&self) -> MetricKind {
        match self {
            Self::Role | Self::Attribute { .. } => MetricKind::Category,
            _ => MetricKind::Number,
        }
    }
}

/// Why an id is not a metric's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MetricProblem {
    id: String,
    what: String,
}

impl fmt::Display for MetricProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", groundswell_runtime::shown(&self.id, 200), self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(id: &str) -> String {
        match Metric::parse(id) {
            Ok((metric, _)) => format!("{metric:?}"),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn ids_that_mean_the_same_are_equal() {
        let same = |a: &str, b: &str| assert_eq!(Metric::parse(a).unwrap().0, Metric::parse(b).unwrap().0);
        same("answers", "given(verb=answer)");
        same("likes-received(object-kind=answer)", "received( object-kind = answer ,verb=like)");
        same("members-helped", "members-helped(verb=answer)");
        same("pagerank(graph=follows)", "pagerank(graph=follows, damping=0.850, weighted=no)");
        same("conversions", "conversions(within=30, model=last-touch)");
    }

    #[test]
    fn a_wrong_id_is_named_with_what_was_probably_meant() {
        insta::assert_snapshot!(read("anwsers"), @"`anwsers`: there is no such metric, did you mean `answers`?");
        insta::assert_snapshot!(read("fame"), @"`fame`: there is no such metric; `groundswell metrics` lists them");
        insta::assert_snapshot!(read("given"), @"`given`: `verb` is missing; the metric is `given(verb=V[, object-kind=K])`");
        insta::assert_snapshot!(read("given(verb=anwser)"), @"`given(verb=anwser)`: there is no verb `anwser`: is `answer` meant?");
        insta::assert_snapshot!(read("given(verb=tip)"), @"`given(verb=tip)`: there is no verb `tip`: a community's own verbs are x- and lowercase words, such as `x-high-five`");
        insta::assert_snapshot!(read("given(verb=x-Tip)"), @"`given(verb=x-Tip)`: there is no verb `x-Tip`: a community's own verbs are x- and lowercase words, such as `x-high-five`");
        insta::assert_snapshot!(read("given(verb=like, kind=answer)"), @"`given(verb=like, kind=answer)`: `given` has no parameter `kind`, only `verb` and `object-kind`");
        insta::assert_snapshot!(read("given(verb=like, verb=like)"), @"`given(verb=like, verb=like)`: `verb` is said twice");
        insta::assert_snapshot!(read("given(verb=like"), @"`given(verb=like`: its bracket is not closed");
        insta::assert_snapshot!(read("given(like)"), @"`given(like)`: `like` is not `name=value`; the metric is `given(verb=V[, object-kind=K])`");
        insta::assert_snapshot!(read("role(name=x)"), @"`role(name=x)`: `role` has no parameters");
        insta::assert_snapshot!(read("attribute(name=)"), @"`attribute(name=)`: `` cannot be the value of `name`");
        insta::assert_snapshot!(read("pagerank(graph=friends)"), @"`pagerank(graph=friends)`: `graph` is `follows`, `activity` or a verb, not `friends`");
        insta::assert_snapshot!(read("pagerank(graph=follows, damping=1)"), @"`pagerank(graph=follows, damping=1)`: `damping` is a share between 0 and 1 such as `0.85`, with at most six decimals, not `1`");
        insta::assert_snapshot!(read("conversions(model=last-tuoch)"), @"`conversions(model=last-tuoch)`: `model` is one of `last-touch`, `first-touch`, `linear` and `time-decay`, not `last-tuoch`; did you mean `last-touch`?");
        insta::assert_snapshot!(read("follow-through(within=0d)"), @"`follow-through(within=0d)`: `within` is a number of days such as `30d`, 1 to 36,500, not `0d`");
        insta::assert_snapshot!(read("reach(hops=3)"), @"`reach(hops=3)`: `hops` is one of `1` and `2`, not `3`; did you mean `1`?");
    }

    #[test]
    fn every_line_of_the_table_can_be_asked_for() {
        use crate::metrics::ParameterKind;
        for family in metrics() {
            let value = |kind: ParameterKind| match kind {
                ParameterKind::Verb => "like",
                ParameterKind::Word => "k",
                ParameterKind::Days => "7d",
                ParameterKind::Share => "0.5",
                ParameterKind::Number => "9",
                ParameterKind::Choice(choices) => choices[0],
                ParameterKind::Network => "follows",
            };
            let parameters = family.parameters.iter();
            let parameters: Vec<_> =
                parameters.map(|parameter| format!("{}={}", parameter.name, value(parameter.kind))).collect();
            let id = match parameters.as_slice() {
                [] => family.name.to_owned(),
                some => format!("{}({})", family.name, some.join(", ")),
            };
            let (metric, found) = Metric::parse(&id).unwrap();
            assert_eq!(found.name, family.name);
            assert_eq!(metric.kind(), family.kind, "{id}");
            assert!(family.id.starts_with(family.name) && !family.needs.is_empty());
            for parameter in family.parameters {
                assert!(family.id.contains(&format!("{}=", parameter.name)), "{id} hides {}", parameter.name);
                if let Some(default) = parameter.default {
                    assert_eq!(parameter.kind.problem(parameter.name, default), None);
                }
            }
        }
    }
}
