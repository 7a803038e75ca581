//! What plugins say of themselves, as the contract has it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Setting;

/// How the host presents a metric's values to a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scale {
    /// In the metric's own unit.
    Raw,
    /// Natural logarithm of 1 + value; a value below 0 becomes missing.
    Log1p,
    /// Distance from the population's mean in standard deviations; 0 where all values are equal.
    ZScore,
    /// (members below + half of those equal) / members with a value, 0 to 1.
    Percentile,
    /// Words.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Effect {
    /// A larger value never lowers the score.
    Raises,
    /// A larger value never raises the score.
    Lowers,
    /// It depends, or there is no order.
    Varies,
}

/// One column that a plugin wants to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Input {
    /// Metric id, parameters included.
    pub metric: String,
    /// How it is presented.
    pub scale: Scale,
    /// Whether a run over data that cannot supply the metric must stop.
    pub required: bool,
    /// One sentence for members.
    pub why: String,
    /// Which way it moves the score.
    pub effect: Effect,
}

impl Input {
    /// A required input. Its effect varies unless said otherwise.
    pub fn new(metric: impl Into<String>, scale: Scale, why: impl Into<String>) -> Self {
        let (metric, why) = (metric.into(), why.into());
        Self { metric, scale, required: true, why, effect: Effect::Varies }
    }

    /// The input's name in columns, JSON and messages: `metric@scale`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.metric, self.scale)
    }
}

/// What a tier is in everyone's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum KnownTier {
    /// Trusted, active, with a modest audience.
    MicroInfluencer,
    /// Trusted and active with a larger audience.
    Influencer,
    /// An audience above the ceiling.
    Celebrity,
    /// Paid or appointed.
    Staff,
}

impl fmt::Display for KnownTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MicroInfluencer => "micro-influencer",
            Self::Influencer => "influencer",
            Self::Celebrity => "celebrity",
            Self::Staff => "staff",
        })
    }
}

/// A class that a definition places members in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tier {
    /// kebab-case, unique in the definition.
    pub id: String,
    /// Shown to members.
    pub title: String,
    /// One sentence: who is in it.
    pub summary: String,
    /// Place on the ladder, low to high. None: beside the ladder.
    pub rung: Option<u8>,
    /// Its meaning in everyone's language.
    pub known: Option<KnownTier>,
}

impl Tier {
    /// A tier beside the ladder and without a known meaning, until its fields say otherwise.
    ///
    /// ```
    /// use groundswell_runtime::{KnownTier, Tier};
    ///
    /// let mut helper = Tier::new("helper", "Helper", "The top tenth.");
    /// helper.rung = Some(1);
    /// helper.known = Some(KnownTier::MicroInfluencer);
    /// ```
    pub fn new(id: impl Into<String>, title: impl Into<String>, summary: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), summary: summary.into(), rung: None, known: None }
    }
}

/// A sentence that reasons point to. `{value}` stands for the raw value of the reason's input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReasonText {
    /// kebab-case, unique in the description.
    pub id: String,
    /// The sentence.
    pub text: String,
}

impl ReasonText {
    /// A sentence and its id.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into() }
    }
}

/// Why a member is where they are, or gets what they get: indices into the description that it belongs
/// to, checked by the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reason {
    /// Index into `reasons`.
    pub text: u32,
    /// Index into `inputs`.
    pub input: Option<u32>,
}

impl Reason {
    /// A reason by its places in the description that it belongs to.
    pub fn new(text: u32, input: Option<u32>) -> Self {
        Self { text, input }
    }
}

/// What an award is in everyone's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// A sign beside the name.
    Badge,
    /// A public thank-you.
    Shoutout,
    /// An invitation to learn something.
    Training,
    /// Access to a space of their own.
    Circle,
    /// An amount to collect or spend.
    Points,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Badge => "badge",
            Self::Shoutout => "shoutout",
            Self::Training => "training",
            Self::Circle => "circle",
            Self::Points => "points",
        })
    }
}

/// How often a member can get an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Occurs {
    /// Once and never again.
    Once,
    /// Once in every period of the programme.
    EachPeriod,
}

/// An award that reward rules can propose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AwardKind {
    /// kebab-case, unique in the description.
    pub id: String,
    /// Shown to members.
    pub title: String,
    /// One sentence: who gets it.
    pub summary: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it may be taken back.
    pub revocable: bool,
    /// How often a member can get it.
    pub occurs: Occurs,
}

/// A definition: the part of a plugin that scores members and places them in tiers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoringDescription {
    /// The plugin's name, as in its stamp.
    pub name: String,
    /// The plugin's version, as in its stamp.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// The columns it sees, in its order.
    pub inputs: Vec<Input>,
    /// What a community may change.
    pub settings: Vec<Setting>,
    /// Where members can be placed.
    pub tiers: Vec<Tier>,
    /// What it can say about a placement.
    pub reasons: Vec<ReasonText>,
}

/// Reward rules: the part of a plugin that proposes awards.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RewardsDescription {
    /// The plugin's name, as in its stamp.
    pub name: String,
    /// The plugin's version, as in its stamp.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// The columns they see, in their order.
    pub inputs: Vec<Input>,
    /// What a community may change.
    pub settings: Vec<Setting>,
    /// What they can propose.
    pub awards: Vec<AwardKind>,
    /// What they can say about an award.
    pub reasons: Vec<ReasonText>,
}

/// Which ties make a network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TieKind {
    /// From follower to followed.
    Follows,
    /// From actor to recipient, whatever was done.
    Activity,
    /// From actor to recipient of activities with one of these verbs.
    Verbs(Vec<String>),
}

/// A network that a metric looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Network {
    /// Which ties.
    pub ties: TieKind,
    /// Halves the weight of an activity for every so many days of its age. `None`: they weigh the same at any age.
    pub half_life: Option<u32>,
}

/// What a metric says of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MeasuringDescription {
    /// The plugin's name, as in its stamp.
    pub name: String,
    /// The plugin's version, as in its stamp.
    pub version: String,
    /// One sentence: what it tells of a member.
    pub summary: String,
    /// The unit of its values, with their range.
    pub unit: String,
    /// What it wants to know of members, raw or as a category.
    pub inputs: Vec<Input>,
    /// What a community may change.
    pub settings: Vec<Setting>,
}
