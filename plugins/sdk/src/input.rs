//! What a plugin asks to see.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

/// Words that are usually written down in the plugin's source, so that describing costs no allocation.
pub type Text = Cow<'static, str>;

/// How the host presents a metric's values. Scales are computed over the population of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scale {
    /// The value in the metric's own unit.
    Raw,
    /// Natural logarithm of 1 + value.
    Log1p,
    /// (value − mean) / standard deviation of the population.
    ZScore,
    /// (members below + half of those equal) / members with a value, from 0 to 1.
    Percentile,
    /// A word instead of a number.
    Category,
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Log1p => "log1p",
            Self::ZScore => "z-score",
            Self::Percentile => "percentile",
            Self::Category => "category",
        })
    }
}

/// Which way an input moves the score while everything else stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// A larger value never lowers the score.
    Raises,
    /// A larger value never raises the score.
    Lowers,
    /// It depends, or there is no order.
    Varies,
}

/// One column that a plugin wants to see: a metric on a scale.
///
/// Numbers are required and raise the score unless the builder says otherwise; categories are required and
/// vary.
///
/// ```
/// use groundswell_plugin::{Effect, Input};
///
/// let answers = Input::percentile("answers", "Answers help whoever asks.");
/// assert_eq!(answers.id(), "answers@percentile");
/// assert!(answers.required);
///
/// let flags = Input::log1p("received(verb=x-flag)", "Others found it out of place.").lowers().optional();
/// assert_eq!(flags.effect, Effect::Lowers);
/// assert!(!flags.required);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Input {
    /// The metric's id, parameters included.
    pub metric: Text,
    /// How the host presents it.
    pub scale: Scale,
    /// Whether a run over data without the metric stops.
    pub required: bool,
    /// One sentence for members: why this is looked at. At most 280 characters.
    pub why: Text,
    /// Which way it moves the score.
    pub effect: Effect,
}

impl Input {
    /// The values in the metric's own unit.
    pub fn raw(metric: impl Into<Text>, why: impl Into<Text>) -> Self {
        Self::new(metric, Scale::Raw, why, Effect::Raises)
    }

    /// The natural logarithm of 1 + value: for counts that a few members have by the thousand.
    pub fn log1p(metric: impl Into<Text>, why: impl Into<Text>) -> Self {
        Self::new(metric, Scale::Log1p, why, Effect::Raises)
    }

    /// (value − mean) / standard deviation of the population.
    pub fn z_score(metric: impl Into<Text>, why: impl Into<Text>) -> Self {
        Self::new(metric, Scale::ZScore, why, Effect::Raises)
    }

    /// The share of the population below, from 0 to 1; equal values share the middle of their places. Where
    /// most members are equal at the bottom, as most are in most communities, all of them sit at half their
    /// share: 0.45 where 90 % have nothing.
    pub fn percentile(metric: impl Into<Text>, why: impl Into<Text>) -> Self {
        Self::new(metric, Scale::Percentile, why, Effect::Raises)
    }

    /// A word: `role`, or an attribute that the community grants.
    pub fn category(metric: impl Into<Text>, why: impl Into<Text>) -> Self {
        Self::new(metric, Scale::Category, why, Effect::Varies)
    }

    fn new(metric: impl Into<Text>, scale: Scale, why: impl Into<Text>, effect: Effect) -> Self {
        Self { metric: metric.into(), scale, required: true, why: why.into(), effect }
    }

    /// Data without the metric is scored all the same, with the column wholly missing.
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// A larger value never raises the score.
    pub fn lowers(mut self) -> Self {
        self.effect = Effect::Lowers;
        self
    }

    /// It depends which way a larger value moves the score; or, in reward rules, no score is meant.
    pub fn varies(mut self) -> Self {
        self.effect = Effect::Varies;
        self
    }

    /// `metric@scale`, unique in a description.
    pub fn id(&self) -> String {
        format!("{}@{}", self.metric, self.scale)
    }
}

