//! One question to a plugin, in a fresh instance, inside its limits.

use std::ops::Range;

use wasmtime::component::Instance;
use wasmtime::{ResourceLimiter, Store, Trap};

use crate::bindings::groundswell::plugin::types::Problem;
use crate::bindings::groundswell::plugin::{log, types};
use crate::plugin::Plugin;
use crate::runtime::{Place, ticks};
use crate::{Fault, FaultKind, Limits, Phase, PluginId, ProblemKind, shown};

/// What the host keeps beside an instance.
pub(crate) struct HostState {
    plugin: PluginId,
    limits: Limits,
    memory: usize,
    table: usize,
    /// The limit that made the engine stop the guest.
    denied: Option<FaultKind>,
    lines: u32,
    last_words: Option<String>,
}

impl ResourceLimiter for HostState {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let requested = self.memory.saturating_add(desired.saturating_sub(current));
        let allowed = self.limits.memory_bytes;
        if requested > allowed {
            self.denied = Some(FaultKind::Memory { allowed, requested });
            return Err(wasmtime::format_err!("memory limit"));
        }
        self.memory = requested;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let requested = self.table.saturating_add(desired.saturating_sub(current));
        let allowed = self.limits.table_elements;
        if requested > allowed {
            self.denied = Some(FaultKind::Table { allowed, requested });
            return Err(wasmtime::format_err!("table limit"));
        }
        self.table = requested;
        Ok(true)
    }
}

impl types::Host for HostState {}

impl log::Host for HostState {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let message = shown(&message, self.limits.log_line_chars);
        self.lines = self.lines.saturating_add(1);
        if self.lines <= self.limits.log_lines {
            let plugin = &self.plugin;
            match level {
                log::Level::Debug => tracing::debug!(%plugin, "{message}"),
                log::Level::Info => tracing::info!(%plugin, "{message}"),
                log::Level::Warn => tracing::warn!(%plugin, "{message}"),
            }
        } else if self.lines == self.limits.log_lines + 1 {
            tracing::warn!(plugin = %self.plugin, "further log lines of this call are dropped");
        }
        self.last_words = Some(message);
        Ok(())
    }
}

/// A fresh instance, and which members it is asked about.
pub(crate) struct Call<'p> {
    plugin: &'p Plugin,
    pub(crate) store: Store<HostState>,
    pub(crate) instance: Instance,
    about: About,
    /// Given back after the store is gone: fields drop in this order.
    _place: Place<'p>,
}

/// What a call is about.
#[derive(Clone)]
pub(crate) enum About {
    /// The plugin itself.
    Plugin,
    /// The row of medians.
    Medians,
    /// These rows of the population.
    Members(Range<usize>),
}

impl About {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Plugin => 0,
            Self::Medians => 1,
            Self::Members(rows) => rows.len(),
        }
    }
}

impl<'p> Call<'p> {
    /// Makes the instance. Must run on a thread with a stack for guests.
    pub(crate) fn start(plugin: &'p Plugin, about: About) -> Result<Self, Fault> {
        let limits = plugin.runtime().limits().clone();
        let place = plugin.runtime().place();
        let (fuel, answer, deadline) =
            (limits.fuel(about.rows()), limits.answer(about.rows()), ticks(&limits));
        let mut store = Store::new(
            plugin.runtime().engine(),
            HostState {
                plugin: plugin.id().clone(),
                limits,
                memory: 0,
                table: 0,
                denied: None,
                lines: 0,
                last_words: None,
            },
        );
        store.limiter(|state| state);
        store.set_epoch_deadline(deadline);
        store.set_hostcall_fuel(answer);
        let started = store.set_fuel(fuel).and_then(|()| plugin.pre().instantiate(&mut store));
        match started {
            Ok(instance) => Ok(Self { plugin, store, instance, about, _place: place }),
            Err(error) => Err(fault(plugin, &store, &about, Phase::Load, &error)),
        }
    }

    /// Turns what the engine, or the plugin itself, says went wrong into a fault.
    pub(crate) fn answer<T>(
        &self,
        phase: Phase,
        answer: wasmtime::Result<Result<T, Problem>>,
    ) -> Result<T, Fault> {
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(problem)) => Err(self.refused(phase, &problem)),
            Err(error) => Err(fault(self.plugin, &self.store, &self.about, phase, &error)),
        }
    }

    /// A fault of this call whose cause is the answer itself.
    pub(crate) fn broken(&self, phase: Phase, what: String) -> Fault {
        self.of(phase, FaultKind::Answer(what))
    }

    fn refused(&self, phase: Phase, problem: &Problem) -> Fault {
        let (problem, words) = match problem {
            Problem::InvalidSetting(words) => (ProblemKind::InvalidSetting, words),
            Problem::UnsupportedInput(words) => (ProblemKind::UnsupportedInput, words),
            Problem::Other(words) => (ProblemKind::Other, words),
        };
        self.of(phase, FaultKind::Refused { problem, words: shown(words, 1_000) })
    }

    fn of(&self, phase: Phase, kind: FaultKind) -> Fault {
        new_fault(self.plugin, &self.about, phase, kind)
    }
}

fn new_fault(plugin: &Plugin, about: &About, phase: Phase, kind: FaultKind) -> Fault {
    let rows = match about {
        About::Members(rows) => Some(rows.clone()),
        About::Plugin | About::Medians => None,
    };
    Fault { plugin: plugin.id().clone(), phase, rows, kind }
}

fn fault(
    plugin: &Plugin,
    store: &Store<HostState>,
    about: &About,
    phase: Phase,
    error: &wasmtime::Error,
) -> Fault {
    let state = store.data();
    let limits = &state.limits;
    let rows = about.rows();
    let kind = match (&state.denied, error.downcast_ref::<Trap>()) {
        (Some(denied), _) => denied.clone(),
        (None, Some(Trap::OutOfFuel)) => FaultKind::Fuel {
            allowed: limits.fuel(rows),
            per_call: limits.fuel_per_call,
            per_row: limits.fuel_per_row,
            rows,
        },
        (None, Some(Trap::Interrupt)) => FaultKind::Wall { allowed_millis: limits.wall_millis },
        (None, Some(Trap::StackOverflow)) => FaultKind::Stack { allowed: limits.stack_bytes },
        (None, Some(trap)) => {
            FaultKind::Trap { what: trap.to_string(), last_words: state.last_words.clone() }
        }
        (None, None) => FaultKind::Unreadable {
            what: shown(&error.root_cause().to_string(), 300),
            allowed: limits.answer(rows),
        },
    };
    new_fault(plugin, about, phase, kind)
}
