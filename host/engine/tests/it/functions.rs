//! Definitions as functions of DataFusion.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use groundswell::datafusion::datasource::MemTable;
use groundswell::datafusion::error::Result;
use groundswell::datafusion::logical_expr::Volatility;
use groundswell::datafusion::prelude::{SessionConfig, SessionContext};
use groundswell::runtime::{Column, Limits, Plugin, Population, RunOptions as Asking, Runtime, Scale};
use groundswell::{Fitted, RunOptions, definition_udf};

use crate::planted::open;
use crate::several::bundled;

/// Answers a query.
fn ask(context: &SessionContext, query: &str) -> Result<Vec<RecordBatch>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { context.sql(query).await?.collect().await })
}

/// The bits of the one number that a query answers.
fn number(context: &SessionContext, query: &str) -> Result<u64> {
    let batches = ask(context, query)?;
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 1, "{query}");
    let scores = batches[0].column(0).as_primitive::<Float64Type>();
    assert!(scores.is_valid(0), "{query}");
    Ok(scores.value(0).to_bits())
}

/// What the function of a definition is called with, as columns of a table.
fn metrics(fitted: &Fitted) -> Vec<String> {
    let mut metrics: Vec<String> = Vec::new();
    for input in &fitted.plugin().scoring().unwrap().inputs {
        if !metrics.contains(&input.metric) {
            metrics.push(input.metric.clone());
        }
    }
    metrics
}

/// A session whose table `members` is this batch in so many partitions, cut into batches of so many rows.
fn session(members: &RecordBatch, partitions: usize, rows: usize) -> SessionContext {
    let mut parts = vec![Vec::new(); partitions];
    for (place, start) in (0..members.num_rows()).step_by(rows).enumerate() {
        let rows = rows.min(members.num_rows() - start);
        parts[place % partitions].push(members.slice(start, rows));
    }
    let config = SessionConfig::new().with_batch_size(rows).with_target_partitions(partitions);
    let context = SessionContext::new_with_config(config);
    let table = MemTable::try_new(members.schema(), parts).unwrap();
    context.register_table("members", Arc::new(table)).unwrap();
    context
}

#[test]
fn a_definition_scores_rows_as_a_run_scores_members_to_the_bit() {
    let written = bundled();
    let community = open(&written);
    let options = RunOptions::default().dry_run(true);
    for outcome in community.run_each(community.definitions(), &options).unwrap() {
        let (definition, run) = (outcome.definition, outcome.outcome.unwrap());
        let fitted = run.fitted().unwrap();
        assert_eq!(fitted.base().to_bits(), run.info().base.to_bits());
        let metrics = metrics(&fitted);
        let names: Vec<&str> = metrics.iter().map(String::as_str).collect();
        let members = community.measure(&names, &options).unwrap();
        let expected: BTreeMap<&str, u64> =
            run.members().map(|member| (member.member, member.score.to_bits())).collect();
        let arguments: Vec<String> = metrics.iter().map(|metric| format!("\"{metric}\"")).collect();
        let function = definition_udf("score", fitted);
        assert_eq!(function.signature().volatility, Volatility::Immutable);
        for (partitions, rows) in [(1, 8_192), (2, 50), (3, 7)] {
            let context = session(&members, partitions, rows);
            context.register_udf(function.clone());
            let query = format!("select member, score({}) from members", arguments.join(", "));
            let batches = ask(&context, &query).unwrap();
            let mut scored = BTreeMap::new();
            for batch in &batches {
                let (ids, scores) =
                    (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Float64Type>());
                assert!(!batch.schema().field(1).is_nullable() && scores.null_count() == 0);
                for (id, score) in ids.iter().flatten().zip(scores.values()) {
                    assert_eq!(scored.insert(id, score.to_bits()), None);
                }
            }
            assert_eq!(scored, expected, "{definition}, {partitions} partitions, {rows} rows");
        }
    }
}

