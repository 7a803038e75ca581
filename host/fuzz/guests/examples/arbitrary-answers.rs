//! Answers what the bytes of a buffer in it say, which fuzzing replaces; as built, with a tier that is not there.
//!
//! The bytes are steps of four: what to change in honest answers, and three bytes on how. It speaks the contract by
//! hand, so every value of the contract's types can come about.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "an attacker may panic, and does so where its bytes say so"
)]

use groundswell_fuzz_guests::{
    Buffer, Step, change_common, index, inputs, message, number, problem, reason_text, steps, text,
};
use groundswell_plugin::bindings::definition::exports::groundswell::plugin::scoring;
use groundswell_plugin::bindings::definition::groundswell::plugin::types;
use groundswell_plugin::bindings::reward_rules::exports::groundswell::plugin::rewards;
use types::{Batch, Column, Problem, Reason, Summary};

struct Arbitrary;

impl Arbitrary {
    const NAME: &'static str = "arbitrary-answers";
}

fn tier(id: String, rung: Option<u8>) -> types::Tier {
    types::Tier { id, title: "A tier".to_owned(), summary: "Some are in it.".to_owned(), rung, known: None }
}

impl scoring::Guest for Arbitrary {
    type Model = Model;

    fn describe() -> scoring::Description {
        let mut told = scoring::Description {
            name: Self::NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Whatever a buffer says.".to_owned(),
            inputs: inputs(),
            settings: Vec::new(),
            tiers: vec![tier("member".to_owned(), Some(0)), tier("helper".to_owned(), Some(1))],
            reasons: vec![reason_text("answered".to_owned(), "Answered {value} questions.".to_owned())],
        };
        for step in steps() {
            let Step { what, x, y, z } = step;
            let place = usize::from(x);
            let one = || usize::from(place < 0x80);
            match what {
                0 => told.summary = text(y, z),
                1 => told.name = text(y, z),
                2 => told.version = text(y, z),
                3..=15 => change_common(step, &mut told.inputs, &mut told.settings, &mut told.reasons),
                16 => told
                    .tiers
                    .extend((0..x).map(|more| tier(format!("tier-{more}"), (y > 9).then_some(more)))),
                17 => told.tiers.iter_mut().skip(place).take(1).for_each(|tier| tier.id = text(y, z)),
                18 => told.tiers.iter_mut().skip(place).take(1).for_each(|tier| tier.title = text(y, z)),
                19 => told.tiers.iter_mut().skip(place).take(1).for_each(|tier| tier.summary = text(y, z)),
                20 => told.tiers.iter_mut().skip(place).take(one()).for_each(|tier| tier.rung = Some(y)),
                21 => told.tiers.iter_mut().skip(place).take(1).for_each(|tier| {
                    use types::KnownTier::{Celebrity, Influencer, MicroInfluencer, Staff};
                    tier.known = Some([MicroInfluencer, Influencer, Celebrity, Staff][usize::from(y) % 4]);
                }),
                22 => drop(told.tiers.pop()),
                23 => message(step),
                24 => told.reasons.clear(),
                25 => told.inputs.clear(),
                26 => panic!("{}", text(y, z)),
                _ => {}
            }
        }
        told
    }
}

/// A sum with weights, which steps may change.
struct Model {
    /// What a missing value counts as.
    medians: Vec<f64>,
}

impl Model {
    fn weight(place: usize) -> f64 {
        let honest = [2.0, 1.0, 0.5].get(place).copied().unwrap_or_default();
        let changed = steps().filter(|step| step.what == 30 && usize::from(step.x) == place);
        changed.last().map_or(honest, |step| number(step.y, step.z))
    }

    /// The values of a column, what is missing filled in.
    fn values(&self, place: usize, column: &Column) -> Vec<f64> {
        let median = self.median(place);
        match column {
            Column::Number(values) => {
                values.iter().map(|value| if value.is_nan() { median } else { *value }).collect()
            }
            Column::Category(category) => category
                .codes
                .iter()
                .map(|&code| if code == u32::MAX { median } else { f64::from(code) })
                .collect(),
        }
    }

    fn median(&self, place: usize) -> f64 {
        self.medians.get(place).copied().unwrap_or_default()
    }

    fn scores(&self, members: &Batch) -> Vec<f64> {
        let mut scores = vec![0.0; members.rows as usize];
        for (place, column) in members.columns.iter().enumerate() {
            let weight = Self::weight(place);
            for (score, value) in scores.iter_mut().zip(self.values(place, column)) {
                *score += weight * value;
            }
        }
        scores
    }
}

