//! Between the contract's types and the ones authors write with. Columns change hands without a copy.

use std::rc::Rc;

use crate::bindings::definition::exports::groundswell::plugin::scoring;
use crate::bindings::definition::groundswell::plugin::types as wit;
use crate::bindings::metric::exports::groundswell::plugin::measuring;
use crate::bindings::reward_rules::exports::groundswell::plugin::rewards;
use crate::input::Inputs;
use crate::{
    Award, AwardKind, CategorySummary, Column, Contributions, Description, Effect, Input, Kind, KnownTier,
    Members, MetricDescription, Network, NumberSummary, Occurs, Placements, Problem, Ranking, Reason,
    ReasonText, RewardsDescription, Scale, Setting, Standings, Summary, TieKind, Tier, Value,
};

fn all<A: Into<B>, B>(list: Vec<A>) -> Vec<B> {
    list.into_iter().map(Into::into).collect()
}

impl From<Scale> for wit::Scale {
    fn from(scale: Scale) -> Self {
        match scale {
            Scale::Raw => Self::Raw,
            Scale::Log1p => Self::Log1p,
            Scale::ZScore => Self::ZScore,
            Scale::Percentile => Self::Percentile,
            Scale::Category => Self::Category,
        }
    }
}

impl From<Effect> for wit::Effect {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Raises => Self::Raises,
            Effect::Lowers => Self::Lowers,
            Effect::Varies => Self::Varies,
        }
    }
}

impl From<Input> for wit::Input {
    fn from(input: Input) -> Self {
        Self {
            metric: input.metric.into_owned(),
            scale: input.scale.into(),
            required: input.required,
            why: input.why.into_owned(),
            effect: input.effect.into(),
        }
    }
}

impl From<Value> for wit::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Boolean(value) => Self::Boolean(value),
            Value::Integer(value) => Self::Integer(value),
            Value::Number(value) => Self::Number(value),
            Value::Text(value) => Self::Text(value.into_owned()),
        }
    }
}

impl From<wit::Value> for Value {
    fn from(value: wit::Value) -> Self {
        match value {
            wit::Value::Boolean(value) => Self::Boolean(value),
            wit::Value::Integer(value) => Self::Integer(value),
            wit::Value::Number(value) => Self::Number(value),
            wit::Value::Text(value) => Self::Text(value.into()),
        }
    }
}

impl From<Setting> for wit::Setting {
    fn from(setting: Setting) -> Self {
        let choices = setting.choices.into_iter().map(|choice| choice.into_owned()).collect();
        Self {
            name: setting.name.into_owned(),
            summary: setting.summary.into_owned(),
            default: setting.default.into(),
            bounds: wit::Bounds { least: setting.least, most: setting.most, choices },
        }
    }
}

impl From<KnownTier> for wit::KnownTier {
    fn from(known: KnownTier) -> Self {
        match known {
            KnownTier::MicroInfluencer => Self::MicroInfluencer,
            KnownTier::Influencer => Self::Influencer,
            KnownTier::Celebrity => Self::Celebrity,
            KnownTier::Staff => Self::Staff,
        }
    }
}

impl From<wit::KnownTier> for KnownTier {
    fn from(known: wit::KnownTier) -> Self {
        match known {
            wit::KnownTier::MicroInfluencer => Self::MicroInfluencer,
            wit::KnownTier::Influencer => Self::Influencer,
            wit::KnownTier::Celebrity => Self::Celebrity,
            wit::KnownTier::Staff => Self::Staff,
        }
    }
}

impl From<Tier> for wit::Tier {
    fn from(tier: Tier) -> Self {
        Self {
            id: tier.id.into_owned(),
            title: tier.title.into_owned(),
            summary: tier.summary.into_owned(),
            rung: tier.rung,
            known: tier.known.map(Into::into),
        }
    }
}

impl From<wit::Tier> for Tier {
    fn from(tier: wit::Tier) -> Self {
        Self {
            id: tier.id.into(),
            title: tier.title.into(),
            summary: tier.summary.into(),
            rung: tier.rung,
            known: tier.known.map(Into::into),
        }
    }
}

impl From<ReasonText> for wit::ReasonText {
    fn from(reason: ReasonText) -> Self {
        Self { id: reason.id.into_owned(), text: reason.text.into_owned() }
    }
}

impl From<Reason> for wit::Reason {
    fn from(reason: Reason) -> Self {
        Self { text: reason.text, input: reason.input }
    }
}

impl From<Problem> for wit::Problem {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::InvalidSetting(text) => Self::InvalidSetting(text),
            Problem::UnsupportedInput(text) => Self::UnsupportedInput(text),
            Problem::Other(text) => Self::Other(text),
        }
    }
}

