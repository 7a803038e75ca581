//! One metric: its id read, and what it takes to compute it.

use std::fmt;

use groundswell_runtime::Column;

use super::{METRICS, MetricFamily, MetricKind};
use crate::nearest::{listed, nearest};
use crate::verb;

/// One metric, its parameters filled in. Ids that mean the same are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Metric {
    Given { verb: String, object_kind: Option<String> },
    Received { verb: String, object_kind: Option<String> },
    AcceptanceRate,
    Helped { verb: String },
    WeeksActiveShare,
    DaysActive,
    RecencyDays,
    TenureDays,
    Audience,
    Followers,
    Role,
    Attribute { name: String },
}

impl Metric {
    pub(super) fn given(verb: &str, object_kind: Option<&str>) -> Self {
        Self::Given { verb: verb.to_owned(), object_kind: object_kind.map(str::to_owned) }
    }

    pub(super) fn received(verb: &str, object_kind: Option<&str>) -> Self {
        Self::Received { verb: verb.to_owned(), object_kind: object_kind.map(str::to_owned) }
    }

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
        let Some(family) = METRICS.iter().find(|family| family.name == name) else {
            let near = nearest(name, METRICS.iter().map(|family| family.name));
            return Err(problem(match near {
                Some(near) => format!("there is no such metric, did you mean `{near}`?"),
                None => "there is no such metric; `groundswell metrics` lists them".to_owned(),
            }));
        };
        let parameters = Parameters::parse(family, inside).map_err(problem)?;
        Ok(((family.build)(&parameters), family))
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

/// What stands between an id's brackets.
pub(super) struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    fn parse(family: &MetricFamily, inside: Option<&'a str>) -> Result<Self, String> {
        let mut parameters = Self(Vec::new());
        for part in inside.into_iter().flat_map(|inside| inside.split(',')) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(format!("`{part}` is not `name=value`; the metric is `{}`", family.id));
            };
            let (name, value) = (name.trim(), value.trim());
            if value.is_empty() || value.contains(['(', ')', '=']) {
                return Err(format!("`{value}` cannot be the value of `{name}`"));
            }
            if !family.parameters.iter().any(|parameter| parameter.name == name) {
                return Err(match family.parameters {
                    [] => format!("`{}` has no parameters", family.name),
                    known => format!(
                        "`{}` has no parameter `{name}`, only {}",
                        family.name,
                        listed(known.iter().map(|parameter| parameter.name))
                    ),
                });
            }
            if parameters.get(name).is_some() {
                return Err(format!("`{name}` is said twice"));
            }
            if name == "verb" && !verb::is_verb(value) {
                return Err(format!("there is no verb `{value}`: {}", verb::way_out(value)));
            }
            parameters.0.push((name, value));
        }
        match family.parameters.iter().find(|known| known.required && parameters.get(known.name).is_none()) {
            Some(missing) => Err(format!("`{}` is missing; the metric is `{}`", missing.name, family.id)),
            None => Ok(parameters),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    pub(super) fn or(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or(default).to_owned()
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
        assert_eq!(Metric::parse("answers").unwrap().0, Metric::parse("given(verb=answer)").unwrap().0);
        assert_eq!(
            Metric::parse("likes-received(object-kind=answer)").unwrap().0,
            Metric::parse("received( object-kind = answer ,verb=like)").unwrap().0
        );
        assert_eq!(Metric::parse("members-helped").unwrap().0, Metric::Helped { verb: "answer".into() });
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
    }

    #[test]
    fn every_line_of_the_table_can_be_asked_for() {
        for family in METRICS {
            let parameters: Vec<_> = family
                .parameters
                .iter()
                .map(|parameter| {
                    format!("{}={}", parameter.name, if parameter.name == "verb" { "like" } else { "k" })
                })
                .collect();
            let id = match parameters.as_slice() {
                [] => family.name.to_owned(),
                some => format!("{}({})", family.name, some.join(", ")),
            };
            let (metric, found) = Metric::parse(&id).unwrap();
            assert_eq!(found.name, family.name);
            assert_eq!(metric.kind(), family.kind, "{id}");
            assert!(family.id.starts_with(family.name) && !family.needs.is_empty());
        }
    }
}
