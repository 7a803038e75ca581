//! Runs of any number of definitions over one look at the data: what any of them needs is measured once.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use groundswell_ledger::{History, Ledger, Outcome};
use groundswell_runtime::{Standings, shown};

use super::record::Recording;
use super::{Columns, Pipeline, Prepared, columns, notes};
use crate::forget::forgotten;
use crate::fresh::folders;
use crate::gate::Gate;
use crate::leaderboard::Leaderboard;
use crate::lock::Lock;
use crate::metrics::Metric;
use crate::plan::{Plan, View};
use crate::programme::{is_new, not_the_same, unapproved};
use crate::progress::of_definition;
use crate::results::{Results, gave};
use crate::run::{AwardResult, Fitting, Unknown};
use crate::sources::Forgotten;
use crate::{Error, ProgressFn, Run};

/// How often a run decides again because the history changed meanwhile.
const ATTEMPTS: u32 = 5;

/// What became of one of several definitions.
#[derive(Debug)]
#[non_exhaustive]
pub struct DefinitionOutcome {
    /// The definition's name in `community.toml`.
    pub definition: String,
    /// What its run found, or why there is none. Nothing of it is in the ledger then.
    pub outcome: Result<Run, Error>,
}

/// The runs of several definitions over one look at the data, one after the other: made by
/// [`Community::run_each`](crate::Community::run_each).
///
/// Each is scored, and stored, when it is asked for; nothing of it is kept here after that, so that no more than the
/// metrics and one run are in memory at a time.
#[must_use = "a definition is run when its outcome is asked for"]
pub struct Runs<'a> {
    pipeline: Pipeline<'a>,
    /// None where no definition came so far as to need the data.
    shared: Option<Shared>,
    waiting: VecDeque<Waiting>,
}

/// A definition that has not been run yet.
struct Waiting {
    /// The how many-th it is, from 1.
    turn: usize,
    name: String,
    /// What it needs and the data does not have, or why it cannot be run.
    ready: Result<(Plan, Vec<Unknown>), Error>,
}

/// What all definitions have in common.
struct Shared {
    /// Its folder is there as long as it is looked at.
    _view: View,
    columns: Columns,
    ids: Arc<[String]>,
    began: jiff::Timestamp,
    /// How long it took to read and measure.
    took: Duration,
    /// Results of earlier runs, where there is a programme and no ledger.
    orphans: Vec<OsString>,
    /// Who was forgotten when the data was read.
    known: Forgotten,
}

impl<'a> Pipeline<'a> {
    /// Runs the definition that is meant, and records unless it is a dry run.
    pub(crate) fn run(self) -> Result<Run, Error> {
        let _span = tracing::info_span!("run", community = self.name()).entered();
        let name = self.definition()?.to_owned();
        self.run_alone(&name, 1, self.options.out.as_deref())
    }

    /// Runs one definition, the `turn`-th of all, from the data on.
    fn run_alone(&self, name: &str, turn: usize, out: Option<&Path>) -> Result<Run, Error> {
        loop {
            let run = self.while_nobody_is_forgotten(|known| {
                let (shared, mut waiting) = self.begin(vec![name.to_owned()], known)?;
                let Some(Waiting { ready, .. }) = waiting.pop_front() else {
                    return Err(self.no_definition());
                };
                let (plan, unknown) = ready?;
                let Some(shared) = &shared else { return Err(self.no_definition()) };
                self.carry_out(turn, plan, unknown, shared, out)
            })?;
            if let Some(run) = run {
                return Ok(run);
            }
        }
    }

    /// Does some work, told who was forgotten before it. It is done again where it failed and somebody was forgotten
    /// meanwhile: what it looked at may be gone.
    fn while_nobody_is_forgotten<T>(&self, work: impl Fn(Forgotten) -> Result<T, Error>) -> Result<T, Error> {
        loop {
            let known = forgotten(self.state())?;
            match work(known.clone()) {
                Err(error) if !error.is_stopped() && forgotten(self.state())? != known => {}
                done => return done,
            }
        }
    }

