//! What a programme would have done to the past, period by period, and to whom.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use groundswell_ledger::{BudgetUse, Kind, Moment, State};
use serde::Serialize;

use crate::past::Lived;
use crate::{Community, Error, Run, RunOptions};

/// Who has been a member for fewer days than that is a newcomer.
const NEWCOMER_DAYS: f64 = 90.0;
/// Who qualifies in so many periods and receives nothing is told.
const AGAIN_AND_AGAIN: u32 = 3;

/// What a programme would have done to the past, from an empty ledger on.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Simulation {
    /// Every period, oldest first.
    pub periods: Vec<SimulatedPeriod>,
    /// How each award would have been spread over all of them.
    pub fairness: Vec<Fairness>,
    /// Who would have qualified for an award in three periods or more and received none of it; most periods first.
    pub overlooked: Vec<PassedOver>,
}

/// One period of a simulation.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SimulatedPeriod {
    /// Its key.
    pub period: String,
    /// The moment that is looked from: the period's last, or the community's as-of.
    pub as_of: Moment,
    /// How many members are scored; 0 where there was nobody yet.
    pub population: u64,
    /// By award, how many occurrences would have come into each state.
    pub changes: BTreeMap<String, BTreeMap<State, u64>>,
    /// How much of each budget would have been used.
    pub budgets: Vec<BudgetUse>,
    /// What else should be said.
    pub notes: Vec<String>,
}

/// How an award would have been spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fairness {
    /// The award.
    pub award: String,
    /// What it is.
    pub kind: Kind,
    /// How many members would have qualified at least once.
    pub qualified: u64,
    /// How many would have received it at least once.
    pub received: u64,
    /// The Gini coefficient (Gini 1912) of what those who qualified would have received: the mean absolute difference of all pairs
    /// of them over twice the mean. 0 where all receive the same; near 1 where one receives everything. `None` where nobody
    /// receives anything.
    pub gini: Option<f64>,
    /// The median number of days that those who received it had been members when they first did; `None` where it is not known.
    pub tenure_received: Option<f64>,
    /// The same of those who qualified, when they first did.
    pub tenure_qualified: Option<f64>,
    /// The share of those who received it who had been members for fewer than 90 days, 0 to 1; `None` where it is not known.
    pub newcomers: Option<f64>,
}

/// Who would have qualified again and again for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassedOver {
    /// The member's id.
    pub member: String,
    /// The award.
    pub award: String,
    /// In how many periods.
    pub periods: u32,
}

/// What becomes of one member and one award over all periods.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    periods: u32,
    received: u64,
    /// In days, when they first qualified.
    tenure_qualified: Option<f64>,
    /// In days, when they first received it.
    tenure_received: Option<f64>,
}

impl Community {
    /// What the programme would have done to every period from the one that contains `since` until as-of, from an empty ledger on. Nothing
    /// is written to the state but the snapshot.
    ///
    /// # Errors
    ///
    /// Where there is no programme, or a run fails; and where that would be more than 520 periods.
    ///
    /// # Cost
    ///
    /// A whole run for each period, but for reading the data, which is read once.
    pub fn simulate(&self, since: Moment, options: &RunOptions) -> Result<Simulation, Error> {
        let mut simulation = Simulation::default();
        let (mut records, mut kinds) = (BTreeMap::new(), BTreeMap::new());
        self.live(since, options, &mut |lived| {
            let Lived { community, period, as_of, run } = lived;
            let mut simulated = SimulatedPeriod {
                period,
                as_of: Moment(as_of),
                population: 0,
                changes: BTreeMap::new(),
                budgets: Vec::new(),
                notes: Vec::new(),
            };
            if let Some(run) = run {
                let tenure = community.tenure(options)?;
                note(&run, &tenure, &mut records, &mut kinds);
                for change in run.changes() {
                    let states = simulated.changes.entry(change.award.clone()).or_default();
                    *states.entry(change.to).or_default() += 1;
                }
                simulated.population = run.info().population;
                simulated.budgets = run.budgets().to_vec();
                simulated.notes.clone_from(&run.info().notes);
            }
            simulation.periods.push(simulated);
            Ok(())
        })?;
        simulation.fairness =
            kinds.into_iter().map(|(award, kind)| fairness(award, kind, &records)).collect();
        simulation.overlooked = overlooked(&records);
        Ok(simulation)
    }

    /// How many days each member has been one.
    fn tenure(&self, options: &RunOptions) -> Result<BTreeMap<String, f64>, Error> {
        let measured = self.measure(&["tenure-days"], options)?;
        let (Some(members), Some(days)) =
            (measured.column(0).as_string_opt::<i32>(), measured.column(1).as_primitive_opt::<Float64Type>())
        else {
            return Ok(BTreeMap::new());
        };
        let known = members.iter().enumerate().filter(|(row, _)| days.is_valid(*row));
        Ok(known.filter_map(|(row, member)| Some((member?.to_owned(), days.value(row)))).collect())
    }
}

