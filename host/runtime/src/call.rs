//! One question to a plugin inside its limits: in a fresh instance, or, in fast mode, in one kept warm.

use std::ops::Range;
use std::sync::Arc;

use groundswell_contract::VERSION;
use wasmtime::component::{HasSelf, Instance, Linker};
use wasmtime::{ResourceLimiter, Store, StoreContextMut, Trap, UpdateDeadline, WasmBacktrace};

use crate::bindings::groundswell::plugin::log::Level;
use crate::bindings::groundswell::plugin::types;
use crate::bindings::groundswell::plugin::types::Problem;
use crate::cost::charge;
use crate::lines::Lines;
use crate::network::Handed;
use crate::plugin::Plugin;
use crate::runtime::{Place, ticks, wall_limit};
use crate::stop::Stop;
use crate::usage::Meter;
use crate::wasi::{Wasi, World};
use crate::{Error, Fault, FaultKind, Limits, Mode, Phase, ProblemKind, shown};

/// What the host keeps beside an instance.
pub(crate) struct HostState {
    limits: Arc<Limits>,
    memory: usize,
    table: usize,
    /// The limit that made the engine stop the guest.
    denied: Option<FaultKind>,
    stop: Stop,
    /// Why the run is to stop, where it was that which made the engine stop the guest.
    stopped: Option<Error>,
    /// How often the epoch may still advance in this call.
    ticks: u64,
    lines: Arc<Lines>,
    words: LastWords,
    pub(crate) wasi: Wasi,
    /// What a metric is handed out, while it measures.
    pub(crate) handed: Option<Handed>,
}

/// How lines begin that interpreters add behind what an author has to know: what Rust, in which they are written, says of a panic,
/// and that there was an exception, which stands before it.
const ASIDES: [&str; 4] = [
    "note: run with `RUST_BACKTRACE=",
    "thread '<unnamed>' (",
    "thread '<unnamed>' panicked at ",
    "Python function threw an unexpected exception",
];

/// The newest of what a guest has said since it was asked.
#[derive(Default)]
struct LastWords {
    /// Through `log`, or on standard error: where it would say what went wrong.
    said: Option<String>,
    /// On standard output, which is for anything.
    printed: Option<String>,
}

impl LastWords {
    fn take(&mut self) -> Option<String> {
        let Self { said, printed } = std::mem::take(self);
        said.or(printed)
    }
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

impl HostState {
    /// Logs what is not yet fit to be shown, and hands it back as it was logged.
    fn log(&mut self, level: Level, message: &str) -> String {
        let message = shown(message, self.limits.log_line_chars);
        self.lines.write(level, &message);
        message
    }

    /// Logs a line of standard error (`warn`) or standard output.
    fn print(&mut self, level: Level, line: &str) {
        let logged = Some(self.log(level, line));
        match level {
            Level::Warn if ASIDES.iter().any(|aside| line.starts_with(aside)) => {}
            Level::Warn => self.words.said = logged,
            Level::Info | Level::Debug => self.words.printed = logged,
        }
    }

    /// Logs the whole lines of what a guest writes.
    pub(crate) fn write(&mut self, level: Level, bytes: &[u8]) {
        let mut line = std::mem::take(self.wasi.line(level));
        line.write(bytes, |text| self.print(level, text));
        *self.wasi.line(level) = line;
    }

    /// Logs what a guest has written without ending the line.
    fn flush(&mut self) {
        for level in [Level::Info, Level::Warn] {
            let mut line = std::mem::take(self.wasi.line(level));
            line.end(|text| self.print(level, text));
            *self.wasi.line(level) = line;
        }
    }

    /// Stops the guest for a fault of its own.
    pub(crate) fn deny(&mut self, kind: FaultKind) -> wasmtime::Error {
        let error = wasmtime::format_err!("{kind}");
        self.denied = Some(kind);
        error
    }

    pub(crate) fn too_many_handles(&mut self) -> wasmtime::Error {
        self.deny(FaultKind::Handles { allowed: self.limits.handles })
    }
}

/// Offers what the contract does: `log`, and types.
pub(crate) fn add_to_linker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<HostState>>(linker, |state| state)?;
    let mut log = linker.instance(&format!("groundswell:plugin/log@{VERSION}"))?;
    log.func_wrap("log", |mut store: StoreContextMut<'_, HostState>, given: (Level, String)| {
        let (level, message) = given;
        charge(&mut store, message.len())?;
        let state = store.data_mut();
        state.words.said = Some(state.log(level, &message));
        Ok(())
    })
}

/// An instance, and which members it is asked about.
pub(crate) struct Call {
    plugin: Plugin,
    pub(crate) store: Store<HostState>,
    pub(crate) instance: Instance,
    about: About,
    /// Given back after the store is gone: fields drop in this order.
    _place: Place,
}