impl scoring::GuestModel for Model {
    fn fit(_: Vec<types::Value>, population: Vec<Summary>) -> Result<scoring::Model, Problem> {
        let median = |summary: Summary| match summary {
            Summary::Number(number) if number.median_scaled.is_nan() => 0.0,
            Summary::Number(number) => number.median_scaled,
            Summary::Category(category) => {
                let most = category.counts.iter().max().copied();
                category.counts.iter().position(|count| Some(*count) == most).unwrap_or_default() as f64
            }
        };
        for step in steps() {
            match step.what {
                27 => return Err(problem(step)),
                28 => message(step),
                29 => panic!("{}", text(step.y, step.z)),
                _ => {}
            }
        }
        Ok(scoring::Model::new(Self { medians: population.into_iter().map(median).collect() }))
    }

    fn score(&self, members: Batch) -> Result<Vec<f64>, Problem> {
        let mut scores = self.scores(&members);
        for step in steps() {
            let Step { what, x, y, z } = step;
            match what {
                31 => scores.iter_mut().skip(usize::from(x)).take(1).for_each(|score| *score = number(y, z)),
                32 => scores.truncate(usize::from(x)),
                33 => scores.extend((0..x).map(|_| number(y, z))),
                34 => return Err(problem(step)),
                _ => {}
            }
        }
        Ok(scores)
    }

    fn place(&self, members: Batch, ranking: types::Ranking) -> Result<scoring::Placements, Problem> {
        let mut tier: Vec<u32> = ranking.percentile.iter().map(|share| u32::from(*share >= 0.5)).collect();
        let mut reasons = Vec::new();
        for step in steps() {
            let Step { what, x, y, z } = step;
            match what {
                35 => tier.iter_mut().skip(usize::from(x)).take(1).for_each(|tier| *tier = index(y)),
                36 => tier.truncate(usize::from(x)),
                37 => tier.extend((0..x).map(|_| index(y))),
                38 => {
                    let reason = Reason { text: index(y), input: (z < 0x80).then(|| index(z)) };
                    reasons.push(scoring::PlacedReason { row: index(x), reason });
                }
                39 => reasons.extend((0..members.rows).flat_map(|row| {
                    let reason = Reason { text: index(y), input: Some(index(z)) };
                    (0..x).map(move |_| scoring::PlacedReason { row, reason })
                })),
                40 => return Err(problem(step)),
                41 => message(step),
                _ => {}
            }
        }
        Ok(scoring::Placements { tier, reasons })
    }

    fn explain(&self, members: Batch) -> Result<scoring::Contributions, Problem> {
        let medians = |(place, column): (usize, &Column)| match column {
            Column::Number(_) => Column::Number(vec![self.median(place)]),
            Column::Category(category) => Column::Category(types::Category {
                codes: vec![self.median(place) as u32],
                values: category.values.clone(),
            }),
        };
        let columns = members.columns.iter().enumerate().map(medians).collect();
        let mut base = self.scores(&Batch { rows: 1, columns }).first().copied().unwrap_or_default();
        let contributions = |(place, column): (usize, &Column)| -> Vec<f64> {
            let (weight, median) = (Self::weight(place), self.median(place));
            self.values(place, column).iter().map(|value| weight * value - weight * median).collect()
        };
        let mut columns: Vec<Vec<f64>> = members.columns.iter().enumerate().map(contributions).collect();
        for step in steps() {
            let Step { what, x, y, z } = step;
            let all = columns.iter_mut().flatten().skip(usize::from(x));
            match what {
                42 => base = number(y, z),
                43 => all.take(1).for_each(|contribution| *contribution = number(y, z)),
                44 => all.take(1).for_each(|contribution| *contribution += number(y, z)),
                45 => drop(columns.pop()),
                46 => columns.push(vec![number(y, z); usize::from(x)]),
                47 => columns.iter_mut().skip(usize::from(x)).take(1).for_each(|column| {
                    column.resize(usize::from(y), 0.0);
                }),
                48 => return Err(problem(step)),
                49 => base += number(y, z),
                _ => {}
            }
        }
        Ok(scoring::Contributions { base, columns })
    }
}

fn award_kind(id: String, kind: rewards::Kind) -> rewards::AwardKind {
    let (title, summary) = ("An award".to_owned(), "Some get it.".to_owned());
    rewards::AwardKind { id, title, summary, kind, revocable: false, occurs: rewards::Occurs::Once }
}

fn kind(of: u8) -> rewards::Kind {
    use rewards::Kind::{Badge, Circle, Points, Shoutout, Training};
    [Badge, Shoutout, Training, Circle, Points][usize::from(of) % 5]
}

