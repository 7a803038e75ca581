//! Deliveries to servers that do what servers do.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod certificates;
mod courier;
mod dying;
mod file;
mod keys;
mod killed;
mod said;
mod server;
mod whatever;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use groundswell_delivery::{
    Clock, Courier, MemoryOutbox, Message, Outbox, Progress, Secret, Target, Webhook,
};
use jiff::Timestamp;

/// A key of signatures.
pub(crate) const KEY: &str = "nobody but the two of us knows this";

pub(crate) fn key() -> Secret {
    Secret::new(KEY).unwrap()
}

/// A clock that stands still unless somebody waits by it, or moves it.
#[derive(Clone, Debug)]
pub(crate) struct Hand(Arc<Mutex<Timestamp>>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new("2026-07-01T00:00:00Z".parse().unwrap())))
    }

    pub(crate) fn on(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(time).unwrap();
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn wait(&self, time: Duration) {
        self.on(time);
    }
}

/// A courier with one webhook, which is called `platform`.
pub(crate) fn courier(webhook: Webhook, clock: &Hand) -> Courier {
    Courier::new(vec![Target::webhook("platform", webhook)]).unwrap().clock(clock.clone())
}

pub(crate) fn round<O: Outbox>(courier: &mut Courier, outbox: &mut O) -> Progress {
    let mut round = courier.run_once(outbox, &AtomicBool::new(false), &mut |_| {}).unwrap();
    round.remove(0)
}

pub(crate) fn message(id: u64, lane: &str) -> Message {
    Message::new(
        id,
        format!("key-{id}"),
        lane,
        format!(r#"{{"number":{id},"reason":"answered forty questions"}}"#),
    )
}

/// What one attempt of one message leaves behind: `delivered`, or the problem after `waits: ` or `dead: `.
pub(crate) fn attempt(webhook: Webhook) -> String {
    let mut outbox = MemoryOutbox::new();
    outbox.push("platform", message(1, "a"));
    round(&mut courier(webhook, &Hand::new()), &mut outbox);
    let dead = outbox.dead_letters().map(|letter| format!("dead: {}", letter.problem)).next();
    let waits = outbox.waits_until(1).map(|(_, problem)| format!("waits: {}", problem.unwrap()));
    dead.or(waits).unwrap_or_else(|| {
        assert!(outbox.delivered_at(1).is_some());
        "delivered".to_owned()
    })
}
