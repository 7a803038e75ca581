//! What a plugin says of itself.

use crate::{Input, Setting, Text};

/// A tier's meaning in everyone's language, so that reward rules and studies by another author find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownTier {
    /// Trusted, active, with a modest audience: the people this software looks for.
    MicroInfluencer,
    /// Trusted and active with a larger audience, still a member among members.
    Influencer,
    /// Known for being known: an audience above the ceiling.
    Celebrity,
    /// Paid or appointed: active by duty.
    Staff,
}

/// A class that a definition places members in.
///
/// ```
/// use groundswell_plugin::{KnownTier, Tier};
///
/// let top = Tier::new("helper", "Helper", "Among the top tenth by answers.")
///     .rung(1)
///     .known(KnownTier::MicroInfluencer);
/// assert_eq!(top.rung, Some(1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tier {
    /// kebab-case, unique in the description.
    pub id: Text,
    /// Shown to members. At most 64 characters.
    pub title: Text,
    /// One sentence: who is in it. At most 280 characters.
    pub summary: Text,
    /// Place on the ladder, low to high. None: beside the ladder.
    pub rung: Option<u8>,
    /// What it is in everyone's language.
    pub known: Option<KnownTier>,
}

impl Tier {
    /// A tier beside the ladder, without a known meaning.
    pub fn new(id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self { id: id.into(), title: title.into(), summary: summary.into(), rung: None, known: None }
    }

    /// Puts the tier on the ladder.
    pub fn rung(mut self, rung: u8) -> Self {
        self.rung = Some(rung);
        self
    }

    /// Says what the tier is in everyone's language.
    pub fn known(mut self, known: KnownTier) -> Self {
        self.known = Some(known);
        self
    }
}

/// A sentence that a plugin may give as a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReasonText {
    /// kebab-case, unique in the description.
    pub id: Text,
    /// The sentence. `{value}` becomes the raw value of the input that the reason names.
    pub text: Text,
}

/// What a definition is and needs. Name and version come from the plugin's own manifest.
///
/// Inputs, tiers and reasons are spoken of by their place here, from 0, in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Description {
    /// The plugin's name, if not the package's.
    pub name: Option<Text>,
    /// The plugin's version, if not the package's.
    pub version: Option<Text>,
    /// One sentence for communities choosing a definition. At most 280 characters.
    pub summary: Text,
    /// The columns of every batch. 1 to 64.
    pub inputs: Vec<Input>,
    /// What a community may change. At most 64.
    pub settings: Vec<Setting>,
    /// Where members can be placed. 1 to 32.
    pub tiers: Vec<Tier>,
    /// What can be said about a placement. At most 256.
    pub reasons: Vec<ReasonText>,
}

impl Description {
    /// Begins a description.
    pub fn new(summary: impl Into<Text>) -> Self {
        Self {
            name: None,
            version: None,
            summary: summary.into(),
            inputs: Vec::with_capacity(16),
            settings: Vec::with_capacity(16),
            tiers: Vec::with_capacity(8),
            reasons: Vec::with_capacity(8),
        }
    }

    /// Adds a tier.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tiers.push(tier);
        self
    }
}

/// What an award is in everyone's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A sign beside the name.
    Badge,
    /// A public thank-you.
    Shoutout,
    /// An invitation to learn something.
    Training,
    /// Access to a space of their own inside the community.
    Circle,
    /// An amount to collect or spend.
    Points,
}

/// How often a member can get an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occurs {
    /// Once and never again.
    Once,
    /// Once in every period of the programme.
    EachPeriod,
}

/// An award that reward rules can propose: once and for good, unless the builder says otherwise.
///
/// ```
/// use groundswell_plugin::{AwardKind, Occurs};
///
/// let badge = AwardKind::badge("helper", "Helper", "Worn by whoever is among the top tenth.").revocable();
/// assert!(badge.revocable);
/// assert_eq!(badge.occurs, Occurs::Once);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AwardKind {
    /// kebab-case, unique in the description.
    pub id: Text,
    /// Shown to members. At most 64 characters.
    pub title: Text,
    /// One sentence: who gets it. At most 280 characters.
    pub summary: Text,
    /// What it is.
    pub kind: Kind,
    /// Whether it may be taken back once the rules no longer propose it.
    pub revocable: bool,
    /// How often a member can get it.
    pub occurs: Occurs,
}

