//! Questions about batches: each in a fresh instance, or, in fast mode, in one kept warm.

use std::ops::Range;
use std::sync::Arc;

use crate::call::{About, Call};
use crate::lines::Lines;
use crate::stop::Stop;
use crate::usage::Meter;
use crate::{Error, Fault, FaultKind, Mode, Phase, Plugin};

/// Fast mode asks this many batches again at most, of each step.
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
    pub(crate) meter: &'a Meter,
    lines: Arc<Lines>,
}

impl<'a> Asked<'a> {
    /// Begins a run.
    pub(crate) fn new(plugin: &'a Plugin, stop: &'a Stop, meter: &'a Meter) -> Self {
        Self { plugin, stop, meter, lines: plugin.lines() }
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
                let mut call = Call::start(self.plugin, about, self.stop, &self.lines)?;
                let made = make(&mut call)?;
                Warm { call, made }
            }
            Some(mut asked) => {
                asked.call.again(about)?;
                asked
            }
        };
        let answer = question(&mut asked.call, &asked.made)?;
        asked.call.measure(self.meter);
        if self.plugin.runtime().mode() == Mode::Fast {
            *warm = Some(asked);
        }
        Ok(answer)
    }

    /// That an instance which had been asked before answers otherwise than a fresh one.
    pub(crate) fn remembers(&self, phase: Phase, range: Range<usize>, what: &str) -> Error {
        let kind = FaultKind::Answer(format!(
            "an instance that had been asked before {what}: an answer may depend on nothing but the question; mend \
             the plugin, or run it in strict mode, where nothing is remembered"
        ));
        Fault { plugin: self.plugin.id().clone(), phase, rows: Some(range), kind }.into()
    }
}

/// The batches that are asked again in a fresh instance, to find answers that depend on earlier calls: none in
/// strict mode, where there are no earlier calls. Later batches have more before them to remember.
pub(crate) fn asked_again(mode: Mode, batches: &[Range<usize>]) -> Vec<Range<usize>> {
    match mode {
        Mode::Strict => Vec::new(),
        Mode::Fast => {
            let step = batches.len().div_ceil(AGAIN).max(1);
            batches.iter().rev().step_by(step).cloned().collect()
        }
    }
}
