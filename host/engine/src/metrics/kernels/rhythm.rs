//! When members act.

use super::{Chunk, Found, Kernel, Needs};
use crate::metrics::fact::Fact;
use crate::metrics::span::Unit;
use crate::metrics::world::World;

/// Counts the units of time with an activity given, and the most of them in a row.
pub(in crate::metrics) struct Units {
    unit: Unit,
    members: Vec<Row>,
}

/// A member's units of time; none where `count` is 0. All nanoseconds that there are have fewer days than a `u32` counts.
#[derive(Clone, Copy, Default)]
struct Row {
    last: i32,
    count: u32,
    /// In a row up to the last one.
    length: u32,
    most: u32,
}

impl Units {
    pub(in crate::metrics) fn new(world: &World, unit: Unit) -> Self {
        Self { unit, members: vec![Row::default(); world.members()] }
    }
}

impl Kernel for Units {
    fn needs(&self) -> Needs {
        Needs { actor: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        for (&at, &actor) in chunk.at.iter().zip(&chunk.actor).skip(chunk.window) {
            let Some(row) = self.members.get_mut(actor as usize) else { continue };
            let now = self.unit.of(at) as i32;
            if row.count > 0 && row.last == now {
                continue;
            }
            row.length = if row.count > 0 && now - row.last == 1 { row.length + 1 } else { 1 };
            row.last = now;
            row.count += 1;
            row.most = row.most.max(row.length);
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let of = |value: fn(&Row) -> u32| self.members.iter().map(|row| value(row).into()).collect();
        found.counts.insert(Fact::Units(self.unit), of(|row| row.count));
        found.counts.insert(Fact::Streak(self.unit), of(|row| row.most));
    }
}

/// How unevenly in time members act.
pub(in crate::metrics) struct Bursts {
    /// The last activity, and the number, sum and sum of squares of the pauses between activities, in whole seconds.
    members: Vec<(Option<i64>, u64, u64, u128)>,
}

impl Bursts {
    pub(in crate::metrics) fn new(world: &World) -> Self {
        Self { members: vec![(None, 0, 0, 0); world.members()] }
    }
}

impl Kernel for Bursts {
    fn needs(&self) -> Needs {
        Needs { actor: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        for (&at, &actor) in chunk.at.iter().zip(&chunk.actor).skip(chunk.window) {
            let Some((last, pauses, sum, squares)) = self.members.get_mut(actor as usize) else { continue };
            if let Some(last) = last {
                let pause = at.abs_diff(*last) / 1_000_000_000;
                *pauses += 1;
                *sum += pause;
                *squares += u128::from(pause) * u128::from(pause);
            }
            *last = Some(at);
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let burstiness = |(_, pauses, sum, squares): (Option<i64>, u64, u64, u128)| {
            if pauses < 2 || sum == 0 {
                return f64::NAN;
            }
            // n² times the variance, exactly: n Σp² − (Σp)².
            let spread = u128::from(pauses) * squares - u128::from(sum) * u128::from(sum);
            let deviation = libm::sqrt(spread as f64);
            (deviation - sum as f64) / (deviation + sum as f64)
        };
        found.numbers.insert(Fact::Burstiness, self.members.into_iter().map(burstiness).collect());
    }
}
