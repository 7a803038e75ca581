//! What stands between the brackets of a metric's id, and what it may be.

use std::fmt;

use serde::Serialize;

use crate::nearest::{listed, nearest};
use crate::verb;

/// A share in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Share(u32);

impl Share {
    pub(crate) fn value(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0.").filter(|digits| (1..=6).contains(&digits.len()))?;
        let whole: u32 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
        let scale = 10_u32.pow(6 - digits.len() as u32);
        Some(Self(whole * scale)).filter(|share| share.0 > 0)
    }
}

/// A number of days of 24 hours, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Days(pub(crate) u32);

impl Days {
    pub(crate) fn nanoseconds(self) -> i64 {
        i64::from(self.0) * super::span::DAY
    }

    fn parse(text: &str) -> Option<Self> {
        let days = text.strip_suffix('d').unwrap_or(text);
        let days: u32 = days.bytes().all(|b| b.is_ascii_digit()).then(|| days.parse().ok())??;
        (1..=36_500).contains(&days).then_some(Self(days))
    }
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ParameterKind {
    /// One of the community's verbs: `answer`, or one of its own, `x-name`.
    Verb,
    /// Any word, without brackets, commas and equals signs.
    Word,
    /// A number of days of 24 hours, `30d`: 1 to 36,500.
    Days,
    /// A share between 0 and 1, such as `0.85`, with at most six decimals.
    Share,
    /// A whole number from 1 to 1,000,000.
    Number,
    /// One of the words of the list.
    Choice(&'static [&'static str]),
    /// Which ties make the network: `follows`, `activity` (of any verb), or a verb.
    Network,
}

impl ParameterKind {
    /// Says what is wrong with a value, if anything is.
    pub(super) fn problem(self, name: &str, value: &str) -> Option<String> {
        let refuse = |what: &str| Some(format!("`{name}` is {what}, not `{value}`"));
        let verb = |value: &str| {
            (!verb::is_verb(value)).then(|| format!("there is no verb `{value}`: {}", verb::way_out(value)))
        };
        match self {
            Self::Word => None,
            Self::Verb => verb(value),
            Self::Network if ["follows", "activity"].contains(&value) => None,
            Self::Network if verb::is_verb(value) => None,
            Self::Network => refuse("`follows`, `activity` or a verb"),
            Self::Days if Days::parse(value).is_some() => None,
            Self::Days => refuse("a number of days such as `30d`, 1 to 36,500"),
            Self::Share if Share::parse(value).is_some() => None,
            Self::Share => refuse("a share between 0 and 1 such as `0.85`, with at most six decimals"),
            Self::Number if number(value).is_some() => None,
            Self::Number => refuse("a whole number from 1 to 1,000,000"),
            Self::Choice(choices) if choices.contains(&value) => None,
            Self::Choice(choices) => {
                let near = nearest(value, choices.iter().copied());
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                Some(format!("`{name}` is one of {}, not `{value}`{near}", listed(choices)))
            }
        }
    }
}

impl fmt::Display for ParameterKind {
    /// What it may be, in a few words: `a verb`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb => f.write_str("a verb"),
            Self::Word => f.write_str("a word"),
            Self::Days => f.write_str("days, such as 30d"),
            Self::Share => f.write_str("a share between 0 and 1"),
            Self::Number => f.write_str("a whole number, 1 to 1,000,000"),
            Self::Choice(choices) => f.write_str(&choices.join(", ")),
            Self::Network => f.write_str("follows, activity or a verb"),
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let number: u32 = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())??;
    (1..=1_000_000).contains(&number).then_some(number)
}

/// One parameter of a family.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct MetricParameter {
    /// Its name.
    pub name: &'static str,
    /// What it is where it is not said; `None` where it must be said or where nothing stands for it.
    pub default: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be.
    pub kind: ParameterKind,
    /// What it says.
    pub summary: &'static str,
}

/// The parameters of one id, each with a value that it may have.
pub(super) struct Parameters<'a> {
    known: &'static [MetricParameter],
    said: Vec<(&'a str, &'a str)>,
}

impl<'a> Parameters<'a> {
    /// Reads what stands between the brackets of the metric with that name and pattern.
    pub(super) fn parse(
        (name, id, known): (&str, &str, &'static [MetricParameter]),
        inside: Option<&'a str>,
    ) -> Result<Self, String> {
        let mut parameters = Self { known, said: Vec::new() };
        for part in inside.into_iter().flat_map(|inside| inside.split(',')) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(format!("`{part}` is not `name=value`; the metric is `{id}`"));
            };
            let (key, value) = (key.trim(), value.trim());
            if value.is_empty() || value.contains(['(', ')', '=']) {
                return Err(format!("`{value}` cannot be the value of `{key}`"));
            }
            let Some(parameter) = known.iter().find(|parameter| parameter.name == key) else {
                return Err(match known {
                    [] => format!("`{name}` has no parameters"),
                    known => format!(
                        "`{name}` has no parameter `{key}`, only {}",
                        listed(known.iter().map(|parameter| parameter.name))
                    ),
                });
            };
            if parameters.said.iter().any(|(said, _)| *said == key) {
                return Err(format!("`{key}` is said twice"));
            }
            if let Some(problem) = parameter.kind.problem(key, value) {
                return Err(problem);
            }
            parameters.said.push((key, value));
        }
        let missing = known.iter().find(|known| known.required && parameters.get(known.name).is_none());
        match missing {
            Some(missing) => Err(format!("`{}` is missing; the metric is `{id}`", missing.name)),
            None => Ok(parameters),
        }
    }

    /// What was said, or stands where nothing was.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let said = self.said.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        said.or_else(|| self.known.iter().find(|known| known.name == name).and_then(|known| known.default))
    }

    pub(super) fn word(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The value of a parameter that is always there.
    pub(super) fn text(&self, name: &str) -> String {
        self.word(name).unwrap_or_default()
    }

    pub(super) fn days(&self, name: &str) -> Days {
        self.get(name).and_then(Days::parse).unwrap_or(Days(1))
    }

    pub(super) fn share(&self, name: &str) -> Share {
        self.get(name).and_then(Share::parse).unwrap_or(Share(1))
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.get(name).and_then(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_days_are_read_exactly() {
        assert_eq!(Share::parse("0.85").map(Share::value), Some(0.85));
        assert_eq!(Share::parse("0.000001").map(Share::value), Some(0.000001));
        for wrong in ["1", "0", "0.", "0.0", "1.5", "-0.5", "0.1234567", "0.8a", ".5", "0.-5"] {
            assert_eq!(Share::parse(wrong), None, "{wrong}");
        }
        assert_eq!((Days::parse("30d"), Days::parse("30")), (Some(Days(30)), Some(Days(30))));
        for wrong in ["0d", "d", "", "36501d", "1w", "+1d", "1.5d"] {
            assert_eq!(Days::parse(wrong), None, "{wrong}");
        }
    }
}
