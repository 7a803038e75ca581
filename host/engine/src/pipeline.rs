//! From a community's files to its results: snapshot → metrics → scores → tiers → awards.

mod record;
mod runs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use groundswell_ledger::{Chapter, History, Ledger, PeriodAt, Verdict};
use groundswell_runtime::{Column, Kind, Occurs, Scored, Standings, Step, Usage, shown};
use serde_json::json;

use crate::explanation::explain;
use crate::leaderboard::Leaderboard;
use crate::metrics::{Measured, Metric, Own, Request, Span, measure};
use crate::nearest::nearest;
use crate::plan::{Cast, Plan, View};
use crate::plugins::Role;
use crate::population::Absence;
use crate::programme::without_roles;
use crate::progress::steady;
use crate::reason::filled;
use crate::results::{array, array_type, load};
use crate::run::{AwardResult, RunInfo, Unknown};
use crate::sources::Given;
use crate::sql::{Answer, Sql};
use crate::time::rfc3339;
use crate::{Community, Config, Error, Explanation, Host, Progress, ProgressFn, RunOptions, Snapshot, Stage};

/// Nanoseconds of a day: how far ahead of the clock data may lie, which may come from anywhere on earth.
const DAY: i128 = 86_400_000_000_000;

pub use runs::{DefinitionOutcome, Runs};

/// One question to a community, about to be answered.
pub(crate) struct Pipeline<'a> {
    pub(crate) host: &'a Host,
    pub(crate) config: &'a Config,
    /// Tables that are given instead of files.
    pub(crate) given: &'a Given,
    /// A snapshot that is looked at instead of files.
    pub(crate) frozen: Option<&'a Snapshot>,
    pub(crate) options: &'a RunOptions,
    /// The options' own, told steadily.
    progress: Option<ProgressFn>,
}

/// The population with the metrics of one plan.
struct Prepared {
    population: groundswell_runtime::Population,
    unknown: Vec<Unknown>,
    left_out: crate::LeftOut,
    ignored: crate::Ignored,
}

