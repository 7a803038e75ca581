//! Why one member has the score they have.

use groundswell_runtime::{Effect, Tier, shown};
use serde::Serialize;

use crate::Error;
use crate::leaderboard::Leaderboard;
use crate::metrics::Metric;
use crate::pipeline::Pipeline;
use crate::run::InputValue;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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

impl From<InputValue<'_>> for ExplainedValue {
    fn from(value: InputValue<'_>) -> Self {
        match value {
            InputValue::Missing => Self::Missing,
            InputValue::Number(number) => Self::Number(number),
            InputValue::Word(word) => Self::Word(word.to_owned()),
        }
    }
}

impl Pipeline<'_> {
    /// Explains one member by the definition that is meant.
    pub(crate) fn explain(&self, member: &str) -> Result<Explanation, Error> {
        let _span = tracing::info_span!("explain", community = self.name()).entered();
        let cast = self.cast(self.definition()?, &mut std::collections::BTreeMap::new())?;
        let view = self.view(true)?;
        self.explain_in(&view, cast, member)
    }
}

/// Explains a row of a leaderboard.
pub(crate) fn explain(
    board: &Leaderboard,
    row: usize,
    receipt: String,
    definition: &str,
    as_of: String,
) -> Explanation {
    let number = |list: &[f64]| list.get(row).copied().unwrap_or(f64::NAN);
    let tier = board.tier(row);
    let inputs = board.inputs.iter().map(|input| ExplainedInput {
        input: input.id.clone(),
        why: shown(&input.why, 280),
        unit: Metric::parse(&input.metric).map_or("", |(_, family)| family.unit),
        value: InputValue::of(input.raw.as_ref(), row).into(),
        scaled: InputValue::of(Some(&input.scaled), row).into(),
        percentile: input.percentile(row),
        contribution: number(&input.contributions),
        effect: input.effect,
    });
    Explanation {
        member: board.ids.get(row).cloned().unwrap_or_default(),
        rank: board.ranks.get(row).copied().unwrap_or(0),
        of: board.ids.len() as u64,
        score: number(&board.scores),
        percentile: number(&board.percentiles),
        tier: tier.map(ExplainedTier::from).unwrap_or_default(),
        reasons: board.reasons(row),
        base: board.base,
        inputs: inputs.collect(),
        next_tier: tier.and_then(|tier| next_tier(board, tier)),
        receipt,
        definition: definition.to_owned(),
        as_of,
    }
}

fn next_tier(board: &Leaderboard, tier: &Tier) -> Option<NextTier> {
    let rung = tier.rung?;
    let above = board.ladder.iter().enumerate().filter(|(_, tier)| tier.rung > Some(rung));
    let (at, next) = above.min_by_key(|(_, tier)| tier.rung)?;
    let scores = board.tiers.iter().zip(&board.scores).filter(|(tier, _)| **tier as usize == at);
    let scores = scores.map(|(_, &score)| score);
    Some(NextTier {
        tier: next.into(),
        members: scores.clone().count() as u64,
        lowest_score: scores.min_by(f64::total_cmp),
    })
}

impl From<&Tier> for ExplainedTier {
    fn from(tier: &Tier) -> Self {
        Self {
            id: tier.id.clone(),
            title: shown(&tier.title, 64),
            summary: shown(&tier.summary, 280),
            rung: tier.rung,
        }
    }
}

/// A number, a word, or nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
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
