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
            Self::Form => "is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)",
            Self::Range => "lies outside the years 1678 to 2261",
            Self::Ambiguous => "may be a date or Unix seconds: write dates with hyphens",
        }
    }
}

/// Reads a time: RFC 3339, a date (its midnight, UTC), a date and a time without zone (UTC), or a Unix time, whole or with decimals.
/// Nanoseconds since 1970, UTC; further decimals are cut off. With a Unix time comes the unit that its size tells.
pub(crate) fn read(text: &str) -> Result<(i64, Option<UnixUnit>), TimeProblem> {
    let Some(number) = Decimal::read(text) else { return written(text).map(|moment| (moment, None)) };
    if text.len() == 8 && text.parse::<Date>().is_ok_and(|date| (1900..2100).contains(&date.year())) {
        return Err(TimeProblem::Ambiguous);
    }
    let unit = UnixUnit::of(number.whole);
    number.nanoseconds(unit).map(|moment| (moment, Some(unit)))
}

/// Reads a time that is written out: what [`read`] reads but for Unix times.
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

/// What a Unix time counts. By the size of a number alone: whatever lies within the years 1678 to 2261 in one unit
/// lies outside of them, or within a few years of 1970, in all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum UnixUnit {
    /// Seconds.
    Seconds,
    /// Thousandths of a second: from 10¹¹ on.
    Milliseconds,
    /// Millionths of a second: from 10¹⁴ on.
    Microseconds,
    /// Thousandths of a millionth of a second: from 10¹⁷ on.
    Nanoseconds,
}

impl UnixUnit {
    pub(crate) const ALL: [Self; 4] =
        [Self::Seconds, Self::Milliseconds, Self::Microseconds, Self::Nanoseconds];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }

    /// Digits between it and the nanosecond.
    fn digits(self) -> usize {
        match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        }
    }

    fn of(whole: &str) -> Self {
        match whole.trim_start_matches('0').len() {
            0..12 => Self::Seconds,
            12..15 => Self::Milliseconds,
            15..18 => Self::Microseconds,
            _ => Self::Nanoseconds,
        }
    }
}

/// A plain decimal number, in its parts.
struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    decimals: &'t str,
}

impl<'t> Decimal<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) || digits.ends_with('.') {
            return None;
        }
        Some(Self { negative, whole, decimals })
    }

    /// So many units as nanoseconds; what lies between two of them is cut off.
    fn nanoseconds(&self, unit: UnixUnit) -> Result<i64, TimeProblem> {
        let digits = unit.digits();
        let all: String =
            self.whole.chars().chain(self.decimals.chars().chain("000000000".chars()).take(digits)).collect();
        let value: i64 = all.parse().map_err(|_| TimeProblem::Range)?;
        Ok(if self.negative { -value } else { value })
    }
}

/// Reads a Unix time of a known unit, whole or with decimals; `None` where it is no number.
pub(crate) fn unix(text: &str, unit: UnixUnit) -> Option<Result<i64, TimeProblem>> {
    Decimal::read(text).map(|number| number.nanoseconds(unit))
}

/// A moment as RFC 3339 in UTC: `2020-05-31T00:00:00Z`.
pub(crate) fn rfc3339(nanoseconds: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanoseconds))
        .map_or_else(|_| nanoseconds.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::{TimeProblem, UnixUnit, rfc3339, unix, written};

    fn read(text: &str) -> Result<i64, TimeProblem> {
        super::read(text).map(|(moment, _)| moment)
    }

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
            "1590926400000",
            "1590926400000.00",
            "1590926400000000",
            "1590926400000000000",
        ] {
            assert_eq!(read(text), Ok(noon), "{text}");
        }
        assert_eq!(read("2020-05-31"), Ok(noon - 12 * 3_600_000_000_000));
        assert_eq!(read("1590926400.1234567891"), Ok(noon + 123_456_789));
        assert_eq!(read("-1.5"), Ok(-1_500_000_000));
        assert_eq!(read("1590926400001.5"), Ok(noon + 1_500_000));
        assert_eq!(rfc3339(noon), "2020-05-31T12:00:00Z");
    }

    #[test]
    fn the_size_of_a_unix_time_tells_its_unit() {
        for (text, unit) in [
            ("0", UnixUnit::Seconds),
            ("-9000000000", UnixUnit::Seconds),
            ("100000000000", UnixUnit::Milliseconds),
            ("-9000000000000", UnixUnit::Milliseconds),
            ("100000000000000", UnixUnit::Microseconds),
            ("100000000000000000", UnixUnit::Nanoseconds),
            ("9000000000000000000", UnixUnit::Nanoseconds),
        ] {
            assert_eq!(super::read(text).unwrap().1, Some(unit), "{text}");
        }
        // Who knows the unit is not told otherwise by the size.
        assert_eq!(unix("1500", UnixUnit::Milliseconds), Some(Ok(1_500_000_000)));
        assert_eq!(unix("-1.5", UnixUnit::Microseconds), Some(Ok(-1_500)));
        assert_eq!(unix("soon", UnixUnit::Seconds), None);
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
