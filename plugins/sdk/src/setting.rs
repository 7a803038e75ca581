//! What a community may change.

use std::rc::Rc;

use crate::{Problem, Text};

/// The value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// Words.
    Text(Text),
}

/// Something a community may change without touching the plugin. The host refuses values outside the bounds
/// and fills in the default.
///
/// ```
/// use groundswell_plugin::{Setting, Value};
///
/// let share = Setting::number("top-share", 0.05, "The share of members who are helpers.").between(0.0, 1.0);
/// assert_eq!(share.default, Value::Number(0.05));
/// assert_eq!((share.least, share.most), (Some(0.0), Some(1.0)));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// kebab-case, unique in the description.
    pub name: Text,
    /// One sentence: what it does, with its unit. At most 280 characters.
    pub summary: Text,
    /// The value where the community says nothing; its case fixes the type.
    pub default: Value,
    /// The smallest allowed integer or number.
    pub least: Option<f64>,
    /// The largest allowed integer or number.
    pub most: Option<f64>,
    /// The texts that are allowed; empty: any.
    pub choices: Vec<Text>,
}

impl Setting {
    /// Yes or no.
    pub fn boolean(name: impl Into<Text>, default: bool, summary: impl Into<Text>) -> Self {
        Self::new(name, Value::Boolean(default), summary)
    }

    /// A whole number.
    pub fn integer(name: impl Into<Text>, default: i64, summary: impl Into<Text>) -> Self {
        Self::new(name, Value::Integer(default), summary)
    }

    /// A finite number.
    pub fn number(name: impl Into<Text>, default: f64, summary: impl Into<Text>) -> Self {
        Self::new(name, Value::Number(default), summary)
    }

    /// Words, at most 200 bytes.
    pub fn text(name: impl Into<Text>, default: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self::new(name, Value::Text(default.into()), summary)
    }

    fn new(name: impl Into<Text>, default: Value, summary: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            summary: summary.into(),
            default,
            least: None,
            most: None,
            choices: Vec::new(),
        }
    }

    /// Both bounds, themselves allowed.
    pub fn between(self, least: f64, most: f64) -> Self {
        self.at_least(least).at_most(most)
    }

    /// The smallest value, itself allowed.
    pub fn at_least(mut self, least: f64) -> Self {
        self.least = Some(least);
        self
    }

    /// The largest value, itself allowed.
    pub fn at_most(mut self, most: f64) -> Self {
        self.most = Some(most);
        self
    }

    /// The texts to choose from, the default among them.
    pub fn one_of(mut self, choices: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.choices = choices.into_iter().map(Into::into).collect();
        self
    }
}

/// The settings of a run, by name: what the community says, and the defaults for the rest.
///
/// The host has checked names, types and bounds before a plugin sees them.
///
/// # Panics
///
/// Every getter panics, naming the setting, where the plugin asks for one that it did not declare or for
/// another type than it declared: a mistake in the plugin's own text, which its first test finds.
///
/// ```
/// use groundswell_plugin::{Setting, Settings};
///
/// let declared = [Setting::number("top-share", 0.05, ""), Setting::boolean("count-likes", true, "")];
/// let settings = Settings::defaults(&declared).with("top-share", 0.1);
/// assert_eq!(settings.number("top-share"), 0.1);
/// assert!(settings.boolean("count-likes"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    declared: Rc<[Setting]>,
    values: Vec<Value>,
}

impl Settings {
    /// What a community gets that changes nothing.
    pub fn defaults(declared: &[Setting]) -> Self {
        Self {
            declared: declared.into(),
            values: declared.iter().map(|setting| setting.default.clone()).collect(),
        }
    }

    /// Values in declared order, as the host passes them.
    pub(crate) fn from_values(declared: Vec<Setting>, values: Vec<Value>) -> Self {
        Self { declared: declared.into(), values }
    }

