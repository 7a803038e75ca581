//! What plugins used.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// What a plugin used in a run, over all its calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// Questions asked: one a batch and step, and one about the medians.
    pub calls: u64,
    /// Fuel of all calls together; `None` in fast mode, which counts none. The same on every computer, at the same
    /// batch size and engine version.
    pub fuel: Option<u64>,
    /// Fuel of the call that used most of what it was allowed, in thousandths of that.
    pub fuel_permille: Option<u64>,
    /// Linear memory of the largest instance, in bytes.
    pub peak_memory_bytes: u64,
}

impl Usage {
    /// The two together.
    pub fn and(self, other: Self) -> Self {
        let both = |left: Option<u64>, right: Option<u64>, join: fn(u64, u64) -> u64| match (left, right) {
            (Some(left), Some(right)) => Some(join(left, right)),
            (one, other) => one.or(other),
        };
        Self {
            calls: self.calls + other.calls,
            fuel: both(self.fuel, other.fuel, u64::saturating_add),
            fuel_permille: both(self.fuel_permille, other.fuel_permille, u64::max),
            peak_memory_bytes: self.peak_memory_bytes.max(other.peak_memory_bytes),
        }
    }
}

/// Adds up what the calls of a run use, from any thread.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    calls: AtomicU64,
    fuel: AtomicU64,
    permille: AtomicU64,
    memory: AtomicU64,
    counts_fuel: bool,
}

impl Meter {
    pub(crate) fn new(counts_fuel: bool) -> Self {
        Self { counts_fuel, ..Self::default() }
    }

    /// A call that used so much, of the fuel that it had.
    pub(crate) fn add(&self, fuel: u64, allowed: u64, memory: usize) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.fuel.fetch_add(fuel, Ordering::Relaxed);
        let permille = (u128::from(fuel) * 1_000).checked_div(u128::from(allowed)).unwrap_or(0);
        self.permille.fetch_max(permille as u64, Ordering::Relaxed);
        self.memory.fetch_max(memory as u64, Ordering::Relaxed);
    }

    pub(crate) fn usage(&self) -> Usage {
        let fuel = |counter: &AtomicU64| self.counts_fuel.then(|| counter.load(Ordering::Relaxed));
        Usage {
            calls: self.calls.load(Ordering::Relaxed),
            fuel: fuel(&self.fuel),
            fuel_permille: fuel(&self.permille),
            peak_memory_bytes: self.memory.load(Ordering::Relaxed),
        }
    }
}
