use std::collections::BTreeMap;

/// One member: raw values by metric. What is not said is not known.
///
/// ```
/// use groundswell_plugin_test::Person;
///
/// let helper = Person::of(&[("answers", 40.0), ("audience", 12.0)]).word("role", "staff");
/// assert_eq!(helper.without("audience").number("audience"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    numbers: BTreeMap<String, f64>,
    words: BTreeMap<String, String>,
}

impl Person {
    /// Somebody of whom nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Somebody with these values.
    pub fn of(values: &[(&str, f64)]) -> Self {
        values.iter().fold(Self::new(), |person, &(metric, value)| person.with(metric, value))
    }

    /// Gives a number, in the metric's unit. NaN takes it away.
    pub fn with(mut self, metric: &str, value: f64) -> Self {
        if value.is_nan() {
            return self.without(metric);
        }
        self.numbers.insert(metric.to_owned(), value);
        self
    }

    /// Gives a word.
    pub fn word(mut self, metric: &str, word: &str) -> Self {
        self.words.insert(metric.to_owned(), word.to_owned());
        self
    }

    /// Takes a value away.
    pub fn without(mut self, metric: &str) -> Self {
        self.numbers.remove(metric);
        self.words.remove(metric);
        self
    }

    /// The number of a metric, if it is known.
    pub fn number(&self, metric: &str) -> Option<f64> {
        self.numbers.get(metric).copied()
    }

    /// The word of a metric, if it is known.
    pub fn told(&self, metric: &str) -> Option<&str> {
        self.words.get(metric).map(String::as_str)
    }

    /// The metrics of which something is known.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().chain(self.words.keys()).map(String::as_str)
    }
}
