//! Awards in a file, while who writes them is killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use groundswell_delivery::{Courier, JsonLines, MemoryOutbox, Target};

use super::{Hand, message};

const MESSAGES: u64 = 3_000;
/// Names the file to a process that is to be killed.
const FILE: &str = "GROUNDSWELL_DELIVERS_TO";

/// Delivers everything, as after a kill that nothing was written down before, and says so batch by batch.
fn deliver(path: &Path) {
    let mut outbox = MemoryOutbox::new();
    (1..=MESSAGES).for_each(|id| outbox.push("archive", message(id, &format!("lane-{}", id % 90))));
    let lines = Target::json_lines("archive", JsonLines::new(path));
    let mut courier = Courier::new(vec![lines]).unwrap().clock(Hand::new());
    let tell =
        &mut |progress: &groundswell_delivery::Progress| println!("\n{} delivered", progress.delivered);
    let told = courier.run_once(&mut outbox, &AtomicBool::new(false), tell).unwrap();
    assert_eq!((told[0].delivered, told[0].tally.waiting), (MESSAGES, 0), "{:?}", told[0].problem);
}

#[test]
fn a_file_has_every_award_once_and_in_order_however_often_its_writer_is_killed() {
    if let Some(path) = std::env::var_os(FILE) {
        return deliver(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    let mut kills = 0;
    for batches in [1, 3, 2, 7, 5, 11, 1, 17, 13, 23] {
        let mut writer = Command::new(std::env::current_exe().unwrap());
        writer.args(["--exact", "--nocapture"]).env(FILE, &path).stdout(Stdio::piped());
        writer.arg("killed::a_file_has_every_award_once_and_in_order_however_often_its_writer_is_killed");
        let mut writer = writer.spawn().unwrap();
        let said = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
        let batch = said.filter(|line| line.ends_with(" delivered")).nth(batches);
        writer.kill().unwrap();
        kills += u32::from(batch.is_some() && !writer.wait().unwrap().success());
    }
    assert!(kills >= 3, "{kills} were killed in the middle");
    deliver(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut last = [0; 90];
    let mut lines = 0;
    for line in text.split_inclusive('\n') {
        let value: serde_json::Value = serde_json::from_str(line.strip_suffix('\n').unwrap()).unwrap();
        let id = value["body"]["number"].as_u64().unwrap();
        assert_eq!(value["key"], format!("key-{id}"));
        let before = std::mem::replace(&mut last[usize::try_from(id % 90).unwrap()], id);
        assert!(before < id, "{id} after {before}");
        lines += 1;
    }
    assert_eq!(lines, MESSAGES, "none twice, since each lane rises, and none missing");
}
