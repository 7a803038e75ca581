//! Everything that a run says about members, as columns.

use std::sync::{Arc, OnceLock};

use groundswell_runtime::{
    Column, Effect, Population, ReasonText, Scored, ScoringDescription, Tier, percentiles, shown,
};

use crate::reason::filled;
use crate::run::TierCount;

/// Everything that a run says about members. Rows are members in the order of their ids by bytes.
#[derive(Debug)]
pub(crate) struct Leaderboard {
    pub(crate) ids: Arc<[String]>,
    /// Rows by rank, equal ranks by id.
    pub(crate) order: Vec<u32>,
    pub(crate) scores: Vec<f64>,
    pub(crate) ranks: Vec<u32>,
    pub(crate) percentiles: Vec<f64>,
    /// Index into `definition.tiers`.
    pub(crate) tiers: Vec<u32>,
    pub(crate) base: f64,
    pub(crate) inputs: Vec<BoardInput>,
    pub(crate) ladder: Vec<Tier>,
    pub(crate) reasons: Reasons,
}

/// Why members are where they are.
#[derive(Debug)]
pub(crate) enum Reasons {
    /// As the plugin said it; of `scored` the reasons alone are left.
    Said { scored: Box<Scored>, texts: Vec<ReasonText> },
    /// As stored.
    Filled(Vec<Vec<String>>),
}

/// One input of the definition.
#[derive(Debug)]
pub(crate) struct BoardInput {
    /// `metric@scale`.
    pub(crate) id: String,
    pub(crate) metric: String,
    pub(crate) why: String,
    pub(crate) effect: Effect,
    /// `None` where the data cannot supply the metric.
    pub(crate) raw: Option<Column>,
    pub(crate) scaled: Column,
    pub(crate) contributions: Vec<f64>,
    pub(crate) percentiles: OnceLock<Option<Vec<f64>>>,
}

impl BoardInput {
    /// The member's percentile of the raw values.
    pub(crate) fn percentile(&self, row: usize) -> Option<f64> {
        let all = self.percentiles.get_or_init(|| match &self.raw {
            Some(Column::Number(values)) => Some(percentiles(values)),
            Some(Column::Category { .. }) | None => None,
        });
        all.as_ref()?.get(row).copied().filter(|percentile| !percentile.is_nan())
    }
}

impl Leaderboard {
    /// What a definition made of a population.
    pub(crate) fn new(
        ids: Arc<[String]>,
        population: &Population,
        definition: &ScoringDescription,
        mut scored: Scored,
    ) -> Self {
        use std::mem::take;
        let inputs = take(&mut scored.inputs);
        let contributions = take(&mut scored.contributions);
        let inputs = inputs.into_iter().zip(contributions).map(|(scored, contributions)| BoardInput {
            id: scored.input.id(),
            raw: population.column(&scored.input.metric).cloned(),
            scaled: scored.scaled,
            contributions,
            metric: scored.input.metric,
            why: scored.input.why,
            effect: scored.input.effect,
            percentiles: OnceLock::new(),
        });
        Self {
            ids,
            order: Self::order_of(&scored.ranks),
            scores: take(&mut scored.scores),
            ranks: take(&mut scored.ranks),
            percentiles: take(&mut scored.percentiles),
            tiers: take(&mut scored.tiers),
            base: scored.base,
            inputs: inputs.collect(),
            ladder: definition.tiers.clone(),
            reasons: Reasons::Said { scored: Box::new(scored), texts: definition.reasons.clone() },
        }
    }

    /// Rows by rank, equal ranks in the order they have: that of ids.
    pub(crate) fn order_of(ranks: &[u32]) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(ranks.len()).collect();
        order.sort_by_key(|&row| ranks.get(row as usize).copied());
        order
    }

    /// The row of a member.
    pub(crate) fn row(&self, id: &str) -> Option<usize> {
        self.ids.binary_search_by(|other| other.as_str().cmp(id)).ok()
    }

    /// The tier of a row.
    pub(crate) fn tier(&self, row: usize) -> Option<&Tier> {
        self.tiers.get(row).and_then(|&tier| self.ladder.get(tier as usize))
    }

    /// The sentences of a row.
    pub(crate) fn reasons(&self, row: usize) -> Vec<String> {
        match &self.reasons {
            Reasons::Filled(rows) => rows.get(row).cloned().unwrap_or_default(),
            Reasons::Said { scored, texts } => {
                let reasons = scored.reasons(row);
                let raw = |input: usize| self.inputs.get(input).and_then(|input| input.raw.as_ref());
                reasons.iter().map(|&reason| filled(reason, texts, raw, row)).collect()
            }
        }
    }

    /// The tiers and how many members are in each.
    pub(crate) fn tier_counts(&self) -> Vec<TierCount> {
        let mut counts = vec![0; self.ladder.len()];
        for &tier in &self.tiers {
            if let Some(count) = counts.get_mut(tier as usize) {
                *count += 1;
            }
        }
        let count = |(tier, members): (&Tier, u64)| TierCount {
            id: tier.id.clone(),
            title: shown(&tier.title, 64),
            rung: tier.rung,
            members,
        };
        self.ladder.iter().zip(counts).map(count).collect()
    }
}