    /// Changes one setting: for tests, where no host does it. Bounds are not checked.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let place = self.place(name);
        match self.values.get_mut(place) {
            Some(slot) => *slot = value.into(),
            None => panic!("the setting `{name}` has no value"),
        }
        self
    }

    /// A number.
    pub fn number(&self, name: &str) -> f64 {
        match self.value(name) {
            Value::Number(value) => *value,
            other => wrong_type(name, "a number", other),
        }
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> i64 {
        match self.value(name) {
            Value::Integer(value) => *value,
            other => wrong_type(name, "an integer", other),
        }
    }

    /// Yes or no.
    pub fn boolean(&self, name: &str) -> bool {
        match self.value(name) {
            Value::Boolean(value) => *value,
            other => wrong_type(name, "a boolean", other),
        }
    }

    /// Checks that numbers, whole or not, do not fall from one setting to the next.
    ///
    /// `why` is a clause that says what the order is for. It may be empty.
    ///
    /// ```
    /// use groundswell_plugin::{Setting, Settings};
    ///
    /// let settings = Settings::defaults(&[Setting::integer("floor", 5, ""), Setting::number("ceiling", 2.5, "")]);
    /// let problem = settings.ascending(&["floor", "ceiling"], "nobody could be in between").unwrap_err();
    /// assert_eq!(
    ///     problem.to_string(),
    ///     "invalid setting: floor is 5, above ceiling, which is 2.5: nobody could be in between, so raise ceiling or \
    ///      lower floor"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// [`Problem::InvalidSetting`] with the first two that do, and the way out.
    pub fn ascending(&self, names: &[&str], why: &str) -> Result<(), Problem> {
        for pair in names.windows(2) {
            let &[lower, upper] = pair else { continue };
            let (low, high) = (self.either(lower), self.either(upper));
            if low > high {
                let why = if why.is_empty() { String::new() } else { format!("{why}, so ") };
                return Err(Problem::InvalidSetting(format!(
                    "{lower} is {low}, above {upper}, which is {high}: {why}raise {upper} or lower {lower}"
                )));
            }
        }
        Ok(())
    }

    /// Checks that at least one of these numbers, whole or not, is above 0: of weights that would leave nothing to score.
    ///
    /// ```
    /// use groundswell_plugin::{Setting, Settings};
    ///
    /// let settings = Settings::defaults(&[Setting::number("a", 0.0, ""), Setting::number("b", 0.0, "")]);
    /// let problem = settings.some_above_0(&["a", "b"]).unwrap_err();
    /// assert_eq!(
    ///     problem.to_string(),
    ///     "invalid setting: a and b are all 0, so every score would be: set at least one of them above 0"
    /// );
    /// assert!(settings.with("b", 0.5).some_above_0(&["a", "b"]).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Problem::InvalidSetting`] with the names, and the way out.
    pub fn some_above_0(&self, names: &[&str]) -> Result<(), Problem> {
        if names.iter().any(|name| self.either(name) > 0.0) {
            return Ok(());
        }
        let listed = match names {
            [.., last] if names.len() > 1 => {
                format!("{} and {last}", names.get(..names.len() - 1).unwrap_or_default().join(", "))
            }
            _ => names.join(""),
        };
        Err(Problem::InvalidSetting(format!(
            "{listed} are all 0, so every score would be: set at least one of them above 0"
        )))
    }

    /// A number, whole or not.
    fn either(&self, name: &str) -> f64 {
        match self.value(name) {
            Value::Integer(value) => *value as f64,
            Value::Number(value) => *value,
            other => wrong_type(name, "a number", other),
        }
    }

    /// Words.
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Value::Text(value) => value,
            other => wrong_type(name, "a text", other),
        }
    }

    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    fn value(&self, name: &str) -> &Value {
        match self.values.get(self.place(name)) {
            Some(value) => value,
            None => panic!("the setting `{name}` has no value"),
        }
    }

    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    fn place(&self, name: &str) -> usize {
        self.declared.iter().position(|setting| setting.name == name).unwrap_or_else(|| {
            let names: Vec<_> = self.declared.iter().map(|setting| &*setting.name).collect();
            panic!("no setting `{name}` is declared, only: {}", names.join(", "))
        })
    }
}

#[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
fn wrong_type(name: &str, asked: &str, found: &Value) -> ! {
    panic!("the setting `{name}` is not {asked}: {found:?}")
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::defaults(&[Setting::text("staff", "staff", ""), Setting::integer("least", 3, "")])
    }

    fn panic_of(action: impl FnOnce() + std::panic::UnwindSafe) -> String {
        std::panic::catch_unwind(action).unwrap_err().downcast_ref::<String>().unwrap().clone()
    }

    #[test]
    fn a_setting_is_read_by_name_and_type() {
        assert_eq!(settings().text("staff"), "staff");
        assert_eq!(settings().with("least", 5).integer("least"), 5);
    }

    #[test]
    fn a_misspelt_setting_is_named_with_those_that_are_declared() {
        assert_eq!(
            panic_of(|| {
                settings().integer("leest");
            }),
            "no setting `leest` is declared, only: staff, least"
        );
    }

    #[test]
    fn a_setting_of_another_type_is_named_with_its_value() {
        assert_eq!(
            panic_of(|| {
                settings().number("least");
            }),
            "the setting `least` is not a number: Integer(3)"
        );
    }
}
