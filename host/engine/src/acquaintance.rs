//! Whether there is anybody, or anything, of the name that the ledger is asked about.

use std::collections::BTreeSet;

use groundswell_ledger::Selection;
use groundswell_runtime::shown;

use crate::nearest::{listed, nearest};
use crate::{Error, Rewards, RunOptions};

impl Rewards {
    /// Refuses a selection by a member of whom nothing is recorded, or by an award that neither the programme nor the ledger has:
    /// an answer of nothing would say that they have none.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] where that is so, with the nearest there is; and where the ledger cannot be read.
    pub fn refuse_unknown(&self, selection: &Selection) -> Result<(), Error> {
        let refused = |words: String| Err(groundswell_ledger::Error::Refused(words).into());
        let all = self.list(&Selection::default())?;
        if let Some(member) = &selection.member {
            let mut members = all.iter().filter_map(|one| one.member.as_deref());
            if !members.any(|known| known == member) && self.tiers(member)?.is_empty() {
                let members: BTreeSet<&str> = all.iter().filter_map(|one| one.member.as_deref()).collect();
                let doubt = nearest(member, members)
                    .map_or_else(String::new, |near| format!("; did you mean `{}`?", shown(near, 60)));
                return refused(format!("nothing is recorded of {}{doubt}", shown(member, 60)));
            }
        }
        if let Some(award) = &selection.award {
            // An order about every award stands under a name of its own.
            let mut awards: BTreeSet<String> = all.into_iter().map(|one| one.award).collect();
            // Where the plugin cannot be loaded, what was given once is known all the same.
            if let Ok(programme) = self.community.pipeline(&RunOptions::default()).programme() {
                awards.extend(programme.awards.into_iter().map(|terms| terms.award));
            }
            if !awards.contains(award) {
                let doubt = match nearest(award, awards.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{}`?", shown(near, 80)),
                    None => format!("awards are {}", shown(&listed(&awards), 400)),
                };
                return refused(format!("there is no award `{}`: {doubt}", shown(award, 80)));
            }
        }
        Ok(())
    }
}
