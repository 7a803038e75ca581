//! Settings: what a community may change without touching the plugin.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shown;
use crate::text::Figure;

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// Words.
    Text(String),
}

impl Value {
    /// The type's name, as messages show it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => write!(f, "{value:?}"),
        }
    }
}

/// What a setting may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bounds {
    /// The smallest allowed integer or number. None: no bound.
    pub least: Option<f64>,
    /// The largest allowed integer or number. None: no bound.
    pub most: Option<f64>,
    /// The allowed texts. Empty: any.
    pub choices: Vec<String>,
}

impl Bounds {
    /// Why `value` is not allowed, or None where it is.
    pub(crate) fn objection(&self, value: &Value) -> Option<String> {
        let number = match value {
            Value::Boolean(_) => return None,
            Value::Text(text) if text.len() > 200 => return Some("longer than 200 bytes".to_owned()),
            Value::Text(text) if self.choices.is_empty() || self.choices.contains(text) => return None,
            Value::Text(_) => return Some(format!("not one of {}", listed(&self.choices))),
            Value::Integer(integer) => *integer as f64,
            Value::Number(number) => *number,
        };
        if !number.is_finite() {
            return Some("not a finite number".to_owned());
        }
        match (self.least, self.most) {
            (Some(least), _) if number < least => Some(format!("below the least allowed, {least}")),
            (_, Some(most)) if number > most => Some(format!("above the most allowed, {most}")),
            _ => None,
        }
    }
}

/// The first of the choices, and how many more there are: a plugin may have any number of them.
fn listed(choices: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = choices.iter().take(SHOWN).map(|choice| shown(choice, 60)).collect::<Vec<_>>().join(", ");
    match choices.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {} more", Figure(more)),
    }
}

/// Something that a community may change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Setting {
    /// kebab-case, unique in the description.
    pub name: String,
    /// One sentence: what it does, with its unit.
    pub summary: String,
    /// The value where the community says nothing; its case is the setting's type.
    pub default: Value,
    /// What is allowed.
    pub bounds: Bounds,
}

impl Setting {
    /// A setting of the default's type, without bounds until its fields say otherwise.
    pub fn new(name: impl Into<String>, summary: impl Into<String>, default: Value) -> Self {
        Self { name: name.into(), summary: summary.into(), default, bounds: Bounds::default() }
    }
}

/// A setting that a plugin does not have, or a value that it does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The plugin has no setting of that name.
    #[error(
        "there is no setting `{name}`{}; settings: {}",
        nearest.as_ref().map(|name| format!(", did you mean `{name}`?")).unwrap_or_default(),
        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
    )]
    Unknown {
        /// The name that was given.
        name: String,
        /// The known name that is spelt most alike, if any is.
        nearest: Option<String>,
        /// All known names.
        known: Vec<String>,
    },
    /// The value has another type than the setting.
    #[error("setting `{name}` is {expected}, not {given} ({})", shown(value, 300))]
    WrongType {
        /// The setting.
        name: String,
        /// The setting's type.
        expected: &'static str,
        /// The type that was given.
        given: &'static str,
        /// The value that was given.
        value: String,
    },
    /// The value is out of bounds.
    #[error("setting `{name}` cannot be {}: {why}", shown(value, 300))]
    OutOfBounds {
        /// The setting.
        name: String,
        /// The value that was given.
        value: String,
        /// What is wrong with it.
        why: String,
    },
}

impl SettingError {
    /// The setting that the error is about.
    pub fn setting(&self) -> &str {
        match self {
            Self::Unknown { name, .. } | Self::WrongType { name, .. } | Self::OutOfBounds { name, .. } => {
                name
            }
        }
    }
}

/// Puts given settings into declared order, fills in defaults and checks bounds. A whole number is taken
/// where a number is asked for.
///
/// # Errors
///
/// [`SettingError`] for a name that is not declared, a value of another type, or one out of bounds.
pub fn resolve_settings(
    declared: &[Setting],
    given: &BTreeMap<String, Value>,
) -> Result<Vec<Value>, SettingError> {
    if let Some(name) = given.keys().find(|name| declared.iter().all(|setting| setting.name != **name)) {
        let known: Vec<String> = declared.iter().map(|setting| setting.name.clone()).collect();
        return Err(SettingError::Unknown {
            name: name.clone(),
            nearest: nearest(name, &known).map(str::to_owned),
            known,
        });
    }
    declared.iter().map(|setting| resolve(setting, given.get(&setting.name))).collect()
}

