//! What a run hands to the ledger: where members stand, and what its reward rules propose.

use std::path::Path;

use groundswell_ledger::{
    Committed, History, Ledger, Outcome, Proposal, Proposals, Round, ScoredBy, Standing,
};

use super::{Columns, Pipeline};
use crate::Error;
use crate::leaderboard::Leaderboard;
use crate::plan::Plan;
use crate::run::{AwardResult, Unknown};
use crate::snapshot::Freezing;
use crate::wishes::with_others;

/// What is to be recorded of a run.
#[derive(Clone, Copy)]
pub(super) struct Recording<'a> {
    pub(super) plan: &'a Plan,
    pub(super) board: &'a Leaderboard,
    pub(super) awards: &'a [AwardResult],
    pub(super) receipt: &'a str,
    /// Of what scored.
    pub(super) fingerprint: &'a str,
    /// What the awards were decided by.
    pub(super) history: &'a History,
    /// The tiers that count for rewards.
    pub(super) counting: &'a [u32],
    pub(super) columns: &'a Columns,
    pub(super) unknown: &'a [Unknown],
    pub(super) path: &'a Path,
}

impl Pipeline<'_> {
    /// Writes history and awards, or looks only. Answers what became of the awards; `None` where the history has changed since they
    /// were decided by it.
    pub(super) fn record(&self, ask: &Recording<'_>) -> Result<Option<Outcome>, Error> {
        let Recording {
            plan,
            board,
            awards,
            receipt,
            fingerprint,
            history,
            counting,
            columns,
            unknown,
            path,
        } = *ask;
        let Some(period) = &plan.period else { return Ok(Some(Outcome::default())) };
        let digest = history.digest();
        let actor = plan.rules.as_ref().map(|rules| rules.plugin.id().to_string()).unwrap_or_default();
        let roles =
            plan.role.as_ref().and_then(|role| columns.of(role)).and_then(|column| column.as_ref().ok());
        let proposals: Vec<Proposal<'_>> = awards
            .iter()
            .map(|award| {
                let row = board.row(&award.member);
                Proposal {
                    member: &award.member,
                    award: &award.award,
                    amount: award.amount,
                    reason: &award.reason,
                    score: row.and_then(|row| board.scores.get(row)).copied().unwrap_or(f64::NEG_INFINITY),
                }
            })
            .collect();
        let tier = |place: u32| plan.scoring.tiers.get(place as usize);
        let standings: Vec<Standing<'_>> = board
            .ids
            .iter()
            .zip(counting)
            .enumerate()
            .filter_map(|(row, (member, &counting))| {
                let (counts, said) = (tier(counting)?, board.tier(row)?);
                let score = board.scores.get(row).copied().unwrap_or(f64::NEG_INFINITY);
                let role = roles.and_then(|roles| roles.word(row));
                Some(Standing { member, tier: &counts.id, rung: counts.rung, said: &said.id, score, role })
            })
            .collect();
        let unknown: Vec<String> = unknown.iter().map(|unknown| unknown.metric.clone()).collect();
        let known = self.state().join("snapshots");
        let with = Freezing { progress: None, stop: &self.options.stop(), threads: 1, known: &known };
        let opted_out = with_others(columns.measured.opted_out.clone(), self.config, &with)?;
        let scorer = plan.definition.plugin.id().to_string();
        let round = Round {
            chapter: self.chapter(plan, period),
            receipt,
            by: ScoredBy { plugin: &scorer, fingerprint },
            unknown: &unknown,
            standings: &standings,
            proposals: plan.programme.as_ref().map(|programme| Proposals {
                programme,
                actor: &actor,
                decided_by: &digest,
                all: &proposals,
            }),
            opted_out: &opted_out,
        };
        if self.options.dry_run {
            return Ok(Some(Ledger::look(path)?.plan(&round)?));
        }
        match Ledger::open(path)?.commit(&round)? {
            Committed::Recorded(outcome) => Ok(Some(outcome)),
            _ => Ok(None),
        }
    }
}
