//! What the runtime says by `tracing` that people should hear of: what takes a while, and what plugins warn of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Level, Metadata, Subscriber, dispatcher};

use crate::progress;

/// From this size on, in bytes, a component brings an interpreter along, which takes half a minute to compile.
const LARGE: u64 = 4 << 20;

/// What plugins have warned of, each once.
static WARNINGS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Tells people on standard error, from now on, when the runtime compiles a plugin that takes a while, and keeps what
/// plugins warn of where that is to be told.
pub(crate) fn begin(warnings: bool) {
    // There is no other one in this process.
    _ = dispatcher::set_global_default(Dispatch::new(Watch { warnings, ..Watch::default() }));
}

/// What plugins have warned of so far, a line each.
pub(crate) fn warnings() -> BTreeSet<String> {
    std::mem::take(&mut *WARNINGS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Hears of the runtime's spans `compile` and of plugins' warnings, and of nothing else.
#[derive(Default)]
struct Watch {
    warnings: bool,
    begun: AtomicU64,
    lines: Mutex<BTreeMap<u64, ProgressBar>>,
}

/// What an event says.
#[derive(Default)]
struct Warning {
    plugin: String,
    message: String,
}

impl Visit for Warning {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "plugin" => self.plugin = format!("{value:?}"),
            "message" => self.message = format!("{value:?}"),
            _ => {}
        }
    }
}

/// What a span says.
#[derive(Default)]
struct Compiling {
    plugin: String,
    bytes: u64,
    kept: bool,
}

impl Compiling {
    fn told(&self) -> String {
        let Self { plugin, bytes, kept } = self;
        let kept = if *kept { ", once; kept in the cache" } else { "; there is no cache that keeps it" };
        format!("compiling {plugin} ({} MB){kept}", bytes.div_ceil(1_000_000))
    }
}

impl Visit for Compiling {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "plugin" {
            self.plugin = format!("{value:?}");
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "bytes" {
            self.bytes = value;
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "kept" {
            self.kept = value;
        }
    }
}

impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            return metadata.name() == "compile" && metadata.target().starts_with("groundswell_runtime");
        }
        self.warnings && *metadata.level() == Level::WARN && metadata.target() == "groundswell_runtime::lines"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let mut compiling = Compiling::default();
        span.record(&mut compiling);
        if compiling.bytes > LARGE && std::io::stderr().is_terminal() {
            let line = progress::spinner().with_message(compiling.told());
            self.lines.lock().unwrap_or_else(PoisonError::into_inner).insert(number, line);
        } else if compiling.bytes > LARGE {
            crate::output::say!("{}", compiling.told());
        }
        Id::from_u64(number)
    }

    fn try_close(&self, span: Id) -> bool {
        let line = self.lines.lock().unwrap_or_else(PoisonError::into_inner).remove(&span.into_u64());
        if let Some(line) = line {
            line.finish_and_clear();
        }
        true
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut told = Warning::default();
        event.record(&mut told);
        let line = format!("{} warns: {}", told.plugin, told.message);
        WARNINGS.lock().unwrap_or_else(PoisonError::into_inner).insert(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