impl From<wit::Summary> for Summary {
    fn from(summary: wit::Summary) -> Self {
        match summary {
            wit::Summary::Number(it) => Self::Number(NumberSummary::new(
                it.count,
                it.missing,
                it.mean,
                it.sd,
                it.quantiles,
                it.median_scaled,
            )),
            wit::Summary::Category(it) => {
                Self::Category(CategorySummary::new(it.missing, it.values, it.counts))
            }
        }
    }
}

impl From<wit::Column> for Column {
    fn from(column: wit::Column) -> Self {
        match column {
            wit::Column::Number(values) => Self::Number(values),
            wit::Column::Category(category) => {
                Self::Category { codes: category.codes, values: Rc::from(category.values) }
            }
        }
    }
}

impl From<wit::Ranking> for Ranking {
    fn from(ranking: wit::Ranking) -> Self {
        Self::new(ranking.score, ranking.rank, ranking.percentile)
    }
}

impl From<Placements> for scoring::Placements {
    fn from(placements: Placements) -> Self {
        let (tier, reasons) = placements.into_parts();
        let reason = |(row, reason): (u32, Reason)| scoring::PlacedReason { row, reason: reason.into() };
        Self { tier, reasons: reasons.into_iter().map(reason).collect() }
    }
}

impl From<Contributions> for scoring::Contributions {
    fn from(contributions: Contributions) -> Self {
        Self { base: contributions.base, columns: contributions.columns }
    }
}

impl From<AwardKind> for rewards::AwardKind {
    fn from(award: AwardKind) -> Self {
        Self {
            id: award.id.into_owned(),
            title: award.title.into_owned(),
            summary: award.summary.into_owned(),
            kind: match award.kind {
                Kind::Badge => rewards::Kind::Badge,
                Kind::Shoutout => rewards::Kind::Shoutout,
                Kind::Training => rewards::Kind::Training,
                Kind::Circle => rewards::Kind::Circle,
                Kind::Points => rewards::Kind::Points,
            },
            revocable: award.revocable,
            occurs: match award.occurs {
                Occurs::Once => rewards::Occurs::Once,
                Occurs::EachPeriod => rewards::Occurs::EachPeriod,
            },
        }
    }
}

impl From<Award> for rewards::Award {
    fn from(award: Award) -> Self {
        Self { row: award.row, award: award.award, reason: award.reason.into(), amount: award.amount }
    }
}

/// Name and version are the manifest's where the description gives none.
pub(crate) fn description(it: Description, name: &str, version: &str) -> scoring::Description {
    scoring::Description {
        name: it.name.map_or_else(|| name.to_owned(), |name| name.into_owned()),
        version: it.version.map_or_else(|| version.to_owned(), |version| version.into_owned()),
        summary: it.summary.into_owned(),
        inputs: all(it.inputs),
        settings: all(it.settings),
        tiers: all(it.tiers),
        reasons: all(it.reasons),
    }
}

/// Name and version are the manifest's where the description gives none.
pub(crate) fn rewards_description(it: RewardsDescription, name: &str, version: &str) -> rewards::Description {
    rewards::Description {
        name: it.name.map_or_else(|| name.to_owned(), |name| name.into_owned()),
        version: it.version.map_or_else(|| version.to_owned(), |version| version.into_owned()),
        summary: it.summary.into_owned(),
        inputs: all(it.inputs),
        settings: all(it.settings),
        awards: all(it.awards),
        reasons: all(it.reasons),
    }
}

/// Name and version are the manifest's where the description gives none.
pub(crate) fn metric_description(it: MetricDescription, name: &str, version: &str) -> measuring::Description {
    measuring::Description {
        name: it.name.map_or_else(|| name.to_owned(), |name| name.into_owned()),
        version: it.version.map_or_else(|| version.to_owned(), |version| version.into_owned()),
        summary: it.summary.into_owned(),
        unit: it.unit.into_owned(),
        inputs: all(it.inputs),
        settings: all(it.settings),
    }
}

impl From<Network> for measuring::Network {
    fn from(network: Network) -> Self {
        let ties = match network.ties {
            TieKind::Follows => measuring::TieKind::Follows,
            TieKind::Activity => measuring::TieKind::Activity,
            TieKind::Verbs(verbs) => {
                measuring::TieKind::Verbs(verbs.into_iter().map(|verb| verb.into_owned()).collect())
            }
        };
        Self { ties, half_life: network.half_life }
    }
}

pub(crate) fn networks(networks: Vec<Network>) -> Vec<measuring::Network> {
    all(networks)
}