/// Members and ties for which a metric has the wall time of a call once more.
const ROWS_A_WALL: usize = 100_000;

/// What a call is about.
#[derive(Clone)]
pub(crate) enum About {
    /// The plugin itself.
    Plugin,
    /// The row of medians.
    Medians,
    /// These rows of the population.
    Members(Range<usize>),
    /// These rows a second time, in other company: in another order, and without one of them.
    Again(Range<usize>),
    /// A whole network, which a metric measures.
    Network {
        members: usize,
        ties: usize,
        /// A second time, in other pieces.
        again: bool,
    },
}

impl About {
    /// How many rows it is given limits for. A second time as many as the first, though one row is left out: what was
    /// enough then is enough now.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Plugin => 0,
            Self::Medians => 1,
            Self::Members(rows) | Self::Again(rows) => rows.len(),
            Self::Network { members, .. } => *members,
        }
    }

    /// How many ties it is given fuel for besides.
    fn ties(&self) -> usize {
        match self {
            Self::Network { ties, .. } => *ties,
            Self::Plugin | Self::Medians | Self::Members(_) | Self::Again(_) => 0,
        }
    }

    /// The wall time of the call: the limit's name, and its value in milliseconds. A metric has one more for every so many
    /// members and ties, so that in strict mode its fuel, which grows with them, still ends first.
    fn wall(&self, mode: Mode, limits: &Limits) -> (&'static str, u64) {
        let (limit, millis) = wall_limit(mode, limits);
        let more = match self {
            Self::Network { members, ties, .. } => members.saturating_add(*ties) / ROWS_A_WALL,
            Self::Plugin | Self::Medians | Self::Members(_) | Self::Again(_) => 0,
        };
        (limit, millis.saturating_mul(more as u64 + 1))
    }

    fn fuel(&self, limits: &Limits) -> u64 {
        limits.fuel(self.rows().saturating_add(self.ties()))
    }
}

impl Call {
    /// Makes an instance. Must run on a thread with a stack for guests.
    pub(crate) fn start(
        plugin: &Plugin,
        about: About,
        stop: &Stop,
        world: World,
        lines: &Arc<Lines>,
    ) -> Result<Self, Error> {
        let runtime = plugin.runtime();
        let place = runtime.place(stop)?;
        let limits = runtime.shared_limits();
        let handles = limits.handles;
        let state = HostState {
            wasi: Wasi::new(world, handles, limits.log_line_chars),
            limits,
            memory: 0,
            table: 0,
            denied: None,
            stop: stop.clone(),
            stopped: None,
            ticks: 0,
            lines: Arc::clone(lines),
            words: LastWords::default(),
            handed: None,
        };
        let mut store = Store::new(runtime.engine(), state);
        store.limiter(|state| state);
        store.set_max_component_handles(handles);
        store.epoch_deadline_callback(|mut store| {
            let state = store.data_mut();
            state.ticks = state.ticks.saturating_sub(1);
            state.stopped = state.stop.reason();
            let go_on = state.stopped.is_none() && state.ticks > 0;
            Ok(if go_on { UpdateDeadline::Continue(1) } else { UpdateDeadline::Interrupt })
        });
        let instance = ready(&mut store, plugin, &about).and_then(|()| plugin.pre().instantiate(&mut store));
        match instance {
            Ok(instance) => Ok(Self { plugin: plugin.clone(), store, instance, about, _place: place }),
            Err(error) => Err(failure(plugin, &mut store, &about, Phase::Load, &error)),
        }
    }

    /// The same instance, asked about something else with limits of its own.
    pub(crate) fn again(&mut self, about: About) -> Result<(), Error> {
        self.about = about;
        ready(&mut self.store, &self.plugin, &self.about)
            .map_err(|error| failure(&self.plugin, &mut self.store, &self.about, Phase::Load, &error))
    }

    /// What was made in the instance is about to be asked.
    pub(crate) fn question(&mut self) {
        self.store.data_mut().wasi.question();
    }

    /// Turns what the engine, or the plugin itself, says went wrong into an error.
    pub(crate) fn answer<T>(
        &mut self,
        phase: Phase,
        answer: wasmtime::Result<Result<T, Problem>>,
    ) -> Result<T, Error> {
        self.store.data_mut().flush();
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(problem)) => Err(self.refused(phase, &problem).into()),
            Err(error) => Err(failure(&self.plugin, &mut self.store, &self.about, phase, &error)),
        }
    }

    /// Counts what the question used.
    pub(crate) fn measure(&self, meter: &Meter) {
        let allowed = self.about.fuel(&self.store.data().limits);
        // Nothing is counted in fast mode.
        let used = self.store.get_fuel().map_or(0, |left| allowed.saturating_sub(left));
        meter.add(used, allowed, self.store.data().memory);
    }

    /// A fault of this call whose cause is the answer itself.
    pub(crate) fn broken(&self, phase: Phase, what: String) -> Fault {
        new_fault(&self.plugin, &self.about, phase, FaultKind::Answer(what))
    }

    fn refused(&self, phase: Phase, problem: &Problem) -> Fault {
        let (problem, words) = match problem {
            Problem::InvalidSetting(words) => (ProblemKind::InvalidSetting, words),
            Problem::UnsupportedInput(words) => (ProblemKind::UnsupportedInput, words),
            Problem::Other(words) => (ProblemKind::Other, words),
        };
        let kind = FaultKind::Refused { problem, words: shown(words, 1_000) };
        new_fault(&self.plugin, &self.about, phase, kind)
    }
}

