//! What runs leave on disk: columns, copies, and nothing half done.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Arc, Mutex};

use groundswell::{ProgressFn, Run, RunOptions, Stage};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::planted::{PROGRAMME, files, ledger, of_activities, open, planted};

/// The columns of a Parquet file, a line each, and how many rows it has.
fn columns(path: &Path) -> (String, i64) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let lines = reader.schema().fields().iter().map(|field| {
        let null = if field.is_nullable() { ", perhaps null" } else { "" };
        format!("{}: {}{null}", field.name(), field.data_type())
    });
    (lines.collect::<Vec<_>>().join("\n"), reader.metadata().file_metadata().num_rows())
}

#[test]
fn the_columns_of_results_are_these() {
    let written = planted(300, "", PROGRAMME);
    let run = open(&written).run(&RunOptions::default()).unwrap();
    let read = |name: &str| columns(&run.results().unwrap().join(name));
    let (scores, rows) = read("scores.parquet");
    assert_eq!(rows as u64, run.info().population);
    insta::assert_snapshot!(scores, @"
    member: Utf8
    score: Float64
    rank: UInt32
    percentile: Float64
    tier: Utf8
    reasons: List(non-null Utf8)
    base: Float64
    answers@log1p: Float64
    members-helped@log1p: Float64
    weeks-active-share@raw: Float64
    received(verb=thank)@log1p: Float64
    received(verb=endorse)@log1p: Float64
    likes-received@log1p: Float64
    acceptance-rate@raw: Float64
    audience@raw: Float64
    audience@percentile: Float64
    role@category: Float64
    ");
    let (metrics, rows) = read("metrics.parquet");
    assert_eq!(rows as u64, run.info().population);
    insta::assert_snapshot!(metrics, @"
    member: Utf8
    answers: Float64, perhaps null
    members-helped: Float64, perhaps null
    weeks-active-share: Float64, perhaps null
    received(verb=thank): Float64, perhaps null
    received(verb=endorse): Float64, perhaps null
    likes-received: Float64, perhaps null
    acceptance-rate: Float64, perhaps null
    audience: Float64, perhaps null
    role: Utf8, perhaps null
    answers@log1p: Float64, perhaps null
    members-helped@log1p: Float64, perhaps null
    weeks-active-share@raw: Float64, perhaps null
    received(verb=thank)@log1p: Float64, perhaps null
    received(verb=endorse)@log1p: Float64, perhaps null
    likes-received@log1p: Float64, perhaps null
    acceptance-rate@raw: Float64, perhaps null
    audience@raw: Float64, perhaps null
    audience@percentile: Float64, perhaps null
    role@category: Utf8, perhaps null
    members-helped@raw: Float64, perhaps null
    ");
    let (awards, rows) = read("awards.parquet");
    assert_eq!(rows as usize, run.awards().len());
    insta::assert_snapshot!(awards, @"
    member: Utf8
    award: Utf8
    kind: Utf8
    reason: Utf8
    amount: UInt64
    period: Utf8
    ");
}

#[test]
fn another_definition_than_the_programmes_leaves_results_and_history_and_no_awards() {
    let rest = format!("[definitions.other]\nplugin = \"regulars\"\n{PROGRAMME}");
    let written = planted(300, "", &rest);
    let run = open(&written).run(&RunOptions::default().definition("other")).unwrap();
    assert_eq!(run.awards(), []);
    assert_eq!(run.info().programme, None);
    assert!(run.info().period.is_some());
    let (_, awards) = columns(&run.results().unwrap().join("awards.parquet"));
    assert_eq!(awards, 0);
    let rows = ledger(&written);
    let count = |what: &str| rows.iter().filter(|row| row.contains(&format!("\"{what}\""))).count() as u64;
    assert_eq!((count("award"), count("run")), (0, 1));
    assert_eq!(count("history"), run.info().population);
    assert!(rows.iter().filter(|row| row.contains("\"history\"")).all(|row| row.contains("\"other\"")));
}

#[test]
fn a_copy_that_cannot_be_written_leaves_no_award_and_nothing_of_itself() {
    let written = planted(300, "", PROGRAMME);
    let run = |out: &Path| {
        let error = open(&written).run(&RunOptions::default().out(out)).unwrap_err();
        assert!(!error.is_plugin_fault());
        assert!(!written.path(".groundswell/ledger.sqlite").exists());
        written.normalised(&error.to_string())
    };
    written.write("file", b"");
    insta::assert_snapshot!(run(&written.path("file/out")), @"cannot write a copy of the results to [folder]/file/out: part of that path is a file, not a folder; no award was recorded: name another folder, or run without a copy");
    insta::assert_snapshot!(run(&written.path("file")), @"cannot write a copy of the results to [folder]/file: it is there, and not a folder; no award was recorded: name another folder, or run without a copy");
    // One of the names is taken by a folder; the others are not written then.
    let out = written.path("out");
    fs::create_dir_all(out.join("receipt.json")).unwrap();
    fs::write(out.join("scores.parquet"), "older").unwrap();
    insta::assert_snapshot!(run(&out), @"cannot write a copy of the results to [folder]/out: scores.parquet in it is of something else, and is left alone: name another folder, or move it away; no award was recorded: name another folder, or run without a copy");
    let left: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(fs::read_to_string(out.join("scores.parquet")).unwrap(), "older");
    // With another folder the run is what it would have been, and the copy is what is stored.
    let out = written.path("elsewhere");
    let run = open(&written).run(&RunOptions::default().out(&out)).unwrap();
    assert!(!run.awards().is_empty() && run.awards().iter().all(|award| award.new));
    let hashes = |folder: &Path| files(folder).into_values().collect::<Vec<_>>();
    assert_eq!(hashes(&out), hashes(run.results().unwrap()));
}

#[test]
fn progress_goes_through_the_stages_once_and_never_back() {
    let written = planted(300, "", PROGRAMME);
    let told: Arc<Mutex<Vec<(Stage, u64, u64)>>> = Arc::default();
    let progress: ProgressFn = {
        let told = Arc::clone(&told);
        Arc::new(move |progress| {
            told.lock().unwrap().push((progress.stage, progress.done, progress.total.unwrap()))
        })
    };
    let options = RunOptions::default().threads(2).out(written.path("out")).progress(progress);
    open(&written).run(&options).unwrap();
    let told = told.lock().unwrap();
    assert!(told.is_sorted());
    let stages = [
        Stage::Read,
        Stage::Snapshot,
        Stage::Metrics,
        Stage::Score,
        Stage::Place,
        Stage::Explain,
        Stage::Decide,
        Stage::Write,
    ];
    for stage in stages {
        let (_, done, total) = told.iter().rfind(|(of, ..)| *of == stage).unwrap();
        assert_eq!(done, total, "{stage}");
    }
    let tables = told.iter().rfind(|(stage, ..)| *stage == Stage::Snapshot).unwrap();
    assert_eq!(tables.1, 4);
}

#[test]
fn what_killed_runs_left_is_swept_and_what_others_are_at_is_not() {
    let written = of_activities("", "ada,answer,2020-01-01,bob\n", "");
    let make = |name: &str| {
        let folder = written.path(".groundswell").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("scores.parquet"), "half").unwrap();
        folder
    };
    let dead = [make("snapshots/.reading-dead"), make("runs/.unfinished-dead")];
    let alive = [make("snapshots/.reading-alive"), make("runs/.unfinished-alive")];
    let locks = alive.each_ref().map(|folder| File::open(folder).unwrap());
    locks.iter().for_each(|lock| lock.try_lock().unwrap());
    open(&written).run(&RunOptions::default()).unwrap();
    assert!(dead.iter().all(|folder| !folder.exists()));
    assert!(alive.iter().all(|folder| folder.join("scores.parquet").exists()));
    // Once they are dead too, a run that has nothing to write sweeps as well.
    drop(locks);
    open(&written).run(&RunOptions::default()).unwrap();
    assert!(alive.iter().all(|folder| !folder.exists()));
}

#[cfg(unix)]
#[test]
fn everything_in_the_state_may_be_read_by_whom_other_files_may() {
    use std::os::unix::fs::PermissionsExt;
    let written = planted(300, "", PROGRAMME);
    open(&written).run(&RunOptions::default().out(written.path("out"))).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let plain = mode(&written.path("members.csv"));
    for folder in [".groundswell", "out"] {
        for path in files(&written.path(folder)).keys() {
            assert_eq!(mode(path), plain, "{}", path.display());
        }
    }
}

#[test]
fn damaged_results_and_components_are_written_anew_and_that_is_said() {
    let written = planted(300, "", PROGRAMME);
    let run = || open(&written).run(&RunOptions::default()).unwrap();
    let first = run();
    let folder = first.results().unwrap().to_owned();
    let damaged = |run: &Run| run.info().notes.iter().any(|note| note.contains("were damaged"));
    let component = written.path(".groundswell/plugins").join(format!("{}.wasm", first.info().plugin.hash));
    let expected = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (scores, receipt) = (expected("scores.parquet"), expected("receipt.json"));
    assert!(!damaged(&run()));
    for (file, content) in [("scores.parquet", &scores[..20]), ("receipt.json", b"{}"), ("run.json", b"")] {
        std::fs::write(folder.join(file), content).unwrap();
        std::fs::write(&component, "junk").unwrap();
        assert!(damaged(&run()), "{file}");
        assert_eq!((expected("scores.parquet"), expected("receipt.json")), (scores.clone(), receipt.clone()));
        assert!(std::fs::read(&component).unwrap().starts_with(b"\0asm"));
        assert!(!damaged(&run()), "{file}");
    }
}
