//! What plugins log: each line once a run, within a budget of the run.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, OnceLock};

use groundswell_runtime::{Limits, Plugin, Population, RunOptions, Runtime, Ties, Workers};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::guests::{component, homemade, homemade_metric, population, regulars, tight};

/// Keeps every line that mentions a plugin.
#[derive(Clone, Default)]
pub(crate) struct Sink(pub(crate) Arc<Mutex<Vec<String>>>);

/// Two that listen for ever. Where there is one alone, `tracing` asks whatever thread first comes by a span whether anybody
/// wants it, and tests beside this one, to whom nobody listens, would say no for all.
pub(crate) fn keep_listening() {
    static KEPT: OnceLock<[tracing::Dispatch; 2]> = OnceLock::new();
    KEPT.get_or_init(|| [Sink::default(), Sink::default()].map(tracing::Dispatch::new));
}

impl Subscriber for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                if field.name() == "message" {
                    write!(self.0, "{value:?}").unwrap();
                }
            }
        }
        let mut line = Line(format!("{} ", event.metadata().level()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The thread that asked, so that its subscriber hears guests.
pub(crate) struct Here;

impl Workers for Here {
    fn run(&self, _most: usize, work: &(dyn Fn() + Sync)) {
        work();
    }
}

/// What one run logs.
fn logged(
    limits: &Limits,
    bytes: &[u8],
    members: impl Fn(&Plugin) -> Population + Sync,
    rows: usize,
) -> Vec<String> {
    told(limits, bytes, |plugin| {
        let members = members(plugin);
        move |plugin: &Plugin| {
            plugin.score(&members, &RunOptions::new().batch_rows(rows)).unwrap();
        }
    })
}

/// What is logged while something is done with a plugin; `prepare` says what.
fn told<W: FnOnce(&Plugin)>(
    limits: &Limits,
    bytes: &[u8],
    prepare: impl FnOnce(&Plugin) -> W + Send,
) -> Vec<String> {
    keep_listening();
    let sink = Sink::default();
    let runtime = Runtime::builder().limits(limits.clone()).workers(Arc::new(Here)).build().unwrap();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(2 * limits.thread_stack_bytes());
        let run = || {
            let plugin = runtime.load_bytes("x.wasm", bytes).unwrap();
            let work = prepare(&plugin);
            tracing::subscriber::with_default(sink.clone(), || work(&plugin));
        };
        thread.spawn_scoped(scope, run).unwrap();
    });
    std::mem::take(&mut sink.0.lock().unwrap())
}

#[test]
fn a_metric_is_asked_once_for_its_networks_and_says_once_what_it_says_of_them() {
    let bytes = homemade_metric(
        "wordy-metric",
        r#"
        fn networks(_: &Settings) -> Result<Vec<Network>, Problem> {
            log::info("looking for networks");
            Ok(vec![Network::of_follows()])
        }
        fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
            log::info("measuring");
            Ok(vec![1.0; community.members()])
        }"#,
    );
    let lines = told(&tight(), bytes, |_| {
        |plugin: &Plugin| {
            let options = RunOptions::new();
            let networks = plugin.networks(&options).unwrap();
            let ties = Ties::new(vec![0, 1], vec![1, 0], vec![1, 1], vec![1.0, 1.0]).unwrap();
            let measured = plugin.measure(&Population::new(3), &networks, &[ties], &options).unwrap();
            assert_eq!(measured.values, [1.0; 3]);
        }
    });
    // Measuring, too, is done twice, and the second time is silent.
    insta::assert_snapshot!(lines.join("\n"), @r"
    INFO looking for networks
    INFO measuring
    ");
}

