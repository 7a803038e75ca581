//! Ties between members, and between members and topics.

use super::{Chunk, Found, Kernel, NONE, Needs, faded};
use crate::metrics::fact::{Fact, Fading, Ties};
use crate::metrics::pairs::PairLog;
use crate::metrics::parameter::Days;
use crate::metrics::span::Span;
use crate::metrics::world::World;

/// Gathers who did something to whom, others alone, in the window.
pub(in crate::metrics) struct Tying {
    ties: Ties,
    /// The numbers of the verbs that count; `None` for all.
    verbs: Option<Vec<u32>>,
    /// Where activities fade: how fast, and up to when.
    fading: Option<(Days, Span)>,
    log: PairLog,
}

impl Tying {
    /// `None` for follows, which are no activities.
    pub(in crate::metrics) fn new(world: &World, ties: Ties) -> Option<Self> {
        let verbs = match &ties {
            Ties::Follows => return None,
            Ties::Activity => None,
            Ties::Verbs(verbs) => Some(verbs.iter().map(|verb| world.verb(verb)).collect()),
        };
        Some(Self { ties, verbs, fading: None, log: PairLog::default() })
    }

    /// The same, each activity weighing half as much for every so many days of its age.
    pub(in crate::metrics) fn fading(world: &World, fading: Fading, span: Span) -> Option<Self> {
        Some(Self { fading: Some((fading.half_life, span)), ..Self::new(world, fading.ties)? })
    }
}

impl Kernel for Tying {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, weight: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let rows = chunk.at.iter().zip(&chunk.verb).zip(&chunk.weight).zip(ends).skip(chunk.window);
        for (((&at, verb), &weight), (&actor, &recipient)) in rows {
            let counts = self.verbs.as_ref().is_none_or(|verbs| verbs.contains(verb));
            if counts && actor != recipient && actor != NONE && recipient != NONE {
                let share = self.fading.map_or(1.0, |(days, span)| faded(at, span.as_of, days));
                self.log.push(actor, recipient, weight * share);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let (ties, pairs) = (self.ties, self.log.finish());
        match self.fading {
            None => found.pairs.insert(ties, pairs),
            Some((half_life, _)) => found.fading.insert(Fading { ties, half_life }, pairs),
        };
    }
}

/// Counts the different topics of activities given.
pub(in crate::metrics) struct Topics {
    verb: Option<String>,
    code: Option<u32>,
    members: usize,
    log: PairLog,
}

impl Topics {
    pub(in crate::metrics) fn new(world: &World, verb: Option<String>) -> Self {
        let code = verb.as_ref().map(|verb| world.verb(verb));
        Self { verb, code, members: world.members(), log: PairLog::default() }
    }
}

impl Kernel for Topics {
    fn needs(&self) -> Needs {
        Needs { actor: true, verb: true, topic: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let rows = chunk.verb.iter().zip(chunk.actor.iter().zip(&chunk.topic)).skip(chunk.window);
        for (verb, (&actor, &topic)) in rows {
            if self.code.is_none_or(|code| code == *verb) && actor != NONE && topic != NONE {
                self.log.push(actor, topic, 1.0);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let counts = self.log.finish().outward(self.members);
        found.counts.insert(Fact::Topics(self.verb), counts);
    }
}

/// How evenly the exchange of members with others is spread over topics.
pub(in crate::metrics) struct Bridging {
    members: usize,
    log: PairLog,
}

impl Bridging {
    pub(in crate::metrics) fn new(world: &World) -> Self {
        Self { members: world.members(), log: PairLog::default() }
    }
}

impl Kernel for Bridging {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, topic: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let rows = chunk.topic.iter().zip(chunk.actor.iter().zip(&chunk.recipient)).skip(chunk.window);
        for (&topic, (&actor, &recipient)) in rows {
            if topic == NONE || actor == recipient || actor == NONE || recipient == NONE {
                continue;
            }
            self.log.push(actor, topic, 1.0);
            self.log.push(recipient, topic, 1.0);
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let mut spread = vec![f64::NAN; self.members];
        for of_one in self.log.finish().0.chunk_by(|a, b| a.from == b.from) {
            let all: u128 = of_one.iter().map(|pair| u128::from(pair.count)).sum();
            let squares: u128 =
                of_one.iter().map(|pair| u128::from(pair.count) * u128::from(pair.count)).sum();
            let member = of_one.first().and_then(|pair| spread.get_mut(pair.from as usize));
            if let Some(spread) = member {
                // 1 − Σ (k_t / k)², in one division.
                *spread = (all * all - squares) as f64 / (all * all) as f64;
            }
        }
        found.numbers.insert(Fact::TopicSpread, spread);
    }
}
