//! Who is there, since when, and what the activities tell at all.

use super::{Chunk, Found, Kernel, NONE, Needs, bump};
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
    found: Presence,
}

impl Looking {
    /// Of these columns beside those of members, what they say is found out too.
    pub(in crate::metrics) fn new(world: &World, beside: Needs) -> Self {
        let members = world.members();
        let found = Presence {
            active: vec![0; members],
            seen: vec![false; members],
            first: vec![None; members],
            last: vec![None; members],
            oldest: None,
            said: vec![Said::default(); world.verbs().count()],
        };
        Self { needs: Needs { actor: true, recipient: true, verb: true, ..beside }, found }
    }
}

impl Kernel for Looking {
    fn needs(&self) -> Needs {
        self.needs
    }

    fn observe(&mut self, chunk: &Chunk) {
        let found = &mut self.found;
        found.oldest = found.oldest.or(chunk.at.first().copied());
        let there = |list: &[u32], row: usize| list.get(row).is_some_and(|code| *code != NONE);
        let rows = chunk.at.iter().zip(&chunk.verb).zip(chunk.actor.iter().zip(&chunk.recipient)).enumerate();
        for (row, ((&at, &verb), (&actor, &recipient))) in rows {
            if let Some(said) = found.said.get_mut(verb as usize) {
                said.any = true;
                said.actors |= actor != NONE;
                said.recipients |= recipient != NONE;
                said.pairs |= actor != NONE && recipient != NONE;
                said.object_kinds |= there(&chunk.object_kind, row);
                said.topics |= there(&chunk.topic, row);
                said.products |= there(&chunk.product, row);
                said.objects |= chunk.object.get(row).is_some_and(|object| *object != 0);
            }
            for member in [actor, recipient] {
                if let Some(seen) = found.seen.get_mut(member as usize) {
                    *seen = true;
                }
                if row >= chunk.window {
                    bump(&mut found.active, member);
                }
            }
            if let Some(first) = found.first.get_mut(actor as usize)
                && first.is_none()
            {
                *first = Some(at);
            }
            if row >= chunk.window
                && let Some(last) = found.last.get_mut(actor as usize)
            {
                *last = Some(at);
            }
        }
    }

    fn finish(self: Box<Self>, found: &mut Found) {
        found.presence = self.found;
    }
}
