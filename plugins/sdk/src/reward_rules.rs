//! What they get.

use crate::{Award, Members, Problem, RewardsDescription, Settings, Standings, Tier};

/// Says what members get: proposes awards to whom a definition has placed.
///
/// The host keeps the ledger. Propose what ought to be, every time, and never ask what was given before: an
/// award that may come once comes once.
pub trait RewardRules: Sized + 'static {
    /// What the rules are and need. The same on every call.
    fn describe() -> RewardsDescription;

    /// Prepares to decide. `tiers` are those of the definition, which may be another author's: find the ones
    /// that matter by [`Tier::known`].
    ///
    /// # Errors
    ///
    /// A [`Problem`] where these settings or these tiers cannot be used.
    fn open(settings: &Settings, tiers: &[Tier]) -> Result<Self, Problem>;

    /// Proposes awards for a batch, in row order, at most 16 a row. A missing value is NaN or `None`.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where nothing can be decided.
    fn decide(&self, members: &Members, standings: &Standings) -> Result<Vec<Award>, Problem>;
}
