//! Who said it, and when.

use std::time::Duration;

use jiff::Timestamp;
use ring::hmac;

use crate::Secret;
use crate::hex::{from_hex, to_hex};

/// The header that [`sign`] is the value of.
pub const SIGNATURE_HEADER: &str = "groundswell-signature";
/// The header with the idempotency key.
pub const KEY_HEADER: &str = "idempotency-key";

/// The longest header that is looked at, in bytes.
const MOST_HEADER: usize = 1024;

/// Why a signature is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsigned {
    /// The header is not `t=SECONDS,v1=HEX`.
    #[error("the signature cannot be read; it is t=SECONDS,v1=HEX")]
    Unreadable,
    /// Body, time and key do not come to this signature.
    #[error("the signature is of another body, another time or another key")]
    Wrong,
    /// The signature is right and older than the tolerance, or as far ahead: sent again by somebody, or the clocks differ.
    #[error(
        "the signature was made {seconds} s from now, and {tolerance} s are tolerated; do the clocks differ?"
    )]
    Stale {
        /// How far it is from now, in seconds.
        seconds: u64,
        /// How far it may be.
        tolerance: u64,
    },
}

/// The value of the header `groundswell-signature`: `t=<seconds since 1970>,v1=<hex of HMAC-SHA-256 over "<t>.<body>">`.
///
/// ```
/// use groundswell_delivery::{Secret, sign};
///
/// let key = Secret::new("a key that only two of us know")?;
/// let signature = sign(br#"{"award":"badge","member":"5064"}"#, &key, "2020-01-01T00:00:00Z".parse()?);
/// assert_eq!(
///     signature,
///     "t=1577836800,v1=dd29b176e4c641a39d1f87c907ca16f2e17650e78cb7cbefcffb0191d45a78ea"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(body: &[u8], key: &Secret, at: Timestamp) -> String {
    let seconds = at.as_second();
    let tag = hmac::sign(&key.key(), &signed(&seconds.to_string(), body));
    format!("t={seconds},v1={}", to_hex(tag.as_ref()))
}

/// Checks what [`sign`] made, at the receiver. Tags are compared in constant time.
///
/// Pass the body as it came, before anything parses it. A tolerance of five minutes is usual; a receiver that keeps the
/// idempotency keys that it has seen needs no less. Several `v1=` may stand there, as during a change of keys, and one of
/// them has to be right; other versions are passed over.
///
/// A receiver in another language does the same in three lines; in Python, whose standard library has it:
///
/// ```text
/// t, v1 = (part.split("=", 1)[1] for part in header.split(","))
/// right = hmac.new(key, t.encode() + b"." + body, hashlib.sha256).hexdigest()
/// ok = hmac.compare_digest(right, v1) and abs(time.time() - int(t)) <= 300
/// ```
///
/// # Errors
///
/// [`Unsigned`], in this order: unreadable, wrong, stale.
///
/// # Example
///
/// ```
/// use std::time::Duration;
///
/// use groundswell_delivery::{Secret, Unsigned, verify};
///
/// let header = "t=1577836800,v1=dd29b176e4c641a39d1f87c907ca16f2e17650e78cb7cbefcffb0191d45a78ea";
/// let body = br#"{"award":"badge","member":"5064"}"#;
/// let key = Secret::new("a key that only two of us know")?;
/// let minutes = Duration::from_secs(300);
///
/// assert_eq!(verify(header, body, &key, "2020-01-01T00:04:59Z".parse()?, minutes), Ok(()));
/// assert_eq!(verify(header, b"{}", &key, "2020-01-01T00:04:59Z".parse()?, minutes), Err(Unsigned::Wrong));
/// let stale = verify(header, body, &key, "2020-01-01T01:00:00Z".parse()?, minutes);
/// assert_eq!(
///     stale.unwrap_err().to_string(),
///     "the signature was made 3600 s from now, and 300 s are tolerated; do the clocks differ?"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(
    signature: &str,
    body: &[u8],
    key: &Secret,
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), Unsigned> {
    let (time, tags) = parts(signature).ok_or(Unsigned::Unreadable)?;
    let seconds: i64 = time.parse().map_err(|_| Unsigned::Unreadable)?;
    let (key, signed) = (key.key(), signed(time, body));
    if !tags.iter().any(|tag| hmac::verify(&key, &signed, tag).is_ok()) {
        return Err(Unsigned::Wrong);
    }
    let (seconds, tolerance) = (now.as_second().abs_diff(seconds), tolerance.as_secs());
    if seconds > tolerance { Err(Unsigned::Stale { seconds, tolerance }) } else { Ok(()) }
}

