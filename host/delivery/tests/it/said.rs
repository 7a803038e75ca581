//! Nothing that is said holds a key, a reason, or more of an address than its origin.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use groundswell_delivery::{
    Courier, MOST_PROBLEM, MemoryOutbox, Message, Secret, Target, Webhook, sign, verify,
};
use jiff::Timestamp;
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Interest, Metadata, Subscriber};

use super::Hand;
use super::certificates::Authority;
use super::server::{Does, Server};

const KEY: &str = "uncommon-Key/of+signatures=9f31";
const REASON: &str = "Talked a newcomer out of leaving, at three in the morning";
/// What the whole address has, and nobody else.
const TOKEN: &str = "in-the-address";

/// Everything that was told, from anywhere in this process.
static TOLD: Mutex<String> = Mutex::new(String::new());
/// How many records there were by which way.
static TRACES: Mutex<[usize; 2]> = Mutex::new([0, 0]);

fn tell(way: usize, text: &str) {
    TRACES.lock().unwrap()[way] += 1;
    // Other tests' servers and couriers run beside this one: what has nothing of ours is not kept.
    let ours = [KEY, &KEY.to_lowercase(), &hex(KEY), "newcomer", "three in the", TOKEN];
    if ours.iter().any(|ours| text.contains(ours)) {
        let mut told = TOLD.lock().unwrap();
        told.push_str(text);
        told.push('\n');
    }
}

/// A listener to all that is traced.
struct Traces;

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Traces {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = String::new();
        event.record(&mut Text(&mut text));
        tell(0, &text);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A listener to what the libraries below write to `log`.
struct Logs;

impl log::Log for Logs {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        tell(1, &record.args().to_string());
    }

    fn flush(&self) {}
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn secret() -> Secret {
    Secret::new(KEY).unwrap()
}

/// Answers that say everything there is to say.
fn echoes() -> Vec<Does> {
    let body = format!(r#"{{"reason":"{REASON}"}}"#);
    let mut all = Vec::new();
    for said in [KEY, &KEY.to_uppercase(), &hex(KEY), REASON, &REASON.to_lowercase(), &body] {
        let line = said.replace(' ', "-");
        all.push(Does::Say(format!("400 Bad Request\r\n\r\n{said}")));
        all.push(Does::Say(format!("500 Internal Server Error\r\nx-echo: {said}\r\n\r\nI was told: {said}")));
        all.push(Does::Say(format!("302 Found\r\nlocation: https://{line}.example.com/\r\n\r\n{said}")));
        all.push(Does::Say(format!("302 Found\r\nlocation: https://me:{line}@example.com/{line}\r\n\r\n")));
        all.push(Does::Say(format!(
            "429 Too Many Requests\r\nretry-after: {said}\r\n\r\n{}",
            said.repeat(99)
        )));
        all.push(Does::Say(format!("500 {said}\r\n\r\n")));
        all.push(Does::Say(format!("{said}\r\n\r\n")));
        all.push(Does::Say(format!("200 OK\r\ncontent-length: {said}\r\n\r\n")));
        all.push(Does::Write(format!("{said}\r\n{said}\r\n\r\n").into_bytes()));
    }
    all
}

#[test]
fn whatever_servers_say_nothing_that_is_told_holds_a_key_or_a_reason() {
    tracing_core::dispatcher::set_global_default(tracing_core::Dispatch::new(Traces)).unwrap();
    log::set_logger(&Logs).unwrap();
    // Below it the libraries tell whole addresses, as the page of this crate says.
    log::set_max_level(log::LevelFilter::Debug);

    let answers = echoes();
    let messages = answers.len() as u64;
    let mut outbox = MemoryOutbox::new();
    for id in 0..messages {
        let body = format!(r#"{{"kind":"badge","reason":"{REASON}"}}"#);
        outbox.push("platform", Message::new(id, format!("key-{id}"), format!("{id}"), body));
    }
    let authority = Authority::new();
    let script = answers.clone();
    let by_key = move |key: &str| {
        let id: usize = key.strip_prefix("key-").unwrap().parse().unwrap();
        script[id].clone()
    };
    let plain = {
        let by_key = by_key.clone();
        Server::new(move |request| by_key(request.key()))
    };
    let encrypted = Server::keeping(Arc::default(), Some(authority.vouches(|_| {})), move |request| {
        by_key(request.key())
    });
    let over_tls =
        Webhook::new(&encrypted.https(), secret()).unwrap().trust_only(authority.pem.as_bytes()).unwrap();
    let distrusted = Webhook::new(&encrypted.https(), secret()).unwrap();
    let clock = Hand::new();
    let mut told = String::new();
    let webhooks = [Webhook::new(&plain.url(), secret()).unwrap(), over_tls, distrusted];
    for (number, webhook) in webhooks.into_iter().enumerate() {
        let mut outbox = outbox.clone();
        let mut courier =
            Courier::new(vec![Target::webhook("platform", webhook)]).unwrap().clock(clock.clone());
        let before = (plain.requests(), encrypted.requests());
        for _ in 0..200 {
            let cancel = std::sync::atomic::AtomicBool::new(false);
            let round = courier.run_once(&mut outbox, &cancel, &mut |progress| {
                told += &format!("{progress:?}\n");
                let short = progress.problem.as_ref().is_none_or(|told| told.chars().count() <= MOST_PROBLEM);
                assert!(short, "{progress:?}");
            });
            told += &format!("{round:?}\n");
            clock.on(std::time::Duration::from_secs(6 * 3_600));
        }
        let asked = [plain.requests() - before.0, encrypted.requests() - before.1, 0][number];
        assert!(number == 2 || asked as u64 > messages, "everything was asked, and said: {asked}");
        told += &format!("{courier:?}\n{outbox:?}\n");
        for letter in outbox.dead_letters() {
            told += &format!("{}\n{letter:?}\n", letter.problem);
        }
    }

    for error in [
        Webhook::new(&format!("http://example.com/{TOKEN}"), secret()).unwrap_err(),
        Webhook::new(&format!("https://{}@example.com/{TOKEN}", KEY.replace('/', "-")), secret())
            .unwrap_err(),
        Secret::new(&KEY[..15]).unwrap_err(),
    ] {
        told += &format!("{error} {error:?}\n");
    }
    let now = Timestamp::UNIX_EPOCH;
    let refused = verify(KEY, REASON.as_bytes(), &secret(), now, std::time::Duration::ZERO).unwrap_err();
    told += &format!("{:?} {refused} {refused:?} {}\n", secret(), sign(b"{}", &secret(), now));

    let [traced, logged] = *TRACES.lock().unwrap();
    assert!(traced > 50 && logged > 50, "there was something to hear: {traced} traces, {logged} records");
    assert!(told.contains("something that repeats what it was sent, and is not shown"));
    told += &TOLD.lock().unwrap();
    let folded = told.to_lowercase().replace('-', " ");
    let hidden = [KEY, &KEY[..15], &hex(KEY), REASON, "newcomer", "three in the morning", TOKEN];
    for hidden in hidden.map(|hidden| hidden.to_lowercase().replace('-', " ")) {
        let around = folded.find(&hidden).map(|at| told.chars().skip(at.saturating_sub(200)).take(400));
        assert!(around.is_none(), "{:?}", around.map(Iterator::collect::<String>));
    }
}
