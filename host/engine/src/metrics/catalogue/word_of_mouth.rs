//! What members' recommendations lead to.

use super::{BASE, MetricFamily, MetricGroup, WITHIN, optional};
use crate::metrics::fact::{Count, Fact, Model, Side, Ties};
use crate::metrics::kernels::word_of_mouth::RECOMMENDATIONS;
use crate::metrics::metric::Metric;
use crate::metrics::parameter::{MetricParameter, ParameterKind, Parameters};

const WORD_OF_MOUTH: MetricFamily = MetricFamily {
    group: MetricGroup::WordOfMouth,
    needs: &["conversions and activities.actor and activities.recipient and activities.product"],
    edges: "recommending to oneself does not count; one that comes again counts again; without actor, recipient or product a \
            recommendation does not count",
    ..BASE
};

const MODEL: MetricParameter = optional(
    "model",
    Some("last-touch"),
    ParameterKind::Choice(&["last-touch", "first-touch", "linear", "time-decay"]),
    "how credit is shared among the recommendations before a conversion",
);
const HALF_LIFE: MetricParameter = optional(
    "half-life",
    Some("7d"),
    ParameterKind::Days,
    "of `time-decay`: after so many days a recommendation weighs half",
);

fn model(parameters: &Parameters<'_>) -> Model {
    match parameters.text("model").as_str() {
        "first-touch" => Model::FirstTouch,
        "linear" => Model::Linear,
        "time-decay" => Model::TimeDecay(parameters.days("half-life")),
        _ => Model::LastTouch,
    }
}

fn products(verb: &str) -> Count {
    Count { with_product: true, ..Count::of(verb) }
}

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "recommendations-per-week",
        name: "recommendations-per-week",
        unit: "recommendations per week",
        summary: "How often the member recommends a product unasked.",
        formula: "activities `recommend` given that name a product / ISO weeks that the window touches, as in weeks-active-share",
        source: "recommendation rate; Godes, Mayzlin: Using online conversations to study word-of-mouth communication, \
                 Marketing Science 23, 2004",
        edges: "recommending to oneself counts; each of equal rows counts; a recipient is not needed",
        needs: &["activities.actor and activities.product"],
        build: |_| Metric::PerWeek(products("recommend")),
        ..WORD_OF_MOUTH
    },
    MetricFamily {
        id: "advice-per-week",
        name: "advice-per-week",
        unit: "recommendations per week",
        summary: "How often the member recommends a product when asked.",
        formula: "activities `advise` given that name a product / ISO weeks that the window touches, as in weeks-active-share",
        source: "recommendation rate; Godes, Mayzlin: Using online conversations to study word-of-mouth communication, \
                 Marketing Science 23, 2004",
        edges: "advising oneself counts; each of equal rows counts; a recipient is not needed",
        needs: &["activities.actor and activities.product"],
        build: |_| Metric::PerWeek(products("advise")),
        ..WORD_OF_MOUTH
    },
    MetricFamily {
        id: "recommendation-recipients",
        name: "recommendation-recipients",
        unit: "members",
        summary: "To how many different members the member recommends something.",
        formula: "distinct recipients, other than the member, of activities `recommend` and `advise` given",
        source: "out-degree of the recommendation network; Leskovec, Adamic, Huberman: The dynamics of viral marketing, ACM \
                 Transactions on the Web 1, 2007",
        edges: "recommending to oneself does not count; a pair that comes again counts once; a product is not needed",
        needs: &["activities.actor and activities.recipient"],
        build: |_| {
            let mut verbs = RECOMMENDATIONS.map(str::to_owned).to_vec();
            verbs.sort_unstable();
            Metric::Others(Ties::Verbs(verbs), Side::Given)
        },
        ..WORD_OF_MOUTH
    },
    MetricFamily {
        id: "follow-through[(within=D)]",
        name: "follow-through",
        parameters: &[WITHIN],
        unit: "share, 0 to 1",
        summary: "Which share of the member's recommendations was followed.",
        formula: "ripe recommendations after which the recipient converted to the product (or to one that is not named) within D / \
                  ripe recommendations: `recommend` or `advise` of a product to another at least D before as-of; no value \
                  without any",
        source: "conversion rate of recommendations; Leskovec, Adamic, Huberman: The dynamics of viral marketing, ACM \
                 Transactions on the Web 1, 2007",
        window: "recommendations in the window, conversions up to as-of",
        build: |parameters| Metric::Fact(Fact::FollowThrough(parameters.days("within"))),
        ..WORD_OF_MOUTH
    },
    MetricFamily {
        id: "conversions[(model=M, within=D, half-life=D)]",
        name: "conversions",
        parameters: &[MODEL, WITHIN, HALF_LIFE],
        unit: "conversions",
        summary: "How many conversions are credited to the member.",
        formula: "of each conversion the referrer has all credit where one is named who is not the member who converted; else \
                  those who recommended the product to whom \
                  converted at most D before: the first, the last (at the same moment, in equal parts), all alike (`linear`), or in \
                  proportion to 2^(−time before the conversion / half-life) (`time-decay`). A conversion without a product takes \
                  recommendations of any",
        source: "attribution models as web analytics has them; Shao, Li: Data-driven multi-touch attribution models, KDD 2011",
        window: "conversions in the window, recommendations up to D before them",
        needs: &["conversions"],
        build: |parameters| Metric::Fact(Fact::Conversions(model(parameters), parameters.days("within"))),
        ..WORD_OF_MOUTH
    },
    MetricFamily {
        id: "conversion-value[(model=M, within=D, half-life=D)]",
        name: "conversion-value",
        parameters: &[MODEL, WITHIN, HALF_LIFE],
        unit: "the unit of the column value",
        summary: "What the conversions that are credited to the member are worth.",
        formula: "Σ over conversions of the member's share of the credit, as in `conversions`, times the value; without a value 0",
        source: "attribution models as web analytics has them; Shao, Li: Data-driven multi-touch attribution models, KDD 2011",
        window: "conversions in the window, recommendations up to D before them",
        needs: &["conversions.value"],
        build: |parameters| Metric::Fact(Fact::ConversionValue(model(parameters), parameters.days("within"))),
        ..WORD_OF_MOUTH
    },
    MetricFamily {
        id: "conversion-lift[(within=D)]",
        name: "conversion-lift",
        parameters: &[WITHIN],
        unit: "conversions per recommendation",
        summary: "By how many conversions the member's recommendations beat what the same people did before them.",
        formula: "(conversions of the recipient to the product, or to one that is not named, within D after − those within D before) \
                  summed over ripe recommendations, as in follow-through / ripe recommendations; below 0 where people buy less \
                  than before; no value without any",
        source: "before-and-after comparison of the same people (difference from their own baseline); it is not causal: who \
                 recommends may know who is about to buy",
        window: "recommendations in the window, conversions up to as-of",
        build: |parameters| Metric::Fact(Fact::Lift(parameters.days("within"))),
        ..WORD_OF_MOUTH
    },
];
