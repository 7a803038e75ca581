//! Counts and sums of activities.

use super::{Chunk, Found, Kernel, NONE, Needs, bump, faded};
use crate::metrics::fact::{Count, Fact, Side};
use crate::metrics::parameter::Days;
use crate::metrics::span::Span;
use crate::metrics::world::World;
use crate::snapshot::Word;

/// Counts activities in the window: all counts of one side, in one look at each row.
pub(in crate::metrics) struct Counting {
    side: Side,
    needs: Needs,
    /// By number of verb, which of `counts` count it.
    by_verb: Vec<Vec<usize>>,
    counts: Vec<Counted>,
}

struct Counted {
    count: Count,
    /// The number of the kind of object, if only one counts; [`NONE`] where there is none of it.
    kind: Option<u32>,
    members: Vec<u64>,
}

impl Counting {
    pub(in crate::metrics) fn new(world: &World, side: Side, counts: Vec<Count>) -> Self {
        let mut by_verb = vec![Vec::new(); world.verbs().count()];
        let mut needs = Needs { actor: true, verb: true, ..Needs::default() };
        let mut all = Vec::new();
        for (at, count) in counts.into_iter().enumerate() {
            match &count.verb {
                Some(verb) => {
                    by_verb.get_mut(world.verb(verb) as usize).into_iter().for_each(|of| of.push(at))
                }
                None => by_verb.iter_mut().for_each(|of| of.push(at)),
            }
            needs.recipient |= count.others_only;
            needs.object_kind |= count.object_kind.is_some();
            needs.product |= count.with_product;
            let kind = count.object_kind.as_ref().map(|kind| world.word(Word::ObjectKind, kind));
            all.push(Counted { count, kind, members: vec![0; world.members()] });
        }
        needs.recipient |= side == Side::Received;
        Self { side, needs, by_verb, counts: all }
    }
}

impl Kernel for Counting {
    fn needs(&self) -> Needs {
        self.needs
    }

    fn observe(&mut self, chunk: &Chunk) {
        let of = |list: &[u32], row: usize| list.get(row).copied().unwrap_or(NONE);
        for (row, &verb) in chunk.verb.iter().enumerate().skip(chunk.window) {
            let Some(wanted) = self.by_verb.get(verb as usize).filter(|wanted| !wanted.is_empty()) else {
                continue;
            };
            let (actor, recipient) = (of(&chunk.actor, row), of(&chunk.recipient, row));
            let member = if self.side == Side::Given { actor } else { recipient };
            if member == NONE {
                continue;
            }
            for &at in wanted {
                let Some(counted) = self.counts.get_mut(at) else { continue };
                // Whoever is nobody is somebody else.
                let own = counted.count.others_only && actor == recipient;
                let kind =
                    counted.kind.is_some_and(|kind| kind == NONE || kind != of(&chunk.object_kind, row));
                let product = counted.count.with_product && of(&chunk.product, row) == NONE;
                if !(own || kind || product) {
                    bump(&mut counted.members, member);
                }
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        for Counted { count, members, .. } in self.counts {
            found.counts.insert(Fact::Count(self.side, count), members);
        }
    }
}

/// Adds up weights in the window, in the order of time.
pub(in crate::metrics) struct Weighing {
    side: Side,
    verb: String,
    code: u32,
    sums: Vec<f64>,
}

impl Weighing {
    pub(in crate::metrics) fn new(world: &World, side: Side, verb: String) -> Self {
        Self { side, code: world.verb(&verb), verb, sums: vec![0.0; world.members()] }
    }
}

impl Kernel for Weighing {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, weight: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let rows = chunk.verb.iter().zip(&chunk.weight).zip(ends).skip(chunk.window);
        for ((&verb, weight), (&actor, &recipient)) in rows {
            if verb != self.code || (self.side == Side::Received && actor == recipient) {
                continue;
            }
            let member = if self.side == Side::Given { actor } else { recipient };
            if let Some(sum) = self.sums.get_mut(member as usize) {
                *sum += weight;
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        found.numbers.insert(Fact::Weight(self.side, self.verb), self.sums);
    }
}

/// The share of positive weights among those that are not 0.
pub(in crate::metrics) struct Approving {
    verb: String,
    code: u32,
    /// Positive ones, and all.
    weights: Vec<(u64, u64)>,
}

impl Approving {
    pub(in crate::metrics) fn new(world: &World, verb: String) -> Self {
        Self { code: world.verb(&verb), verb, weights: vec![(0, 0); world.members()] }
    }
}

impl Kernel for Approving {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, weight: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let rows = chunk.verb.iter().zip(&chunk.weight).zip(ends).skip(chunk.window);
        for ((&verb, &weight), (&actor, &recipient)) in rows {
            if verb == self.code
                && actor != recipient
                && weight != 0.0
                && let Some((positive, all)) = self.weights.get_mut(recipient as usize)
            {
                *positive += u64::from(weight > 0.0);
                *all += 1;
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let share =
            |(positive, all): (u64, u64)| if all == 0 { f64::NAN } else { positive as f64 / all as f64 };
        found.numbers.insert(Fact::Positive(self.verb), self.weights.into_iter().map(share).collect());
    }
}

/// Counts activities given, each worth half as much for every half-life it is old.
pub(in crate::metrics) struct Decaying {
    half_life: Days,
    verb: Option<String>,
    code: Option<u32>,
    span: Span,
    sums: Vec<f64>,
}

impl Decaying {
    pub(in crate::metrics) fn new(world: &World, half_life: Days, verb: Option<String>, span: Span) -> Self {
        let code = verb.as_ref().map(|verb| world.verb(verb));
        Self { half_life, verb, code, span, sums: vec![0.0; world.members()] }
    }
}

impl Kernel for Decaying {
    fn needs(&self) -> Needs {
        Needs { actor: true, verb: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let rows = chunk.at.iter().zip(chunk.verb.iter().zip(&chunk.actor)).skip(chunk.window);
        for (&at, (&verb, &actor)) in rows {
            if self.code.is_some_and(|code| code != verb) {
                continue;
            }
            if let Some(sum) = self.sums.get_mut(actor as usize) {
                *sum += faded(at, self.span.as_of, self.half_life);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        found.numbers.insert(Fact::Decayed(self.half_life, self.verb), self.sums);
    }
}