/// Gives a question its limits.
fn ready(store: &mut Store<HostState>, plugin: &Plugin, about: &About) -> wasmtime::Result<()> {
    let mode = plugin.runtime().mode();
    let state = store.data_mut();
    state.ticks = ticks(about.wall(mode, &state.limits).1);
    state.words = LastWords::default();
    let (fuel, answer) = (about.fuel(&state.limits), state.limits.answer(about.rows()));
    store.set_epoch_deadline(1);
    store.set_hostcall_fuel(answer);
    match mode {
        Mode::Strict => store.set_fuel(fuel),
        Mode::Fast => Ok(()),
    }
}

fn new_fault(plugin: &Plugin, about: &About, phase: Phase, kind: FaultKind) -> Fault {
    let rows = match about {
        About::Members(rows) | About::Again(rows) => Some(rows.clone()),
        About::Plugin | About::Medians | About::Network { .. } => None,
    };
    let asked_again = matches!(about, About::Again(_) | About::Network { again: true, .. });
    Fault { plugin: plugin.id().clone(), phase, rows, asked_again, kind }
}

/// What an error of the engine means.
fn failure(
    plugin: &Plugin,
    store: &mut Store<HostState>,
    about: &About,
    phase: Phase,
    error: &wasmtime::Error,
) -> Error {
    let left = store.get_fuel().unwrap_or(0);
    let state = store.data_mut();
    state.flush();
    if let Some(stopped) = state.stopped.take() {
        return stopped;
    }
    let limits = &state.limits;
    let rows = about.rows();
    let mode = plugin.runtime().mode();
    let kind = match (&state.denied, error.downcast_ref::<Trap>()) {
        (Some(denied), _) => denied.clone(),
        (None, Some(Trap::OutOfFuel)) => FaultKind::Fuel {
            used: about.fuel(limits).saturating_sub(left),
            allowed: about.fuel(limits),
            per_call: limits.fuel_per_call,
            per_row: limits.fuel_per_row,
            rows,
            ties: about.ties(),
        },
        (None, Some(Trap::Interrupt)) => {
            let (limit, allowed_millis) = about.wall(mode, limits);
            FaultKind::Wall { limit, allowed_millis }
        }
        (None, Some(Trap::StackOverflow)) => FaultKind::Stack { allowed: limits.stack_bytes },
        (None, Some(trap)) => FaultKind::Trap { what: trap.to_string(), last_words: state.words.take() },
        (None, None) => {
            let allowed = limits.answer(rows);
            let what = shown(&error.root_cause().to_string(), 300);
            if has_too_many_handles(error) {
                return new_fault(plugin, about, phase, FaultKind::Handles { allowed: limits.handles })
                    .into();
            }
            match (is_too_large(error), is_inside_guest(error)) {
                (true, true) => FaultKind::LogTooLarge { allowed },
                (true, false) => FaultKind::AnswerTooLarge {
                    allowed,
                    per_call: limits.answer_bytes,
                    per_row: limits.answer_bytes_per_row,
                    rows,
                },
                (false, true) => FaultKind::UnreadableCall { what },
                (false, false) => FaultKind::Unreadable { what },
            }
        }
    };
    new_fault(plugin, about, phase, kind).into()
}

/// Whether the engine gave up because there was more to copy than the host copies. The error's type is private to the
/// engine, so its text is all there is to know it by; a test with too large an answer fails when the text changes.
fn is_too_large(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().starts_with("too much data is being copied between the host and the guest")
}

/// Whether the engine gave up because the guest holds too many handles; known by the text, as above.
fn has_too_many_handles(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().ends_with("store handle limit exceeded")
}

/// Whether the guest was still at work, so that what failed is a call of its own, of `log` or about a resource: the
/// engine takes over the arguments of an import before the host's own function runs, and notes where in the guest it
/// was. An answer is taken over when nobody is at work any more.
fn is_inside_guest(error: &wasmtime::Error) -> bool {
    error.downcast_ref::<WasmBacktrace>().is_some()
}
