//! Questions about batches: each in a fresh instance, or, in fast mode, in one kept warm.

use std::ops::Range;
use std::sync::Arc;

use crate::call::{About, Call};
use crate::lines::Lines;
use crate::stop::Stop;
use crate::text::Figure;
use crate::usage::Meter;
use crate::wasi::World;
use crate::{Error, Fault, FaultKind, Mode, Phase, Plugin, RunOptions};

/// Fast mode asks about this many batches again at most, of each step.
const AGAIN: usize = 8;

/// An instance with what was made in it: a fitted model, or opened rules.
pub(crate) struct Warm<M> {
    pub(crate) call: Call,
    pub(crate) made: M,
}

/// Who is asked, and how the run goes.
pub(crate) struct Asked<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) stop: &'a Stop,
    world: World,
    pub(crate) meter: &'a Meter,
    lines: Arc<Lines>,
}

impl<'a> Asked<'a> {
    /// Begins a run.
    pub(crate) fn new(plugin: &'a Plugin, options: &'a RunOptions, meter: &'a Meter) -> Self {
        Self::with_lines(plugin, options, meter, plugin.lines())
    }

    /// Goes on with a log that was begun before.
    pub(crate) fn with_lines(
        plugin: &'a Plugin,
        options: &'a RunOptions,
        meter: &'a Meter,
        lines: Arc<Lines>,
    ) -> Self {
        Self { plugin, stop: &options.stop, world: options.world, meter, lines }
    }

    /// Asks one question, in the warm instance where there is one, else in a fresh one, in which `make` prepares.
    /// Only an instance that answered well stays warm, and only in fast mode.
    pub(crate) fn ask<M, T>(
        &self,
        warm: &mut Option<Warm<M>>,
        about: About,
        make: impl FnOnce(&mut Call) -> Result<M, Error>,
        question: impl FnOnce(&mut Call, &M) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut asked = match warm.take() {
            None => {
                let mut call = Call::start(self.plugin, about, self.stop, self.world, &self.lines)?;
                let made = make(&mut call)?;
                Warm { call, made }
            }
            Some(mut asked) => {
                asked.call.again(about)?;
                asked
            }
        };
        asked.call.question();
        let answer = question(&mut asked.call, &asked.made)?;
        asked.call.measure(self.meter);
        if self.plugin.runtime().mode() == Mode::Fast {
            *warm = Some(asked);
        }
        Ok(answer)
    }

    /// Asks a fresh instance about members of a batch in other company, to compare. What it logs has been logged, what
    /// it uses is the host's own curiosity.
    pub(crate) fn ask_again<M, T>(
        &self,
        batch: &Range<usize>,
        make: impl FnOnce(&mut Call) -> Result<M, Error>,
        question: impl FnOnce(&mut Call, &M) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let about = About::Again(batch.clone());
        let mut call = Call::start(self.plugin, about, self.stop, self.world, &self.plugin.no_lines())?;
        let made = make(&mut call)?;
        call.question();
        question(&mut call, &made)
    }

    /// That the same member was answered otherwise in other company.
    pub(crate) fn impure(&self, phase: Phase, batch: Range<usize>, row: usize, answered: &str) -> Error {
        let member = Figure(row + 1);
        let remembers = match self.plugin.runtime().mode() {
            Mode::Strict => "",
            Mode::Fast => " (in strict mode nothing is remembered)",
        };
        let what = format!(
            "it {answered} when a fresh instance was asked about member {member} in other company: an answer may depend \
             neither on earlier calls nor on other rows; mend the plugin{remembers}"
        );
        let kind = FaultKind::Impure { what };
        Fault { plugin: self.plugin.id().clone(), phase, rows: Some(batch), asked_again: false, kind }.into()
    }
}

/// The batches about which is asked again, to find answers that depend on anything but the question.
///
/// In strict mode every question has a fresh instance, and only the order of rows and the company are left to depend
/// on: one batch tells. In fast mode there are earlier calls too, and later batches have more of them to remember.
pub(crate) fn asked_again(mode: Mode, batches: &[Range<usize>]) -> Vec<Range<usize>> {
    match mode {
        Mode::Strict => batches.first().cloned().into_iter().collect(),
        Mode::Fast => {
            let step = batches.len().div_ceil(AGAIN).max(1);
            batches.iter().rev().step_by(step).cloned().collect()
        }
    }
}

/// The members of a batch in other company: without the first of them, from the last on.
pub(crate) fn other_company(batch: &Range<usize>) -> Vec<usize> {
    let first = if batch.len() > 1 { batch.start + 1 } else { batch.start };
    (first..batch.end).rev().collect()
}

/// What these rows have in a column of the population.
pub(crate) fn picked<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|&row| column.get(row).copied()).collect()
}
