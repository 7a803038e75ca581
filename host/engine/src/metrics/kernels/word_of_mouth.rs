//! What recommendations lead to.

use std::collections::{HashMap, HashSet};

use super::{Chunk, Found, Kernel, NONE, Needs};
use crate::metrics::fact::{Fact, Model};
use crate::metrics::parameter::Days;
use crate::metrics::span::Span;
use crate::metrics::world::{Conversion, Conversions, World};

/// The verbs of recommendations: unprompted and asked for.
pub(in crate::metrics) const RECOMMENDATIONS: [&str; 2] = ["recommend", "advise"];

const NEEDS: Needs = Needs {
    actor: true,
    recipient: true,
    verb: true,
    product: true,
    object_kind: false,
    topic: false,
    weight: false,
    object: false,
};

/// A recommendation of a product by a member to another.
struct Recommendation {
    at: i64,
    actor: u32,
    recipient: u32,
    product: u32,
    in_window: bool,
}

fn recommendations<'c>(chunk: &'c Chunk, verbs: [u32; 2]) -> impl Iterator<Item = Recommendation> + 'c {
    let ends = chunk.actor.iter().zip(&chunk.recipient);
    let rows = chunk.at.iter().zip(&chunk.verb).zip(ends.zip(&chunk.product)).enumerate();
    rows.filter_map(move |(row, ((&at, verb), ((&actor, &recipient), &product)))| {
        let counts =
            verbs.contains(verb) && ![actor, recipient, product].contains(&NONE) && actor != recipient;
        counts.then_some(Recommendation { at, actor, recipient, product, in_window: row >= chunk.window })
    })
}

/// Whether recommendations are followed, and by more than would have come without them.
pub(in crate::metrics) struct Following {
    within: Days,
    span: Span,
    verbs: [u32; 2],
    /// By member and product, the moments of conversions in the order of time; without a product under [`NONE`].
    conversions: HashMap<(u32, u32), Vec<i64>>,
    /// By number: ripe recommendations, those that were followed, conversions after and before them.
    members: Vec<(u64, u64, u64, u64)>,
}

impl Following {
    pub(in crate::metrics) fn new(
        world: &World,
        conversions: &Conversions,
        within: Days,
        span: Span,
    ) -> Self {
        let mut by_product: HashMap<(u32, u32), Vec<i64>> = HashMap::new();
        for conversion in &conversions.list {
            by_product.entry((conversion.member, conversion.product)).or_default().push(conversion.at);
        }
        Self {
            within,
            span,
            verbs: RECOMMENDATIONS.map(|verb| world.verb(verb)),
            conversions: by_product,
            members: vec![(0, 0, 0, 0); world.members()],
        }
    }

    /// Conversions of a member to a product, or to one that is not named, from one moment to before another.
    fn between(&self, member: u32, product: u32, from: i64, before: i64) -> u64 {
        let of = |product: u32| {
            self.conversions.get(&(member, product)).map_or(0, |moments| {
                moments.partition_point(|at| *at < before) - moments.partition_point(|at| *at < from)
            }) as u64
        };
        of(product) + of(NONE)
    }
}

impl Kernel for Following {
    fn needs(&self) -> Needs {
        NEEDS
    }

    fn observe(&mut self, chunk: &Chunk) {
        let within = self.within.nanoseconds();
        for Recommendation { at, actor, recipient, product, in_window } in recommendations(chunk, self.verbs)
        {
            let end = at.saturating_add(within);
            // One that is too young to be judged is not.
            if !in_window || end > self.span.as_of {
                continue;
            }
            let after = self.between(recipient, product, at, end.saturating_add(1));
            let before = self.between(recipient, product, at.saturating_sub(within), at);
            if let Some((ripe, followed, afters, befores)) = self.members.get_mut(actor as usize) {
                *ripe += 1;
                *followed += u64::from(after > 0);
                *afters += after;
                *befores += before;
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let of = |value: fn(u64, u64, u64, u64) -> f64| {
            let value = |&(ripe, followed, after, before): &(u64, u64, u64, u64)| {
                if ripe == 0 { f64::NAN } else { value(ripe, followed, after, before) }
            };
            self.members.iter().map(value).collect()
        };
        let shares = of(|ripe, followed, _, _| followed as f64 / ripe as f64);
        found.numbers.insert(Fact::FollowThrough(self.within), shares);
        let lifts = of(|ripe, _, after, before| (after as f64 - before as f64) / ripe as f64);
        found.numbers.insert(Fact::Lift(self.within), lifts);
    }
}

/// Whose recommendations conversions are credited to.
pub(in crate::metrics) struct Crediting<'c> {
    conversions: &'c Conversions,
    wanted: Vec<(Model, Days)>,
    span: Span,
    verbs: [u32; 2],
    converted: HashSet<u32>,
    /// By who converts, recommendations to them in the order of time: when, by whom, of what.
    touches: HashMap<u32, Vec<(i64, u32, u32)>>,
    members: usize,
}

impl<'c> Crediting<'c> {
    pub(in crate::metrics) fn new(
        world: &World,
        conversions: &'c Conversions,
        wanted: Vec<(Model, Days)>,
        span: Span,
    ) -> Self {
        Self {
            converted: conversions.list.iter().map(|conversion| conversion.member).collect(),
            conversions,
            wanted,
            span,
            verbs: RECOMMENDATIONS.map(|verb| world.verb(verb)),
            touches: HashMap::new(),
            members: world.members(),
        }
    }