impl AwardKind {
    /// A sign beside the name.
    pub fn badge(id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self::new(Kind::Badge, id, title, summary)
    }

    /// A public thank-you.
    pub fn shoutout(id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self::new(Kind::Shoutout, id, title, summary)
    }

    /// An invitation to learn something.
    pub fn training(id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self::new(Kind::Training, id, title, summary)
    }

    /// Access to a space of their own inside the community.
    pub fn circle(id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self::new(Kind::Circle, id, title, summary)
    }

    /// An amount to collect or spend.
    pub fn points(id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self::new(Kind::Points, id, title, summary)
    }

    fn new(kind: Kind, id: impl Into<Text>, title: impl Into<Text>, summary: impl Into<Text>) -> Self {
        let (id, title, summary) = (id.into(), title.into(), summary.into());
        Self { id, title, summary, kind, revocable: false, occurs: Occurs::Once }
    }

    /// It may be taken back once the rules no longer propose it.
    pub fn revocable(mut self) -> Self {
        self.revocable = true;
        self
    }

    /// A member can get it in every period of the programme.
    pub fn each_period(mut self) -> Self {
        self.occurs = Occurs::EachPeriod;
        self
    }
}

/// What reward rules are and need. Name and version come from the plugin's own manifest.
///
/// Inputs, awards and reasons are spoken of by their place here, from 0, in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RewardsDescription {
    /// The plugin's name, if not the package's.
    pub name: Option<Text>,
    /// The plugin's version, if not the package's.
    pub version: Option<Text>,
    /// One sentence for communities choosing rules. At most 280 characters.
    pub summary: Text,
    /// The columns of every batch. At most 64; none is allowed.
    pub inputs: Vec<Input>,
    /// What a community may change. At most 64.
    pub settings: Vec<Setting>,
    /// What can be proposed. 1 to 64.
    pub awards: Vec<AwardKind>,
    /// What can be said about an award. 1 to 256.
    pub reasons: Vec<ReasonText>,
}

impl RewardsDescription {
    /// Begins a description.
    pub fn new(summary: impl Into<Text>) -> Self {
        Self {
            name: None,
            version: None,
            summary: summary.into(),
            inputs: Vec::new(),
            settings: Vec::with_capacity(8),
            awards: Vec::with_capacity(8),
            reasons: Vec::with_capacity(8),
        }
    }

    /// Adds an award.
    pub fn award(mut self, award: AwardKind) -> Self {
        self.awards.push(award);
        self
    }
}

/// What all descriptions are built from.
macro_rules! described {
    ($description:ident) => {
        impl $description {
            /// Speaks under another name than the package's. It must be the one in the component's stamp.
            pub fn name(mut self, name: impl Into<Text>) -> Self {
                self.name = Some(name.into());
                self
            }

            /// Speaks with another version than the package's. It must be the one in the component's stamp.
            pub fn version(mut self, version: impl Into<Text>) -> Self {
                self.version = Some(version.into());
                self
            }

            /// Adds a column.
            pub fn input(mut self, input: Input) -> Self {
                self.inputs.push(input);
                self
            }

            /// Adds a setting.
            pub fn setting(mut self, setting: Setting) -> Self {
                self.settings.push(setting);
                self
            }
        }
    };
}
pub(crate) use described;
described!(Description);
described!(RewardsDescription);

/// What descriptions that have reasons are built from besides.
macro_rules! reasoned {
    ($description:ident) => {
        impl $description {
            /// Adds a sentence to give as a reason. `{value}` in it becomes the raw value of the input that
            /// the reason names.
            pub fn reason(mut self, id: impl Into<Text>, text: impl Into<Text>) -> Self {
                self.reasons.push(ReasonText { id: id.into(), text: text.into() });
                self
            }
        }
    };
}
reasoned!(Description);
reasoned!(RewardsDescription);