#[test]
fn a_line_of_every_fit_is_written_once_and_counted() {
    let members = |plugin: &Plugin| {
        let inputs = plugin.scoring().unwrap().inputs.iter().filter(|input| input.metric != "audience");
        population(100, &inputs.cloned().collect::<Vec<_>>())
    };
    // The row of medians and three steps of ten batches.
    insta::assert_snapshot!(logged(&tight(), regulars(), members, 10).join("\n"), @r#"
    INFO the data has no audience: the ceiling and the floor on it are off
    DEBUG said 31 times in this run: the data has no audience: the ceiling and the floor on it are off
    "#);
}

#[test]
fn a_flood_ends_with_the_budget_of_the_run_and_is_counted() {
    let chatty = homemade(
        "chatty",
        r#"
        fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
            for line in 0..4 { log::warn(format_args!("line {line} of {}", members.number(0)[0])); }
            Ok(members.number(0).to_vec())
        }"#,
    );
    let members = |plugin: &Plugin| population(6, &plugin.scoring().unwrap().inputs);
    let limits = Limits { log_lines: 6, ..Limits::new() };
    insta::assert_snapshot!(logged(&limits, chatty, members, 2).join("\n"), @r#"
    WARN line 0 of 0.375
    WARN line 1 of 0.375
    WARN line 2 of 0.375
    WARN line 3 of 0.375
    WARN line 0 of 0
    WARN line 1 of 0
    DEBUG said 2 times in this run: line 0 of 0.375
    DEBUG said 2 times in this run: line 1 of 0.375
    DEBUG said 2 times in this run: line 2 of 0.375
    DEBUG said 2 times in this run: line 3 of 0.375
    WARN 6 log lines beyond the 6 of a run were dropped; log less, or raise `log-lines`
    "#);
}

#[test]
fn a_message_too_large_to_take_over_is_not_called_an_answer() {
    let loud = homemade(
        "loud",
        r#"
        fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
            log::info("x".repeat(2 << 20));
            Ok(members.number(0).to_vec())
        }"#,
    );
    let runtime = Runtime::new(Limits::new()).unwrap();
    let plugin = runtime.load_bytes("loud.wasm", loud).unwrap();
    let members = population(6, &plugin.scoring().unwrap().inputs);
    let error = plugin.score(&members, &RunOptions::new()).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit());
    insta::assert_snapshot!(error, @"plugin loud 0.1.0 failed in score: it logged a message of more than the 1,049,600 bytes that are allowed; log less at a time, or raise `answer-bytes`");
    let roomy = plugin.with_limits(Limits { answer_bytes: 4 << 20, ..Limits::new() }).unwrap();
    assert_eq!(roomy.score(&members, &RunOptions::new()).unwrap().scores.len(), 6);
}

#[test]
fn an_answer_too_large_to_take_over_names_the_limits() {
    let runtime = Runtime::new(Limits::new()).unwrap();
    let error = runtime.load_bytes("x.wasm", component("huge-summary")).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit());
    insta::assert_snapshot!(error, @"plugin huge-summary 0.1.0 failed in describe: its answer has more than the 1,048,576 bytes that are allowed; answer shorter, or raise `answer-bytes` or `answer-bytes-per-row`");
    let plugin = runtime.load_bytes("x.wasm", component("huge-problem")).unwrap();
    let members = population(6, &plugin.scoring().unwrap().inputs);
    let error = plugin.score(&members, &RunOptions::new()).unwrap_err();
    assert!(error.is_plugin_fault() && error.is_limit());
    insta::assert_snapshot!(error, @"plugin huge-problem 0.1.0 failed in score: its answer has more than the 1,049,600 bytes that are allowed (1,048,576 + 1,024 × 1 rows); answer shorter, or raise `answer-bytes` or `answer-bytes-per-row`");
}

#[test]
fn a_loop_of_log_lines_ends_by_fuel() {
    let endless = homemade(
        "endless",
        r#"
        fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
            loop { log::debug("again"); }
        }"#,
    );
    let limits = Limits { fuel_per_call: 50_000_000, fuel_per_row: 0, ..Limits::new() };
    let plugin = Runtime::new(limits).unwrap().load_bytes("endless.wasm", endless).unwrap();
    let members = population(6, &plugin.scoring().unwrap().inputs);
    let error = plugin.score(&members, &RunOptions::new()).unwrap_err();
    insta::assert_snapshot!(error, @"plugin endless 0.1.0 failed in score: it ran out of fuel: 50,000,000 used of 50,000,000 allowed (50,000,000 + 0 × 1 rows), which is 50,000,000,000 per 1,000 members; look for a loop that does not end, or raise `fuel-per-call` or `fuel-per-row`");
}