    /// The touches before a conversion that count, in the order of time.
    fn touches(&self, conversion: &Conversion, within: Days) -> Vec<(i64, u32)> {
        let all = self.touches.get(&conversion.member).map_or(&[][..], Vec::as_slice);
        let from = all.partition_point(|(at, ..)| *at < conversion.at.saturating_sub(within.nanoseconds()));
        let to = all.partition_point(|(at, ..)| *at <= conversion.at);
        let near = all.get(from..to).unwrap_or_default().iter();
        near.filter(|(.., product)| conversion.product == NONE || conversion.product == *product)
            .map(|&(at, actor, _)| (at, actor))
            .collect()
    }
}

/// Each touch's share of a conversion's credit; they add up to 1.
fn shares(touches: &[(i64, u32)], at: i64, model: Model) -> Vec<f64> {
    let only = |moment: Option<&(i64, u32)>| {
        let moment = moment.map_or(at, |(at, _)| *at);
        touches.iter().map(|(at, _)| if *at == moment { 1.0 } else { 0.0 }).collect::<Vec<f64>>()
    };
    let weights = match model {
        Model::FirstTouch => only(touches.first()),
        Model::LastTouch => only(touches.last()),
        Model::Linear => vec![1.0; touches.len()],
        Model::TimeDecay(half_life) => {
            let newest = touches.last().map_or(at, |(at, _)| *at);
            // From the newest on, so that one is always 1.
            let age = |touch: i64| newest.saturating_sub(touch) as f64 / half_life.nanoseconds() as f64;
            touches.iter().map(|(at, _)| libm::exp2(-age(*at))).collect()
        }
    };
    let all: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / all).collect()
}

impl Kernel for Crediting<'_> {
    fn needs(&self) -> Needs {
        NEEDS
    }

    fn observe(&mut self, chunk: &Chunk) {
        for touch in recommendations(chunk, self.verbs) {
            if self.converted.contains(&touch.recipient) {
                self.touches.entry(touch.recipient).or_default().push((touch.at, touch.actor, touch.product));
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        for &(model, within) in &self.wanted {
            let (mut credits, mut values) = (vec![0.0; self.members], vec![0.0; self.members]);
            let mut credit = |member: u32, share: f64, value: Option<f64>| {
                if let Some(credit) = credits.get_mut(member as usize) {
                    *credit += share;
                }
                if let Some(sum) = values.get_mut(member as usize) {
                    *sum += share * value.unwrap_or(0.0);
                }
            };
            for conversion in &self.conversions.list {
                if self.span.start.is_some_and(|start| conversion.at <= start) {
                    continue;
                }
                // Who is known to have brought a customer needs no model.
                if conversion.referrer != NONE && conversion.referrer != conversion.member {
                    credit(conversion.referrer, 1.0, conversion.value);
                    continue;
                }
                let touches = self.touches(conversion, within);
                for ((_, actor), share) in touches.iter().zip(shares(&touches, conversion.at, model)) {
                    credit(*actor, share, conversion.value);
                }
            }
            found.numbers.insert(Fact::Conversions(model, within), credits);
            found.numbers.insert(Fact::ConversionValue(model, within), values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_is_shared_as_each_model_says() {
        let day = 86_400_000_000_000;
        // Ada ten days before, Bo and Cyd three days before, at the same moment.
        let touches = [(0, 0), (7 * day, 1), (7 * day, 2)];
        let of = |model| shares(&touches, 10 * day, model);
        assert_eq!(of(Model::FirstTouch), [1.0, 0.0, 0.0]);
        assert_eq!(of(Model::LastTouch), [0.0, 0.5, 0.5]);
        assert_eq!(of(Model::Linear), [1.0 / 3.0; 3]);
        // A half-life of seven days: Ada's touch weighs half as much as the others.
        assert_eq!(of(Model::TimeDecay(Days(7))), [0.2, 0.4, 0.4]);
    }
}
