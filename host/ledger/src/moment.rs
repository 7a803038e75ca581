//! Moments, as people and programs write them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// A moment: nanoseconds since 1970 (UTC). Written as RFC 3339, in text and in JSON.
///
/// ```
/// use groundswell_ledger::Moment;
///
/// let moment: Moment = "2020-05-31".parse()?;
/// assert_eq!(moment.to_string(), "2020-05-31T00:00:00Z");
/// assert_eq!(moment.day(), "2020-05-31");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// Its day, in UTC: `2020-05-31`.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Reads RFC 3339, or a date, which stands for its beginning by the clocks of a time zone.
    ///
    /// ```
    /// use groundswell_ledger::Moment;
    /// use jiff::tz::TimeZone;
    ///
    /// let berlin = TimeZone::get("Europe/Berlin")?;
    /// let moment = Moment::read("2020-05-31", &berlin)?;
    /// assert_eq!(moment.to_string(), "2020-05-30T22:00:00Z");
    /// assert_eq!(Moment::read("2020-05-31T12:00:00Z", &berlin)?.to_string(), "2020-05-31T12:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where it is neither, or beyond the years 1678 to 2261: in words that say how to write it.
    pub fn read(text: &str, zone: &TimeZone) -> Result<Self, String> {
        let date = |text: &str| {
            let date: Date = text.parse().ok()?;
            zone.to_timestamp(date.to_datetime(Time::midnight())).ok()
        };
        let moment = match text.len() {
            0..=10 => date(text),
            _ => text.parse().ok(),
        };
        moment
            .and_then(|moment: Timestamp| i64::try_from(moment.as_nanosecond()).ok())
            .map(Self)
            .ok_or_else(|| "write it as 2020-05-31 or 2020-05-31T12:00:00Z, from 1678 to 2261".to_owned())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_nanosecond(self.0.into()) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} nanoseconds since 1970", self.0),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    /// Reads RFC 3339, or a date, which stands for its beginning in UTC.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::read(text, &TimeZone::UTC)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