/// A plugin, and a population that it can be fitted to, by hand.
fn fitted(bytes: &[u8]) -> (Plugin, Population) {
    let plugin = Runtime::new(Limits { fuel_per_call: 50_000_000, ..Limits::new() }).unwrap();
    let plugin = plugin.load_bytes("a plugin", bytes).unwrap();
    let inputs = plugin.scoring().unwrap().inputs.clone();
    let population = inputs.into_iter().fold(Population::new(8), |population, input| {
        let column = match input.scale {
            Scale::Category => Column::from_words((0..8).map(|row| Some(["member", "staff"][row / 6]))),
            _ => Column::Number((0..8).map(|row| (row * row) as f64 / 4.0).collect()),
        };
        population.with(input.metric, column).unwrap()
    });
    (plugin, population)
}

/// `regulars`, as the function `regulars`.
fn regulars() -> (SessionContext, Fitted) {
    let (plugin, population) = fitted(groundswell_plugins::REGULARS);
    let fitted = plugin.fit(&population, &Asking::new()).unwrap();
    let context = SessionContext::new();
    context.register_udf(definition_udf("regulars", fitted.clone()));
    (context, fitted)
}

#[test]
fn null_nan_and_what_nobody_has_are_missing_and_the_score_is_a_number() {
    let (context, fitted) = regulars();
    let score = |members: Population| fitted.score(&members).unwrap()[0].to_bits();
    let call = |arguments: &str| number(&context, &format!("select regulars({arguments})")).unwrap();
    let nothing = score(Population::new(1));
    assert_eq!(call("null, null, null, null, null, null, null, null, null"), nothing);
    assert_eq!(call("'nan'::double, null, null, null, null, null, null, 0.0 / 0.0, 'captain'"), nothing);
    let some = || {
        let number = |value: f64| Column::Number([value].into());
        let members = Population::new(1).with("answers", number(3.0)).unwrap();
        members.with("weeks-active-share", number(0.5)).unwrap()
    };
    let expected = score(some());
    assert_ne!(expected, nothing);
    // Whole numbers and texts of any kind are cast; what has a name may stand anywhere.
    assert_eq!(call("3, null, 0.5, null, null, null, null, null, null"), expected);
    assert_eq!(call("3::smallint, null, 0.5::decimal(3, 1), null, null, null, null, null, null"), expected);
    let named = "\"weeks-active-share\" => 0.5, \"answers\" => 3, \"members-helped\" => null, \
                 \"received(verb=thank)\" => null, \"received(verb=endorse)\" => null, \"likes-received\" => null, \
                 \"acceptance-rate\" => null, \"audience\" => null, \"role\" => null";
    assert_eq!(call(named), expected);
    let staff = score(some().with("role", Column::from_words([Some("staff")])).unwrap());
    for role in
        ["'staff'", "arrow_cast('staff', 'LargeUtf8')", "arrow_cast('staff', 'Dictionary(Int32, Utf8)')"]
    {
        assert_eq!(call(&format!("3, null, 0.5, null, null, null, null, null, {role}")), staff, "{role}");
    }
    // No row is a question about no rows.
    let none = "select regulars(x, x, x, x, x, x, x, x, y) from (values (1.0, 'a')) as t (x, y) where x > 1";
    assert_eq!(ask(&context, none).unwrap().iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    // A constant beside a column is as good as a column of it.
    let beside =
        "select regulars(x, null, 0.5, null, null, null, null, null, null) from (values (3.0)) as t (x)";
    assert_eq!(number(&context, beside).unwrap(), expected);
}

#[test]
fn arguments_that_do_not_fit_are_refused_by_the_names_of_metrics() {
    let (context, _) = regulars();
    // What the engine says around it is its own.
    let told = |query: &str| {
        let told = ask(&context, query).unwrap_err().strip_backtrace();
        let told = told.rsplit_once("Error during planning: ").map_or(told.as_str(), |(_, inside)| inside);
        told.split_once(". No function").map_or(told, |(inside, _)| inside).to_owned()
    };
    insta::assert_snapshot!(told("select regulars(1, 2)"), @"regulars takes 9 values, not 2: answers, members-helped, weeks-active-share, received(verb=thank), received(verb=endorse), likes-received, acceptance-rate, audience, role");
    insta::assert_snapshot!(told("select regulars('many', 0, 0, 0, 0, 0, 0, 0, null)"), @"regulars: `answers` takes numbers, not Utf8");
    insta::assert_snapshot!(told("select regulars(0, 0, 0, 0, 0, 0, 0, 0, 7)"), @"regulars: `role` takes words, not Int64");
    insta::assert_snapshot!(told("select regulars(x, 0, 0, 0, 0, 0, 0, 0, null) from (values ('inf'::double)) as t (x)"), @"External error: metric `answers` cannot be used: the value of row 0 is infinite");
}

#[test]
fn what_a_plugin_does_wrong_is_an_error_that_names_it() {
    let attackers = groundswell_attackers::all();
    let bytes = |name: &str| attackers.iter().find(|attacker| attacker.name == name).unwrap().bytes();
    // These are found when a row of medians is scored.
    let refuse = |name: &str| {
        let (plugin, population) = fitted(&bytes(name));
        let error = plugin.fit(&population, &Asking::new()).unwrap_err();
        assert!(error.is_plugin_fault());
        error.to_string()
    };
    insta::assert_snapshot!(refuse("nan-scores"), @"plugin nan-scores 0.1.0 failed in score: the score of row 0 is NaN; every answer must be finite, also for members without values (asked about a row of medians)");
    insta::assert_snapshot!(refuse("spin-in-score"), @"plugin spin-in-score 0.1.0 failed in score: it ran out of fuel: 50,100,000 used of 50,100,000 allowed (50,000,000 + 100,000 × 1 rows), which is 50,100,000,000 per 1,000 members; look for a loop that does not end, or raise `fuel-per-call` or `fuel-per-row`");
    // These when there are rows.
    let (good, population) = fitted(&groundswell_attackers::good());
    let context = SessionContext::new();
    context.register_udf(definition_udf("good", good.fit(&population, &Asking::new()).unwrap()));
    let query =
        |name: &str| format!("select {name}(x, x / 2) from (values (1.0), (2.0), (4.0), (null)) as t (x)");
    let honest = ask(&context, &query("good")).unwrap();
    let told = |name: &'static str| {
        let (plugin, population) = fitted(&bytes(name));
        let fitted = plugin.fit(&population, &Asking::new()).unwrap();
        context.register_udf(definition_udf("hostile", fitted));
        let error = ask(&context, &query("hostile")).unwrap_err();
        let inside = error.find_root().to_string();
        assert!(inside.contains(name), "{inside}");
        // Others are not touched by it.
        assert_eq!(ask(&context, &query("good")).unwrap(), honest);
        error.strip_backtrace()
    };
    insta::assert_snapshot!(told("count-rows"), @"External error: plugin count-rows 0.1.0 failed in score (members 1 to 4): it scored 2.6786549963416464, and 5.678654996341646 when a fresh instance was asked about member 4 in other company: an answer may depend neither on earlier calls nor on other rows; mend the plugin");
    insta::assert_snapshot!(told("look-at-neighbours"), @"External error: plugin look-at-neighbours 0.1.0 failed in score (members 1 to 4): it scored 10.227961140675701, and 5.678654996341646 when a fresh instance was asked about member 4 in other company: an answer may depend neither on earlier calls nor on other rows; mend the plugin");
}

#[test]
fn two_populations_make_two_functions() {
    let (plugin, population) = fitted(groundswell_plugins::REGULARS);
    let fitted = plugin.fit(&population, &Asking::new()).unwrap();
    let (one, other) = (definition_udf("f", fitted.clone()), definition_udf("f", fitted));
    assert!(one == one.clone() && one != other);
}
