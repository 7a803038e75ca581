//! Twelve metrics beside the same in DuckDB.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, Float64Array, RecordBatch};
use groundswell::{Community, RunOptions};
use groundswell_bench_peers::Missing;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::duckdb::{Asked, DuckDb};
use crate::folder::Folder;
use crate::host;
use crate::made::Made;
use crate::times::{Times, load, timed};

/// Each with the column of the query that is the same.
const METRICS: [(&str, &str); 12] = [
    ("answers", "answers"),
    ("likes-received", "likes_received"),
    ("members-helped", "members_helped"),
    ("newcomers-helped", "newcomers_helped"),
    ("supporters(verb=thank)", "supporters"),
    ("days-active", "days_active"),
    ("weeks-active", "weeks_active"),
    ("longest-streak", "longest_streak"),
    ("decayed-activity", "decayed_activity"),
    ("response-hours", "response_hours"),
    ("h-index", "h_index"),
    ("reciprocity(graph=activity)", "reciprocity"),
];
/// How far numbers that are not whole may lie apart, as a share of the larger.
const APART: f64 = 1e-9;
const THREADS: usize = 2;
const ROUNDS: usize = 5;

/// Measures so many activities of a tenth as many members.
pub(crate) fn metrics(activities: u64) -> Result<(), Missing> {
    let mut duckdb = DuckDb::start()?;
    let folder = Folder::new();
    let (making, ()) = timed(|| Made::of(activities).write(folder.path()));
    let opened = host().open(folder.path().join("community.toml")).unwrap();
    let (freezing, snapshot) = timed(|| opened.snapshot(None).unwrap());
    let community = host().open_snapshot(snapshot.dir()).unwrap();
    let as_of = snapshot.newest().unwrap();
    let asked = [
        duckdb.dense(snapshot.dir(), as_of, folder.path()),
        duckdb.texts(folder.path(), as_of, folder.path()),
    ];
    println!(
        "twelve metrics over {activities} activities of {} members, {THREADS} threads (made in {making:.1?}, frozen in {freezing:.1?}):",
        activities / 10
    );
    let mine = measured(&community);
    for asked in &asked {
        duckdb.run(asked, THREADS);
        compare(&mine, &mut duckdb, asked, folder.path());
    }
    drop(mine);
    println!("  the answers are the same; {ROUNDS} rounds, in turns; the load before: {}", load());
    let mut times = [const { Times::new() }; 3];
    for _ in 0..ROUNDS {
        times[0].add(timed(|| measured(&community)).0);
        for (asked, times) in asked.iter().zip(&mut times[1..]) {
            times.add(duckdb.run(asked, THREADS));
        }
    }
    println!("  {:64} {}", "Groundswell, from the open snapshot to the columns", times[0]);
    for (asked, theirs) in asked.iter().zip(&times[1..]) {
        let title = format!("DuckDB {}, {}", duckdb.version, asked.title);
        println!(
            "  {title:64} {theirs}: {:.2} × ({:.2} × by the fastest)",
            ratio(&times[0], theirs, Times::median),
            ratio(&times[0], theirs, Times::fastest)
        );
    }
    println!("  the load after: {}", load());
    Ok(())
}

/// What one takes over what the other does.
fn ratio(mine: &Times, theirs: &Times, of: fn(&Times) -> Duration) -> f64 {
    of(mine).as_secs_f64() / of(theirs).as_secs_f64()
}

fn measured(community: &Community) -> RecordBatch {
    let ids = METRICS.map(|(id, _)| id);
    community.measure(&ids, &RunOptions::default().threads(THREADS)).unwrap()
}

/// Ends the program where the last answers of DuckDB are not ours.
fn compare(mine: &RecordBatch, duckdb: &mut DuckDb, asked: &Asked, folder: &Path) {
    let path = folder.join("answer.parquet");
    duckdb.write(&path);
    let batches =
        ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap().build().unwrap();
    let members = mine["member"].as_string::<i32>();
    let mut at = 0;
    for batch in batches.map(Result::unwrap) {
        let mine = mine.slice(at, batch.num_rows());
        if let Some(theirs) = batch["member"].as_string_opt::<i32>() {
            assert!(
                mine["member"].as_string::<i32>() == theirs,
                "{}: other members from row {at} on",
                asked.title
            );
        } else {
            let rows = batch["member"].as_primitive::<Int64Type>().values().iter();
            assert!(
                rows.copied().eq(at as i64..(at + batch.num_rows()) as i64),
                "{}: other members from row {at} on",
                asked.title
            );
        }
        for (id, column) in METRICS {
            let (mine, theirs) = (mine[id].as_primitive::<Float64Type>(), &batch[column]);
            let exact = theirs.as_primitive_opt::<Int64Type>();
            for row in 0..batch.num_rows() {
                let ours = value(mine, row);
                let (theirs, same) = match exact {
                    Some(theirs) => {
                        let theirs = Some(theirs.value(row) as f64);
                        (theirs, theirs == ours)
                    }
                    None => {
                        let theirs = value(theirs.as_primitive::<Float64Type>(), row);
                        (theirs, are_near(ours, theirs))
                    }
                };
                let member = members.value(at + row);
                assert!(same, "{id} of {member} is {ours:?}, and {theirs:?} in {}", asked.title);
            }
        }
        at += batch.num_rows();
    }
    assert_eq!(at, members.len(), "{}: other members", asked.title);
    std::fs::remove_file(path).unwrap();
}

fn value(column: &Float64Array, row: usize) -> Option<f64> {
    column.is_valid(row).then(|| column.value(row))
}

fn are_near(ours: Option<f64>, theirs: Option<f64>) -> bool {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= APART * ours.abs().max(theirs.abs()),
        (ours, theirs) => ours == theirs,
    }
}
