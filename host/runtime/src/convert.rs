//! Between the contract's generated types and the crate's own.

use crate::bindings::exports::groundswell::plugin::{rewards as rewards_guest, scoring as scoring_guest};
use crate::bindings::groundswell::plugin::types;
use crate::bindings::metric::exports::groundswell::plugin::measuring as measuring_guest;
use crate::population::{Prepared, Summary};
use crate::{
    Award, AwardKind, Bounds, Column, Effect, Input, Kind, KnownTier, MeasuringDescription, Network, Occurs,
    Reason, ReasonText, RewardsDescription, Scale, ScoringDescription, Setting, TieKind, Tier, Value,
};

pub(crate) fn scoring(told: scoring_guest::Description) -> ScoringDescription {
    ScoringDescription {
        name: told.name,
        version: told.version,
        summary: told.summary,
        inputs: told.inputs.into_iter().map(input).collect(),
        settings: told.settings.into_iter().map(setting).collect(),
        tiers: told.tiers.into_iter().map(tier).collect(),
        reasons: told.reasons.into_iter().map(reason_text).collect(),
    }
}

pub(crate) fn rewards(told: rewards_guest::Description) -> RewardsDescription {
    RewardsDescription {
        name: told.name,
        version: told.version,
        summary: told.summary,
        inputs: told.inputs.into_iter().map(input).collect(),
        settings: told.settings.into_iter().map(setting).collect(),
        awards: told.awards.into_iter().map(award_kind).collect(),
        reasons: told.reasons.into_iter().map(reason_text).collect(),
    }
}

pub(crate) fn measuring(told: measuring_guest::Description) -> MeasuringDescription {
    MeasuringDescription {
        name: told.name,
        version: told.version,
        summary: told.summary,
        unit: told.unit,
        inputs: told.inputs.into_iter().map(input).collect(),
        settings: told.settings.into_iter().map(setting).collect(),
    }
}

pub(crate) fn network(told: measuring_guest::Network) -> Network {
    let ties = match told.ties {
        measuring_guest::TieKind::Follows => TieKind::Follows,
        measuring_guest::TieKind::Activity => TieKind::Activity,
        measuring_guest::TieKind::Verbs(verbs) => TieKind::Verbs(verbs),
    };
    Network { ties, half_life: told.half_life }
}

fn input(told: types::Input) -> Input {
    Input {
        metric: told.metric,
        scale: match told.scale {
            types::Scale::Raw => Scale::Raw,
            types::Scale::Log1p => Scale::Log1p,
            types::Scale::ZScore => Scale::ZScore,
            types::Scale::Percentile => Scale::Percentile,
            types::Scale::Category => Scale::Category,
        },
        required: told.required,
        why: told.why,
        effect: match told.effect {
            types::Effect::Raises => Effect::Raises,
            types::Effect::Lowers => Effect::Lowers,
            types::Effect::Varies => Effect::Varies,
        },
    }
}

fn setting(told: types::Setting) -> Setting {
    Setting {
        name: told.name,
        summary: told.summary,
        default: match told.default {
            types::ValueResult::Boolean(value) => Value::Boolean(value),
            types::ValueResult::Integer(value) => Value::Integer(value),
            types::ValueResult::Number(value) => Value::Number(value),
            types::ValueResult::Text(value) => Value::Text(value),
        },
        bounds: Bounds { least: told.bounds.least, most: told.bounds.most, choices: told.bounds.choices },
    }
}

fn tier(told: types::TierResult) -> Tier {
    Tier {
        id: told.id,
        title: told.title,
        summary: told.summary,
        rung: told.rung,
        known: told.known.map(|known| match known {
            types::KnownTier::MicroInfluencer => KnownTier::MicroInfluencer,
            types::KnownTier::Influencer => KnownTier::Influencer,
            types::KnownTier::Celebrity => KnownTier::Celebrity,
            types::KnownTier::Staff => KnownTier::Staff,
        }),
    }
}

fn reason_text(told: types::ReasonText) -> ReasonText {
    ReasonText { id: told.id, text: told.text }
}

pub(crate) fn reason(told: types::Reason) -> Reason {
    Reason { text: told.text, input: told.input }
}

/// An award to a row of the batch that begins with the population's row `first`.
pub(crate) fn award(told: rewards_guest::Award, first: u32) -> Award {
    let rewards_guest::Award { row, award, reason: why, amount } = told;
    Award { row: first + row, award, reason: reason(why), amount }
}

fn award_kind(told: rewards_guest::AwardKind) -> AwardKind {
    AwardKind {
        id: told.id,
        title: told.title,
        summary: told.summary,
        kind: match told.kind {
            rewards_guest::Kind::Badge => Kind::Badge,
            rewards_guest::Kind::Shoutout => Kind::Shoutout,
            rewards_guest::Kind::Training => Kind::Training,
            rewards_guest::Kind::Circle => Kind::Circle,
            rewards_guest::Kind::Points => Kind::Points,
        },
        revocable: told.revocable,
        occurs: match told.occurs {
            rewards_guest::Occurs::Once => Occurs::Once,
            rewards_guest::Occurs::EachPeriod => Occurs::EachPeriod,
        },
    }
}

pub(crate) fn value(value: &Value) -> types::ValueParam<'_> {
    match value {
        Value::Boolean(value) => types::ValueParam::Boolean(*value),
        Value::Integer(value) => types::ValueParam::Integer(*value),
        Value::Number(value) => types::ValueParam::Number(*value),
        Value::Text(value) => types::ValueParam::Text(value),
    }
}

pub(crate) fn tier_param(tier: &Tier) -> types::TierParam<'_> {
    types::TierParam {
        id: &tier.id,
        title: &tier.title,
        summary: &tier.summary,
        rung: tier.rung,
        known: tier.known.map(|known| match known {
            KnownTier::MicroInfluencer => types::KnownTier::MicroInfluencer,
            KnownTier::Influencer => types::KnownTier::Influencer,
            KnownTier::Celebrity => types::KnownTier::Celebrity,
            KnownTier::Staff => types::KnownTier::Staff,
        }),
    }
}

/// The dictionary of a prepared input as the engine lowers it; empty for numbers.
pub(crate) fn words(input: &Prepared) -> Vec<&str> {
    match &input.scaled {
        Column::Number(_) => Vec::new(),
        Column::Category { values, .. } => values.iter().map(String::as_str).collect(),
    }
}

pub(crate) fn summary<'a>(input: &'a Prepared, words: &'a [&'a str]) -> types::Summary<'a> {
    match &input.summary {
        Summary::Number(summary) => types::Summary::Number(types::NumberSummary {
            count: summary.count,
            missing: summary.missing,
            mean: summary.mean,
            sd: summary.sd,
            quantiles: &summary.quantiles,
            median_scaled: summary.median_scaled,
        }),
        Summary::Category(summary) => types::Summary::Category(types::CategorySummary {
            count: summary.count,
            missing: summary.missing,
            values: words,
            counts: &summary.counts,
        }),
    }
}
