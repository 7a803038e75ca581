//! What can be chosen where somebody looks for whom to appreciate.

use super::decline::{BLOCK, WEEKS};
use crate::Error;

/// The most days that can be looked back.
const MOST_DAYS: u32 = 36_500;
/// The fewest recent weeks: of fewer fortnights chance alone leaves any number too often.
const FEWEST_WEEKS: u32 = 4;
/// The most: more leave too little of a year to compare with.
const MOST_WEEKS: u32 = 12;

/// What can be chosen where somebody looks for whom to appreciate.
///
/// ```
/// use groundswell::AppreciateOptions;
///
/// let options = AppreciateOptions::default().days(30);
/// assert_eq!((options.days, options.weeks, options.margin), (30, 8, 0.1));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AppreciateOptions {
    /// How many days without thanks, shoutout and badge make somebody overlooked, 1 to 36,500. Default: 90.
    pub days: u32,
    /// How many weeks are compared with those before them in a year of 52: an even number from 4 to 12. Default: 8.
    ///
    /// Weeks are seven days each, counted back from as-of. They are put together by twos, and only those count that begin after
    /// the member was active for the first time; whoever was not there for three times as many, or is active so seldom or so evenly that no order of their fortnights
    /// would be a surprise (Gilbert 2005), is not tested. The test is the
    /// exact randomisation test over these fortnights: how probable it is that fortnights chosen by chance have as little in
    /// them as the recent ones. It asks nothing of how activities are spread; what it takes for granted is that one fortnight
    /// says little about the next. Of all who are tested those are told of whom, on average, no more than 5 % are false alarms
    /// (Benjamini, Hochberg 1995). Measured on made members who stay the same, beside some who fall: 3 % where they are steady
    /// or come in bursts, 7 % where they pause for some weeks thrice a year, up to 16 % where they come and go for weeks.
    pub weeks: u32,
    /// How near to the lowest score of the tier somebody is about to leave it: the lowest share of the distance between its
    /// lowest and its highest score, 0 to 1. Default: 0.1.
    pub margin: f64,
}

impl Default for AppreciateOptions {
    fn default() -> Self {
        Self { days: 90, weeks: 8, margin: 0.1 }
    }
}

impl AppreciateOptions {
    /// Looks for those without thanks for so many days.
    #[must_use]
    pub fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Compares so many weeks with those before.
    #[must_use]
    pub fn weeks(mut self, weeks: u32) -> Self {
        self.weeks = weeks;
        self
    }

    /// Takes those for near to the edge who are in the lowest such share of the tier's scores.
    #[must_use]
    pub fn margin(mut self, margin: f64) -> Self {
        self.margin = margin;
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::Appreciation { problem });
        if !(1..=MOST_DAYS).contains(&self.days) {
            return refuse(format!("days without thanks must be from 1 to {MOST_DAYS}, not {}", self.days));
        }
        let even = (self.weeks as usize).is_multiple_of(BLOCK);
        if !even || !(FEWEST_WEEKS..=MOST_WEEKS).contains(&self.weeks) {
            return refuse(format!(
                "weeks that are compared with the rest of {WEEKS} must be an even number from {FEWEST_WEEKS} to {MOST_WEEKS}, not {}",
                self.weeks
            ));
        }
        if !(0.0..=1.0).contains(&self.margin) {
            return refuse(format!("the margin must be a share from 0 to 1, not {}", self.margin));
        }
        Ok(())
    }
}
