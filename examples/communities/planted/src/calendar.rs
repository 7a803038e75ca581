use std::fmt;

/// Midnight before Monday, 1 January 2024: the first of the 52 weeks in which everything happens.
pub(crate) const START: u64 = 1_704_067_200;
/// Weeks in which members act.
pub(crate) const WEEKS: u64 = 52;
pub(crate) const DAY: u64 = 86_400;
pub(crate) const WEEK: u64 = 7 * DAY;
/// The last second of the last week.
pub(crate) const END: u64 = START + WEEKS * WEEK - 1;

/// Seconds since 1970, shown as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / DAY, self.0 % DAY);
        // Days to year, month and day, after Howard Hinnant's "chrono-compatible low-level date algorithms".
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_show_as_dates() {
        assert_eq!(Time(START).to_string(), "2024-01-01T00:00:00Z");
        assert_eq!(Time(END).to_string(), "2024-12-29T23:59:59Z");
        assert_eq!(Time(START + 59 * DAY + 3_661).to_string(), "2024-02-29T01:01:01Z");
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00Z");
    }
}