pub(crate) fn values(values: Vec<wit::Value>) -> Vec<Value> {
    all(values)
}

pub(crate) fn tiers(tiers: Vec<wit::Tier>) -> Vec<Tier> {
    all(tiers)
}

pub(crate) fn summaries(summaries: Vec<wit::Summary>) -> Vec<Summary> {
    all(summaries)
}

pub(crate) fn awards(awards: Vec<Award>) -> Vec<rewards::Award> {
    all(awards)
}

pub(crate) fn members(inputs: Inputs, batch: wit::Batch) -> Members {
    Members::from_columns(inputs, batch.rows as usize, all(batch.columns))
}

pub(crate) fn standings(tiers: Rc<[Tier]>, standing: wit::Standing) -> Standings {
    let wit::Standing { ranking, tier, previous, best_before } = standing;
    Standings::new(tiers, ranking.into(), tier, previous, best_before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_a_plugin_that_does_not_name_itself() {
        let from_manifest = description(Description::new("Who."), "helpers", "1.2.3");
        assert_eq!((&*from_manifest.name, &*from_manifest.version), ("helpers", "1.2.3"));
        let itself = description(Description::new("Who.").name("mine").version("9.0.0"), "helpers", "1.2.3");
        assert_eq!((&*itself.name, &*itself.version), ("mine", "9.0.0"));
        let rewards = rewards_description(RewardsDescription::new("What.").name("mine"), "helpers", "1.2.3");
        assert_eq!((&*rewards.name, &*rewards.version), ("mine", "1.2.3"));
    }

    #[test]
    fn a_description_crosses_whole() {
        let it = description(
            Description::new("Who.")
                .input(Input::log1p("answers", "Help.").optional().lowers())
                .setting(Setting::text("mood", "calm", "Mood.").one_of(["calm", "keen"]))
                .setting(Setting::integer("least", 3, "Least.").at_least(1.0))
                .tier(Tier::new("top", "Top", "The top.").rung(2).known(KnownTier::MicroInfluencer))
                .reason("helps", "Helped {value} times."),
            "helpers",
            "1.0.0",
        );
        insta::assert_debug_snapshot!(it, @r#"
        Description {
            name: "helpers",
            version: "1.0.0",
            summary: "Who.",
            inputs: [
                Input {
                    metric: "answers",
                    scale: Scale::Log1p,
                    required: false,
                    why: "Help.",
                    effect: Effect::Lowers,
                },
            ],
            settings: [
                Setting {
                    name: "mood",
                    summary: "Mood.",
                    default: Value::Text(
                        "calm",
                    ),
                    bounds: Bounds {
                        least: None,
                        most: None,
                        choices: [
                            "calm",
                            "keen",
                        ],
                    },
                },
                Setting {
                    name: "least",
                    summary: "Least.",
                    default: Value::Integer(
                        3,
                    ),
                    bounds: Bounds {
                        least: Some(
                            1.0,
                        ),
                        most: None,
                        choices: [],
                    },
                },
            ],
            tiers: [
                Tier {
                    id: "top",
                    title: "Top",
                    summary: "The top.",
                    rung: Some(
                        2,
                    ),
                    known: Some(
                        KnownTier::MicroInfluencer,
                    ),
                },
            ],
            reasons: [
                ReasonText {
                    id: "helps",
                    text: "Helped {value} times.",
                },
            ],
        }
        "#);
    }

    #[test]
    fn columns_keep_their_buffers() {
        let values = vec![1.0, f64::NAN];
        let address = values.as_ptr();
        let category = wit::Category { codes: vec![0, u32::MAX], values: vec!["staff".into()] };
        let columns = vec![wit::Column::Number(values), wit::Column::Category(category)];
        let members = members(Inputs::default(), wit::Batch { rows: 2, columns });
        assert_eq!(members.number(0).as_ptr(), address);
        assert_eq!(members.rows().map(|row| row.word(1)).collect::<Vec<_>>(), [Some("staff"), None]);
    }

    #[test]
    fn a_standing_crosses_whole() {
        let tiers: Rc<[Tier]> = Rc::from([Tier::new("member", "", "").rung(0)]);
        let ranking = wit::Ranking { score: vec![2.0], rank: vec![7], percentile: vec![0.25] };
        let standing =
            wit::Standing { ranking, tier: vec![0], previous: vec![Some(0)], best_before: vec![Some(3)] };
        let standings = standings(tiers, standing);
        let row = standings.rows().next().unwrap();
        assert_eq!((row.score(), row.rank(), row.percentile()), (2.0, Some(7), 0.25));
        assert_eq!((row.previous().map(|tier| &*tier.id), row.best_before()), (Some("member"), Some(3)));
    }
}
