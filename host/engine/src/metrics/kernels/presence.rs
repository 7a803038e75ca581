//! Who is there, since when, and what the activities tell at all.

use arrow_array::Array;

use super::{Chunk, Found, Kernel, NONE, Needs};
use crate::metrics::world::World;

/// What the activities of a verb say: each, whether any of them does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// There are any.
    pub(crate) any: bool,
    /// Who did it.
    pub(crate) actors: bool,
    /// For whom.
    pub(crate) recipients: bool,
    /// About which kind of thing.
    pub(crate) object_kinds: bool,
    /// Who did it and for whom, both.
    pub(crate) pairs: bool,
    /// In which topic.
    pub(crate) topics: bool,
    /// About which thing.
    pub(crate) objects: bool,
    /// Which product.
    pub(crate) products: bool,
}

/// What is known of everyone, by number.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    /// Activities given or received in the window; one towards oneself counts twice.
    pub(crate) active: Vec<u64>,
    /// Whether there is any activity up to as-of, given or received.
    pub(crate) seen: Vec<bool>,
    /// The first activity given, however long ago.
    pub(crate) first: Vec<Option<i64>>,
    /// The last activity given in the window.
    pub(crate) last: Vec<Option<i64>>,
    /// The oldest activity.
    pub(crate) oldest: Option<i64>,
    /// By number of verb.
    pub(crate) said: Vec<Said>,
}

/// Finds [`Presence`].
pub(in crate::metrics) struct Looking {
    needs: Needs,
    members: Vec<Seen>,
    oldest: Option<i64>,
    said: Vec<Said>,
}

/// What is known of a member, all in one place, as activities come in the order of time and not of members.
#[derive(Clone, Copy)]
struct Seen {
    active: u64,
    /// [`NEVER`] where there is none; so is `last`.
    first: i64,
    last: i64,
    any: bool,
}

/// Earlier than any activity.
const NEVER: i64 = i64::MIN;

impl Looking {
    /// Of these columns beside those of members, what they say is found out too.
    pub(in crate::metrics) fn new(world: &World, beside: Needs) -> Self {
        Self {
            needs: Needs { actor: true, recipient: true, verb: true, ..beside },
            members: vec![Seen { active: 0, first: NEVER, last: NEVER, any: false }; world.members()],
            oldest: None,
            said: vec![Said::default(); world.verbs().count()],
        }
    }
}

impl Kernel for Looking {
    fn needs(&self) -> Needs {
        self.needs
    }

    fn observe(&mut self, chunk: &Chunk) {
        self.oldest = self.oldest.or(chunk.at.first().copied());
        let there = |list: &[u32], row: usize| list.get(row).is_some_and(|code| *code != NONE);
        let objects = chunk.objects.as_ref();
        let rows = chunk.at.iter().zip(&chunk.verb).zip(chunk.actor.iter().zip(&chunk.recipient)).enumerate();
        for (row, ((&at, &verb), (&actor, &recipient))) in rows {
            let counts = row >= chunk.window;
            if let Some(said) = self.said.get_mut(verb as usize) {
                said.any = true;
                said.actors |= actor != NONE;
                said.recipients |= recipient != NONE;
                said.pairs |= actor != NONE && recipient != NONE;
                said.object_kinds |= there(&chunk.object_kind, row);
                said.topics |= there(&chunk.topic, row);
                said.products |= there(&chunk.product, row);
                said.objects |= objects.is_some_and(|objects| objects.is_valid(row));
            }
            if let Some(seen) = self.members.get_mut(actor as usize) {
                seen.any = true;
                seen.active += u64::from(counts);
                if seen.first == NEVER {
                    seen.first = at;
                }
                if counts {
                    seen.last = at;
                }
            }
            if let Some(seen) = self.members.get_mut(recipient as usize) {
                seen.any = true;
                seen.active += u64::from(counts);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        let moment = |at: i64| (at != NEVER).then_some(at);
        found.presence = Some(Presence {
            active: self.members.iter().map(|seen| seen.active).collect(),
            seen: self.members.iter().map(|seen| seen.any).collect(),
            first: self.members.iter().map(|seen| moment(seen.first)).collect(),
            last: self.members.iter().map(|seen| moment(seen.last)).collect(),
            oldest: self.oldest,
            said: self.said,
        });
    }
}
