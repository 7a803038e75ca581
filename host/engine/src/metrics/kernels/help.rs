//! Help and its quality: newcomers, answers in time, objects that others value, points.

use std::collections::HashMap;

use super::mixing::Mixing;
use super::{Chunk, Found, Kernel, NONE, Needs};
use crate::metrics::fact::Fact;
use crate::metrics::pairs::PairLog;
use crate::metrics::parameter::Days;
use crate::metrics::span::Unit;
use crate::metrics::world::World;
use crate::snapshot::Word;

/// When accounts began: by joining, or else with the first activity. [`NEVER`] for those of whom nothing is known so far.
struct Beginnings(Vec<i64>);

/// Later than any moment.
const NEVER: i64 = i64::MAX;

impl Beginnings {
    fn new(world: &World) -> Self {
        Self((0..world.members()).map(|member| world.joined_at(member).unwrap_or(NEVER)).collect())
    }

    /// Takes in an activity, which is not before any that came before.
    fn observe(&mut self, at: i64, actor: u32, recipient: u32) {
        for member in [actor, recipient] {
            if let Some(began) = self.0.get_mut(member as usize)
                && *began == NEVER
            {
                *began = at;
            }
        }
    }

    /// Whether a member's account is at most so many days old at a moment.
    fn is_new(&self, member: u32, at: i64, days: Days) -> bool {
        let began = self.0.get(member as usize).filter(|began| **began != NEVER);
        began.is_some_and(|began| at.saturating_sub(*began) <= days.nanoseconds())
    }
}

/// Counts the different newcomers whom a member helped.
pub(in crate::metrics) struct Newcomers {
    verb: String,
    code: u32,
    days: Days,
    began: Beginnings,
    log: PairLog,
}

impl Newcomers {
    pub(in crate::metrics) fn new(world: &World, verb: String, days: Days) -> Self {
        Self { code: world.verb(&verb), verb, days, began: Beginnings::new(world), log: PairLog::default() }
    }
}

impl Kernel for Newcomers {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let rows = chunk.at.iter().zip(&chunk.verb).zip(chunk.actor.iter().zip(&chunk.recipient)).enumerate();
        for (row, ((&at, &verb), (&actor, &recipient))) in rows {
            self.began.observe(at, actor, recipient);
            let helped = row >= chunk.window && verb == self.code && actor != recipient;
            if helped && actor != NONE && recipient != NONE && self.began.is_new(recipient, at, self.days) {
                self.log.push(actor, recipient, 1.0);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let counts = self.log.finish().outward(self.began.0.len());
        found.counts.insert(Fact::Newcomers { verb: self.verb, days: self.days }, counts);
    }
}

/// The share of what members receive that comes from new accounts.
pub(in crate::metrics) struct NewAccounts {
    days: Days,
    began: Beginnings,
    /// From new accounts, and from all that are known.
    received: Vec<(u64, u64)>,
}

impl NewAccounts {
    pub(in crate::metrics) fn new(world: &World, days: Days) -> Self {
        Self { days, began: Beginnings::new(world), received: vec![(0, 0); world.members()] }
    }
}

impl Kernel for NewAccounts {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        for (row, (&at, (&actor, &recipient))) in
            chunk.at.iter().zip(chunk.actor.iter().zip(&chunk.recipient)).enumerate()
        {
            self.began.observe(at, actor, recipient);
            if row < chunk.window || actor == NONE || actor == recipient {
                continue;
            }
            if let Some((new, all)) = self.received.get_mut(recipient as usize) {
                *new += u64::from(self.began.is_new(actor, at, self.days));
                *all += 1;
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let share = |(new, all): (u64, u64)| if all == 0 { f64::NAN } else { new as f64 / all as f64 };
        let shares = self.received.into_iter().map(share).collect();
        found.numbers.insert(Fact::NewAccounts(self.days), shares);
    }
}

/// How long others wait for a member's answer.
pub(in crate::metrics) struct Responses {
    verb: String,
    to: String,
    codes: (u32, u32),
    members: usize,
    /// By who asked and in which topic, when they did last.
    asked: HashMap<(u32, u32), i64, Mixing>,
    /// Who answered, and after how many nanoseconds.
    waits: Vec<(u32, i64)>,
}

impl Responses {
    pub(in crate::metrics) fn new(world: &World, verb: String, to: String) -> Self {
        Self {
            codes: (world.verb(&verb), world.verb(&to)),
            verb,
            to,
            members: world.members(),
            asked: HashMap::default(),
            waits: Vec::new(),
        }
    }
}

impl Kernel for Responses {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, topic: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let rows = chunk.at.iter().zip(&chunk.verb).zip(ends.zip(&chunk.topic)).enumerate();
        for (row, ((&at, &verb), ((&actor, &recipient), &topic))) in rows {
            let answers = verb == self.codes.0 && row >= chunk.window && actor != NONE && actor != recipient;
            if answers && let Some(asked) = self.asked.get(&(recipient, topic)) {
                self.waits.push((actor, at - asked));
            }
            if verb == self.codes.1 && actor != NONE {
                self.asked.insert((actor, topic), at);
            }
        }
    }

