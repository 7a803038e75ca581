//! From a community's files to its results: snapshot → metrics → scores → tiers → awards.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use groundswell_runtime::{Column, Input, Occurs, Scored, ScoringDescription, Standings, Step, shown};
use serde_json::json;

use crate::explanation::explain;
use crate::leaderboard::Leaderboard;
use crate::ledger::{Chapter, Commit, Entry, History, Ledger, Outcome, Standing};
use crate::metrics::{Measured, Metric, Request, measure};
use crate::nearest::listed;
use crate::period::{PeriodAt, period_at};
use crate::plugins::{Role, Said, located};
use crate::reason::filled;
use crate::receipt::{Receipt, ReceiptPeriod};
use crate::results::{Results, array, array_type, load};
use crate::run::{AwardResult, RunInfo, Unknown};
use crate::{Config, DefinitionConfig, Error, Explanation, Host, Progress, ProgressFn, Run, RunOptions, Snapshot, Stage};

/// The version of the receipt's record.
const RECEIPT_FORMAT: u32 = 1;
/// Members a call where nobody says otherwise.
const BATCH_ROWS: usize = 8_192;
/// How often a run decides again because the history changed meanwhile.
const ATTEMPTS: u32 = 5;

/// One question to a community, about to be answered.
pub(crate) struct Pipeline<'a> {
    host: &'a Host,
    config: &'a Config,
    options: &'a RunOptions,
}

/// What a run is, before anything is computed.
struct Plan {
    definition: Role,
    scoring: ScoringDescription,
    rules: Option<Role>,
    /// The period that as-of lies in; none without a programme.
    period: Option<PeriodAt>,
    snapshot: Snapshot,
    as_of: i64,
    /// The metrics of all inputs: those of the definition first, then those of the reward rules.
    inputs: Vec<(Input, Metric)>,
}

/// The population with its metrics.
struct Prepared {
    ids: Vec<String>,
    population: groundswell_runtime::Population,
    unknown: Vec<Unknown>,
    left_out: crate::LeftOut,
    ignored: crate::Ignored,
}

impl<'a> Pipeline<'a> {
    pub(crate) fn new(host: &'a Host, config: &'a Config, options: &'a RunOptions) -> Self {
        Self { host, config, options }
    }

    /// Runs, and records unless it is a dry run.
    pub(crate) fn run(&self) -> Result<Run, Error> {
        let began = (jiff::Timestamp::now(), Instant::now());
        let (plan, _temporary) = self.plan(self.options.dry_run)?;
        let prepared = self.prepare(&plan)?;
        let scored = plan.definition.plugin.score(&prepared.population, &self.runtime_options(&plan.definition))?;
        let ledger_path = self.state().join("ledger.sqlite");
        for _ in 0..ATTEMPTS {
            let history = self.history(&plan)?;
            let decided = self.decide(&plan, &prepared, &scored, &history)?;
            let receipt = self.receipt(&plan, &history);
            let hash = receipt.hash();
            // Scores are cheap to share and a second attempt is rare, so they are cloned for it.
            let board = Leaderboard::new(
                prepared.ids.clone(),
                &prepared.population,
                &plan.scoring,
                scored.clone(),
            );
            let metrics = self.columns(&plan, &prepared)?;
            let record = self.run_record(began, &hash);
            let results = Results {
                board: &board,
                metrics: &metrics,
                awards: &decided,
                receipt: &receipt.json(),
                run: &record,
            };
            let progress = self.options.progress.as_ref();
            let folder = if self.options.dry_run {
                None
            } else {
                let plugins = self.state().join("plugins");
                for role in [Some(&plan.definition), plan.rules.as_ref()].into_iter().flatten() {
                    role.keep(&plugins)?;
                }
                Some(results.store(&self.state().join("runs"), &hash, progress)?)
            };
            let digest = plan.rules.is_some().then(|| history.digest());
            let Some(new) = self.record(&plan, &board, &decided, &hash, digest.as_deref(), &ledger_path)? else {
                continue;
            };
            if let Some(out) = &self.options.out {
                results.write(out, progress)?;
            }
            let info = self.info(&plan, &prepared, &board, hash);
            let awards = decided.into_iter().zip(new).map(|(award, new)| AwardResult { new, ..award }).collect();
            return Ok(Run { board, awards, snapshot: plan.snapshot, info, results: folder });
        }
        Err(Error::HistoryChanged { path: ledger_path, times: ATTEMPTS })
    }

