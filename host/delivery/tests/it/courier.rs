//! When messages are tried, how often, and when a target is left alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use groundswell_delivery::{BackOff, Clock, Courier, Error, JsonLines, MemoryOutbox, Outbox, Tally, Target};
use insta::assert_snapshot;
use jiff::Timestamp;

use super::server::{Does, Server};
use super::{Hand, courier, message, round};

const DAY: Duration = Duration::from_secs(86_400);

fn outbox(messages: u64) -> MemoryOutbox {
    let mut outbox = MemoryOutbox::new();
    (1..=messages).for_each(|id| outbox.push("platform", message(id, &format!("lane-{id}"))));
    outbox
}

fn busy(retry_after: &str) -> Server {
    Server::says(&format!("429 Too Many Requests\r\nretry-after: {retry_after}\r\n\r\n"))
}

/// How many seconds after now the first message is due again, once a server has answered.
fn waits(server: &Server) -> i64 {
    let (clock, mut outbox) = (Hand::new(), outbox(1));
    round(&mut courier(server.webhook(), &clock), &mut outbox);
    let (at, _) = outbox.waits_until(1).unwrap();
    at.duration_since(clock.now()).as_secs()
}

#[test]
fn retry_after_is_heeded_in_both_of_its_forms_and_up_to_the_cap() {
    assert_eq!(waits(&busy("3600")), 3_600);
    assert_eq!(waits(&busy("Wed, 01 Jul 2026 01:30:00 GMT")), 5_400);
    assert_eq!(waits(&busy("999999999")), 6 * 3_600, "no longer than the cap");
    assert_eq!(waits(&busy("Thu, 01 Jul 2027 00:00:00 GMT")), 6 * 3_600);
    let back_off = BackOff::new().wait("key-1", 1).as_secs();
    for shorter in ["0", "soon", "Wed, 01 Jul 2020 00:00:00 GMT"] {
        assert_eq!(waits(&busy(shorter)).unsigned_abs(), back_off, "{shorter}");
    }
    let server = Server::says("503 Service Unavailable\r\nretry-after: 77\r\n\r\n");
    assert_eq!(waits(&server), 77, "429 is not the only one that may say so");
}

#[test]
fn a_target_that_asks_to_be_left_alone_is() {
    let (server, clock, mut outbox) = (busy("600"), Hand::new(), outbox(300));
    let mut courier = courier(server.webhook(), &clock).at_once(1);
    let told = round(&mut courier, &mut outbox);
    assert_eq!(told.rests_until.unwrap().duration_since(clock.now()).as_secs(), 600);
    let asked = server.requests();
    assert_eq!(asked, 1, "nobody was sent after it had been said");
    clock.on(Duration::from_secs(599));
    round(&mut courier, &mut outbox);
    assert_eq!(server.requests(), asked);
    clock.on(Duration::from_secs(1));
    round(&mut courier, &mut outbox);
    assert_eq!(server.requests(), asked + 1, "one message tries it");
}

#[test]
fn a_target_that_is_away_costs_few_messages_an_attempt() {
    let (clock, mut outbox) = (Hand::new(), outbox(1_000));
    let server = Server::says("500 Internal Server Error\r\n\r\n");
    let mut courier = courier(server.webhook(), &clock).at_once(1);
    for _ in 0..10 {
        round(&mut courier, &mut outbox);
        clock.on(DAY);
    }
    assert_eq!(server.requests(), 5 + 9, "five at first, then one after each rest");
    assert_eq!(outbox.tally("platform").unwrap(), Tally::new(1_000, 0));
    drop(server);
    let back = Server::always(Does::Accept);
    let told = round(&mut super::courier(back.webhook(), &clock), &mut outbox);
    assert_eq!((told.delivered, told.tally.waiting), (1_000, 0));
}

#[test]
fn waits_are_those_of_the_back_off_and_after_the_last_attempt_a_message_is_dead() {
    let (clock, mut outbox) = (Hand::new(), outbox(1));
    let server = Server::says("500 Internal Server Error\r\n\r\nstill");
    let mut courier = courier(server.webhook(), &clock).most_attempts(4);
    let back_off = BackOff::new();
    for attempts in 1..4 {
        assert_eq!(round(&mut courier, &mut outbox).failed, 1);
        let (at, _) = outbox.waits_until(1).unwrap();
        assert_eq!(at, clock.now().checked_add(back_off.wait("key-1", attempts)).unwrap());
        clock.on(at.duration_since(clock.now()).unsigned_abs() - Duration::from_millis(1));
        assert_eq!(round(&mut courier, &mut outbox).failed, 0, "not a moment before its time");
        clock.on(Duration::from_millis(1));
    }
    let told = round(&mut courier, &mut outbox);
    assert_eq!((told.failed, told.died, told.tally), (0, 1, Tally::new(0, 1)));
    assert_snapshot!(told.problem.unwrap(), @"answered 500 Internal Server Error, and said “still” (the last of 4 attempts)");
    let letter = outbox.dead_letters().next().unwrap();
    assert_eq!(letter.message.attempts, 4);
    assert!(outbox.retry(1));
    let back = Server::always(Does::Accept);
    assert_eq!(round(&mut super::courier(back.webhook(), &clock), &mut outbox).delivered, 1);
}