/// Notes who qualified and who received something in one period.
fn note(
    run: &Run,
    tenure: &BTreeMap<String, f64>,
    records: &mut BTreeMap<(String, String), Record>,
    kinds: &mut BTreeMap<String, Kind>,
) {
    for award in run.awards() {
        let kind = Kind::of_name(&award.kind.to_string()).unwrap_or(Kind::Badge);
        kinds.entry(award.award.clone()).or_insert(kind);
        let record = records.entry((award.award.clone(), award.member.clone())).or_default();
        record.periods += 1;
        record.tenure_qualified = record.tenure_qualified.or(tenure.get(&award.member).copied());
    }
    // What was held in an earlier period and is given now is not proposed any more.
    for change in run.changes().iter().filter(|change| change.to == change.kind.first()) {
        if change.from.is_some_and(State::is_had) {
            continue;
        }
        let record = records.entry((change.award.clone(), change.member.clone())).or_default();
        record.received = record.received.saturating_add(change.amount);
        record.tenure_received = record.tenure_received.or(tenure.get(&change.member).copied());
    }
}

fn fairness(award: String, kind: Kind, records: &BTreeMap<(String, String), Record>) -> Fairness {
    let own: Vec<&Record> =
        records.iter().filter(|((of, _), _)| *of == award).map(|(_, record)| record).collect();
    let amounts: Vec<u64> = own.iter().map(|record| record.received).collect();
    let received: Vec<f64> = own.iter().filter_map(|record| record.tenure_received).collect();
    let newcomers = received.iter().filter(|days| **days < NEWCOMER_DAYS).count();
    Fairness {
        kind,
        qualified: own.len() as u64,
        received: own.iter().filter(|record| record.received > 0).count() as u64,
        gini: gini(&amounts),
        tenure_qualified: median(own.iter().filter_map(|record| record.tenure_qualified).collect()),
        newcomers: (!received.is_empty()).then(|| newcomers as f64 / received.len() as f64),
        tenure_received: median(received),
        award,
    }
}

/// The mean absolute difference of all pairs over twice the mean: (2 Σ i·x_i / (n Σ x_i)) − (n + 1) / n for x in ascending order, i
/// from 1. `None` where all are 0.
fn gini(amounts: &[u64]) -> Option<f64> {
    let mut sorted = amounts.to_vec();
    sorted.sort_unstable();
    // Exact: sums of products of 64-bit numbers and places.
    let sum: u128 = sorted.iter().map(|&amount| u128::from(amount)).sum();
    if sum == 0 {
        return None;
    }
    let weighted: u128 = (1_u128..).zip(&sorted).map(|(place, &amount)| place * u128::from(amount)).sum();
    let members = sorted.len() as f64;
    Some((2.0 * weighted as f64 / (members * sum as f64) - (members + 1.0) / members).max(0.0))
}

/// The smallest value with at least half of the values at or below it.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

fn overlooked(records: &BTreeMap<(String, String), Record>) -> Vec<PassedOver> {
    let received: BTreeSet<&(String, String)> =
        records.iter().filter(|(_, record)| record.received > 0).map(|(key, _)| key).collect();
    let again =
        records.iter().filter(|(key, record)| record.periods >= AGAIN_AND_AGAIN && !received.contains(key));
    let mut all: Vec<PassedOver> = again
        .map(|((award, member), record)| PassedOver {
            member: member.clone(),
            award: award.clone(),
            periods: record.periods,
        })
        .collect();
    all.sort_by(|left, right| {
        right
            .periods
            .cmp(&left.periods)
            .then_with(|| left.member.cmp(&right.member))
            .then_with(|| left.award.cmp(&right.award))
    });
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gini_of_hand_worked_cases() {
        assert_eq!(gini(&[1, 1, 1, 1]), Some(0.0));
        assert_eq!(gini(&[0, 0, 0, 1]), Some(0.75));
        assert_eq!(gini(&[0, 0]), None);
        // Pairs differ by 0, 2 and 2 of a mean of 5/3.
        let third = gini(&[1, 1, 3]).unwrap();
        assert!((third - (2.0 * (2.0 + 2.0)) / (2.0 * 9.0 * 5.0 / 3.0)).abs() < 1e-12, "{third}");
    }

    proptest! {
        #[test]
        fn gini_is_the_mean_difference_of_all_pairs(amounts in prop::collection::vec(0_u64..50, 1..30)) {
            let members = amounts.len() as f64;
            let mean = amounts.iter().sum::<u64>() as f64 / members;
            let differences: f64 = amounts
                .iter()
                .flat_map(|left| amounts.iter().map(move |right| left.abs_diff(*right) as f64))
                .sum();
            match gini(&amounts) {
                None => prop_assert_eq!(mean, 0.0),
                Some(gini) => {
                    let oracle = differences / (2.0 * members * members * mean);
                    prop_assert!((gini - oracle).abs() < 1e-9, "{} {}", gini, oracle);
                    prop_assert!((0.0..1.0).contains(&gini));
                }
            }
        }
    }
}
