//! Bytes as what a delivery reads of strangers: an answer, the header of a signature, a file of JSON Lines.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use groundswell::delivery::{
    Clock, Courier, JsonLines, MOST_PROBLEM, MemoryOutbox, Message, Outbox, Secret, Target, Webhook, sign,
    verify,
};
use jiff::Timestamp;

use crate::message::assert_plain;
use crate::scratch::{folder, write};

const KEY: &str = "nobody but the two of us knows this";
/// What nobody else is to read.
const REASON: &str = "gave away seventeen recipes";
/// The longest wait, in seconds.
const LONGEST: i64 = 6 * 3_600;

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_600_000_000).unwrap_or_default()
    }

    fn wait(&self, _: Duration) {}
}

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    match way % 4 {
        0 => answer(rest, usize::MAX),
        1 => answer(rest, usize::from(way / 4)),
        2 => header(rest),
        _ => file(rest),
    }
}

#[expect(clippy::expect_used, reason = "it is long enough")]
fn key() -> Secret {
    Secret::new(KEY).expect("a key")
}

fn message(id: u64) -> Message {
    Message::new(
        id,
        format!("key-{id}"),
        format!("lane {id}"),
        format!(r#"{{"number":{id},"reason":"{REASON}"}}"#),
    )
}

/// What a round leaves behind, of one or two messages.
#[expect(clippy::expect_used, reason = "an outbox in memory does not fail")]
fn round(target: Target, messages: u64) -> MemoryOutbox {
    let mut outbox = MemoryOutbox::new();
    (1..=messages).for_each(|id| outbox.push("target", message(id)));
    let mut courier = Courier::new(vec![target]).expect("one name").clock(Still);
    let told = courier.run_once(&mut outbox, &AtomicBool::new(false), &mut |_| ()).expect("a round");
    for progress in told {
        progress.problem.iter().for_each(|problem| assert_bounded(problem));
    }
    outbox
}

/// One line of plain text, not too long, and without what was sent.
fn assert_bounded(problem: &str) {
    assert_plain(problem);
    assert!(!problem.contains('\n') && problem.chars().count() <= MOST_PROBLEM + 1, "{problem:?}");
    let letters = |text: &str| -> String {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let told = letters(problem);
    for secret in [KEY, REASON] {
        assert!(!told.contains(&letters(secret)), "{secret} stands in {problem:?}");
    }
}

fn answer(said: &[u8], step: usize) {
    #[expect(clippy::expect_used, reason = "its address is one")]
    let target = || Target::webhook("target", Webhook::hearing(said, step, key()).expect("a webhook"));
    let outcome = |outbox: &MemoryOutbox| {
        let waits = outbox.waits_until(1).map(|(at, problem)| (at, problem.map(str::to_owned)));
        let dead = outbox.dead_letters().next().map(|letter| letter.problem.clone());
        (outbox.delivered_at(1).is_some(), waits, dead)
    };
    let first = outcome(&round(target(), 1));
    let (taken, waits, dead) = &first;
    assert_eq!(u8::from(*taken) + u8::from(waits.is_some()) + u8::from(dead.is_some()), 1, "{first:?}");
    if let Some((at, problem)) = waits {
        problem.iter().for_each(|problem| assert_bounded(problem));
        assert!(problem.is_some(), "it waits for nothing");
        let seconds = at.duration_since(Still.now()).as_secs();
        assert!((0..=LONGEST).contains(&seconds), "it waits for {seconds} s");
    }
    if let Some(problem) = dead {
        assert_bounded(problem);
        assert!(
            ["answered 400", "answered 413", "answered 415", "answered 422"]
                .iter()
                .any(|known| problem.starts_with(known)),
            "{problem}"
        );
    }
    assert_eq!(first, outcome(&round(target(), 1)), "the same answer, and another outcome");
}

fn header(bytes: &[u8]) {
    let Ok(header) = std::str::from_utf8(bytes) else { return };
    let (body, now) = (br#"{"number":1}"#, Still.now());
    let verified = verify(header, body, &key(), now, Duration::from_secs(300));
    if let Err(error) = &verified {
        assert_plain(&error.to_string());
    }
    let right = sign(body, &key(), now);
    let Some((time, tag)) = right.split_once(",v1=") else { unreachable!("{right}") };
    // Of other times the tags are others, which nobody guesses.
    let is_right = header.to_ascii_lowercase().contains(tag) && header.contains(time);
    assert!(verified.is_err() || is_right, "{header:?} is taken");
}

fn file(bytes: &[u8]) {
    let scratch = folder();
    let path = scratch.path().join("awards.jsonl");
    write(scratch.path(), "awards.jsonl", bytes);
    let outbox = round(Target::json_lines("target", JsonLines::new(&path)), 2);
    let now = std::fs::read(&path).unwrap_or_default();
    let waiting = outbox.clone().tally("target").map_or(0, |tally| tally.waiting);
    if waiting > 0 {
        assert!(waiting == 2 && now == bytes, "{waiting} wait, and it was written to");
        return;
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    assert!(now.starts_with(bytes.get(..whole).unwrap_or_default()), "whole lines were changed");
    assert!(now.ends_with(b"\n"), "the last line has no end");
    let keys = |of: &[u8]| -> Vec<String> {
        let lines = of.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .map(|line| match serde_json::from_slice::<serde_json::Value>(line) {
                Ok(line) => line.get("key").and_then(|key| key.as_str()).unwrap_or_default().to_owned(),
                // Such as a key that stands in it twice, of which nobody knows which is meant.
                Err(_) => String::new(),
            })
            .collect()
    };
    for key in ["key-1", "key-2"] {
        let count = |of: &[u8]| keys(of).iter().filter(|known| *known == key).count();
        assert!(count(&now) == 1 || count(&now) == count(bytes), "{key} stands there {} times", count(&now));
    }
    // Once more, nothing is added.
    round(Target::json_lines("target", JsonLines::new(&path)), 2);
    assert!(std::fs::read(&path).is_ok_and(|again| again == now), "it was written to once more");
}
