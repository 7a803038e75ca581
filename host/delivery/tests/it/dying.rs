//! Ten thousand deliveries, while everything dies.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use groundswell_delivery::{BackOff, Clock, MemoryOutbox, Message, Outbox, Tally, verify};
use jiff::Timestamp;

use super::server::{Accepted, Does, Server};
use super::{Hand, courier, key, message};

const MESSAGES: u64 = 10_000;
const LANES: u64 = 700;

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    /// One below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// An outbox whose process is killed now and then, between an answer and its being written down.
struct Killed {
    inner: MemoryOutbox,
    chance: Chance,
    kills: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("killed")]
struct Kill;

impl Outbox for Killed {
    type Error = Kill;

    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Message>, Kill> {
        self.inner.due(target, now, most).map_err(|never| match never {})
    }

    fn delivered(&mut self, id: u64, now: Timestamp) -> Result<(), Kill> {
        if self.chance.below(400) == 0 {
            self.kills += 1;
            return Err(Kill);
        }
        self.inner.delivered(id, now).map_err(|never| match never {})
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Kill> {
        self.inner.later(id, at, problem).map_err(|never| match never {})
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Kill> {
        self.inner.dead(id, problem).map_err(|never| match never {})
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Kill> {
        self.inner.tally(target).map_err(|never| match never {})
    }
}

/// A server that dies at a request that chance decides; until then it accepts, twice now and then, fails, and drops.
fn mortal(
    accepted: &Arc<Mutex<Vec<Accepted>>>,
    forged: &Arc<AtomicUsize>,
    clock: &Hand,
    life: u64,
) -> Server {
    let (forged, clock) = (forged.clone(), clock.clone());
    Server::keeping(accepted.clone(), None, move |request| {
        let signed = verify(
            request.signature(),
            request.body.as_bytes(),
            &key(),
            clock.now(),
            Duration::from_secs(300),
        );
        if signed.is_err() {
            forged.fetch_add(1, Ordering::SeqCst);
        }
        let number = request.number as u64;
        match number % 97 {
            _ if number >= life => Does::Die { accepts: life.is_multiple_of(2) },
            13 => Does::AcceptTwice,
            29 => Does::AcceptAndDrop,
            41 => Does::Drop,
            53 => Does::Say("500 Internal Server Error\r\n\r\n".to_owned()),
            67 => Does::Say("429 Too Many Requests\r\nretry-after: 1\r\n\r\n".to_owned()),
            _ => Does::Accept,
        }
    })
}

#[test]
fn ten_thousand_messages_are_each_effective_once_and_in_order_while_servers_and_couriers_die() {
    let lane = |id: u64| id * 7_919 % LANES;
    let mut inner = MemoryOutbox::new();
    (1..=MESSAGES).for_each(|id| inner.push("platform", message(id, &format!("lane-{}", lane(id)))));
    let mut outbox = Killed { inner, chance: Chance(7), kills: 0 };
    let (clock, mut chance, mut deaths) = (Hand::new(), Chance(42), 0);
    let (accepted, forged) = (Arc::default(), Arc::default());
    let mut server = mortal(&accepted, &forged, &clock, 500);
    while outbox.tally("platform").unwrap().waiting > 0 {
        // A new courier each time, as after a kill; what it knew of rests is gone with the old one.
        let mut courier = courier(server.webhook(), &clock).most_attempts(1_000).back_off(BackOff::new());
        _ = courier.run_once(&mut outbox, &AtomicBool::new(false), &mut |_| {});
        clock.on(Duration::from_secs(6 * 3_600));
        if server.is_dead() {
            deaths += 1;
            server = mortal(&accepted, &forged, &clock, 100 + chance.below(900));
        }
    }

    // What a receiver does that honours the key: nothing, where it has seen it.
    let (mut seen, mut effects) = (HashSet::new(), Vec::new());
    let accepted = server.accepted();
    for (key, body) in &accepted {
        if seen.insert(key) {
            effects.push((key, body));
        }
    }
    let mut last: HashMap<u64, u64> = HashMap::new();
    for (key, body) in &effects {
        let id: u64 = key.strip_prefix("key-").unwrap().parse().unwrap();
        assert_eq!(body.as_bytes(), message(id, "").body, "the body of {key} came as it was");
        let before = last.insert(lane(id), id).unwrap_or(0);
        assert!(before < id, "{key} came after {before}, which is of the same lane");
    }
    assert_eq!(effects.len() as u64, MESSAGES);
    assert_eq!(outbox.tally("platform").unwrap(), Tally::new(0, 0));
    assert!((1..=MESSAGES).all(|id| outbox.inner.delivered_at(id).is_some()));
    assert_eq!(forged.load(Ordering::SeqCst), 0);
    // Else all of this says little.
    assert!(deaths >= 8 && outbox.kills >= 8, "{deaths} deaths, {} kills", outbox.kills);
    assert!(accepted.len() as u64 > MESSAGES + 100, "{} acceptances", accepted.len());
}
