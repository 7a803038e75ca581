//! Asking a plugin about made-up members, to hear whether it refuses its settings.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::Array;
use arrow_array::cast::AsArray;
use groundswell_runtime::{Column, FaultKind, Input, Population, ProblemKind, Standings, Tier, Ties};

use crate::metrics::{Measuring, Metric, MetricKind};
use crate::plugins::{Duty, Role, Said};
use crate::stored::{batches, builder};
use crate::{Community, Config, Error, MetricConfig, RunOptions, Snapshot, Table};

/// The words of members by the columns of their table; of a column with more of them than are kept nothing is known.
pub(crate) type Words = BTreeMap<String, Option<BTreeSet<String>>>;

/// The column of the members' table in which an attribute stands.
pub(crate) fn column_of(attribute: &str) -> String {
    format!("attribute:{attribute}")
}

/// How many words of a column are kept.
const MOST_WORDS: usize = 1_000;

/// The words that members have in these columns.
pub(crate) fn learn_words(snapshot: &Snapshot, words: &mut Words) -> Result<(), Error> {
    let Some(path) = snapshot.table(Table::Members) else { return Ok(()) };
    let there =
        builder(&path)?.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let asked: Vec<String> = words.keys().filter(|column| there.contains(column)).cloned().collect();
    let mut asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    if asked.is_empty() {
        return Ok(());
    }
    // Nobody who opted out is shown to a plugin.
    asked.extend(there.iter().map(String::as_str).filter(|column| *column == "opted_out"));
    for batch in batches(&path, Some(&asked))? {
        let batch = batch.map_err(Error::columns("read", &path))?;
        let out = batch.column_by_name("opted_out").and_then(|column| column.as_boolean_opt());
        let is_out = |row: usize| out.is_some_and(|out| out.is_valid(row) && out.value(row));
        for (column, known) in words.iter_mut() {
            let texts = batch.column_by_name(column).and_then(|texts| texts.as_string_opt::<i32>());
            let texts = texts.into_iter().flat_map(|texts| texts.iter().enumerate());
            for text in texts.filter_map(|(row, text)| text.filter(|_| !is_out(row))) {
                if let Some(words) = known
                    && !words.contains(text)
                {
                    words.insert(text.to_owned());
                }
            }
            if known.as_ref().is_some_and(|words| words.len() > MOST_WORDS) {
                *known = None;
            }
        }
    }
    Ok(())
}

impl Community {
    /// What the plugin, or what it looks at by these settings, refuses of them.
    pub(crate) fn refused(
        &self,
        words: &Words,
        said: &Said<'_>,
        role: &Role,
        options: &RunOptions,
    ) -> Option<Error> {
        let config = self.config();
        let runtime = self.host().runtime_of(config).ok()?;
        let pipeline = self.pipeline(options);
        let guests = |role: &Role| pipeline.guest_options(role, None);
        let (mut measuring, mut tiers) = (None, Vec::new());
        match said.duty {
            Duty::Definition => {}
            Duty::RewardRules => {
                let definition = &config.programme.as_ref()?.definition;
                let said = Said::of_definition(definition, config.definitions.get(definition)?);
                // Where that cannot be loaded, it is told of the definition itself.
                let definition = Role::find(self.host(), &runtime, config, &said).ok()?;
                tiers.clone_from(&definition.plugin.scoring()?.tiers);
            }
            Duty::Metric => {
                let (name, found) = config.metrics.get_key_value(*said.keys.last()?)?;
                let MetricConfig::Plugin(found) = found else { return None };
                match Measuring::find((self.host(), &runtime, config), (name, found), guests) {
                    Ok(found) => measuring = Some(found),
                    Err(error) => return Some(error).filter(|error| !error.is_stopped()),
                }
            }
        }
        refusal(config, role, (measuring.as_ref(), &tiers), words, &guests(role))
    }
}

/// What made-up members are like, but for their words.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    /// Without numbers and ties.
    Bare,
    /// With numbers of every size, and ties to the next one.
    Busy,
}

/// How many members there are at least.
const LEAST: usize = 16;

/// What the plugin refuses of its settings, in its own words, whether members have numbers and ties or none: each of them has one
/// word of every category. Whatever else it says of them is of no account. `None` as well where it looks at words that are not
/// known.
fn refusal(
    config: &Config,
    role: &Role,
    (measuring, tiers): (Option<&Measuring>, &[Tier]),
    words: &Words,
    options: &groundswell_runtime::RunOptions,
) -> Option<Error> {
    let metrics = role.metrics(config).ok()?;
    let inputs: Vec<(&Input, &Metric)> = role.inputs().iter().zip(&metrics).collect();
    let ask = |made: Made| {
        let members = members(&inputs, words, made)?;
        let asked = match role.duty() {
            Duty::Definition => role.plugin.score(&members, options).map(drop),
            Duty::RewardRules => {
                role.plugin.decide(&members, tiers, &standings(members.rows()), options).map(drop)
            }
            Duty::Metric => measuring?.ask(&members, made, options),
        };
        let error = asked.err()?;
        let refused = matches!(
            &error,
            groundswell_runtime::Error::Fault(fault)
                if matches!(fault.kind, FaultKind::Refused { problem: ProblemKind::InvalidSetting, .. })
        );
        refused.then(|| role.failed(config, error))
    };
    let bare = ask(Made::Bare)?;
    ask(Made::Busy).filter(|busy| busy.to_string() == bare.to_string())
}

impl Measuring {
    /// Measures among made-up members.
    fn ask(
        &self,
        members: &Population,
        made: Made,
        options: &groundswell_runtime::RunOptions,
    ) -> Result<(), groundswell_runtime::Error> {
        let count = if made == Made::Bare { 0 } else { u32::try_from(members.rows()).unwrap_or(0) };
        let ties = || {
            let next = (0..count).map(|member| (member + 1) % count);
            let (from, to): (Vec<u32>, Vec<u32>) = (0..count).zip(next).unzip();
            Ties::new(from, to, vec![1; count as usize], vec![1.0; count as usize])
        };
        let ties: Vec<Ties> = self.networks().map(|_| ties()).collect::<Result<_, _>>()?;
        self.measured(members, &ties, options).map(drop)
    }
}

/// Members with these inputs.
fn members(inputs: &[(&Input, &Metric)], words: &Words, made: Made) -> Option<Population> {
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
            MetricKind::Category => Some(known(metric)?),
            MetricKind::Number => None,
        };
        columns.push((&input.metric, words));
    }
    let rows =
        columns.iter().filter_map(|(_, words)| Some(words.as_ref()?.len())).max().unwrap_or(0).max(LEAST);
    columns.into_iter().try_fold(Population::new(rows), |members, (metric, words)| {
        let column = match words {
            Some(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                Column::from_words((0..rows).map(|row| words.get(row % words.len().max(1)).copied()))
            }
            None if made == Made::Bare => Column::Number(vec![f64::NAN; rows].into()),
            None => {
                let numbers = (0..rows).map(|row| f64::from(1_u32 << (row % 31)) - 1.0);
                Column::Number(numbers.collect::<Vec<_>>().into())
            }
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