/// How an input is named where a column is asked for: by its place in the description (`0`), by its id
/// (`"answers@percentile"`), or by its metric (`"answers"`), which finds the first input of that metric.
///
/// By place is the cheapest; by name costs a search, so look a column up once, not once a row.
pub trait InputKey: Copy {
    /// The key as one type.
    fn key(&self) -> Key<'_>;
}

/// An [`InputKey`] as one type.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// The place in the description, from 0.
    Place(usize),
    /// The id or the metric.
    Name(&'a str),
}

impl InputKey for usize {
    fn key(&self) -> Key<'_> {
        Key::Place(*self)
    }
}

impl InputKey for &str {
    fn key(&self) -> Key<'_> {
        Key::Name(self)
    }
}

/// The inputs of a description, described when somebody first asks for one by name.
#[derive(Clone, Default)]
pub(crate) struct Inputs(Rc<Source>);

#[derive(Default)]
struct Source {
    describe: Option<fn() -> Vec<Input>>,
    described: OnceCell<Vec<Input>>,
}

impl Inputs {
    pub(crate) fn described_by(describe: fn() -> Vec<Input>) -> Self {
        Self(Rc::new(Source { describe: Some(describe), described: OnceCell::new() }))
    }

    pub(crate) fn of(inputs: &[Input]) -> Self {
        Self(Rc::new(Source { describe: None, described: OnceCell::from(inputs.to_vec()) }))
    }

    fn all(&self) -> &[Input] {
        self.0.described.get_or_init(|| self.0.describe.map(|describe| describe()).unwrap_or_default())
    }

    /// The scale of the input in this place.
    ///
    /// # Panics
    ///
    /// Where there is none: the plugin asks for what it did not declare.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub(crate) fn scale(&self, place: usize) -> Scale {
        match self.all().get(place) {
            Some(input) => input.scale,
            None => panic!("no input {place}: there are {}", self.all().len()),
        }
    }

    /// The place of the input that `key` names.
    ///
    /// # Panics
    ///
    /// Where there is none: the plugin asks for what it did not declare.
    #[expect(clippy::panic, reason = "a mistake in the plugin's own text, which its first test finds")]
    pub(crate) fn place(&self, key: Key<'_>) -> usize {
        let name = match key {
            Key::Place(place) => return place,
            Key::Name(name) => name,
        };
        let all = self.all();
        let by_id = || {
            let (metric, scale) = name.rsplit_once('@')?;
            all.iter().position(|input| input.metric == metric && input.scale.to_string() == scale)
        };
        let by_metric = || all.iter().position(|input| input.metric == name);
        by_id().or_else(by_metric).unwrap_or_else(|| {
            let declared: Vec<_> = all.iter().map(Input::id).collect();
            panic!("no input `{name}` is declared, only: {}", declared.join(", "))
        })
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().iter().map(Input::id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        Inputs::described_by(|| {
            vec![
                Input::raw("audience", ""),
                Input::percentile("audience", ""),
                Input::log1p("received(verb=thank)", ""),
            ]
        })
    }

    #[test]
    fn an_input_is_found_by_place_id_and_metric() {
        assert_eq!(inputs().place(1.key()), 1);
        assert_eq!(inputs().place("audience@percentile".key()), 1);
        assert_eq!(inputs().place("audience".key()), 0);
        assert_eq!(inputs().place("received(verb=thank)".key()), 2);
    }

    #[test]
    fn an_input_that_nobody_declared_is_named_with_those_that_are() {
        let caught = std::panic::catch_unwind(|| inputs().place("audience@z-score".key())).unwrap_err();
        assert_eq!(
            caught.downcast_ref::<String>().unwrap(),
            "no input `audience@z-score` is declared, only: audience@raw, audience@percentile, \
             received(verb=thank)@log1p"
        );
    }
}
