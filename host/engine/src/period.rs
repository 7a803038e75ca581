//! The programme's calendar: which period a moment lies in.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::Period;

/// One period of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeriodAt {
    /// Its name: `2020-W22`, `2020-05`, `2020-Q2` or `2020`.
    pub(crate) key: String,
    /// Its first moment, nanoseconds since 1970 (UTC).
    pub(crate) start: i64,
}

/// The period that contains a moment (nanoseconds since 1970, UTC), in a time zone.
pub(crate) fn period_at(period: Period, at: i64, time_zone: &TimeZone) -> Result<PeriodAt, jiff::Error> {
    let moment = Timestamp::from_nanosecond(at.into())?;
    let date = moment.to_zoned(time_zone.clone()).date();
    let year = date.year();
    let (key, first) = match period {
        Period::Week => {
            let week = date.iso_week_date();
            let monday = date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())?;
            (format!("{:04}-W{:02}", week.year(), week.week()), monday)
        }
        Period::Month => (format!("{year:04}-{:02}", date.month()), date.first_of_month()),
        Period::Quarter => {
            let quarter = (date.month() - 1) / 3;
            (format!("{year:04}-Q{}", quarter + 1), Date::new(year, quarter * 3 + 1, 1)?)
        }
        Period::Year => (format!("{year:04}"), date.first_of_year()),
    };
    let start = first.to_zoned(time_zone.clone())?.timestamp().as_nanosecond();
    Ok(PeriodAt { key, start: i64::try_from(start).unwrap_or(i64::MIN) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Period; 4] = [Period::Week, Period::Month, Period::Quarter, Period::Year];

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_nanosecond() as i64
    }

    fn keys(text: &str, zone: &TimeZone) -> [String; 4] {
        ALL.map(|period| period_at(period, at(text), zone).unwrap().key)
    }

    #[test]
    fn iso_weeks_belong_to_the_year_of_their_thursday() {
        let utc = TimeZone::UTC;
        assert_eq!(keys("2020-05-31T00:00:00Z", &utc), ["2020-W22", "2020-05", "2020-Q2", "2020"]);
        assert_eq!(keys("2021-01-03T23:59:59.999999999Z", &utc), ["2020-W53", "2021-01", "2021-Q1", "2021"]);
        assert_eq!(keys("2021-01-04T00:00:00Z", &utc), ["2021-W01", "2021-01", "2021-Q1", "2021"]);
        assert_eq!(keys("2019-12-30T00:00:00Z", &utc), ["2020-W01", "2019-12", "2019-Q4", "2019"]);
        assert_eq!(keys("2024-12-31T12:00:00Z", &utc), ["2025-W01", "2024-12", "2024-Q4", "2024"]);
    }

    #[test]
    fn the_time_zone_decides_where_a_year_ends() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(keys("2020-12-31T22:59:59Z", &berlin), ["2020-W53", "2020-12", "2020-Q4", "2020"]);
        assert_eq!(keys("2020-12-31T23:00:00Z", &berlin), ["2020-W53", "2021-01", "2021-Q1", "2021"]);
        let start = period_at(Period::Year, at("2021-06-01T00:00:00Z"), &berlin).unwrap().start;
        assert_eq!(start, at("2020-12-31T23:00:00Z"));
    }

    proptest! {
        #[test]
        fn the_first_moment_is_in_the_period_and_the_one_before_is_not(
            seconds in -5_000_000_000_i64..5_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let moment = seconds * 1_000_000_000;
            for period in ALL {
                let found = period_at(period, moment, &zone).unwrap();
                prop_assert!(found.start <= moment);
                prop_assert_eq!(&period_at(period, found.start, &zone).unwrap(), &found);
                let before = period_at(period, found.start - 1, &zone).unwrap();
                prop_assert!(before.key < found.key && before.start < found.start);
            }
        }
    }
}