fn resolve(setting: &Setting, given: Option<&Value>) -> Result<Value, SettingError> {
    let value = match (given, &setting.default) {
        (None, default) => return Ok(default.clone()),
        (Some(Value::Integer(integer)), Value::Number(_)) => Value::Number(*integer as f64),
        (Some(given), default) if given.kind() == default.kind() => given.clone(),
        (Some(given), default) => {
            return Err(SettingError::WrongType {
                name: setting.name.clone(),
                expected: default.kind(),
                given: given.kind(),
                value: given.to_string(),
            });
        }
    };
    match setting.bounds.objection(&value) {
        None => Ok(value),
        Some(why) => {
            Err(SettingError::OutOfBounds { name: setting.name.clone(), value: value.to_string(), why })
        }
    }
}

/// The candidate spelt most like `name`, if any is near enough to be meant.
fn nearest<'a>(name: &str, candidates: &'a [String]) -> Option<&'a str> {
    candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Vec<Setting> {
        let setting = |name: &str, default, bounds| Setting {
            name: name.to_owned(),
            summary: String::new(),
            default,
            bounds,
        };
        vec![
            setting(
                "ceiling",
                Value::Number(0.5),
                Bounds { least: Some(0.0), most: Some(1.0), choices: vec![] },
            ),
            setting(
                "mood",
                Value::Text("mild".to_owned()),
                Bounds { choices: vec!["mild".to_owned(), "strict".to_owned()], ..Bounds::default() },
            ),
        ]
    }

    fn message(name: &str, value: Value) -> String {
        resolve_settings(&declared(), &BTreeMap::from([(name.to_owned(), value)])).unwrap_err().to_string()
    }

    #[test]
    fn defaults_fill_in_and_whole_numbers_serve_as_numbers() {
        let given = BTreeMap::from([("ceiling".to_owned(), Value::Integer(1))]);
        let resolved = resolve_settings(&declared(), &given).unwrap();
        assert_eq!(resolved, [Value::Number(1.0), Value::Text("mild".to_owned())]);
    }

    #[test]
    fn what_is_not_allowed_is_named_with_the_way_out() {
        insta::assert_snapshot!(
            message("cieling", Value::Integer(1)),
            @"there is no setting `cieling`, did you mean `ceiling`?; settings: ceiling, mood"
        );
        insta::assert_snapshot!(
            message("ceiling", Value::Number(1.5)),
            @"setting `ceiling` cannot be 1.5: above the most allowed, 1"
        );
        insta::assert_snapshot!(
            message("ceiling", Value::Number(f64::NAN)),
            @"setting `ceiling` cannot be NaN: not a finite number"
        );
        let mut many = declared();
        many[1].bounds.choices = (0..1_000).map(|number| format!("mood-{number}")).collect();
        let given = BTreeMap::from([("mood".to_owned(), Value::Text("wild".repeat(100)))]);
        assert!(resolve_settings(&many, &given).unwrap_err().to_string().len() < 1_000);
        let given = BTreeMap::from([("mood".to_owned(), Value::Text("wild".to_owned()))]);
        insta::assert_snapshot!(resolve_settings(&many, &given).unwrap_err(), @r#"setting `mood` cannot be "wild": not one of mood-0, mood-1, mood-2, mood-3, mood-4, mood-5, mood-6, mood-7, mood-8, mood-9, mood-10, mood-11, mood-12, mood-13, mood-14, mood-15, mood-16, mood-17, mood-18, mood-19 and 980 more"#);
        insta::assert_snapshot!(
            message("mood", Value::Text("wild".to_owned())),
            @r#"setting `mood` cannot be "wild": not one of mild, strict"#
        );
        insta::assert_snapshot!(
            message("mood", Value::Boolean(true)),
            @"setting `mood` is text, not boolean (true)"
        );
    }
}