impl<'a> Pipeline<'a> {
    pub(crate) fn new(
        host: &'a Host,
        config: &'a Config,
        (given, frozen): (&'a Given, Option<&'a Snapshot>),
        options: &'a RunOptions,
    ) -> Self {
        Self { host, config, given, frozen, options, progress: options.progress.clone().map(steady) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.config.community.name
    }

    pub(crate) fn progress(&self) -> Option<&ProgressFn> {
        self.progress.as_ref()
    }

    /// Explains one member by these plugins, from the stored run where there is one.
    pub(crate) fn explain_in(&self, view: &View, cast: Cast, member: &str) -> Result<Explanation, Error> {
        let plan = cast.over(view, self.config);
        let receipt = self.receipt(&plan, &self.history(&plan)?).hash();
        let stored = load(&self.state().join("runs").join(&receipt), &plan.scoring)?;
        let board = match stored {
            Some(board) => board,
            None => {
                let columns =
                    Columns::measured(self, view, [&plan], Some(member)).map_err(|(error, _)| error)?;
                self.unknown(&plan, &columns)?;
                self.anybody(&columns.measured)?;
                if let Some(absence) = columns.measured.absence {
                    return Err(absent(member, Some(absence), &columns.measured.ids));
                }
                let population = columns.population(&plan)?;
                let scored = self.score(&plan, &population, self.progress())?;
                Leaderboard::new(columns.measured.ids.into(), &population, &plan.scoring, scored)
            }
        };
        let Some(row) = board.row(member) else {
            let measured =
                measure(&self.request(&plan.snapshot, plan.as_of, (&[], &plan.own), Some(member)))?;
            return Err(absent(member, measured.absence, &measured.ids));
        };
        Ok(explain(&board, row, receipt, &plan.definition.name, rfc3339(plan.as_of)))
    }

    /// Measures metrics and nothing else.
    pub(crate) fn measure(&self, metrics: &[&str]) -> Result<RecordBatch, Error> {
        let _span = tracing::info_span!("measure", community = self.name()).entered();
        let parsed: Vec<Metric> = metrics
            .iter()
            .map(|id| {
                Metric::parse_in(id, &self.config.metrics)
                    .map_err(|problem| Error::Metric(problem.to_string()))
            })
            .collect::<Result<_, _>>()?;
        let own = self.own(parsed.iter(), &mut BTreeMap::new())?;
        let (snapshot, as_of, _temporary) = self.snapshot(self.options.dry_run)?;
        let measured = measure(&self.request(&snapshot, as_of, (&parsed, &own), None))?;
        self.anybody(&measured)?;
        let Measured { ids, columns, .. } = measured;
        let mut fields = vec![Field::new("member", DataType::Utf8, false)];
        let mut arrays = vec![Arc::new(StringArray::from_iter_values(&ids)) as _];
        for ((&name, column), metric) in metrics.iter().zip(columns).zip(&parsed) {
            let column = column.unwrap_or_else(|_| metric.missing(ids.len()));
            fields.push(Field::new(name, array_type(&column), true));
            arrays.push(array(&column, 0..ids.len()));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error| Error::Metrics(Box::new(error)))
    }

    /// Answers a question in SQL.
    pub(crate) fn sql(&self, query: &str, community: &Community) -> Result<Answer, Error> {
        let _span = tracing::info_span!("sql", community = self.name()).entered();
        let (snapshot, as_of, _temporary) = self.snapshot(self.options.dry_run)?;
        let span = Span { start: self.config.community.window.start(as_of), as_of };
        let stop = self.options.stop();
        let question = Sql { snapshot: &snapshot, span, threads: self.options.thread_count(), stop: &stop };
        // What the functions ask is of the same snapshot.
        let community = community.clone().with_snapshot(snapshot.clone());
        question.ask(query, &community, self.options)
    }

    pub(crate) fn state(&self) -> &Path {
        &self.config.community.state
    }

    fn request<'r>(
        &'r self,
        snapshot: &'r Snapshot,
        as_of: i64,
        (metrics, own): (&'r [Metric], &'r BTreeMap<String, Own>),
        about: Option<&'r str>,
    ) -> Request<'r> {
        Request {
            snapshot,
            config: self.config,
            as_of,
            metrics,
            own,
            blamed: OnceLock::new(),
            guests: Box::new(move |role| self.guest_options(role, Some((snapshot, as_of)))),
            about,
            threads: self.options.thread_count(),
            progress: self.progress(),
            stop: self.options.stop(),
        }
    }

    /// A moment that is yet to come, out of the data alone, is a mistake in it: whatever were recorded by it
    /// would stand for ever. The clock decides on nothing else.
    fn refuse_what_is_to_come(&self, view: &View, now: jiff::Timestamp) -> Result<(), Error> {
        let given = self.options.dry_run || view.period.is_none() || self.config.community.as_of.is_some();
        if given || i128::from(view.as_of) <= now.as_nanosecond() + DAY {
            return Ok(());
        }
        Err(Error::AsOfToCome {
            as_of: rfc3339(view.as_of),
            place: view.snapshot.newest_place().map(|(file, line)| (file.to_owned(), line)),
            path: self.config.path().to_owned(),
        })
    }

    fn score(
        &self,
        plan: &Plan,
        population: &groundswell_runtime::Population,
        progress: Option<&ProgressFn>,
    ) -> Result<Scored, Error> {
        let options = self.runtime_options(plan, &plan.definition, progress);
        let scored = plan.definition.plugin.score(population, &options);
        scored.map_err(|error| plan.definition.failed(self.config, error))
    }

    /// What a plan asks for and the data does not have; an error where it cannot do without.
    fn unknown(&self, plan: &Plan, columns: &Columns) -> Result<Vec<Unknown>, Error> {
        if let Some(Err(needs)) = plan.role.as_ref().and_then(|role| columns.of(role)) {
            return Err(without_roles(self.config, needs));
        }
        let own = plan.scoring.inputs.len();
        let mut unknown: Vec<Unknown> = Vec::new();
        for (place, (input, metric)) in plan.inputs.iter().enumerate() {
            let Some(Err(needs)) = columns.of(metric) else { continue };
            if input.required {
                let role = plan.rules.as_ref().filter(|_| place >= own).unwrap_or(&plan.definition);
                return Err(Error::MissingMetric {
                    plugin: role.plugin.id().to_string(),
                    metric: input.metric.clone(),
                    needs,
                    path: self.config.path().to_owned(),
                });
            }
            if !unknown.iter().any(|known| known.metric == input.metric) {
                unknown.push(Unknown { metric: input.metric.clone(), needs: (*needs).to_owned() });
            }
        }
        Ok(unknown)
    }

    fn anybody(&self, measured: &Measured) -> Result<(), Error> {
        if measured.ids.is_empty() {
            return Err(Error::NobodyToScore {
                left_out: measured.left_out,
                path: self.config.path().to_owned(),
            });
        }
        Ok(())
    }

    /// Whatever answers depend on.
    fn asked(&self, plan: &Plan, role: &Role) -> groundswell_runtime::RunOptions {
        self.asked_about(role, Some((&plan.snapshot, plan.as_of))).batch_rows(self.batch_rows(plan))
    }

    /// The same of any plugin, about what was frozen, at as-of.
    fn asked_about(&self, role: &Role, about: Option<(&Snapshot, i64)>) -> groundswell_runtime::RunOptions {
        let options = groundswell_runtime::RunOptions::new()
            .settings(role.settings.clone())
            .threads(self.options.thread_count());
        match about {
            Some((snapshot, as_of)) => options
                .as_of(Duration::from_nanos(u64::try_from(as_of).unwrap_or(0)))
                .seed(seed(snapshot, as_of, role)),
            None => options,
        }
    }

    /// How to ask a plugin that measures; about nothing yet where nothing is frozen.
    pub(crate) fn guest_options(
        &self,
        role: &Role,
        about: Option<(&Snapshot, i64)>,
    ) -> groundswell_runtime::RunOptions {
        self.until(self.asked_about(role, about))
    }

    /// The same, until it is to stop.
    fn until(&self, options: groundswell_runtime::RunOptions) -> groundswell_runtime::RunOptions {
        let options = match &self.options.cancel {
            Some(cancel) => options.cancel(cancel.clone()),
            None => options,
        };
        match self.options.deadline {
            Some(deadline) => options.deadline(deadline),
            None => options,
        }
    }

    fn runtime_options(
        &self,
        plan: &Plan,
        role: &Role,
        progress: Option<&ProgressFn>,
    ) -> groundswell_runtime::RunOptions {
        let options = self.until(self.asked(plan, role));
        let Some(progress) = progress.cloned() else { return options };
        options.progress(Arc::new(move |step, done, total| {
            let stage = match step {
                Step::Place => Stage::Place,
                Step::Explain => Stage::Explain,
                Step::Decide => Stage::Decide,
                _ => Stage::Score,
            };
            progress(&Progress::new(stage, done as u64, Some(total as u64)));
        }))
    }

    /// Members a call: what the community says, else what suits the slower of its plugins.
    pub(crate) fn batch_rows(&self, plan: &Plan) -> usize {
        let plugins = [Some(&plan.definition), plan.rules.as_ref()].into_iter().flatten();
        let suits = plugins.map(|role| role.plugin.batch_rows()).max().unwrap_or(1);
        self.config.limits.batch_size.map_or(suits, |rows| rows as usize)
    }

    /// What members reached in earlier periods; empty where nothing is decided by it.
    fn history(&self, plan: &Plan) -> Result<History, Error> {
        match (&plan.rules, &plan.period) {
            (Some(_), Some(period)) => {
                let ledger = Ledger::look(&self.state().join("ledger.sqlite"))?;
                Ok(ledger.history(&self.chapter(plan, period))?)
            }
            _ => Ok(History::default()),
        }
    }

    fn chapter<'p>(&self, plan: &'p Plan, period: &'p PeriodAt) -> Chapter<'p> {
        let confirmed = self.config.programme.as_ref().filter(|_| plan.rules.is_some());
        Chapter {
            definition: &plan.definition.name,
            period: &period.key,
            start: period.start,
            as_of: plan.as_of,
            runs: confirmed.map_or(1, |programme| programme.confirm_runs),
        }
    }

    /// The tiers that count for rewards, as indices into the definition's: those of the run, but for who has to be seen there
    /// more often.
    fn counting(&self, plan: &Plan, board: &Leaderboard, fresh: &Standings, history: &History) -> Vec<u32> {
        let runs = self.config.programme.as_ref().map_or(1, |programme| programme.confirm_runs);
        if runs < 2 || plan.rules.is_none() {
            return fresh.tiers.clone();
        }
        let tiers = &plan.scoring.tiers;
        let settled = board.ids.iter().zip(&fresh.tiers).map(|(id, &fresh)| {
            let said = tiers.get(fresh as usize)?.id.as_str();
            let counts = history.of(id)?.counts(said, runs);
            // A tier that the definition no longer has counts no longer.
            tiers.iter().position(|tier| tier.id == counts).map(|place| place as u32)
        });
        settled.zip(&fresh.tiers).map(|(settled, &fresh)| settled.unwrap_or(fresh)).collect()
    }

    /// Asks the reward rules, in the order of members. None of the awards is known to be new yet.
    fn decide(
        &self,
        plan: &Plan,
        population: &groundswell_runtime::Population,
        ids: &[String],
        (fresh, counting, history): (&Standings, &[u32], &History),
        progress: Option<&ProgressFn>,
    ) -> Result<(Vec<AwardResult>, Usage), Error> {
        let Some(rules) = &plan.rules else { return Ok(Default::default()) };
        let Some(rewards) = rules.plugin.rewards() else { return Ok(Default::default()) };
        let tier = |id: &String| plan.scoring.tiers.iter().position(|tier| tier.id == *id);
        let mut standings = fresh.clone();
        standings.tiers = counting.to_vec();
        for ((id, previous), best) in ids.iter().zip(&mut standings.previous).zip(&mut standings.best_before)
        {
            if let Some(before) = history.of(id) {
                *previous = before.previous.as_ref().and_then(tier).map(|tier| tier as u32);
                *best = before.best;
            }
        }
        let options = self.runtime_options(plan, rules, progress);
        let decided = rules
            .plugin
            .decide(population, &plan.scoring.tiers, &standings, &options)
            .map_err(|error| rules.failed(self.config, error))?;
        let raw = |input: usize| rewards.inputs.get(input).and_then(|input| population.column(&input.metric));
        let key = plan.period.as_ref().map_or("", |period| period.key.as_str());
        let told = decided.awards.iter().filter_map(|award| {
            let kind = rewards.awards.get(award.award as usize)?;
            Some(AwardResult {
                member: ids.get(award.row as usize)?.clone(),
                award: kind.id.clone(),
                title: shown(&kind.title, 64),
                kind: kind.kind,
                reason: filled(award.reason, &rewards.reasons, raw, award.row as usize),
                amount: award.amount,
                period: match kind.occurs {
                    Occurs::Once => String::new(),
                    // In a circle one is once at a time.
                    _ if kind.kind == Kind::Circle => String::new(),
                    _ => key.to_owned(),
                },
                new: false,
                status: Verdict::Unapproved,
            })
        });
        Ok((told.collect(), decided.usage))
    }

    /// What `run.json` says beside the receipt.
    fn run_record(&self, (at, took): (jiff::Timestamp, Duration), receipt: &str) -> serde_json::Value {
        json!({
            "receipt": receipt,
            "began": at.to_string(),
            "seconds": took.as_secs_f64(),
            "threads": self.options.thread_count(),
            "partitions": self.options.partition_count(),
            "community": self.config.path().display().to_string(),
            "computer": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        })
    }

    fn info(
        &self,
        plan: &Plan,
        prepared: &Prepared,
        board: &Leaderboard,
        notes: Vec<String>,
        receipt: String,
        usage: Usage,
    ) -> RunInfo {
        RunInfo {
            receipt,
            mode: plan.definition.plugin.runtime().mode(),
            usage,
            base: board.base,
            as_of: rfc3339(plan.as_of),
            window: self.config.community.window.to_string(),
            period: plan.period.as_ref().map(|period| period.key.clone()),
            definition: plan.definition.name.clone(),
            plugin: plan.definition.info(),
            programme: plan.rules.as_ref().map(Role::info),
            population: board.ids.len() as u64,
            left_out: prepared.left_out,
            unknown: prepared.unknown.clone(),
            ignored: prepared.ignored,
            notes,
        }
    }
}

