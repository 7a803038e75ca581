//! What some members did of late, week by week, and when they were last thanked.

use super::kernels::{Found, Kernel, Needs};
use super::measure::mute;
use super::scan::{Chunk, NONE, Scan};
use super::span::{Span, WEEK};
use super::world::World;
use crate::stop::Stop;
use crate::{Config, Error, Progress, ProgressFn, Snapshot, Stage, Table};

/// What to look at, and whom.
pub(crate) struct Look<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) config: &'a Config,
    /// Nanoseconds since 1970 (UTC).
    pub(crate) as_of: i64,
    /// The ids of those who are looked at.
    pub(crate) members: &'a [&'a str],
    /// How many weeks of seven days, counted back from as-of.
    pub(crate) weeks: usize,
    pub(crate) threads: usize,
    pub(crate) stop: &'a Stop,
    pub(crate) progress: Option<&'a ProgressFn>,
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attention {
    /// In the order in which they were asked after.
    pub(crate) members: Vec<Attended>,
    /// What everybody together did in each week, the newest first.
    pub(crate) everybody: Vec<u64>,
    /// Whether the data has any `thank`.
    pub(crate) has_thanks: bool,
    /// Whether it has any `accept`.
    pub(crate) has_accepts: bool,
}

/// What was seen of one member. Moments are nanoseconds since 1970 (UTC).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attended {
    /// Activities given in each week, the newest first: open at its start, closed at its end.
    pub(crate) weeks: Vec<u64>,
    /// The first activity given, however long ago.
    pub(crate) first: Option<i64>,
    /// The last `thank` of somebody else.
    pub(crate) thanked: Option<i64>,
    /// The last `accept` of somebody else.
    pub(crate) accepted: Option<i64>,
}

/// Looks at all activities up to as-of once. Memory follows members and the weeks of those who are asked after.
pub(crate) fn attention(look: &Look<'_>) -> Result<Attention, Error> {
    let nothing = Attended { weeks: vec![0; look.weeks], ..Attended::default() };
    let mut seen = Attention {
        members: vec![nothing; look.members.len()],
        everybody: vec![0; look.weeks],
        ..Attention::default()
    };
    if !look.snapshot.has(Table::Activities) {
        return Ok(seen);
    }
    let world = World::read(look.snapshot, &[])?;
    let mute = mute(&world, &look.config.community);
    let mut places = vec![NONE; world.members()];
    for (place, id) in (0..).zip(look.members) {
        if let Some(entry) = world.find(id).and_then(|member| places.get_mut(member)) {
            *entry = place;
        }
    }
    let total = look.snapshot.rows(Table::Activities).max(1);
    let step = |done: u64| {
        if let Some(progress) = look.progress {
            progress(&Progress::new(Stage::Metrics, done.min(total), Some(total)));
        }
    };
    let (thank, accept) = (world.verb("thank"), world.verb("accept"));
    (seen.has_thanks, seen.has_accepts) = (thank != NONE, accept != NONE);
    let kernel = Attending { as_of: look.as_of, thank, accept, places: &places, seen: &mut seen };
    let scan = Scan {
        snapshot: look.snapshot,
        span: Span { start: None, as_of: look.as_of },
        mute: &mute,
        threads: look.threads,
        stop: look.stop,
        step: &step,
    };
    scan.run(&mut [Box::new(kernel) as Box<dyn Kernel + '_>])?;
    Ok(seen)
}

struct Attending<'a> {
    as_of: i64,
    /// The numbers of the verbs.
    thank: u32,
    accept: u32,
    /// By number of member, the place among those who are asked after; [`NONE`] for everybody else.
    places: &'a [u32],
    seen: &'a mut Attention,
}

impl Kernel for Attending<'_> {
    fn needs(&self) -> Needs {
        Needs { actor: true, recipient: true, verb: true, ..Needs::default() }
    }

    fn observe(&mut self, chunk: &Chunk) {
        let ends = chunk.actor.iter().zip(&chunk.recipient);
        for ((&at, (&actor, &recipient)), &verb) in chunk.at.iter().zip(ends).zip(&chunk.verb) {
            self.given(at, actor);
            if recipient != actor && (verb == self.thank || verb == self.accept) {
                let thank = verb == self.thank;
                if let Some(member) = attended(self.places, self.seen, recipient) {
                    *(if thank { &mut member.thanked } else { &mut member.accepted }) = Some(at);
                }
            }
        }
    }

    fn finish(self: Box<Self>, _: &mut Found) {}
}

impl Attending<'_> {
    fn given(&mut self, at: i64, actor: u32) {
        if actor == NONE {
            return;
        }
        let week = (self.as_of.abs_diff(at) / WEEK.unsigned_abs()) as usize;
        if let Some(count) = self.seen.everybody.get_mut(week) {
            *count += 1;
        }
        if let Some(member) = attended(self.places, self.seen, actor) {
            member.first.get_or_insert(at);
            if let Some(count) = member.weeks.get_mut(week) {
                *count += 1;
            }
        }
    }
}

fn attended<'s>(places: &[u32], seen: &'s mut Attention, member: u32) -> Option<&'s mut Attended> {
    seen.members.get_mut(*places.get(member as usize)? as usize)
}
