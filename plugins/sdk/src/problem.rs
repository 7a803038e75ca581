//! Why a plugin cannot go on.

use std::fmt;

/// Why a plugin cannot go on. Say in plain words what is wrong and what the community can do about it; the
/// host shows the first 1,000 characters.
///
/// A text alone is [`Problem::Other`], so `Err("…")?` works.
///
/// ```
/// use groundswell_plugin::Problem;
///
/// fn check(floor: f64, ceiling: f64) -> Result<(), Problem> {
///     if floor > ceiling {
///         return Err(Problem::InvalidSetting("floor lies above ceiling: raise ceiling or lower floor".into()));
///     }
///     Ok(())
/// }
/// assert!(check(2.0, 1.0).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The settings contradict each other in a way that bounds cannot express.
    InvalidSetting(String),
    /// The population cannot be scored: an input is empty, constant, or not what it must be.
    UnsupportedInput(String),
    /// Anything else.
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSetting(text) => write!(f, "invalid setting: {text}"),
            Self::UnsupportedInput(text) => write!(f, "unsupported input: {text}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Problem {}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl From<&str> for Problem {
    fn from(text: &str) -> Self {
        Self::Other(text.to_owned())
    }
}
