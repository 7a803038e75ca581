//! Reading moments, as community files write them.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};

/// Why a text is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeProblem {
    /// It has none of the forms.
    Form,
    /// It lies outside of what 64 bits of nanoseconds can say: 1677-09-21 to 2262-04-11.
    Range,
    /// It is eight digits that can be a date, or Unix seconds of the early seventies.
    Ambiguous,
}

impl TimeProblem {
    /// Finishes the sentence "this text …".
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Form => "is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or in Unix seconds)",
            Self::Range => "lies outside the years 1678 to 2261 (Unix times are in seconds)",
            Self::Ambiguous => "may be a date or Unix seconds: write dates with hyphens",
        }
    }
}

/// Reads a time: RFC 3339, a date (its midnight, UTC), a date and a time without zone (UTC), or Unix seconds, whole or with decimals.
/// Nanoseconds since 1970, UTC; further decimals are cut off.
pub(crate) fn read(text: &str) -> Result<i64, TimeProblem> {
    match unix_seconds(text) {
        Some(read) => read,
        None => written(text),
    }
}

/// Reads a time that is written out: what [`read`] reads but for Unix seconds.
pub(crate) fn written(text: &str) -> Result<i64, TimeProblem> {
    let moment = if let Ok(moment) = text.parse::<Timestamp>() {
        moment
    } else if text.strip_suffix(['Z', 'z']).is_some_and(|civil| civil.parse::<DateTime>().is_ok()) {
        // The last hours of the last year that can be written.
        return Err(TimeProblem::Range);
    } else {
        let civil: DateTime = match text.len() {
            0..=10 => text
                .parse::<Date>()
                .map_err(|_| TimeProblem::Form)?
                .to_datetime(jiff::civil::Time::midnight()),
            _ => text.parse().map_err(|_| TimeProblem::Form)?,
        };
        // A form that jiff reads and communities do not mean, such as one with a zone's name, is not one of ours.
        if !text.bytes().all(|b| b.is_ascii_digit() || b"-:.,Tt ".contains(&b)) {
            return Err(TimeProblem::Form);
        }
        TimeZone::UTC.to_timestamp(civil).map_err(|_| TimeProblem::Range)?
    };
    i64::try_from(moment.as_nanosecond()).map_err(|_| TimeProblem::Range)
}

/// `None` when the text is not a plain decimal number.
fn unix_seconds(text: &str) -> Option<Result<i64, TimeProblem>> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) || digits.ends_with('.') {
        return None;
    }
    if text.len() == 8 && text.parse::<Date>().is_ok_and(|date| (1900..2100).contains(&date.year())) {
        return Some(Err(TimeProblem::Ambiguous));
    }
    let nanoseconds = || {
        let seconds: i64 = whole.parse().ok()?;
        let first_nine: String = decimals.chars().chain("000000000".chars()).take(9).collect();
        let value = seconds.checked_mul(1_000_000_000)?.checked_add(first_nine.parse().ok()?)?;
        Some(if negative { -value } else { value })
    };
    Some(nanoseconds().ok_or(TimeProblem::Range))
}

/// A moment as RFC 3339 in UTC: `2020-05-31T00:00:00Z`.
pub(crate) fn rfc3339(nanoseconds: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanoseconds))
        .map_or_else(|_| nanoseconds.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::{TimeProblem, read, rfc3339, written};

    #[test]
    fn all_forms_of_the_same_moment_are_the_same() {
        let noon = 1_590_926_400_000_000_000;
        for text in [
            "2020-05-31T12:00:00Z",
            "2020-05-31T14:00:00+02:00",
            "2020-05-31 12:00:00",
            "2020-05-31T12:00:00",
            "2020-05-31T12:00:00.000",
            "1590926400",
            "1590926400.0",
        ] {
            assert_eq!(read(text), Ok(noon), "{text}");
        }
        assert_eq!(read("2020-05-31"), Ok(noon - 12 * 3_600_000_000_000));
        assert_eq!(read("1590926400.1234567891"), Ok(noon + 123_456_789));
        assert_eq!(read("-1.5"), Ok(-1_500_000_000));
        assert_eq!(rfc3339(noon), "2020-05-31T12:00:00Z");
    }

    #[test]
    fn what_is_not_a_moment_says_why() {
        for text in [
            "",
            "yesterday",
            "31.05.2020",
            "2020-13-01",
            "12:00",
            "2020-05-31T12:00:00[Europe/Berlin]",
            "1e9",
            ".",
        ] {
            assert_eq!(read(text), Err(TimeProblem::Form), "{text}");
        }
        for text in ["0001-01-01", "9999-01-01T00:00:00Z", "99999999999999999999", "15909264000000"] {
            assert_eq!(read(text), Err(TimeProblem::Range), "{text}");
        }
        assert_eq!(read("20200531"), Err(TimeProblem::Ambiguous));
        assert_eq!(read("86400000"), Ok(86_400_000 * 1_000_000_000));
        assert_eq!(written("1590926400"), Err(TimeProblem::Form));
        assert!(read("2099-12-31T23:59:59Z").is_ok());
    }
}