    /// Runs these definitions, each once.
    pub(crate) fn run_each(self, names: Vec<String>) -> Result<Runs<'a>, Error> {
        let _span = tracing::info_span!("run", community = self.name()).entered();
        for name in &names {
            self.named(name)?;
        }
        let (shared, waiting) = self.while_nobody_is_forgotten(|known| self.begin(names.clone(), known))?;
        Ok(Runs { pipeline: self, shared, waiting })
    }

    /// Finds the plugins, reads the data and measures what any definition needs. `known` are those who were forgotten
    /// before.
    fn begin(
        &self,
        names: Vec<String>,
        known: Forgotten,
    ) -> Result<(Option<Shared>, VecDeque<Waiting>), Error> {
        let (began, clock) = (jiff::Timestamp::now(), Instant::now());
        let mut casts: Vec<(String, Result<_, Error>)> = Vec::new();
        let mut met = BTreeMap::new();
        for name in names {
            if !casts.iter().any(|(known, _)| *known == name) {
                let cast = self.cast(&name, &mut met);
                casts.push((name, cast));
            }
        }
        if !casts.iter().any(|(_, cast)| cast.is_ok()) {
            return Ok((None, failed(casts)));
        }
        let view = self.view(self.options.dry_run)?;
        self.refuse_what_is_to_come(&view, began)?;
        let mut plans: Vec<(String, Result<Plan, Error>)> = casts
            .into_iter()
            .map(|(name, cast)| (name, cast.map(|cast| cast.over(&view, self.config))))
            .collect();
        self.refuse_others(&mut plans)?;
        let Some(mut columns) = self.measure_all(&view, &mut plans)? else {
            return Ok((None, failed(plans)));
        };
        let ready = |plan: Plan| {
            let unknown = self.unknown(&plan, &columns)?;
            Ok((plan, unknown))
        };
        let waiting: VecDeque<Waiting> = (1..)
            .zip(plans)
            .map(|(turn, (name, plan))| Waiting { turn, name, ready: plan.and_then(ready) })
            .collect();
        if waiting.iter().any(|waiting| waiting.ready.is_ok()) {
            self.anybody(&columns.measured)?;
        }
        let ids = std::mem::take(&mut columns.measured.ids).into();
        let (took, orphans) = (clock.elapsed(), self.orphans()?);
        let shared = Shared { _view: view, columns, ids, began, took, orphans, known };
        Ok((Some(shared), waiting))
    }

    /// Where plugins are pinned, runs by others record nothing.
    fn refuse_others(&self, plans: &mut [(String, Result<Plan, Error>)]) -> Result<(), Error> {
        if self.options.dry_run {
            return Ok(());
        }
        let Some(lock) = Lock::read(self.config)? else { return Ok(()) };
        for (_, tried) in plans {
            let pinned = tried
                .as_ref()
                .map_or(Ok(()), |plan| plan.roles().try_for_each(|role| lock.check(self.config, role)));
            if let Err(error) = pinned {
                *tried = Err(error);
            }
        }
        Ok(())
    }

    /// Measures the metrics of all plans in one pass; nothing where no plan is left. Where one of the community's own metrics
    /// cannot be computed, only those fail that ask for it: the others are measured without it.
    fn measure_all(
        &self,
        view: &View,
        plans: &mut [(String, Result<Plan, Error>)],
    ) -> Result<Option<Columns>, Error> {
        while plans.iter().any(|(_, plan)| plan.is_ok()) {
            let sound = plans.iter().filter_map(|(_, plan)| plan.as_ref().ok());
            let (error, name) = match Columns::measured(self, view, sound, None) {
                Ok(measured) => return Ok(Some(measured)),
                Err((error, Some(name))) if !error.is_stopped() => (error, name),
                Err((error, _)) => return Err(error),
            };
            // Each of them gets it, the first as it came.
            let copy = error.again(&name);
            let mut first = Some(error);
            let asks = |plan: &Plan| {
                plan.inputs.iter().any(|(_, metric)| matches!(metric, Metric::Own(own) if *own == name))
            };
            let mut blamed = 0;
            for (_, plan) in plans.iter_mut().filter(|(_, plan)| plan.as_ref().is_ok_and(asks)) {
                *plan = Err(first.take().unwrap_or_else(|| copy.again(&name)));
                blamed += 1;
            }
            if let Some(error) = first.filter(|_| blamed == 0) {
                return Err(error);
            }
        }
        Ok(None)
    }

    /// The folders of results of earlier runs that gave awards, where there should be a ledger and is none.
    fn orphans(&self) -> Result<Vec<OsString>, Error> {
        let recorded = self.config.programme.is_none() || self.options.dry_run;
        if recorded || !Ledger::look(&self.ledger())?.is_new() {
            return Ok(Vec::new());
        }
        let runs = folders(&self.state().join("runs")).into_iter().filter(|folder| gave(folder));
        Ok(runs.filter_map(|folder| folder.file_name().map(ToOwned::to_owned)).collect())
    }

    /// Scores, decides, stores and records; nothing where somebody was forgotten since the data was read.
    fn carry_out(
        &self,
        turn: usize,
        plan: Plan,
        unknown: Vec<Unknown>,
        shared: &Shared,
        out: Option<&Path>,
    ) -> Result<Option<Run>, Error> {
        let clock = Instant::now();
        let progress = self.progress().map(|progress| of_definition(progress, turn, &plan.definition.name));
        let progress = progress.as_ref();
        let measured = &shared.columns.measured;
        let population = shared.columns.population(&plan)?;
        let scored = self.score(&plan, &population, progress)?;
        let mut usage = shared.columns.measured.usage.and(scored.usage);
        let mut notes = notes(&plan.snapshot, &scored);
        notes.extend(measured.notes.iter().cloned());
        let fresh = Standings::new(&scored);
        let board = Leaderboard::new(Arc::clone(&shared.ids), &population, &plan.scoring, scored);
        let metrics = columns(&plan, &population, &board)?;
        let prepared =
            Prepared { population, unknown, left_out: measured.left_out, ignored: measured.ignored };
        for _ in 0..ATTEMPTS {
            let history = self.history(&plan)?;
            let counting = self.counting(&plan, &board, &fresh, &history);
            let standing = (&fresh, counting.as_slice(), &history);
            let (decided, used) = self.decide(&plan, &prepared.population, &board.ids, standing, progress)?;
            usage = usage.and(used);
            let receipt = self.receipt(&plan, &history);
            let hash = receipt.hash();
            let record = self.run_record((shared.began, shared.took + clock.elapsed()), &hash);
            let results = Results {
                board: &board,
                metrics: &metrics,
                awards: &decided,
                receipt: &receipt.json(),
                run: &record,
            };
            let stop = self.options.stop();
            stop.check()?;
            // Until all is recorded nobody is forgotten, and who was before is not written back.
            let gate = (!self.options.dry_run).then(|| Gate::enter(self.state(), &stop)).transpose()?;
            if gate.is_some() && forgotten(self.state())? != shared.known {
                return Ok(None);
            }
            let folder = self.store(&plan, &results, &hash, &mut notes, progress)?;
            if let Some(out) = out {
                // Before anything is recorded: what cannot be written must not leave awards behind.
                results.copy(folder.as_deref(), out, progress)?;
            }
            // From here on everything is recorded.
            self.options.stop().check()?;
            let path = self.ledger();
            let recording = Recording {
                plan: &plan,
                board: &board,
                awards: &decided,
                receipt: &hash,
                fingerprint: &plan.fingerprint(self.config),
                history: &history,
                counting: &counting,
                columns: &shared.columns,
                unknown: &prepared.unknown,
                path: &path,
            };
            let Some(outcome) = self.record(&recording)? else { continue };
            drop(gate);
            let Outcome {
                verdicts, moves, budgets, withheld, unapproved: refused, broken, withdrawn, ..
            } = outcome;
            notes.extend(broken.map(|broken| not_the_same(&plan.definition, &broken)));
            notes.extend(withheld);
            notes.extend(self.confirmed_at_once(&plan, &history));
            notes.extend((withdrawn > 0).then(|| {
                format!(
                    "messages withdrawn before they were delivered, as their members opted out: {withdrawn}"
                )
            }));
            if let Some(period) = plan.period.as_ref().filter(|_| refused) {
                notes.push(unapproved(&period.key));
            }
            if folder.is_some() && shared.orphans.iter().any(|name| *name != *hash) {
                notes.push(format!(
                    "there are results of other runs, and the ledger was empty: what it gave before is given again. Where it \
                     got lost, restore a backup of {} and run anew",
                    shown(&path.display().to_string(), 300)
                ));
            }
            let fitting = Fitting {
                plugin: plan.definition.plugin.clone(),
                options: self.asked(&plan, &plan.definition),
            };
            let info = self.info(&plan, &prepared, &board, notes, hash, usage);
            let awards = decided.into_iter().zip(verdicts);
            let awards =
                awards.map(|(award, status)| AwardResult { new: is_new(status), status, ..award }).collect();
            let run = Run {
                board,
                counting,
                awards,
                moves,
                budgets,
                snapshot: plan.snapshot,
                info,
                results: folder,
                fitting,
            };
            return Ok(Some(run));
        }
        Err(Error::HistoryChanged { path: self.ledger(), times: ATTEMPTS })
    }

    /// What is said where several runs have to agree and this one is the first.
    fn confirmed_at_once(&self, plan: &Plan, history: &History) -> Option<String> {
        let runs = self.config.programme.as_ref().filter(|_| plan.rules.is_some())?.confirm_runs;
        (runs > 1 && !history.was_said()).then(|| {
            format!(
                "this is the first run of those that `confirm-runs` = {runs} asks: whoever is seen for the first time is where they \
                 are said to be, so that all tiers of this run count at once; from the next run on one counts once {runs} in a row \
                 say so"
            )
        })
    }

    /// Keeps results and plugins in the state folder, unless it is a dry run; answers the folder of the results.
    fn store(
        &self,
        plan: &Plan,
        results: &Results<'_>,
        hash: &str,
        notes: &mut Vec<String>,
        progress: Option<&ProgressFn>,
    ) -> Result<Option<PathBuf>, Error> {
        if self.options.dry_run || self.options.history_alone {
            return Ok(None);
        }
        let plugins = self.state().join("plugins");
        for role in plan.roles() {
            role.keep(&plugins)?;
        }
        let (folder, mended) = results.store(&self.state().join("runs"), hash, progress)?;
        if mended {
            notes.push("the stored results of this run were damaged: they are written anew".to_owned());
        }
        Ok(Some(folder))
    }

    /// Where the ledger is.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.state().join("ledger.sqlite")
    }

    /// The folder inside of the one for copies that gets those of a definition.
    fn out_of(&self, definition: &str) -> Result<Option<PathBuf>, Error> {
        let Some(out) = &self.options.out else { return Ok(None) };
        let mut parts = Path::new(definition).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(_)), None) => Ok(Some(out.join(definition))),
            // Only programs can give one such a name.
            _ => {
                let source = std::io::Error::new(
                    std::io::ErrorKind::InvalidInput,
                    format!("the definition's name, `{}`, is no name of a folder", shown(definition, 80)),
                );
                Err(Error::Copy { folder: out.clone(), source })
            }
        }
    }
}