    /// Explains one member, from the stored run where there is one.
    pub(crate) fn explain(&self, member: &str) -> Result<Explanation, Error> {
        let (plan, _temporary) = self.plan(true)?;
        let receipt = self.receipt(&plan, &self.history(&plan)?).hash();
        let stored = load(&self.state().join("runs").join(&receipt), &plan.scoring)?;
        let board = match stored {
            Some(board) => board,
            None => {
                let Prepared { ids, population, .. } = self.prepare(&plan)?;
                if ids.binary_search_by(|id| id.as_str().cmp(member)).is_err() {
                    return Err(self.absent(&plan, member)?);
                }
                let scored = plan.definition.plugin.score(&population, &self.runtime_options(&plan.definition))?;
                Leaderboard::new(ids, &population, &plan.scoring, scored)
            }
        };
        match board.row(member) {
            Some(row) => Ok(explain(&board, row, receipt, &plan.definition.name, moment(plan.as_of))),
            None => Err(self.absent(&plan, member)?),
        }
    }

    /// Measures metrics and nothing else.
    pub(crate) fn measure(&self, metrics: &[&str]) -> Result<RecordBatch, Error> {
        let parsed: Vec<Metric> = metrics
            .iter()
            .map(|id| Metric::parse(id).map(|(metric, _)| metric).map_err(|problem| Error::Metric(problem.to_string())))
            .collect::<Result<_, _>>()?;
        let (snapshot, as_of, _temporary) = self.snapshot(self.options.dry_run)?;
        let measured = measure(&self.request(&snapshot, as_of, &parsed, None))?;
        self.anybody(&measured)?;
        let Measured { ids, columns, .. } = measured;
        let mut fields = vec![Field::new("member", DataType::Utf8, false)];
        let mut arrays = vec![Arc::new(StringArray::from_iter_values(&ids)) as _];
        for ((&name, column), metric) in metrics.iter().zip(columns).zip(&parsed) {
            let column = column.unwrap_or_else(|_| metric.missing(ids.len()));
            fields.push(Field::new(name, array_type(Some(&column)), true));
            arrays.push(array(Some(&column), 0..ids.len()));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| Error::Metrics(Box::new(error)))
    }

    fn state(&self) -> &Path {
        &self.config.community.state
    }

    /// Freezes the data, in a temporary folder where the state must not be touched, and says from when to
    /// look at it. The folder lives as long as what is answered.
    fn snapshot(&self, untouched: bool) -> Result<(Snapshot, i64, Option<tempfile::TempDir>), Error> {
        let temporary = untouched.then(tempfile::tempdir).transpose();
        let temporary = temporary.map_err(Error::file("create", std::env::temp_dir()))?;
        let base = temporary.as_ref().map_or_else(|| self.state().to_owned(), |folder| folder.path().to_owned());
        let snapshot =
            Snapshot::take(self.config, &base.join("snapshots"), self.options.progress.as_ref())?;
        let newest = || snapshot.newest().ok_or_else(|| Error::NoTime { path: self.config.path().to_owned() });
        let as_of = match self.config.community.as_of {
            // Every time in the data fits, so a moment beyond is as good as the last that does.
            Some(as_of) => as_of.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            None => newest()?,
        };
        Ok((snapshot, as_of, temporary))
    }

