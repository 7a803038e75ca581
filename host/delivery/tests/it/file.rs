//! Awards in a file of lines.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use groundswell_delivery::{Courier, JsonLines, MemoryOutbox, Message, Progress, Target};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::Hand;

fn message(id: u64) -> Message {
    Message::new(
        id,
        format!("key-{id}"),
        format!("lane-{id}"),
        format!("{{\"n\": {id},\r\n \"é\": \"a\\nb\"}}"),
    )
}

fn line(id: u64) -> String {
    format!("{{\"key\":\"key-{id}\",\"body\":{{\"n\": {id},   \"é\": \"a\\nb\"}}}}\n")
}

fn lines(ids: impl IntoIterator<Item = u64>) -> String {
    ids.into_iter().map(line).collect()
}

/// Delivers these to a file by a courier of their own.
fn deliver(path: &Path, ids: impl IntoIterator<Item = u64>) -> Progress {
    let mut outbox = MemoryOutbox::new();
    ids.into_iter().for_each(|id| outbox.push("archive", message(id)));
    again(&mut courier(path), &mut outbox)
}

fn courier(path: &Path) -> Courier {
    Courier::new(vec![Target::json_lines("archive", JsonLines::new(path))]).unwrap().clock(Hand::new())
}

fn again(courier: &mut Courier, outbox: &mut MemoryOutbox) -> Progress {
    courier.run_once(outbox, &AtomicBool::new(false), &mut |_| {}).unwrap().remove(0)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn each_message_is_a_line_of_its_own_whatever_breaks_its_body_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    let told = deliver(&path, 1..=200);
    assert_eq!((told.delivered, told.tally.waiting), (200, 0));
    assert_eq!(text(&path), lines(1..=200));
    for (number, line) in text(&path).lines().enumerate() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["body"]["n"], number + 1);
        assert_eq!(value["body"]["é"], "a\nb");
    }
}

#[test]
fn a_key_that_stands_in_the_file_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    deliver(&path, [1, 2]);
    let told = deliver(&path, [2, 3, 1]);
    assert_eq!(told.delivered, 3, "they are delivered all the same");
    assert_eq!(text(&path), lines([1, 2, 3]));
}

#[test]
fn wherever_the_file_was_cut_every_award_is_there_once_after_the_next_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    let whole = lines(1..=3);
    for length in 0..=whole.len() {
        fs::write(&path, &whole.as_bytes()[..length]).unwrap();
        let told = deliver(&path, 1..=3);
        assert_eq!((told.delivered, text(&path)), (3, whole.clone()), "cut at {length}");
        // Where zeros stand in place of what was written last, as a failing power leaves them.
        let mut zeros = whole.as_bytes()[..length].to_vec();
        zeros.resize(whole.len() + 7, 0);
        fs::write(&path, zeros).unwrap();
        deliver(&path, 1..=3);
        assert_eq!(text(&path), whole, "zeros from {length}");
    }
}

#[test]
fn a_file_that_is_moved_away_or_emptied_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    let mut courier = courier(&path);
    let mut outbox = MemoryOutbox::new();
    let mut next = |courier: &mut Courier, id| {
        outbox.push("archive", message(id));
        assert_eq!(again(courier, &mut outbox).delivered, 1);
    };
    next(&mut courier, 1);
    next(&mut courier, 2);
    fs::rename(&path, folder.path().join("old")).unwrap();
    next(&mut courier, 3);
    assert_eq!((text(&folder.path().join("old")), text(&path)), (lines([1, 2]), lines([3])));
    fs::write(&path, "").unwrap();
    next(&mut courier, 4);
    assert_eq!(text(&path), line(4));
}

#[test]
fn what_cannot_be_written_to_costs_one_message_an_attempt_and_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    let refused = |path: &Path| {
        let told = deliver(path, 1..=90);
        assert_eq!((told.delivered, told.failed, told.tally.waiting), (0, 1, 90));
        assert!(told.rests_until.is_some());
        told.problem.unwrap().replace(&folder.path().display().to_string(), "FOLDER")
    };
    assert_snapshot!(refused(&folder.path().join("none/awards.jsonl")), @"nothing could be written to FOLDER/none/awards.jsonl: No such file or directory (os error 2)");
    assert_snapshot!(refused(folder.path()), @"nothing could be written to FOLDER: it is no regular file");
    for (content, cut) in [
        ("my notes", true),
        ("{\"key\":\"k\"}\n", false),
        (&*format!("{}\n[]\n{}", line(1).trim(), line(2)), false),
    ] {
        fs::write(&path, content).unwrap();
        let told = refused(&path);
        assert!(told.contains(if cut { "behind its last line break" } else { "its line " }), "{told}");
        assert_eq!(text(&path), content, "nothing of it was touched");
    }
    assert_snapshot!(refused(&path), @r#"nothing could be written to FOLDER/awards.jsonl: its line 2 is not of this kind, {"key":…,"body":…}; name another file"#);
    let long = format!("{{\"key\":\"k\",\"body\":\"{}\"}}\n", "x".repeat(300_000));
    fs::write(&path, &long).unwrap();
    assert!(refused(&path).contains("its line 1 "));
    assert_eq!(text(&path), long);
}

#[test]
fn two_deliveries_do_not_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    let mut first = courier(&path);
    let mut outbox = MemoryOutbox::new();
    outbox.push("archive", message(1));
    again(&mut first, &mut outbox);
    let told = deliver(&path, [2]);
    assert_snapshot!(told.problem.unwrap().replace(&folder.path().display().to_string(), "FOLDER"), @"nothing could be written to FOLDER/awards.jsonl: another delivery writes to it, and one at a time can");
    drop(first);
    assert_eq!(deliver(&path, [2]).delivered, 1);
    assert_eq!(text(&path), lines([1, 2]));
}

#[cfg(unix)]
#[test]
fn a_file_that_is_made_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awards.jsonl");
    deliver(&path, [1]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_a_file_it_is_left_as_it_is_or_holds_every_award_once(
        whole in 0_u64..4,
        tail in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[{}\"key:,bod\n0]{0,40}".prop_map(String::into_bytes),
            (0_usize..60).prop_map(|length| line(9).into_bytes()[..length.min(line(9).len())].to_vec()),
        ],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("awards.jsonl");
        let before = [lines(1..=whole).as_bytes(), &tail].concat();
        fs::write(&path, &before).unwrap();
        let told = deliver(&path, 1..=4);
        let after = fs::read(&path).unwrap();
        if told.delivered == 0 {
            prop_assert_eq!(after, before);
        } else {
            prop_assert_eq!(told.delivered, 4);
            let mut keys: Vec<String> = Vec::new();
            for line in String::from_utf8(after).unwrap().lines() {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                keys.push(value["key"].as_str().unwrap().to_owned());
            }
            let of = |id: u64| keys.iter().filter(|key| **key == format!("key-{id}")).count();
            prop_assert!((1..=4).all(|id| of(id) == 1), "{:?}", keys);
        }
    }
}