/// The metrics that plans ask for, each once, measured in one pass.
struct Columns {
    metrics: Vec<Metric>,
    measured: Measured,
    /// How many members there are.
    rows: usize,
}

impl Columns {
    /// The error comes with the name of the one of the community's own metrics that it is about, if it is.
    fn measured<'p>(
        pipeline: &Pipeline<'_>,
        view: &View,
        plans: impl IntoIterator<Item = &'p Plan> + Clone,
        about: Option<&str>,
    ) -> Result<Self, (Error, Option<String>)> {
        let own = plans.clone().into_iter().flat_map(|plan| plan.own.clone()).collect();
        let metrics = plans.into_iter().flat_map(Plan::metrics);
        let metrics: Vec<Metric> = metrics.collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let request = pipeline.request(&view.snapshot, view.as_of, (&metrics, &own), about);
        let measured = measure(&request).map_err(|error| (error, request.blamed.get().cloned()))?;
        drop(request);
        Ok(Self { metrics, rows: measured.ids.len(), measured })
    }

    /// A metric's column; where the data cannot supply it, what would.
    fn of(&self, metric: &Metric) -> Option<&Result<Column, &'static str>> {
        let place = self.metrics.binary_search(metric).ok()?;
        self.measured.columns.get(place)
    }

    /// The population with the metrics of one plan.
    fn population(&self, plan: &Plan) -> Result<groundswell_runtime::Population, Error> {
        let mut population = groundswell_runtime::Population::new(self.rows);
        for (input, metric) in &plan.inputs {
            if let Some(Ok(column)) = self.of(metric) {
                population = population.with(input.metric.clone(), column.clone())?;
            }
        }
        Ok(population)
    }
}