    /// Finds the plugins, checks what they are told and what they ask for, and freezes the data.
    fn plan(&self, untouched: bool) -> Result<(Plan, Option<tempfile::TempDir>), Error> {
        let (name, said) = self.definition()?;
        let keys = ["definitions", name];
        let said =
            Said { keys: &keys, name, plugin: &said.plugin, settings: &said.settings, grants: &said.grants };
        let definition = Role::find(self.host, self.config, &said, "definition", |plugin| {
            plugin.scoring().map(|scoring| scoring.settings.as_slice())
        })?;
        let Some(scoring) = definition.plugin.scoring().cloned() else { return Err(self.no_definition()) };
        let programme = self.config.programme.as_ref();
        let rules = programme.filter(|programme| programme.definition == name).map(|said| {
            let said = Said {
                keys: &["programme"],
                name: &said.definition,
                plugin: &said.plugin,
                settings: &said.settings,
                grants: &said.grants,
            };
            Role::find(self.host, self.config, &said, "reward rules", |plugin| {
                plugin.rewards().map(|rewards| rewards.settings.as_slice())
            })
        });
        let rules = rules.transpose()?;
        let mut inputs: Vec<(Input, Metric)> = Vec::new();
        let metrics = definition.metrics(&scoring.inputs, self.config)?;
        inputs.extend(scoring.inputs.iter().cloned().zip(metrics));
        if let Some(rules) = &rules
            && let Some(rewards) = rules.plugin.rewards()
        {
            let metrics = rules.metrics(&rewards.inputs, self.config)?;
            inputs.extend(rewards.inputs.iter().cloned().zip(metrics));
        }
        let (snapshot, as_of, temporary) = self.snapshot(untouched)?;
        let period = programme.map(|programme| {
            period_at(programme.period, as_of, &self.config.community.time_zone).map_err(|error| {
                let message = format!("no period contains as-of: {error}");
                located(self.config, &["community"], "as-of", message, None)
            })
        });
        let period = period.transpose()?;
        Ok((Plan { definition, scoring, rules, period, snapshot, as_of, inputs }, temporary))
    }

    /// The definition that was asked for, or the one that is meant where none was.
    fn definition(&self) -> Result<(&'a str, &'a DefinitionConfig), Error> {
        let definitions = &self.config.definitions;
        let programme = self.config.programme.as_ref().map(|programme| programme.definition.as_str());
        let only = || definitions.keys().next().map(String::as_str).filter(|_| definitions.len() == 1);
        let Some(name) = self.options.definition.as_deref().or(programme).or_else(only) else {
            return Err(self.no_definition());
        };
        definitions.get_key_value(name).map(|(name, said)| (name.as_str(), said)).ok_or_else(|| {
            let message = format!("there is no definition `{}`", shown(name, 80));
            let help = Some(format!("definitions are {}", listed(definitions.keys())));
            located(self.config, &["definitions"], name, message, help)
        })
    }

    fn no_definition(&self) -> Error {
        let names = self.config.definitions.keys();
        let (message, help) = if names.len() == 0 {
            ("there is no definition to run", "add one: [definitions.regulars] with plugin = \"regulars\"".to_owned())
        } else {
            ("which definition should run?", format!("ask for one of {}, or name it in [programme]", listed(names)))
        };
        located(self.config, &[], "definitions", message.to_owned(), Some(help))
    }