/// Those of which none can be run.
fn failed<T>(all: Vec<(String, Result<T, Error>)>) -> VecDeque<Waiting> {
    let failed = all.into_iter().filter_map(|(name, tried)| Some((name, tried.err()?)));
    (1..).zip(failed).map(|(turn, (name, error))| Waiting { turn, name, ready: Err(error) }).collect()
}

impl Iterator for Runs<'_> {
    type Item = DefinitionOutcome;

    fn next(&mut self) -> Option<DefinitionOutcome> {
        let Waiting { turn, name, ready } = self.waiting.pop_front()?;
        let pipeline = &self.pipeline;
        let _span =
            tracing::info_span!("run", community = pipeline.name(), definition = name.as_str()).entered();
        let outcome = match (ready, &self.shared) {
            (Ok((plan, unknown)), Some(shared)) => {
                pipeline.out_of(&name).and_then(|out| {
                    let run = pipeline.carry_out(turn, plan, unknown, shared, out.as_deref());
                    match run {
                        Ok(Some(run)) => Ok(run),
                        Err(error) if error.is_stopped() => Err(error),
                        // What all were to look at is about somebody whom nobody may look at any more, or gone.
                        Ok(None) => pipeline.run_alone(&name, turn, out.as_deref()),
                        Err(error) => match forgotten(pipeline.state()) {
                            Ok(now) if now != shared.known => pipeline.run_alone(&name, turn, out.as_deref()),
                            _ => Err(error),
                        },
                    }
                })
            }
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(pipeline.no_definition()),
        };
        Some(DefinitionOutcome { definition: name, outcome })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.waiting.len(), Some(self.waiting.len()))
    }
}

impl ExactSizeIterator for Runs<'_> {}

impl fmt::Debug for Runs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting: Vec<&str> = self.waiting.iter().map(|waiting| waiting.name.as_str()).collect();
        f.debug_struct("Runs").field("waiting", &waiting).finish_non_exhaustive()
    }
}
