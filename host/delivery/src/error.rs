//! What can go wrong beside a message that is not taken.

use std::path::PathBuf;

/// Why there is no target, no key, or no round.
///
/// What a target answers is no error: it becomes the problem of a message. No text in here has a key in it, or more of an
/// address than scheme, host and port.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An address that is no URL, or one of no use here.
    #[error("{url}: {problem}")]
    Url {
        /// Scheme, host and port, as far as there are any.
        url: String,
        /// What is wrong with it, and the way out.
        problem: String,
    },
    /// Plain HTTP to another computer.
    #[error(
        "{url} is not encrypted, and everybody on the way could read the awards; use https, or, where the network itself is \
         private, say that plain HTTP is meant"
    )]
    Plain {
        /// Scheme, host and port.
        url: String,
    },
    /// A time limit outside of its range.
    #[error("a request's timeout is {millis} ms; it must be from 1 ms to 300000 ms")]
    Timeout {
        /// What it was set to.
        millis: u128,
    },
    /// Certificates that cannot be read.
    #[error(
        "the certificates to trust cannot be read ({problem}); they are PEM, each from BEGIN to END CERTIFICATE"
    )]
    Certificates {
        /// What is wrong with them.
        problem: String,
    },
    /// A file with a key that cannot be read.
    #[error("the key in {} cannot be read: {problem}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and the way out.
        problem: String,
    },
    /// A file with a key that others can read or write.
    #[error(
        "the key in {} is open to others (its mode is {mode:04o}); make it its owner's alone: chmod 600 {}",
        path.display(), path.display()
    )]
    KeyOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A variable of the environment without a key.
    #[error("the environment has no key in {name}; set that variable, or name a file that holds the key")]
    KeyUnset {
        /// The variable.
        name: String,
    },
    /// A key that is too short to keep anybody from guessing it.
    #[error(
        "{place} has {length} bytes, and a key needs {least} at least; make one by `openssl rand -hex 32`"
    )]
    KeyShort {
        /// The file or variable.
        place: String,
        /// How many bytes it has.
        length: usize,
        /// How many it needs.
        least: usize,
    },
    /// Two targets of one name.
    #[error("two targets are called {name:?}; each needs a name of its own")]
    Name {
        /// The name.
        name: String,
    },
    /// A target without a name.
    #[error("a target has no name; the outbox knows each by its own")]
    Nameless,
    /// The outbox failed, and the round ended. What was sent and not recorded is sent again with the same keys.
    #[error("the outbox failed: {0}")]
    Outbox(#[source] Box<dyn std::error::Error + Send + Sync>),
}
