//! The programme's calendar: which period a moment lies in.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A calendar unit in the community's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Period {
    /// ISO week: `2020-W22`.
    Week,
    /// `2020-05`.
    Month,
    /// `2020-Q2`.
    Quarter,
    /// `2020`.
    Year,
}

/// One period of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeriodAt {
    /// Its name: `2020-W22`, `2020-05`, `2020-Q2` or `2020`.
    pub key: String,
    /// Its first moment, nanoseconds since 1970 (UTC).
    pub start: i64,
    /// The first moment of the one behind it.
    pub until: i64,
    /// How many periods lie between it and the one of the year 0 that is counted as 0: neighbours differ by 1.
    pub index: i64,
}

/// Periods of one length in one time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    period: Period,
    time_zone: TimeZone,
}

impl Calendar {
    /// Periods that begin and end by the clocks of a time zone.
    pub fn new(period: Period, time_zone: TimeZone) -> Self {
        Self { period, time_zone }
    }

    /// The unit.
    pub fn period(&self) -> Period {
        self.period
    }

    /// The period that contains a moment (nanoseconds since 1970, UTC).
    ///
    /// # Errors
    ///
    /// Where its first day is beyond the years that can be written down, which is so for no moment of the data.
    pub fn at(&self, moment: i64) -> Result<PeriodAt, jiff::Error> {
        let date = Timestamp::from_nanosecond(moment.into())?.to_zoned(self.time_zone.clone()).date();
        let year = i64::from(date.year());
        let (key, first, next, index) = match self.period {
            Period::Week => {
                let week = date.iso_week_date();
                let monday = date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())?;
                // The first of January of the year 0 was a Saturday; what counts is that Mondays are 7 apart.
                let days = monday.since(Date::new(0, 1, 3)?)?.get_days();
                (
                    format!("{:04}-W{:02}", week.year(), week.week()),
                    monday,
                    monday.checked_add(7.days())?,
                    i64::from(days).div_euclid(7),
                )
            }
            Period::Month => {
                let month = i64::from(date.month());
                let first = date.first_of_month();
                (format!("{year:04}-{month:02}"), first, first.checked_add(1.month())?, year * 12 + month - 1)
            }
            Period::Quarter => {
                let quarter = (date.month() - 1) / 3;
                let first = Date::new(date.year(), quarter * 3 + 1, 1)?;
                let key = format!("{year:04}-Q{}", quarter + 1);
                (key, first, first.checked_add(3.months())?, year * 4 + i64::from(quarter))
            }
            Period::Year => {
                let first = date.first_of_year();
                (format!("{year:04}"), first, first.checked_add(1.year())?, year)
            }
        };
        let moment = |date: Date| -> Result<i128, jiff::Error> {
            Ok(date.to_zoned(self.time_zone.clone())?.timestamp().as_nanosecond())
        };
        let (start, until) = (moment(first)?, moment(next)?);
        let (start, until) =
            (i64::try_from(start).unwrap_or(i64::MIN), i64::try_from(until).unwrap_or(i64::MAX));
        Ok(PeriodAt { key, start, until, index })
    }
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
        ALL.map(|period| Calendar::new(period, zone.clone()).at(at(text)).unwrap().key)
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
        let start = Calendar::new(Period::Year, berlin).at(at("2021-06-01T00:00:00Z")).unwrap().start;
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
                let calendar = Calendar::new(period, zone.clone());
                let found = calendar.at(moment).unwrap();
                prop_assert!(found.start <= moment);
                prop_assert_eq!(&calendar.at(found.start).unwrap(), &found);
                let before = calendar.at(found.start - 1).unwrap();
                prop_assert!(before.key < found.key && before.start < found.start);
                prop_assert_eq!(before.index + 1, found.index);
                prop_assert_eq!(before.until, found.start);
            }
        }
    }
}
