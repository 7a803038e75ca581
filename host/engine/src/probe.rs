//! Asking a plugin about members of whom little is known, to hear whether it refuses its settings.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_runtime::{Column, FaultKind, Population, ProblemKind, RunOptions, Standings, Tier, Ties};

use crate::metrics::{Measuring, Metric};
use crate::plugins::{Duty, Role};
use crate::{Config, Error};

/// The words of members by the columns of their table; of a column with more of them than are kept nothing is known.
pub(crate) type Words = BTreeMap<String, Option<BTreeSet<String>>>;

/// The column of the members' table in which an attribute stands.
pub(crate) fn column_of(attribute: &str) -> String {
    format!("attribute:{attribute}")
}

/// What the plugin refuses of its settings, in its own words: asked about as many members as there are words, each of whom has one
/// of every category and no number at all. Whatever else it says of them is of no account. `None` as well where it looks at
/// words that are not known.
pub(crate) fn refusal(
    config: &Config,
    role: &Role,
    (measuring, tiers): (Option<&Measuring>, &[Tier]),
    words: &Words,
    options: &RunOptions,
) -> Option<Error> {
    let members = members(&role.inputs().iter().zip(role.metrics(config).ok()?).collect::<Vec<_>>(), words)?;
    let asked = match role.duty() {
        Duty::Definition => role.plugin.score(&members, options).map(drop),
        Duty::RewardRules => {
            role.plugin.decide(&members, tiers, &standings(members.rows()), options).map(drop)
        }
        Duty::Metric => measuring?.ask_of_nobody(&members, options),
    };
    let error = asked.err()?;
    let refused = matches!(
        &error,
        groundswell_runtime::Error::Fault(fault)
            if matches!(fault.kind, FaultKind::Refused { problem: ProblemKind::InvalidSetting, .. })
    );
    refused.then(|| role.failed(config, error))
}

impl Measuring {
    /// Measures among members who have no ties.
    fn ask_of_nobody(
        &self,
        members: &Population,
        options: &RunOptions,
    ) -> Result<(), groundswell_runtime::Error> {
        let none: Vec<Ties> = self
            .networks()
            .map(|_| Ties::new(Vec::new(), Vec::new(), Vec::new(), Vec::new()))
            .collect::<Result<_, _>>()?;
        self.measured(members, &none, options).map(drop)
    }
}

/// Members with these inputs.
fn members(inputs: &[(&groundswell_runtime::Input, Metric)], words: &Words) -> Option<Population> {
    let known = |metric: &Metric| -> Option<BTreeSet<String>> {
        let column = match metric.attribute() {
            Some(attribute) => column_of(attribute),
            None if matches!(metric, Metric::Role) => "role".to_owned(),
            None => return None,
        };
        // A column that is not there has no words.
        words.get(&column).cloned().unwrap_or_else(|| Some(BTreeSet::new()))
    };
    let mut columns: Vec<(&str, Option<BTreeSet<String>>)> = Vec::new();
    for (input, metric) in inputs {
        if columns.iter().any(|(known, _)| *known == input.metric) {
            continue;
        }
        let words = match metric.kind() {
            crate::metrics::MetricKind::Category => Some(known(metric)?),
            crate::metrics::MetricKind::Number => None,
        };
        columns.push((&input.metric, words));
    }
    let rows = columns.iter().filter_map(|(_, words)| Some(words.as_ref()?.len())).max().unwrap_or(0).max(1);
    columns.into_iter().try_fold(Population::new(rows), |members, (metric, words)| {
        let column = match words {
            Some(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                Column::from_words((0..rows).map(|row| words.get(row % words.len().max(1)).copied()))
            }
            None => Column::Number(vec![f64::NAN; rows].into()),
        };
        members.with(metric, column).ok()
    })
}

/// Everybody is the same, and has been nowhere before.
fn standings(rows: usize) -> Standings {
    let mut standings = Standings::default();
    standings.scores = vec![0.0; rows];
    standings.ranks = vec![1; rows];
    standings.percentiles = vec![0.5; rows];
    standings.tiers = vec![0; rows];
    standings.previous = vec![None; rows];
    standings.best_before = vec![None; rows];
    standings
}