impl rewards::Guest for Arbitrary {
    type Rules = Rules;

    fn describe() -> rewards::Description {
        let mut told = rewards::Description {
            name: Self::NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Whatever a buffer says.".to_owned(),
            inputs: inputs(),
            settings: Vec::new(),
            awards: vec![
                award_kind("helper".to_owned(), rewards::Kind::Badge),
                award_kind("answers".to_owned(), rewards::Kind::Points),
            ],
            reasons: vec![reason_text("answered".to_owned(), "Answered {value} questions.".to_owned())],
        };
        for step in steps().filter(|step| step.what >= 0x80) {
            let step = Step { what: step.what - 0x80, ..step };
            let Step { what, x, y, z } = step;
            let place = usize::from(x);
            match what {
                0 => told.summary = text(y, z),
                1 => told.name = text(y, z),
                2 => told.version = text(y, z),
                3..=15 => change_common(step, &mut told.inputs, &mut told.settings, &mut told.reasons),
                16 => {
                    told.awards.extend((0..x).map(|more| award_kind(format!("award-{more}"), kind(more / 4))))
                }
                17 => told.awards.iter_mut().skip(place).take(1).for_each(|award| award.id = text(y, z)),
                18 => told.awards.iter_mut().skip(place).take(1).for_each(|award| award.title = text(y, z)),
                19 => told.awards.iter_mut().skip(place).take(1).for_each(|award| award.summary = text(y, z)),
                20 => drop(told.awards.pop()),
                21 => told.reasons.clear(),
                22 => told.inputs.clear(),
                23 => told.awards.iter_mut().skip(place).take(1).for_each(|award| {
                    award.kind = kind(y);
                    award.revocable = z & 1 == 0;
                    award.occurs =
                        if z & 2 == 0 { rewards::Occurs::Once } else { rewards::Occurs::EachPeriod };
                }),
                _ => {}
            }
        }
        told
    }
}

/// A badge for whoever is in another tier than the first.
struct Rules;

impl rewards::GuestRules for Rules {
    fn open(_: Vec<types::Value>, _: Vec<types::Tier>) -> Result<rewards::Rules, Problem> {
        for step in steps() {
            match step.what {
                0xa0 => return Err(problem(step)),
                0xa1 => message(step),
                _ => {}
            }
        }
        Ok(rewards::Rules::new(Self))
    }

    fn decide(&self, members: Batch, standing: types::Standing) -> Result<Vec<rewards::Award>, Problem> {
        let award = |row: u32| {
            let reason = Reason { text: 0, input: Some(0) };
            rewards::Award { row, award: 0, reason, amount: 1 }
        };
        let placed = (0..).zip(&standing.tier).filter(|(_, tier)| **tier > 0);
        let mut awards: Vec<_> = placed.map(|(row, _)| award(row)).collect();
        for step in steps() {
            let Step { what, x, y, z } = step;
            let one = awards.iter_mut().skip(usize::from(x)).take(1);
            match what {
                0xa2 => one.for_each(|award| award.award = index(y)),
                0xa3 => one.for_each(|award| award.amount = number(y, z) as u64),
                0xa4 => one.for_each(|award| award.row = index(y)),
                0xa5 => one.for_each(|award| {
                    award.reason = Reason { text: index(y), input: (z < 0x80).then(|| index(z)) };
                }),
                0xa6 => awards.push(award(index(x))),
                0xa7 => {
                    let more = |row| (0..x).map(move |award| (row, award));
                    awards = (0..members.rows)
                        .flat_map(more)
                        .map(|(row, kind)| rewards::Award { award: u32::from(kind), ..award(row) })
                        .collect();
                }
                0xa8 => awards.reverse(),
                0xa9 => awards.clear(),
                0xaa => return Err(problem(step)),
                0xab => message(step),
                0xac => panic!("{}", text(y, z)),
                _ => {}
            }
        }
        Ok(awards)
    }
}

#[cfg(target_arch = "wasm32")]
mod exports {
    use groundswell_plugin::__private::bindings;

    use super::Arbitrary;

    bindings::definition::export_definition!(Arbitrary with_types_in bindings::definition);
    bindings::reward_rules::export_reward_rules!(Arbitrary with_types_in bindings::reward_rules);
}

// Elsewhere nothing calls it: this keeps it from being called dead.
#[cfg(not(target_arch = "wasm32"))]
const _: () = {
    let _ = <Arbitrary as scoring::Guest>::describe;
    let _ = <Arbitrary as rewards::Guest>::describe;
    let _ = Buffer::mark;
};
