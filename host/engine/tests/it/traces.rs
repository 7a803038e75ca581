//! What programs can follow of a run, by `tracing`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, OnceLock};

use groundswell::{DefinitionOutcome, RunOptions};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;

use crate::planted::{PROGRAMME, open, planted};
use crate::several::bundled;

thread_local! {
    /// The spans that this thread is in.
    static INSIDE: RefCell<Vec<(u64, &'static Metadata<'static>)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps every span with those around it, and of every event the span that it was told in.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Told>>);

/// Two that listen for ever. Where there is one alone, `tracing` asks whatever thread first comes by a span whether anybody
/// wants it, and tests beside this one, to whom nobody listens, would say no for all.
fn keep_listening() {
    static KEPT: OnceLock<[tracing::Dispatch; 2]> = OnceLock::new();
    KEPT.get_or_init(|| [Sink::default(), Sink::default()].map(tracing::Dispatch::new));
}

#[derive(Default)]
struct Told {
    spans: Vec<(String, &'static Metadata<'static>)>,
    events: BTreeSet<String>,
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if ["community", "definition", "plugin"].contains(&field.name()) {
            self.0.push_str(&format!(" {}={value:?}", field.name()));
        }
    }
}

impl Subscriber for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("groundswell")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        let parent = INSIDE.with_borrow(|inside| inside.last().map(|(id, _)| *id as usize - 1));
        let spans = &mut self.0.lock().unwrap().spans;
        if let Some(parent) = parent {
            fields.0 = format!("{} > {}", spans[parent].0, fields.0);
        }
        spans.push((fields.0, span.metadata()));
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        let told = &mut *self.0.lock().unwrap();
        let inside = INSIDE.with_borrow(|inside| inside.last().map(|(id, _)| *id as usize - 1));
        let inside = inside.map_or("", |id| told.spans[id].0.as_str());
        told.events.insert(format!("{inside}:{}", fields.0));
    }

    fn enter(&self, id: &Id) {
        let about = self.0.lock().unwrap().spans[id.into_u64() as usize - 1].1;
        INSIDE.with_borrow_mut(|inside| inside.push((id.into_u64(), about)));
    }

    fn exit(&self, _: &Id) {
        INSIDE.with_borrow_mut(|inside| inside.pop());
    }

    fn current_span(&self) -> Current {
        INSIDE.with_borrow(|inside| {
            inside.last().map_or_else(Current::none, |(id, about)| Current::new(Id::from_u64(*id), about))
        })
    }
}

#[test]
fn what_a_plugin_logs_is_told_inside_the_run_of_its_community_on_any_thread() {
    // Without follows and external followers, regulars says that there is no audience.
    let written = planted(60, "", PROGRAMME);
    std::fs::remove_file(written.path("follows.csv")).unwrap();
    let toml = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let toml: String =
        toml.lines().filter(|line| !line.starts_with("follows")).map(|line| format!("{line}\n")).collect();
    written.write("community.toml", toml.as_bytes());
    let members = std::fs::read_to_string(written.path("members.csv")).unwrap();
    written.write("members.csv", members.replace("external_followers", "something_else").as_bytes());
    let sink = Sink::default();
    keep_listening();
    tracing::subscriber::with_default(sink.clone(), || {
        let task = open(&written).spawn_run(RunOptions::default().threads(2).dry_run(true));
        task.wait().unwrap();
    });
    let events = std::mem::take(&mut sink.0.lock().unwrap().events);
    // Of the first line of a plugin, wherever it is run, and of the number of its repetitions.
    assert_eq!(
        Vec::from_iter(events),
        ["run community=\"test\" > score plugin=regulars 0.1.0: plugin=regulars 0.1.0"]
    );
}

#[test]
fn several_definitions_read_the_activities_once() {
    let written = bundled();
    let community = open(&written);
    let options = RunOptions::default().threads(2).dry_run(true);
    let spans = |work: &dyn Fn()| {
        let sink = Sink::default();
        keep_listening();
        tracing::subscriber::with_default(sink.clone(), work);
        let told = std::mem::take(&mut sink.0.lock().unwrap().spans);
        told.into_iter().map(|(span, _)| span).collect::<Vec<_>>()
    };
    let together = spans(&|| {
        let runs = community.run_each(community.definitions(), &options).unwrap();
        assert!(runs.map(|DefinitionOutcome { outcome, .. }| outcome).all(|outcome| outcome.is_ok()));
    });
    let passes = |spans: &[String]| spans.iter().filter(|span| span.ends_with(" > activities")).count();
    let scored = |spans: &[String]| {
        let scored = spans.iter().filter(|span| span.contains(" > score plugin="));
        scored.cloned().collect::<BTreeSet<String>>()
    };
    assert_eq!((passes(&together), scored(&together).len()), (1, 7), "{together:#?}");
    assert!(together.contains(&"run community=\"planted\" > activities".to_owned()), "{together:#?}");
    let orbit = "run community=\"planted\" definition=\"orbit\" > score plugin=orbit 0.1.0";
    assert!(scored(&together).contains(orbit), "{together:#?}");
    // One after the other they are read as often as there are definitions.
    let alone = spans(&|| {
        for definition in community.definitions() {
            community.run(&options.clone().definition(definition)).unwrap();
        }
    });
    assert_eq!((passes(&alone), scored(&alone).len()), (7, 7), "{alone:#?}");
}