    fn request<'r>(
        &'r self,
        snapshot: &'r Snapshot,
        as_of: i64,
        metrics: &'r [Metric],
        about: Option<&'r str>,
    ) -> Request<'r> {
        Request {
            snapshot,
            community: &self.config.community,
            as_of,
            metrics,
            about,
            threads: self.options.thread_count(),
            partitions: self.options.partition_count(),
            progress: self.options.progress.as_ref(),
        }
    }

    /// Computes the metrics of all inputs over the population.
    fn prepare(&self, plan: &Plan) -> Result<Prepared, Error> {
        let metrics: Vec<Metric> = plan.inputs.iter().map(|(_, metric)| metric.clone()).collect();
        let measured = measure(&self.request(&plan.snapshot, plan.as_of, &metrics, None))?;
        let own = plan.scoring.inputs.len();
        let mut unknown: Vec<Unknown> = Vec::new();
        for (place, ((input, _), column)) in plan.inputs.iter().zip(&measured.columns).enumerate() {
            let Err(needs) = *column else { continue };
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
                unknown.push(Unknown { metric: input.metric.clone(), needs: needs.to_owned() });
            }
        }
        self.anybody(&measured)?;
        let mut population = groundswell_runtime::Population::new(measured.ids.len());
        for ((input, _), column) in plan.inputs.iter().zip(measured.columns) {
            if let Ok(column) = column {
                population = population.with(input.metric.clone(), column)?;
            }
        }
        let Measured { ids, left_out, ignored, .. } = measured;
        Ok(Prepared { ids, population, unknown, left_out, ignored })
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

    /// Why a member is not in the population.
    fn absent(&self, plan: &Plan, member: &str) -> Result<Error, Error> {
        let measured = measure(&self.request(&plan.snapshot, plan.as_of, &[], Some(member)))?;
        let reason = measured.absence.map_or_else(String::new, |absence| absence.to_string());
        Ok(Error::NotInPopulation { member: member.to_owned(), reason })
    }

    fn runtime_options(&self, role: &Role) -> groundswell_runtime::RunOptions {
        let options = groundswell_runtime::RunOptions::new()
            .settings(role.settings.clone())
            .threads(self.options.thread_count())
            .batch_rows(self.batch_rows());
        let Some(progress) = self.options.progress.clone() else { return options };
        options.progress(Arc::new(move |step, done, total| {
            let stage = match step {
                Step::Place => Stage::Place,
                Step::Explain => Stage::Explain,
                Step::Decide => Stage::Decide,
                _ => Stage::Score,
            };
            progress(&Progress { stage, done: done as u64, total: Some(total as u64) });
        }))
    }

    fn batch_rows(&self) -> usize {
        self.config.limits.batch_size.map_or(BATCH_ROWS, |rows| rows as usize)
    }

    /// What members reached in earlier periods; empty where nothing is decided by it.
    fn history(&self, plan: &Plan) -> Result<History, Error> {
        match (&plan.rules, &plan.period) {
            (Some(_), Some(period)) => {
                Ledger::look(&self.state().join("ledger.sqlite"))?.history(&chapter(&plan.definition, period))
            }
            _ => Ok(History::default()),
        }
    }

    /// Asks the reward rules, in the order of members. None of the awards is known to be new yet.
    fn decide(
        &self,
        plan: &Plan,
        prepared: &Prepared,
        scored: &Scored,
        history: &History,
    ) -> Result<Vec<AwardResult>, Error> {
        let Some(rules) = &plan.rules else { return Ok(Vec::new()) };
        let Some(rewards) = rules.plugin.rewards() else { return Ok(Vec::new()) };
        let tier = |id: &String| plan.scoring.tiers.iter().position(|tier| tier.id == *id);
        let mut standings = Standings::new(scored);
        for ((id, previous), best) in
            prepared.ids.iter().zip(&mut standings.previous).zip(&mut standings.best_before)
        {
            if let Some(before) = history.0.get(id) {
                *previous = before.previous.as_ref().and_then(tier).map(|tier| tier as u32);
                *best = before.best;
            }
        }
        let options = self.runtime_options(rules);
        let awards = rules.plugin.decide(&prepared.population, &plan.scoring.tiers, &standings, &options)?;
        let raw = |input: usize| {
            rewards.inputs.get(input).and_then(|input| prepared.population.column(&input.metric))
        };
        let key = plan.period.as_ref().map_or("", |period| period.key.as_str());
        let told = awards.iter().filter_map(|award| {
            let kind = rewards.awards.get(award.award as usize)?;
            Some(AwardResult {
                member: prepared.ids.get(award.row as usize)?.clone(),
                award: kind.id.clone(),
                title: shown(&kind.title, 64),
                kind: kind.kind,
                reason: filled(award.reason, &rewards.reasons, raw, award.row as usize),
                amount: award.amount,
                period: match kind.occurs {
                    Occurs::Once => String::new(),
                    Occurs::EachPeriod => key.to_owned(),
                },
                new: false,
            })
        });
        Ok(told.collect())
    }

    /// Writes history and awards, or looks only. Of each award, whether it is new; `None` where the
    /// history has changed since it was decided by.
    fn record(
        &self,
        plan: &Plan,
        board: &Leaderboard,
        awards: &[AwardResult],
        receipt: &str,
        digest: Option<&str>,
        path: &Path,
    ) -> Result<Option<Vec<bool>>, Error> {
        let Some(period) = &plan.period else { return Ok(Some(Vec::new())) };
        let entries: Vec<(String, &AwardResult)> =
            awards.iter().map(|award| (award.kind.to_string(), award)).collect();
        let entries: Vec<Entry<'_>> = entries
            .iter()
            .map(|(kind, award)| Entry {
                member: &award.member,
                award: &award.award,
                period: &award.period,
                kind,
                amount: award.amount,
                reason: &award.reason,
            })
            .collect();
        if self.options.dry_run {
            return Ledger::look(path)?.new_ones(&entries).map(Some);
        }
        let standings = board.ids.iter().enumerate().filter_map(|(row, member)| {
            let tier = board.tier(row)?;
            Some(Standing { member, tier: &tier.id, rung: tier.rung })
        });
        let commit = Commit {
            chapter: &chapter(&plan.definition, period),
            as_of: plan.as_of,
            receipt,
            decided_by: digest,
            standings,
            awards: &entries,
        };
        match Ledger::open(path)?.commit(commit)? {
            Outcome::Recorded(new) => Ok(Some(new)),
            Outcome::HistoryChanged => Ok(None),
        }
    }

    fn receipt(&self, plan: &Plan, history: &History) -> Receipt {
        let community = &self.config.community;
        let mut exclude_roles = community.exclude_roles.clone();
        exclude_roles.sort_unstable();
        exclude_roles.dedup();
        let mut limits = serde_json::to_value(self.host.limits()).unwrap_or_default();
        if let Some(limits) = limits.as_object_mut() {
            // How many run at once is no limit of a plugin's.
            limits.remove("instances");
        }
        let rewards = |role: &Role| {
            role.part(role.plugin.rewards().map_or(&[], |rewards| rewards.settings.as_slice()))
        };
        Receipt {
            format: RECEIPT_FORMAT,
            engine: env!("CARGO_PKG_VERSION"),
            contract: plan.definition.plugin.contract().to_owned(),
            snapshot: plan.snapshot.hash().to_owned(),
            as_of: moment(plan.as_of),
            window: community.window.to_string(),
            population: json!(community.population),
            exclude_roles,
            time_zone: community.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            mode: json!(self.config.limits.mode),
            limits,
            batch_size: self.batch_rows(),
            definition: plan.definition.part(&plan.scoring.settings),
            programme: plan.rules.as_ref().map(rewards),
            period: plan.period.as_ref().zip(self.config.programme.as_ref()).map(|(period, programme)| {
                ReceiptPeriod { unit: json!(programme.period), key: period.key.clone() }
            }),
            history: plan.rules.is_some().then(|| history.digest()),
        }
    }

    /// Every metric once, then every input once, as columns for `metrics.parquet`.
    fn columns(&self, plan: &Plan, prepared: &Prepared) -> Result<Vec<(String, Option<Column>)>, Error> {
        let mut columns: Vec<(String, Option<Column>)> = Vec::new();
        let mut add = |name: &str, column: &dyn Fn() -> Result<Column, Error>| {
            if !columns.iter().any(|(known, _)| known == name) {
                columns.push((name.to_owned(), Some(column()?)));
            }
            Ok::<(), Error>(())
        };
        let rows = prepared.ids.len();
        for (input, metric) in &plan.inputs {
            let raw = prepared.population.column(&input.metric).cloned();
            add(&input.metric, &|| Ok(raw.clone().unwrap_or_else(|| metric.missing(rows))))?;
        }
        for (input, _) in &plan.inputs {
            add(&input.id(), &|| Ok(prepared.population.scaled(&input.metric, input.scale)?))?;
        }
        Ok(columns)
    }

    /// What `run.json` says beside the receipt.
    fn run_record(&self, (at, began): (jiff::Timestamp, Instant), receipt: &str) -> serde_json::Value {
        json!({
            "receipt": receipt,
            "began": at.to_string(),
            "seconds": began.elapsed().as_secs_f64(),
            "threads": self.options.thread_count(),
            "partitions": self.options.partition_count(),
            "community": self.config.path().display().to_string(),
            "computer": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        })
    }

    fn info(&self, plan: &Plan, prepared: &Prepared, board: &Leaderboard, receipt: String) -> RunInfo {
        RunInfo {
            receipt,
            base: board.base,
            as_of: moment(plan.as_of),
            window: self.config.community.window.to_string(),
            period: plan.period.as_ref().map(|period| period.key.clone()),
            definition: plan.definition.name.clone(),
            plugin: plan.definition.info(),
            programme: plan.rules.as_ref().map(Role::info),
            population: prepared.ids.len() as u64,
            left_out: prepared.left_out,
            unknown: prepared.unknown.clone(),
            ignored: prepared.ignored,
            notes: plan.snapshot.notes().to_vec(),
        }
    }
}

fn chapter<'p>(definition: &'p Role, period: &'p PeriodAt) -> Chapter<'p> {
    Chapter { definition: &definition.name, period: &period.key, start: period.start }
}

/// A moment as RFC 3339 in UTC.
fn moment(nanoseconds: i64) -> String {
    jiff::Timestamp::from_nanosecond(nanoseconds.into()).map_or_else(|_| String::new(), |at| at.to_string())
}
