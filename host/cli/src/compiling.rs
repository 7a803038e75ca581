use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Metadata, Subscriber, dispatcher};

use crate::progress;

/// From this size on, in bytes, a component brings an interpreter along, which takes half a minute to compile.
const LARGE: u64 = 4 << 20;

/// Tells people on standard error, from now on, when the runtime compiles a plugin that takes a while.
pub(crate) fn watch() {
    // There is no other one in this process.
    _ = dispatcher::set_global_default(Dispatch::new(Watch::default()));
}

/// Hears of the runtime's spans `compile`, and of nothing else.
#[derive(Default)]
struct Watch {
    begun: AtomicU64,
    lines: Mutex<BTreeMap<u64, ProgressBar>>,
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
        metadata.is_span()
            && metadata.name() == "compile"
            && metadata.target().starts_with("groundswell_runtime")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let mut compiling = Compiling::default();
        span.record(&mut compiling);
        if compiling.bytes > LARGE && std::io::stderr().is_terminal() {
            let line = progress::spinner().with_message(compiling.told());
            self.lines.lock().unwrap_or_else(PoisonError::into_inner).insert(number, line);
        } else if compiling.bytes > LARGE {
            eprintln!("{}", compiling.told());
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

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