    fn finish(mut self: Box<Self>, found: &mut Found) {
        let mut hours = vec![f64::NAN; self.members];
        self.waits.sort_unstable();
        for of_one in self.waits.chunk_by(|a, b| a.0 == b.0) {
            let at = |place: usize| of_one.get(place).map_or(0, |(_, wait)| i128::from(*wait));
            // Twice the median, so that it is whole.
            let twice = at((of_one.len() - 1) / 2) + at(of_one.len() / 2);
            if let Some(hours) = of_one.first().and_then(|(member, _)| hours.get_mut(*member as usize)) {
                *hours = twice as f64 / 7.2e12;
            }
        }
        found.numbers.insert(Fact::Response { verb: self.verb, to: self.to }, hours);
    }
}

/// The h-index over what was done to a member's objects.
pub(in crate::metrics) struct Objects {
    verb: String,
    code: u32,
    members: usize,
    objects: HashMap<(u32, u64), u64, Mixing>,
}

impl Objects {
    pub(in crate::metrics) fn new(world: &World, verb: String) -> Self {
        Self { code: world.verb(&verb), verb, members: world.members(), objects: HashMap::default() }
    }
}

impl Kernel for Objects {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, object: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let Some(objects) = &chunk.objects else { return };
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let rows = chunk.verb.iter().zip(objects).zip(ends).skip(chunk.window);
        for ((&verb, object), (&actor, &recipient)) in rows {
            if verb == self.code
                && recipient != NONE
                && actor != recipient
                && let Some(object) = object
            {
                *self.objects.entry((recipient, hash(object))).or_default() += 1;
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let mut all: Vec<(u32, std::cmp::Reverse<u64>)> =
            self.objects.into_iter().map(|((member, _), count)| (member, std::cmp::Reverse(count))).collect();
        all.sort_unstable();
        let mut indices = vec![0; self.members];
        for of_one in all.chunk_by(|a, b| a.0 == b.0) {
            let index = (1..).zip(of_one).take_while(|(rank, (_, count))| count.0 >= *rank).count() as u64;
            if let Some(place) = of_one.first().and_then(|(member, _)| indices.get_mut(*member as usize)) {
                *place = index;
            }
        }
        found.counts.insert(Fact::HIndex(self.verb), indices);
    }
}

/// 64 bits of the hash of an object's id.
fn hash(object: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(object.as_bytes()).as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The most points of a day that votes can bring.
const CAP: i64 = 200;

/// Stack Exchange's points.
pub(in crate::metrics) struct Reputation {
    /// What a like of a question brings.
    question_like: u32,
    question: u32,
    codes: Codes,
    /// By number: the day, its points from votes, and all other points.
    members: Vec<(i64, i64, f64)>,
}

struct Codes {
    like: u32,
    dislike: u32,
    accept: u32,
    bounty: u32,
}

impl Reputation {
    pub(in crate::metrics) fn new(world: &World, question_like: u32) -> Self {
        let code = |verb| world.verb(verb);
        let codes = Codes {
            like: code("like"),
            dislike: code("dislike"),
            accept: code("accept"),
            bounty: code("bounty"),
        };
        let question = world.word(Word::ObjectKind, "question");
        Self { question_like, question, codes, members: vec![(i64::MIN, 0, 0.0); world.members()] }
    }

    fn vote(&mut self, member: u32, at: i64, points: i64) {
        let day = Unit::Day.of(at);
        if let Some((today, votes, other)) = self.members.get_mut(member as usize) {
            if *today != day {
                *other += (*votes).min(CAP) as f64;
                (*today, *votes) = (day, 0);
            }
            *votes += points;
        }
    }

    fn other(&mut self, member: u32, points: f64) {
        if let Some((.., other)) = self.members.get_mut(member as usize) {
            *other += points;
        }
    }
}

impl Kernel for Reputation {
    fn needs(&self) -> Needs {
        Needs {
            actor: true,
            recipient: true,
            verb: true,
            weight: true,
            object_kind: true,
            ..Needs::default()
        }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        let about = chunk.weight.iter().zip(&chunk.object_kind);
        let rows = chunk.at.iter().zip(&chunk.verb).zip(ends.zip(about)).skip(chunk.window);
        for ((&at, &verb), ((&actor, &recipient), (&weight, &kind))) in rows {
            let own = actor == recipient;
            if verb == self.codes.like && !own {
                let about_question = kind != NONE && kind == self.question;
                let points = if about_question { self.question_like } else { 10 };
                self.vote(recipient, at, points.into());
            } else if verb == self.codes.dislike && !own {
                self.vote(recipient, at, -2);
            } else if verb == self.codes.accept && !own {
                self.other(recipient, 15.0);
                self.other(actor, 2.0);
            } else if verb == self.codes.bounty && !own {
                self.other(recipient, weight);
                self.other(actor, -weight);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        // Everybody begins with one point, and nobody falls below it.
        let points = |(_, votes, other): (i64, i64, f64)| (1.0 + other + votes.min(CAP) as f64).max(1.0);
        let question_like = self.question_like;
        found
            .numbers
            .insert(Fact::Reputation { question_like }, self.members.into_iter().map(points).collect());
    }
}