/// What is signed. The time comes first and has digits alone, so that no other time and body come to the same bytes.
fn signed(time: &str, body: &[u8]) -> Vec<u8> {
    [time.as_bytes(), b".", body].concat()
}

/// The time as it is written, and every tag.
fn parts(signature: &str) -> Option<(&str, Vec<Vec<u8>>)> {
    if signature.len() > MOST_HEADER {
        return None;
    }
    let (mut time, mut tags) = (None, Vec::new());
    for part in signature.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        match name {
            "t" if time.is_some() || value.is_empty() => return None,
            "t" if !value.bytes().all(|byte| byte.is_ascii_digit()) => return None,
            "t" => time = Some(value),
            "v1" => tags.push(from_hex(value)?),
            _ => {}
        }
    }
    Some((time?, tags)).filter(|(_, tags)| !tags.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "dd29b176e4c641a39d1f87c907ca16f2e17650e78cb7cbefcffb0191d45a78ea";
    const BODY: &[u8] = br#"{"award":"badge","member":"5064"}"#;

    fn check(header: &str) -> Result<(), Unsigned> {
        let key = Secret::new("a key that only two of us know").unwrap();
        let now = Timestamp::from_second(1_577_836_800).unwrap();
        verify(header, BODY, &key, now, Duration::from_secs(300))
    }

    #[test]
    fn one_right_tag_of_several_is_enough() {
        let other = "00".repeat(32);
        assert_eq!(check(&format!("t=1577836800,v1={TAG}")), Ok(()));
        assert_eq!(check(&format!("t=1577836800, v1={other}, v1={TAG}, v2=x")), Ok(()));
        assert_eq!(check(&format!("v1={TAG},t=1577836800")), Ok(()));
        assert_eq!(check(&format!("t=1577836800,v1={other}")), Err(Unsigned::Wrong));
        assert_eq!(check(&format!("t=1577836801,v1={TAG}")), Err(Unsigned::Wrong), "the time is signed, too");
        assert_eq!(check(&format!("t=01577836800,v1={TAG}")), Err(Unsigned::Wrong), "as it is written");
        assert_eq!(
            check(&format!("t=1577836800,v1={}", &TAG[..62])),
            Err(Unsigned::Wrong),
            "whole tags alone"
        );
    }

    #[test]
    fn what_is_no_signature_is_unreadable() {
        let long = format!("t=1577836800,v1={TAG},v9={}", "x".repeat(2_000));
        let twice = format!("t=1577836800,t=1577836800,v1={TAG}");
        let high = format!("t=99999999999999999999,v1={TAG}");
        let negative = format!("t=-1,v1={TAG}");
        let no_time = format!("v1={TAG}");
        let headers =
            ["", "t=1577836800", "t=,v1=00", "t=1577836800,v1=0", "t=1577836800,v1=zz", "t=1577836800,v1"];
        for header in headers.into_iter().chain([&*long, &twice, &high, &negative, &no_time]) {
            assert_eq!(check(header), Err(Unsigned::Unreadable), "{header}");
        }
    }

    #[test]
    fn a_signature_ahead_of_the_clock_is_as_stale_as_one_behind() {
        let key = Secret::new("a key that only two of us know").unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        for (made, now, taken) in [(0, 300, true), (300, 0, true), (0, 301, false), (301, 0, false)] {
            let header = sign(BODY, &key, at(made));
            let found = verify(&header, BODY, &key, at(now), Duration::from_secs(300));
            let stale = Err(Unsigned::Stale { seconds: 301, tolerance: 300 });
            assert_eq!(found, if taken { Ok(()) } else { stale });
        }
    }
}
