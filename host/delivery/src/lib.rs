//! Hands a community's awards to its platform.
//!
//! A ledger records awards and puts a [`Message`] for each into an [`Outbox`]; a [`Courier`] carries them to their
//! [`Target`]s: a signed [`Webhook`], or a file of [`JsonLines`]. What a message says is the ledger's business; this crate
//! knows no communities, no ledger and no database.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use groundswell_delivery::{Courier, JsonLines, MemoryOutbox, Message, Target};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("awards.jsonl");
//! let mut outbox = MemoryOutbox::new();
//! outbox.push("archive", Message::new(1, "2026-07/5064/badge", "5064", r#"{"kind":"badge"}"#));
//!
//! let mut courier = Courier::new(vec![Target::json_lines("archive", JsonLines::new(&path))])?;
//! let cancel = AtomicBool::new(false); // set by anybody, at any time
//! let round = courier.run_once(&mut outbox, &cancel, &mut |progress| println!("{progress:?}"))?;
//!
//! assert_eq!((round[0].delivered, round[0].tally.waiting), (1, 0));
//! let written = std::fs::read_to_string(&path)?;
//! assert_eq!(written, "{\"key\":\"2026-07/5064/badge\",\"body\":{\"kind\":\"badge\"}}\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! - [`Message`], [`Outbox`], [`Tally`]: what waits, and where. [`MemoryOutbox`], [`DeadLetter`]: for tests.
//! - [`Target`], [`Webhook`], [`JsonLines`]: to whom it goes, and how.
//! - [`Secret`]; [`sign`], [`verify`], [`Unsigned`], [`SIGNATURE_HEADER`], [`KEY_HEADER`]: who said it. Receivers in Rust use
//!   [`verify`], whose page has the three lines for others.
//! - [`Courier`], [`BackOff`], [`Progress`]: when it is tried, how often, and how far it is.
//! - [`Clock`], [`SystemClock`]: what time it is.
//!
//! # What is promised
//!
//! - **At least once.** A message counts as delivered once its target said so and the outbox has written it down. Whatever
//!   is killed between the two, the message is sent again, with the same idempotency key: a receiver that does nothing for
//!   a key that it has seen does each thing exactly once. [`JsonLines`] is such a receiver itself.
//! - **In order per member.** No message is sent while one before it in its lane waits. A receiver meets the messages of a
//!   lane for the first time in their order; between lanes there is none. A dead message holds up nobody, and one that is
//!   retried by hand comes after those that went past it.
//! - **Nothing lost, nothing for ever.** A message is delivered, waits, or is dead and can be looked at; the page of
//!   [`Courier`] has a table of what leads to which.
//!
//! Not promised: order for a message that died while a slow server still had it. It may take it later than those that were
//! sent after it.
//!
//! # Determinism
//!
//! What becomes of a message depends on what its target answers, on the [`Clock`] and on nothing else: jitter is drawn from
//! the message's key ([`BackOff`]). Messages of different lanes are sent side by side, and arrive in any order.
//!
//! # Limits
//!
//! | what | limit | beyond it |
//! | --- | --- | --- |
//! | a body | 256 KiB of JSON ([`MOST_BODY`]) | the message is dead |
//! | an idempotency key | 255 visible characters of ASCII | the message is dead |
//! | a request, all in all | 10 s, at most 5 min ([`Webhook::timeout`]) | a failed attempt |
//! | an answer's head | 16 KiB | a failed attempt |
//! | an answer's body | 4 KiB | not read |
//! | attempts | 20 ([`Courier::most_attempts`]) | the message is dead |
//! | a wait | 6 h ([`BackOff::cap`]), `retry-after` included | cut to that |
//! | a problem's text | 500 characters ([`MOST_PROBLEM`]) | cut to that |
//! | a server's own words | 120 characters | cut to that |
//! | a key for signatures | 16 bytes to 4 KiB | refused |
//!
//! A server that reads slowly is held to its time between every 16 KiB that are sent to it, and a name that is looked up
//! longer than the request may take leaves a thread behind until the system gives up. So does a request that is cut off, until
//! its time is over.
//!
//! # Errors
//!
//! What a target does is no [`Error`]: it becomes the *problem* of a message, one line for people, which the outbox keeps
//! and [`Progress`] shows. [`Error`] is for what has to be mended before there is any delivery: an address, a key, an outbox
//! that fails.
//!
//! # What is never said
//!
//! No error, problem, progress, `Debug` or trace holds the key, a body, or more of an address than scheme, host and port. A
//! server's words are escaped and cut, and withheld altogether where they repeat eight letters of what it was sent.
//! Traces tell a message's id, its target, its attempts and its problem. The libraries for HTTP and TLS below write to `log`
//! of their own: at its levels down to `debug` they keep to this, at `trace` they tell whole addresses, those of redirects
//! included.
//!
//! # Parts
//!
//! `ureq` for HTTP: blocking, as everything here, so that no runtime has to be brought along; one time limit for a whole
//! request, TLS handshake and dripping bytes included. `rustls` on `ring` for TLS, and `ring`'s HMAC and SHA-256, since it
//! is there: `hmac` and `sha2` would be more to build for the same. Mozilla's roots as `webpki-roots` has them rather than
//! the system's: the same on every machine, also in containers without any, and nothing in the environment adds to them.

mod backoff;
mod batch;
mod clock;
mod courier;
mod error;
mod excerpt;
mod health;
mod hearing;
mod hex;
mod lines;
mod memory;
mod message;
mod outbox;
mod progress;
mod retry_after;
mod secret;
mod signature;
mod target;
mod verdict;
mod webhook;

pub use backoff::BackOff;
pub use clock::{Clock, SystemClock};
pub use courier::Courier;
pub use error::Error;
pub use excerpt::MOST_PROBLEM;
pub use lines::JsonLines;
pub use memory::{DeadLetter, MemoryOutbox};
pub use message::{MOST_BODY, Message};
pub use outbox::{Outbox, Tally};
pub use progress::Progress;
pub use secret::Secret;
pub use signature::{KEY_HEADER, SIGNATURE_HEADER, Unsigned, sign, verify};
pub use target::Target;
pub use webhook::Webhook;