/// What should be said about the data, and about scales that do not fit it.
fn notes(snapshot: &Snapshot, scored: &Scored) -> Vec<String> {
    let lost = scored.inputs.iter().filter(|input| input.lost > 0);
    let lost = lost.map(|input| {
        format!(
            "{} members have a value below 0 where `{}` has none: it counts as missing",
            input.lost,
            input.input.id()
        )
    });
    snapshot.notes().iter().cloned().chain(lost).collect()
}

/// Every metric once, then every input once, as columns for `metrics.parquet`.
fn columns(
    plan: &Plan,
    population: &groundswell_runtime::Population,
    board: &Leaderboard,
) -> Result<Vec<(String, Column)>, Error> {
    let mut columns: Vec<(String, Column)> = Vec::new();
    let there = |columns: &[(String, Column)], name: &str| columns.iter().any(|(known, _)| known == name);
    for (input, metric) in &plan.inputs {
        if !there(&columns, &input.metric) {
            let raw = population.column(&input.metric).cloned();
            columns.push((input.metric.clone(), raw.unwrap_or_else(|| metric.missing(population.rows()))));
        }
    }
    // Those of the definition are scaled already.
    columns.extend(board.inputs.iter().map(|input| (input.id.clone(), input.scaled.clone())));
    for (input, _) in &plan.inputs {
        let id = input.id();
        if !there(&columns, &id) {
            columns.push((id, population.scaled(&input.metric, input.scale)?));
        }
    }
    Ok(columns)
}

fn absent(member: &str, absence: Option<Absence>, ids: &[String]) -> Error {
    let mut reason = absence.as_ref().map_or_else(String::new, ToString::to_string);
    if let Some(Absence::Unknown) = absence
        && let Some(near) = nearest(member, ids.iter().map(String::as_str))
    {
        reason = format!("{reason}; did you mean `{}`?", shown(near, 200));
    }
    Error::NotInPopulation { member: member.to_owned(), reason }
}

/// What randomness of WASI is made of: the snapshot, as-of, and the plugin, all of which the receipt names, so that a replay
/// sees the same numbers.
fn seed(snapshot: &Snapshot, as_of: i64, role: &Role) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("groundswell 1 randomness of a run");
    hasher.update(snapshot.hash().as_bytes()).update(&as_of.to_le_bytes());
    hasher.update(role.plugin.hash().as_bytes());
    *hasher.finalize().as_bytes()
}