#[test]
fn who_waits_holds_up_their_lane_and_who_is_dead_does_not() {
    let mut outbox = MemoryOutbox::new();
    for (id, lane) in [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "c")] {
        outbox.push("platform", message(id, lane));
    }
    let server = Server::new(|request| match request.key() {
        "key-1" => Does::Say("503 Service Unavailable\r\n\r\n".to_owned()),
        "key-3" => Does::Say("400 Bad Request\r\n\r\n".to_owned()),
        _ => Does::Accept,
    });
    round(&mut courier(server.webhook(), &Hand::new()), &mut outbox);
    let mut accepted: Vec<_> = server.accepted().into_iter().map(|(key, _)| key).collect();
    accepted.sort();
    assert_eq!(accepted, ["key-4", "key-5"]);
    assert_eq!(outbox.tally("platform").unwrap(), Tally::new(2, 1));
}

#[test]
fn what_nobody_can_take_is_dead_before_it_is_sent() {
    let mut outbox = MemoryOutbox::new();
    let mut bad = message(1, "a");
    bad.key = "line\r\nbreak".to_owned();
    outbox.push("platform", bad);
    outbox.push("platform", message(2, "a"));
    let server = Server::always(Does::Accept);
    let told = round(&mut courier(server.webhook(), &Hand::new()), &mut outbox);
    assert_eq!((told.delivered, told.died, server.requests()), (1, 1, 1));
    assert_snapshot!(told.problem.unwrap(), @"its idempotency key has 11 characters, and must have 1 to 255, all of them visible ones of ASCII");
}

#[test]
fn one_target_in_trouble_does_not_hold_up_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = outbox(20);
    (21..=40).for_each(|id| outbox.push("archive", message(id, "one lane")));
    let server = Server::says("500 Internal Server Error\r\n\r\n");
    let lines = JsonLines::new(folder.path().join("awards.jsonl"));
    let targets = vec![Target::webhook("platform", server.webhook()), Target::json_lines("archive", lines)];
    let mut courier = Courier::new(targets).unwrap().clock(Hand::new());
    let mut heard = Vec::new();
    let told = courier
        .run_once(&mut outbox, &AtomicBool::new(false), &mut |progress| heard.push(progress.clone()))
        .unwrap();
    assert_eq!((told[0].delivered, told[0].tally.waiting), (0, 20));
    assert_eq!((told[1].delivered, told[1].tally.waiting), (20, 0));
    assert!(told[0].rests_until.is_some() && told[1].rests_until.is_none());
    assert_eq!(heard.last(), told.last(), "progress ends where the round does");
    let archived: Vec<_> = heard
        .iter()
        .filter(|progress| progress.target == "archive")
        .map(|progress| progress.delivered)
        .collect();
    assert!(
        archived.is_sorted() && archived.len() > 20,
        "a lane is one message after the other: {archived:?}"
    );
}

#[test]
fn a_target_has_a_name_of_its_own() {
    let lines = |name: &str| Target::json_lines(name, JsonLines::new("x"));
    let refused = |targets| Courier::new(targets).unwrap_err().to_string();
    assert_snapshot!(refused(vec![lines("a"), lines("b"), lines("a")]), @r#"two targets are called "a"; each needs a name of its own"#);
    assert_snapshot!(refused(vec![lines("")]), @"a target has no name; the outbox knows each by its own");
    assert_eq!(lines("a").name(), "a");
}

#[test]
fn a_cancelled_round_records_what_is_on_its_way_and_begins_nothing() {
    static CANCEL: AtomicBool = AtomicBool::new(false);
    let server = Server::new(|request| {
        if request.number == 2 {
            CANCEL.store(true, Ordering::SeqCst);
        }
        Does::Accept
    });
    let mut outbox = outbox(50);
    let mut courier = courier(server.webhook(), &Hand::new()).at_once(1);
    let told = courier.run_once(&mut outbox, &CANCEL, &mut |_| {}).unwrap();
    assert_eq!((told[0].delivered, server.requests(), told[0].tally.waiting), (3, 3, 47));
    let told = courier.run_once(&mut outbox, &CANCEL, &mut |_| {}).unwrap();
    assert_eq!((told[0].delivered, server.requests()), (0, 3));
}

/// Puts one more message into the outbox whenever the courier has waited for a minute, and stops it at the fifth.
struct Minutes<'a> {
    inner: &'a mut MemoryOutbox,
    clock: Hand,
    pushed: u64,
    cancel: &'a AtomicBool,
    since: Timestamp,
}

