//! Everything that a run says about members, as columns.

use std::sync::OnceLock;

use groundswell_runtime::{Column, Effect, Reason, ReasonText, Tier, percentiles, shown};

use crate::reason::filled;
use crate::run::TierCount;

/// Everything that a run says about members. Rows are members in the order of their ids by bytes.
#[derive(Debug)]
pub(crate) struct Leaderboard {
    pub(crate) ids: Vec<String>,
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
    /// As the plugin said it: `rows` has the end of each member's part of `flat`.
    Indexed { ends: Vec<u32>, flat: Vec<Reason>, texts: Vec<ReasonText> },
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
            Reasons::Indexed { ends, flat, texts } => {
                let end = |row: usize| ends.get(row).map_or(0, |&end| end as usize);
                let start = row.checked_sub(1).map_or(0, end);
                let reasons = flat.get(start..end(row)).unwrap_or_default();
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
