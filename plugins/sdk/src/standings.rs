//! Where members stand when rewards are decided.

use std::rc::Rc;

use crate::{KnownTier, Ranking, Reason, Tier};

/// Where the members of a batch stand: one element a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Standings {
    tiers: Rc<[Tier]>,
    ranking: Ranking,
    tier: Vec<u32>,
    previous: Vec<Option<u32>>,
    best_before: Vec<Option<u8>>,
}

impl Standings {
    /// `tiers` are the definition's, to which `tier` and `previous` point by place.
    pub fn new(
        tiers: impl Into<Rc<[Tier]>>,
        ranking: Ranking,
        tier: Vec<u32>,
        previous: Vec<Option<u32>>,
        best_before: Vec<Option<u8>>,
    ) -> Self {
        Self { tiers: tiers.into(), ranking, tier, previous, best_before }
    }

    /// Scores, ranks and percentiles.
    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// Every member's standing, in the batch's order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Standing<'_>> + Clone {
        (0..self.tier.len()).map(|index| Standing { standings: self, index })
    }
}

/// Where one member stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    standings: &'a Standings,
    index: usize,
}

impl<'a> Standing<'a> {
    /// The row's place in the batch, from 0: what an [`Award`] names.
    pub fn row(&self) -> u32 {
        self.index as u32
    }

    /// What the definition answered.
    pub fn score(&self) -> f64 {
        self.standings.ranking.score.get(self.index).copied().unwrap_or(f64::NAN)
    }

    /// 1 + members of the population with a higher score.
    pub fn rank(&self) -> Option<u32> {
        self.standings.ranking.rank.get(self.index).copied()
    }

    /// (members below + half of those equal) / members, from 0 to 1.
    pub fn percentile(&self) -> f64 {
        self.standings.ranking.percentile.get(self.index).copied().unwrap_or(f64::NAN)
    }

    /// The tier that the definition placed the member in.
    pub fn tier(&self) -> Option<&'a Tier> {
        self.standings.tiers.get(*self.standings.tier.get(self.index)? as usize)
    }

    /// The tier at the newest committed run in an earlier period, if there was one and it still exists.
    pub fn previous(&self) -> Option<&'a Tier> {
        self.standings.tiers.get((*self.standings.previous.get(self.index)?)? as usize)
    }

    /// The highest rung reached in any earlier period.
    pub fn best_before(&self) -> Option<u8> {
        *self.standings.best_before.get(self.index)?
    }

    /// Whether the member's tier has this meaning, whatever its author calls it.
    pub fn is(&self, known: KnownTier) -> bool {
        self.tier().is_some_and(|tier| tier.known == Some(known))
    }

    /// Whether the member stands on a higher rung than in any earlier period. False beside the ladder.
    pub fn first_reached(&self) -> bool {
        let rung = self.tier().and_then(|tier| tier.rung);
        rung.is_some_and(|rung| self.best_before().is_none_or(|best| rung > best))
    }
}

/// One proposed award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Award {
    /// Row of the batch, from 0.
    pub row: u32,
    /// Place among the description's awards.
    pub award: u32,
    /// Why. An award always has a reason.
    pub reason: Reason,
    /// How many points; 1 for every other kind.
    pub amount: u64,
}

impl Award {
    /// An award of one.
    pub fn new(row: u32, award: u32, reason: Reason) -> Self {
        Self { row, award, reason, amount: 1 }
    }

    /// How many points.
    pub fn amount(mut self, amount: u64) -> Self {
        self.amount = amount;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(tier: u32, best_before: Option<u8>) -> Standings {
        let tiers = [
            Tier::new("member", "", "").rung(0),
            Tier::new("helper", "", "").rung(1).known(KnownTier::MicroInfluencer),
            Tier::new("celebrity", "", "").known(KnownTier::Celebrity),
        ];
        let ranking = Ranking::new(vec![1.0], vec![1], vec![0.5]);
        Standings::new(tiers, ranking, vec![tier], vec![None], vec![best_before])
    }

    #[test]
    fn first_reached_speaks_of_rungs_only() {
        let first = |tier, best| standing(tier, best).rows().next().unwrap().first_reached();
        assert!(first(1, None));
        assert!(first(1, Some(0)));
        assert!(!first(1, Some(1)));
        assert!(!first(0, Some(1)));
        assert!(!first(2, None));
    }

    #[test]
    fn a_tier_is_found_by_its_meaning() {
        assert!(standing(1, None).rows().next().unwrap().is(KnownTier::MicroInfluencer));
        assert!(!standing(2, None).rows().next().unwrap().is(KnownTier::MicroInfluencer));
    }
}
