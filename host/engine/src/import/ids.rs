//! Which ids were met.

use std::collections::HashMap;

/// A set of ids. Of ids that are close to each other, as a site's are, 64 take no more than one that stands alone: a
/// dump has more votes than anything else.
#[derive(Default)]
pub(super) struct Ids(HashMap<i64, u64>);

impl Ids {
    /// Adds an id; answers whether it is new.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        let bit = 1 << id.rem_euclid(64);
        let met = self.0.entry(id.div_euclid(64)).or_default();
        let new = *met & bit == 0;
        *met |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once() {
        let mut ids = Ids::default();
        for id in [0, 63, 64, -1, -64, -65, i64::MIN, i64::MAX] {
            assert!(ids.insert(id), "{id}");
        }
        for id in [0, 63, 64, -1, -64, -65, i64::MIN, i64::MAX] {
            assert!(!ids.insert(id), "{id}");
        }
        assert!(ids.insert(1));
    }
}
