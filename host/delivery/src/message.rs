//! What is handed over.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest body that is sent, in bytes: 256 KiB. A message with a longer one is dead at once.
pub const MOST_BODY: usize = 256 * 1024;

/// The longest idempotency key, in characters.
const MOST_KEY: usize = 255;

/// One award on its way to one target.
///
/// `Debug` shows the length of the body and not what it says: reasons are no matter of logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// What the outbox knows it by. One id is one message to one target, and ids rise in the order in which messages were
    /// put into the outbox.
    pub id: u64,
    /// The idempotency key: the same at every attempt, and different for every other message. 1 to 255 visible
    /// characters of ASCII.
    pub key: String,
    /// Whose award it is, as an opaque name. Order is kept within a lane, and only there.
    pub lane: String,
    /// JSON, of at most [`MOST_BODY`] bytes. Read and written by serde as text.
    #[serde(with = "text")]
    pub body: Vec<u8>,
    /// How often it was tried before and failed.
    pub attempts: u32,
}

impl Message {
    /// A message that was not tried yet.
    pub fn new(id: u64, key: impl Into<String>, lane: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { id, key: key.into(), lane: lane.into(), body: body.into(), attempts: 0 }
    }

    /// The same after so many attempts.
    #[must_use]
    pub fn attempted(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Why it cannot be sent to anybody, if it cannot.
    pub(crate) fn problem(&self) -> Option<String> {
        let visible = self.key.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || self.key.is_empty() || self.key.len() > MOST_KEY {
            return Some(format!(
                "its idempotency key has {} characters, and must have 1 to {MOST_KEY}, all of them visible ones of ASCII",
                self.key.chars().count()
            ));
        }
        if self.body.len() > MOST_BODY {
            return Some(format!(
                "its body has {} bytes, and {MOST_BODY} are sent at most; shorten what the award says",
                self.body.len()
            ));
        }
        (serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_err()
            || std::str::from_utf8(&self.body).is_err())
        .then(|| "its body is no JSON".to_owned())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Message")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("lane", &self.lane)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("attempts", &self.attempts)
            .finish()
    }
}

/// A body as text.
mod text {
    use serde::{Deserialize, Deserializer, Serializer, ser::Error};

    pub(super) fn serialize<S: Serializer>(body: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(std::str::from_utf8(body).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(from).map(String::into_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_from_json_with_its_body_as_text() {
        let message = Message::new(7, "k-7", "5064", r#"{"kind":"badge"}"#).attempted(2);
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(json, r#"{"id":7,"key":"k-7","lane":"5064","body":"{\"kind\":\"badge\"}","attempts":2}"#);
        assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), message);
    }

    #[test]
    fn what_no_target_could_take_is_told() {
        let with = |key: &str, body: &[u8]| Message::new(1, key, "a", body).problem();
        assert_eq!(with("k", b"{}"), None);
        assert_eq!(with(&"k".repeat(255), b"{}"), None);
        for key in ["", "two words", "\u{e9}", "a\r\nx-other: 1", &"k".repeat(256)] {
            assert!(with(key, b"{}").unwrap().contains("idempotency key"), "{key}");
        }
        for body in [&b""[..], b"{", b"{} {}", b"\"\xff\"", b"[1,]"] {
            assert_eq!(with("k", body).unwrap(), "its body is no JSON");
        }
        let long = format!("\"{}\"", "x".repeat(MOST_BODY));
        assert_eq!(
            with("k", long.as_bytes()).unwrap(),
            "its body has 262146 bytes, and 262144 are sent at most; shorten what the award says"
        );
    }
}
