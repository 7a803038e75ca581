//! What can be asked of a community's ledger, and what people decide about awards.

use std::path::PathBuf;

use groundswell_ledger::{
    Balance, Decision, Hash, Holding, Ledger, Moment, Move, Programme, Selection, Stood, Verified,
};

use groundswell_runtime::shown;

use crate::pipeline::Pipeline;
use crate::{Community, Error, RunOptions};

/// A community's awards: what its ledger holds, and what people decide about them. Made by [`Community::rewards`].
///
/// ```no_run
/// # fn list(community: groundswell::Community) -> Result<(), groundswell::Error> {
/// use groundswell::ledger::{Act, Decision, Selection};
///
/// let rewards = community.rewards()?;
/// for one in rewards.list(&Selection::default())?.iter().filter(|one| one.state.waits()) {
///     let member = one.member.as_deref().unwrap_or_default();
///     let decision = Decision::new(member, &one.award, Act::Approve, "mo", "well deserved").seen(one.entry);
///     rewards.decide(&decision, false)?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Rewards {
    pub(crate) community: Community,
    path: PathBuf,
}

impl Community {
    /// The community's awards.
    ///
    /// # Errors
    ///
    /// Where there is no programme.
    pub fn rewards(&self) -> Result<Rewards, Error> {
        let options = RunOptions::default();
        let pipeline = self.pipeline(&options);
        if self.config().programme.is_none() {
            return Err(pipeline.no_programme());
        }
        Ok(Rewards { community: self.clone(), path: pipeline.ledger() })
    }

    /// Verifies the ledger: that nothing in it was edited. `known` are heads that were kept elsewhere, numbers of entries with their
    /// hashes; they show too whether the whole chain was made anew. `told` hears how many entries of how many are done.
    ///
    /// # Errors
    ///
    /// Where there is no ledger, or it cannot be read. What is wrong with one that can be read is in the answer.
    pub fn verify_ledger(
        &self,
        known: &[(u64, Hash)],
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<Verified, Error> {
        let options = RunOptions::default();
        Ok(Ledger::verify(&self.pipeline(&options).ledger(), known, told)?)
    }

    /// A hash of whatever decides on awards: plugins, settings, terms; 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Where there is no programme, or its plugins cannot be loaded.
    pub fn terms(&self) -> Result<String, Error> {
        Ok(self.pipeline(&RunOptions::default()).programme()?.terms)
    }

    /// Lets the awards of the period that contains as-of be decided by the plugins, settings and terms that
    /// `community.toml` names now, and the data lack what it has lost since the run before. Who approves, and why, is recorded.
    /// Answers the period. `seen` are [`Community::terms`] that were looked at, or the first twelve digits or more of them: where those
    /// have changed since, nothing is approved.
    ///
    /// # Errors
    ///
    /// Where there is no programme, what decides is not what was seen, the data cannot be read, or the ledger cannot be written.
    pub fn approve_terms(
        &self,
        seen: Option<&str>,
        who: &str,
        why: &str,
        options: &RunOptions,
    ) -> Result<String, Error> {
        let pipeline = self.pipeline(options);
        let programme = pipeline.programme()?;
        if let Some(seen) = seen.filter(|seen| seen.len() < 12 || !programme.terms.starts_with(seen)) {
            return Err(Error::OtherTerms { seen: shown(seen, 64), terms: programme.terms });
        }
        let view = pipeline.view(true)?;
        let period = Ledger::open(&pipeline.ledger())?.approve_terms(&programme, view.as_of, who, why)?;
        Ok(period.key)
    }
}

impl Rewards {
    pub(crate) fn look(&self) -> Result<Ledger, Error> {
        Ok(Ledger::look_whole(&self.path)?)
    }

    /// Where awards stand.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn list(&self, selection: &Selection) -> Result<Vec<Holding>, Error> {
        Ok(self.look()?.holdings(selection)?)
    }

    /// How many points members have, now or at a moment of the community's time.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn balances(&self, member: Option<&str>, at: Option<Moment>) -> Result<Vec<Balance>, Error> {
        Ok(self.look()?.balances(member, at)?)
    }

    /// Everything that was ever recorded of a member's awards, oldest first.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn story(&self, member: &str) -> Result<Vec<Holding>, Error> {
        Ok(self.look()?.story(member)?)
    }

    /// Where a member stood in each period, and by which definition.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn tiers(&self, member: &str) -> Result<Vec<Stood>, Error> {
        Ok(self.look()?.tiers(member)?)
    }

    /// Records what a person decides, or says what would be recorded where `dry_run` is set. Answers every change.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] where that cannot be, or the ledger cannot be written; nothing is recorded then. Where the programme's
    /// plugins cannot be loaded.
    pub fn decide(&self, decision: &Decision<'_>, dry_run: bool) -> Result<Vec<Move>, Error> {
        let options = RunOptions::default();
        let programme = self.community.pipeline(&options).programme()?;
        // Where there is no ledger, nothing can be decided, and none is made.
        if dry_run || !self.path.exists() {
            return Ok(self.look()?.act(&programme, decision, true)?);
        }
        Ok(Ledger::open(&self.path)?.act(&programme, decision, false)?)
    }
}

impl Pipeline<'_> {
    /// The programme as the ledger has to know it.
    pub(crate) fn programme(&self) -> Result<Programme, Error> {
        let Some(said) = &self.config.programme else { return Err(self.no_programme()) };
        let cast = self.cast(&said.definition, &mut std::collections::BTreeMap::new())?;
        cast.programme(self.config).ok_or_else(|| self.no_programme())
    }

    pub(crate) fn no_programme(&self) -> Error {
        let help =
            "add the lines `[programme]`, `plugin = \"regulars\"` and `definition = \"regulars\"`".to_owned();
        let message = "the community has no programme, so that there are no awards".to_owned();
        crate::plugins::located(self.config, &[], "programme", message, Some(help))
    }
}