impl Outbox for Minutes<'_> {
    type Error = std::convert::Infallible;

    fn due(
        &mut self,
        target: &str,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<groundswell_delivery::Message>, Self::Error> {
        if self.clock.now().duration_since(self.since).as_secs() >= 60 {
            self.since = self.clock.now();
            self.pushed += 1;
            self.inner.push(target, message(self.pushed, "a"));
            self.cancel.store(self.pushed > 5, Ordering::SeqCst);
        }
        self.inner.due(target, now, most)
    }

    fn delivered(&mut self, id: u64, now: Timestamp) -> Result<(), Self::Error> {
        self.inner.delivered(id, now)
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Self::Error> {
        self.inner.later(id, at, problem)
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Self::Error> {
        self.inner.dead(id, problem)
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Self::Error> {
        self.inner.tally(target)
    }
}

#[test]
fn watching_goes_on_until_it_is_stopped_and_finds_what_comes_meanwhile() {
    let server = Server::always(Does::Accept);
    let (clock, cancel, mut inner) = (Hand::new(), AtomicBool::new(false), MemoryOutbox::new());
    let since = clock.now();
    let mut outbox = Minutes { inner: &mut inner, clock: clock.clone(), pushed: 0, cancel: &cancel, since };
    let mut courier = courier(server.webhook(), &clock).poll(Duration::from_secs(7));
    courier.watch(&mut outbox, &cancel, &mut |_| {}).unwrap();
    assert_eq!(server.accepted().len(), 5);
    assert_eq!(inner.tally("platform").unwrap(), Tally::new(1, 0), "the sixth came as it was stopped");
}

/// Fails at the second delivery that it is to write down.
struct Failing(MemoryOutbox, u32);

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
struct Full;

impl Outbox for Failing {
    type Error = Full;

    fn due(
        &mut self,
        target: &str,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<groundswell_delivery::Message>, Full> {
        self.0.due(target, now, most).map_err(|never| match never {})
    }

    fn delivered(&mut self, id: u64, now: Timestamp) -> Result<(), Full> {
        self.1 += 1;
        if self.1 == 2 { Err(Full) } else { self.0.delivered(id, now).map_err(|never| match never {}) }
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Full> {
        self.0.later(id, at, problem).map_err(|never| match never {})
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Full> {
        self.0.dead(id, problem).map_err(|never| match never {})
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Full> {
        self.0.tally(target).map_err(|never| match never {})
    }
}

#[test]
fn an_outbox_that_fails_ends_the_round_and_what_it_did_not_write_down_is_sent_again_with_the_same_key() {
    let server = Server::always(Does::Accept);
    let mut outbox = Failing(outbox(3), 0);
    let mut courier = courier(server.webhook(), &Hand::new()).at_once(1);
    let error = courier.run_once(&mut outbox, &AtomicBool::new(false), &mut |_| {}).unwrap_err();
    assert!(matches!(&error, Error::Outbox(source) if source.to_string() == "the disk is full"));
    assert_eq!(outbox.0.tally("platform").unwrap().waiting, 2);
    assert_eq!(round(&mut courier, &mut outbox).delivered, 2);
    let keys: Vec<_> = server.accepted().into_iter().map(|(key, _)| key).collect();
    assert!(keys.iter().filter(|key| *key == "key-2").count() >= 2, "{keys:?}");
    assert_eq!(outbox.0.tally("platform").unwrap().waiting, 0);
}

/// Hands out two messages of one lane, which it must not.
struct Careless(Mutex<Vec<groundswell_delivery::Message>>);

impl Outbox for Careless {
    type Error = std::convert::Infallible;

    fn due(
        &mut self,
        _: &str,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<groundswell_delivery::Message>, Self::Error> {
        Ok(self.0.lock().unwrap().clone())
    }

    fn delivered(&mut self, id: u64, _: Timestamp) -> Result<(), Self::Error> {
        self.0.lock().unwrap().retain(|message| message.id != id);
        Ok(())
    }

    fn later(&mut self, _: u64, _: Timestamp, _: &str) -> Result<(), Self::Error> {
        Ok(())
    }

    fn dead(&mut self, _: u64, _: &str) -> Result<(), Self::Error> {
        Ok(())
    }

    fn tally(&mut self, _: &str) -> Result<Tally, Self::Error> {
        Ok(Tally::default())
    }
}

#[test]
fn two_messages_of_a_lane_are_not_sent_side_by_side_even_where_an_outbox_hands_them_out() {
    let server = Server::always(Does::Accept);
    let messages = (1..=30).map(|id| message(id, if id % 2 == 0 { "even" } else { "odd" })).collect();
    let told = round(&mut courier(server.webhook(), &Hand::new()), &mut Careless(Mutex::new(messages)));
    assert_eq!(told.delivered, 30);
    let accepted = server.accepted();
    for odd in [0, 1] {
        let ids = accepted.iter().map(|(key, _)| key.strip_prefix("key-").unwrap().parse::<u64>().unwrap());
        assert!(ids.filter(|id| id % 2 == odd).is_sorted());
    }
}

#[test]
fn a_courier_can_be_handed_to_a_thread_of_its_own() {
    let server = Server::always(Does::Accept);
    let (mut courier, mut outbox) = (courier(server.webhook(), &Hand::new()), outbox(3));
    let told = std::thread::spawn(move || round(&mut courier, &mut outbox)).join().unwrap();
    assert_eq!(told.delivered, 3);
}
