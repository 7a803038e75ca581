//! The ledger from outside: rounds, people, edits, kills.

#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]

mod edits;
mod lives;
mod outbox;
mod past;
mod people;
mod processes;
mod promises;
mod properties;
mod rounds;
mod strange;
mod town;
mod versions;
