//! Why one member has the score they have.

use groundswell_runtime::{Effect, shown};
use serde::Serialize;

/// Why one member has the score they have: base + the inputs' contributions is the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The member's id.
    pub member: String,
    /// 1 + members with a higher score.
    pub rank: u32,
    /// How many members the population has.
    pub of: u64,
    /// The score, in the definition's own unit.
    pub score: f64,
    /// (members below + half of those equal) / members, 0 to 1.
    pub percentile: f64,
    /// The tier the member is in.
    pub tier: ExplainedTier,
    /// Why they are in that tier, in the definition's words.
    pub reasons: Vec<String>,
    /// The score at the population's medians, the same for every member.
    pub base: f64,
    /// What each input adds to the base, in the order in which the definition declares them.
    pub inputs: Vec<ExplainedInput>,
    /// The tier of the next higher rung; none at the top and beside the ladder.
    pub next_tier: Option<NextTier>,
    /// The receipt of the run that this is about.
    pub receipt: String,
    /// The definition's name in `community.toml`.
    pub definition: String,
    /// The moment the run looks from, RFC 3339.
    pub as_of: String,
}

/// A tier, as members are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExplainedTier {
    /// kebab-case.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence: who is in it.
    pub summary: String,
    /// Place on the ladder, low to high; none beside the ladder.
    pub rung: Option<u8>,
}

/// The tier above a member's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NextTier {
    /// The tier.
    #[serde(flatten)]
    pub tier: ExplainedTier,
    /// How many members are in it now.
    pub members: u64,
    /// The lowest score of those; none where nobody is in it. Reaching it need not be enough: a definition
    /// may look at more than the score.
    pub lowest_score: Option<f64>,
}

/// What one input adds to a member's score.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExplainedInput {
    /// `metric@scale`.
    pub input: String,
    /// Why the definition looks at it, in its author's words.
    pub why: String,
    /// The unit of `value`; empty for a category.
    pub unit: &'static str,
    /// The member's value in that unit; none where they have none.
    pub value: ExplainedValue,
    /// The value as the definition saw it.
    pub scaled: ExplainedValue,
    /// (members below + half of those equal) / members with a value, 0 to 1; none for categories and
    /// missing values.
    pub percentile: Option<f64>,
    /// What it adds to the base, in the score's unit.
    pub contribution: f64,
    /// Which way a larger value moves the score while everything else stays as it is.
    pub effect: Effect,
}

/// A number, a word, or nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ExplainedValue {
    /// The member has no value.
    Missing,
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl std::fmt::Display for ExplainedValue {
    /// As people write it: at most two decimals, `unknown` where there is no value. Words are escaped.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("unknown"),
            Self::Number(number) => f.write_str(&crate::reason::plain_number(*number)),
            Self::Word(word) => f.write_str(&shown(word, 200)),
        }
    }
}
