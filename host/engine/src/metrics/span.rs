//! The window, and the units of time that are counted in it.

/// Nanoseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000_000;
/// Nanoseconds of a week.
pub(super) const WEEK: i64 = 7 * DAY;

/// The window of a run: after `start`, up to and including `as_of`; nanoseconds since 1970 (UTC).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: Option<i64>,
    pub(crate) as_of: i64,
}

/// A unit of time in which a member is active or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// A calendar day, UTC.
    Day,
    /// An ISO week, Monday to Sunday, UTC.
    Week,
}

impl Unit {
    /// The number of the unit that a moment lies in.
    pub(super) fn of(self, at: i64) -> i64 {
        match self {
            Self::Day => at.div_euclid(DAY),
            // 1970 began on a Thursday, three days into its week; without overflow at either end of time.
            Self::Week => at.div_euclid(WEEK) + (at.rem_euclid(WEEK) + 3 * DAY) / WEEK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays_before_1970_too() {
        let moment = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_nanosecond() as i64;
        let monday = moment("2020-06-01T00:00:00Z");
        assert_eq!(Unit::Week.of(monday), Unit::Week.of(monday - 1) + 1);
        assert_eq!(Unit::Week.of(monday), Unit::Week.of(monday + WEEK - 1));
        let before = moment("1969-12-29T00:00:00Z");
        assert_eq!(Unit::Week.of(before), Unit::Week.of(0));
        assert_eq!(Unit::Week.of(before - 1), Unit::Week.of(0) - 1);
        assert!(Unit::Week.of(i64::MIN) < Unit::Week.of(i64::MAX));
        assert_eq!(Unit::Day.of(-1), -1);
    }
}
