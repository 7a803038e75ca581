//! Runs in processes of their own: several at once, and killed at any moment.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use groundswell::RunOptions;

use crate::community::Community;
use crate::planted::{PROGRAMME, Random, host, ledger, open, planted};

/// Names the community that a process of this test runs.
const COMMUNITY: &str = "GROUNDSWELL_TEST_COMMUNITY";
const OWN_NAME: &str = "processes::a_run_in_a_process_of_its_own_records_what_any_run_does";

/// A process that runs the community and writes a line a report of progress.
fn process(written: &Community) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([OWN_NAME, "--exact", "--nocapture"]).env(COMMUNITY, written.path("community.toml"));
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// What [`process`] does.
fn run(path: &Path) {
    let progress = |_: &groundswell::Progress| println!("report");
    let options = RunOptions::default().threads(1).progress(std::sync::Arc::new(progress));
    host().open(path).unwrap().run(&options).unwrap();
}

fn reports(process: &mut Child) -> impl Iterator<Item = ()> + use<> {
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter(|line| line == "report").map(|_| ())
}

/// What the ledger of that community holds after a run that nobody disturbed.
fn undisturbed() -> Vec<String> {
    let written = planted(300, "", PROGRAMME);
    open(&written).run(&RunOptions::default()).unwrap();
    let rows = ledger(&written);
    assert!(rows.iter().any(|row| row.contains("award")));
    rows
}

#[test]
fn a_run_in_a_process_of_its_own_records_what_any_run_does() {
    if let Some(path) = std::env::var_os(COMMUNITY) {
        return run(Path::new(&path));
    }
    let written = planted(300, "", PROGRAMME);
    let mut process = process(&written);
    assert!(reports(&mut process).count() > 10);
    assert!(process.wait().unwrap().success());
    assert_eq!(ledger(&written), undisturbed());
}

#[test]
fn two_processes_at_once_record_what_one_does() {
    let written = planted(300, "", PROGRAMME);
    let processes = [process(&written), process(&written)];
    for process in processes {
        assert!(process.wait_with_output().unwrap().status.success());
    }
    assert_eq!(ledger(&written), undisturbed());
}

#[test]
fn a_process_killed_at_any_moment_leaves_all_of_its_run_or_nothing() {
    const KILLS: u32 = 20;
    let expected = undisturbed();
    let written = planted(300, "", PROGRAMME);
    let state = written.path(".groundswell");
    // How many reports a whole run makes, and how long it goes on behind the last.
    let mut whole = process(&written);
    let all = reports(&mut whole).count() as u64;
    let behind = Instant::now();
    assert!(whole.wait().unwrap().success());
    let behind = behind.elapsed().max(Duration::from_millis(20));
    std::fs::remove_dir_all(&state).unwrap();

    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    eprintln!("seed {seed}");
    let mut random = Random(seed);
    let (mut kills, mut lost, mut kept) = (0, 0, 0);
    // A process may be faster than its murderer: how many reports it makes depends on how fast it goes.
    for attempt in 0..5 * KILLS {
        if kills == KILLS {
            break;
        }
        let mut process = process(&written);
        // Every third is let come to its last report: behind that one the ledger is written.
        let reports_before = if attempt % 3 == 0 { all } else { random.below(all) };
        reports(&mut process).take(reports_before as usize).for_each(drop);
        let moment = Instant::now() + Duration::from_nanos(random.below(behind.as_nanos() as u64));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        process.kill().unwrap();
        kills += u32::from(!process.wait().unwrap().success());
        let rows = ledger(&written);
        if rows.is_empty() {
            lost += 1;
            continue;
        }
        assert_eq!(rows, expected);
        kept += 1;
        // Once recorded, nothing more is to be seen: from the beginning.
        open(&written).run(&RunOptions::default()).unwrap();
        assert_eq!(ledger(&written), expected);
        std::fs::remove_dir_all(&state).unwrap();
    }
    assert_eq!(kills, KILLS);
    eprintln!("{lost} times nothing was recorded, {kept} times all");
    open(&written).run(&RunOptions::default()).unwrap();
    assert_eq!(ledger(&written), expected);
    // And nothing is left of the dead.
    for folder in ["snapshots", "runs"] {
        assert_eq!(std::fs::read_dir(state.join(folder)).unwrap().count(), 1, "{folder}");
    }
}
