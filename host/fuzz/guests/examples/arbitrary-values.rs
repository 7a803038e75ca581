//! Measures what the bytes of a buffer in it say, which fuzzing replaces; as built, honestly.
//!
//! The bytes are steps of four, as those of `arbitrary-answers` are. It speaks the contract by hand.

#![expect(clippy::panic, reason = "an attacker may panic, and does so where its bytes say so")]

use std::hint::black_box;

use groundswell_fuzz_guests::{
    Buffer, Step, change_common, index, input, message, number, problem, steps, text,
};
use groundswell_plugin::bindings::definition::groundswell::plugin::types;
use groundswell_plugin::bindings::metric::exports::groundswell::plugin::measuring;
use groundswell_plugin::bindings::metric::groundswell::plugin::network;
use types::{Column, Problem, Scale, Value};

struct Arbitrary;

impl Arbitrary {
    const NAME: &'static str = "arbitrary-values";
}

fn looks_at(ties: measuring::TieKind, half_life: Option<u32>) -> measuring::Network {
    measuring::Network { ties, half_life }
}

fn verbs(verbs: impl IntoIterator<Item = String>) -> measuring::TieKind {
    measuring::TieKind::Verbs(verbs.into_iter().collect())
}

/// Days: few, many, or more than there may be.
fn days(of: u8) -> Option<u32> {
    match of {
        0..0x40 => None,
        0x40..0x80 => Some(u32::from(of - 0x40)),
        of => Some(u32::from(of - 0x80) << ((of & 7) * 3)),
    }
}

/// The networks that the steps say, whether or not they can be looked at.
fn networks() -> Vec<measuring::Network> {
    let mut networks =
        vec![looks_at(measuring::TieKind::Follows, None), looks_at(verbs(["thank".to_owned()]), Some(90))];
    for Step { what, x, y, z } in steps() {
        match what {
            32 => networks.push(looks_at(measuring::TieKind::Follows, days(x))),
            33 => networks.push(looks_at(measuring::TieKind::Activity, days(x))),
            34 => networks.push(looks_at(verbs((0..x % 40).map(|more| text(y, z.wrapping_add(more)))), None)),
            35 => networks.extend((0..x).map(|_| looks_at(verbs([text(y, z)]), days(z)))),
            36 => networks.truncate(usize::from(x)),
            _ => {}
        }
    }
    networks
}

impl measuring::Guest for Arbitrary {
    fn describe() -> measuring::Description {
        let mut told = measuring::Description {
            name: Self::NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Whatever a buffer says.".to_owned(),
            unit: "points".to_owned(),
            inputs: vec![input("answers", Scale::Raw, true), input("role", Scale::Category, false)],
            settings: Vec::new(),
        };
        let mut reasons = Vec::new();
        for step in steps() {
            let Step { what, y, z, .. } = step;
            match what {
                0 => told.summary = text(y, z),
                1 => told.name = text(y, z),
                2 => told.version = text(y, z),
                3..=13 => change_common(step, &mut told.inputs, &mut told.settings, &mut reasons),
                16 => told.unit = text(y, z),
                17 => told.inputs.clear(),
                18 => message(step),
                19 => panic!("{}", text(y, z)),
                _ => {}
            }
        }
        told
    }

    fn networks(_: Vec<Value>) -> Result<Vec<measuring::Network>, Problem> {
        for step in steps() {
            match step.what {
                40 => return Err(problem(step)),
                41 => message(step),
                42 => panic!("{}", text(step.y, step.z)),
                // There is nothing to be had yet.
                43 => drop(network::ties_from(index(step.x), u64::from(index(step.y)))),
                44 => drop(network::values_from(index(step.x), index(step.y))),
                _ => {}
            }
        }
        Ok(networks())
    }

    fn measure(_: Vec<Value>) -> Result<Vec<f64>, Problem> {
        let members = network::members() as usize;
        let mut values = match Self::describe().inputs.is_empty() {
            true => Vec::new(),
            false => numbers(0),
        };
        values.resize(members, 0.0);
        for (place, _) in networks().iter().enumerate() {
            let mut first = 0;
            loop {
                let ties = network::ties_from(place as u32, first);
                if ties.source.is_empty() {
                    break;
                }
                for (&target, weight) in ties.target.iter().zip(&ties.weight) {
                    values.iter_mut().skip(target as usize).take(1).for_each(|value| *value += weight);
                }
                first += ties.source.len() as u64;
            }
        }
        for step in steps() {
            let Step { what, x, y, z } = step;
            match what {
                0x80 => {
                    values.iter_mut().skip(usize::from(x)).take(1).for_each(|value| *value = number(y, z))
                }
                0x81 => values.truncate(usize::from(x)),
                0x82 => values.extend((0..x).map(|_| number(y, z))),
                0x83 => values.resize(usize::from(x) << (y % 24), number(z, y)),
                0x84 => values.iter_mut().for_each(|value| *value = number(y, z)),
                0x85 => values.iter_mut().for_each(|value| *value *= number(y, z)),
                0x86 => return Err(problem(step)),
                0x87 => message(step),
                0x88 => panic!("{}", text(y, z)),
                0x89 => drop(network::ties_from(index(x), u64::from(index(y)))),
                0x8a => drop(network::values_from(index(x), index(y))),
                // How much comes at once is nobody's business.
                0x8b => {
                    let came = network::ties_from(u32::from(x), 0).source.len();
                    values.iter_mut().for_each(|value| *value += came as f64);
                }
                0x8c => values.iter_mut().for_each(|value| *value += numbers(index(x)).len() as f64),
                0x8d => loop {
                    black_box(());
                },
                0x8e => drop(black_box(vec![z; usize::from(x) << (y % 24)])),
                0x8f => values.reverse(),
                _ => {}
            }
        }
        Ok(values)
    }
}

/// The first values of an input that come, as numbers.
fn numbers(input: u32) -> Vec<f64> {
    match network::values_from(input, 0) {
        Column::Number(values) => values,
        Column::Category(category) => category.codes.iter().map(|code| f64::from(*code)).collect(),
    }
}

#[cfg(target_arch = "wasm32")]
mod exports {
    use groundswell_plugin::__private::bindings;

    use super::Arbitrary;

    bindings::metric::export_metric!(Arbitrary with_types_in bindings::metric);
}

// Elsewhere nothing calls it: this keeps it from being called dead.
#[cfg(not(target_arch = "wasm32"))]
const _: () = {
    let _ = <Arbitrary as measuring::Guest>::describe;
    let _ = <Arbitrary as measuring::Guest>::networks;
    let _ = <Arbitrary as measuring::Guest>::measure;
    let _ = Buffer::mark;
};
