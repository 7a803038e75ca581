//! Whatever the server does.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use groundswell_delivery::{MemoryOutbox, Outbox};
use proptest::prelude::*;

use super::server::{Does, Server};
use super::{Hand, courier, message};

fn does() -> impl Strategy<Value = Does> {
    let say = |text: &str| Just(Does::Say(text.to_owned()));
    prop_oneof![
        4 => Just(Does::Accept),
        2 => Just(Does::AcceptTwice),
        2 => Just(Does::Drop),
        2 => Just(Does::AcceptAndDrop),
        1 => Just(Does::AcceptAtLength(100_000)),
        1 => Just(Does::Hang),
        1 => Just(Does::AcceptAndHang),
        1 => Just(Does::Drip),
        1 => say("200 O"),
        1 => say("400 Bad Request\r\n\r\nno"),
        1 => say("404 Not Found\r\n\r\n"),
        1 => say("302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n"),
        1 => say("429 Too Many Requests\r\nretry-after: 9\r\n\r\n"),
        1 => say("500 Internal Server Error\r\ncontent-length: 99\r\n\r\ncut"),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Does::Write),
        1 => "[ -~]{0,20}(\r\n[ -~]{0,20}){0,3}\r\n\r\n".prop_map(Does::Say),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lanes_stay_in_order_and_nothing_is_lost(
        lanes in prop::collection::vec(0_u8..3, 1..12),
        script in prop::collection::vec(does(), 0..14),
        at_once in 1_usize..4,
    ) {
        let mut outbox = MemoryOutbox::new();
        for (index, lane) in lanes.iter().enumerate() {
            outbox.push("platform", message(index as u64 + 1, &lane.to_string()));
        }
        let server = Server::new(move |request| script.get(request.number).cloned().unwrap_or(Does::Accept));
        let clock = Hand::new();
        let mut courier = courier(server.impatient(), &clock).at_once(at_once).most_attempts(1_000);
        for _ in 0..500 {
            courier.run_once(&mut outbox, &AtomicBool::new(false), &mut |_| {}).unwrap();
            if outbox.tally("platform").unwrap().waiting == 0 {
                break;
            }
            clock.on(Duration::from_secs(6 * 3_600));
        }
        prop_assert_eq!(outbox.tally("platform").unwrap().waiting, 0);

        let mut first: HashMap<u64, usize> = HashMap::new();
        for (place, (key, body)) in server.accepted().iter().enumerate() {
            let id: u64 = key.strip_prefix("key-").unwrap().parse().unwrap();
            prop_assert_eq!(body.as_bytes(), message(id, "").body);
            first.entry(id).or_insert(place);
        }
        let mut last: HashMap<u8, usize> = HashMap::new();
        for (index, lane) in lanes.iter().enumerate() {
            let id = index as u64 + 1;
            // Anything may say 2xx, garbage too; but by far most of these were accepted, and those in order.
            if let Some(place) = first.get(&id) {
                let before = last.insert(*lane, *place);
                prop_assert!(before.is_none_or(|before| before < *place), "{} came too early", id);
            }
            let dead = outbox.dead_letters().find(|letter| letter.message.id == id);
            match dead {
                Some(letter) => prop_assert!(letter.problem.starts_with("answered 4"), "{}", letter.problem),
                None => prop_assert!(outbox.delivered_at(id).is_some(), "{} is lost", id),
            }
        }
    }
}
