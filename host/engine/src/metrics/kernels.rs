//! What can be found out in one pass over the activities, each in a kernel of its own.

pub(super) mod counts;
pub(super) mod help;
mod mixing;
pub(super) mod presence;
pub(super) mod rhythm;
pub(super) mod ties;
pub(super) mod word_of_mouth;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::fact::{Fact, Fading, Ties};
use super::pairs::Pairs;
use super::parameter::Days;
use super::scan::{Chunk, NONE};
use presence::Presence;

/// Which columns of activities a kernel looks at, besides the time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    pub(super) actor: bool,
    pub(super) recipient: bool,
    pub(super) verb: bool,
    pub(super) object_kind: bool,
    pub(super) topic: bool,
    pub(super) product: bool,
    pub(super) weight: bool,
    pub(super) object: bool,
}

impl Needs {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            actor: self.actor || other.actor,
            recipient: self.recipient || other.recipient,
            verb: self.verb || other.verb,
            object_kind: self.object_kind || other.object_kind,
            topic: self.topic || other.topic,
            product: self.product || other.product,
            weight: self.weight || other.weight,
            object: self.object || other.object,
        }
    }
}

/// Looks at every activity up to as-of once, in the order of time.
pub(super) trait Kernel: Send {
    /// The columns it looks at.
    fn needs(&self) -> Needs;

    /// Takes in some activities.
    fn observe(&mut self, chunk: &Chunk);

    /// Hands over what it found.
    fn finish(self: Box<Self>, found: &mut Found);
}

/// What the kernels found, by what was asked; each list by number of member.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) presence: Option<Presence>,
    pub(super) counts: BTreeMap<Fact, Vec<u64>>,
    /// NaN where a member has no value.
    pub(super) numbers: BTreeMap<Fact, Vec<f64>>,
    pub(super) pairs: BTreeMap<Ties, Pairs>,
    pub(super) fading: BTreeMap<Fading, Pairs>,
}

/// What an activity weighs that is halved for every so many days of its age.
fn faded(at: i64, as_of: i64, half_life: Days) -> f64 {
    libm::exp2(-(as_of.saturating_sub(at) as f64 / half_life.nanoseconds() as f64))
}

impl Found {
    /// Takes in what other kernels found.
    fn add(&mut self, other: Self) {
        // Whatever there is, nothing of it is forgotten.
        let Self { presence, counts, numbers, pairs, fading } = other;
        self.presence = presence.or(self.presence.take());
        self.counts.extend(counts);
        self.numbers.extend(numbers);
        self.pairs.extend(pairs);
        self.fading.extend(fading);
    }
}

/// Lets all kernels hand over what they found, on so many threads.
pub(super) fn finish(kernels: Vec<Box<dyn Kernel + '_>>, threads: usize) -> Found {
    let queue = Mutex::new(kernels.into_iter());
    let work = || {
        let mut found = Found::default();
        loop {
            // The guard is gone before the work begins.
            let kernel = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(kernel) = kernel else { return found };
            kernel.finish(&mut found);
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut found = work();
        for other in others {
            match other.join() {
                Ok(other) => found.add(other),
                Err(panicked) => std::panic::resume_unwind(panicked),
            }
        }
        found
    })
}

/// Counts one more for a member, unless it is nobody.
fn bump(counts: &mut [u64], member: u32) {
    if let Some(count) = counts.get_mut(member as usize) {
        *count += 1;
    }
}
