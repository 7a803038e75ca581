//! Shares, in whole numbers: the same comparison on every computer.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A share of something countable, in whole millionths. Written as a percentage.
///
/// ```
/// use groundswell_ledger::Share;
///
/// let share: Share = "12.5%".parse()?;
/// assert!(share.covers(1, 8) && !share.covers(2, 15));
/// assert_eq!(share.to_string(), "12.5%");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// How many millionths are a whole.
    const WHOLE: u32 = 1_000_000;
    /// How many digits of a percentage may stand behind the point.
    const DIGITS: usize = 4;
    /// Nothing of it.
    pub const NONE: Self = Self(0);
    /// One in ten.
    pub const TENTH: Self = Self(Self::WHOLE / 10);
    /// All of it.
    pub const ALL: Self = Self(Self::WHOLE);

    /// In millionths, 0 to 1,000,000.
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Whether `part` of `whole` is no more than this share. Nothing is no more than any share, of nothing as well.
    pub fn covers(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(Self::WHOLE) <= u128::from(whole) * u128::from(self.0)
    }
}

impl FromStr for Share {
    type Err = String;

    /// Reads a percentage from `0%` to `100%`, with at most four digits behind the point.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let read = || {
            let percent = text.strip_suffix('%')?.trim_end();
            let (whole, behind) = match percent.split_once('.') {
                Some((whole, behind)) if !behind.is_empty() => (whole, behind),
                Some(_) => return None,
                None => (percent, ""),
            };
            if whole.is_empty() || behind.len() > Self::DIGITS || !digits(whole) || !digits(behind) {
                return None;
            }
            let millionths: u32 = format!("{whole}{behind:0<width$}", width = Self::DIGITS).parse().ok()?;
            Some(Self(millionths)).filter(|share| *share <= Self::ALL)
        };
        read().ok_or_else(|| {
            "write a percentage from 0% to 100%, with at most four digits behind the point".to_owned()
        })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = Self::WHOLE / 100;
        let behind = format!("{:0width$}", self.0 % percent, width = Self::DIGITS);
        let behind = behind.trim_end_matches('0');
        let point = if behind.is_empty() { "" } else { "." };
        write!(f, "{}{point}{behind}%", self.0 / percent)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentages_are_read_exactly_or_refused() {
        let read = |text: &str| text.parse::<Share>().map(Share::millionths);
        assert_eq!(
            ["0%", "10%", "10 %", "0.3%", "12.5%", "0.0001%", "100.0%"].map(|text| read(text).unwrap()),
            [0, 100_000, 100_000, 3_000, 125_000, 1, 1_000_000]
        );
        for refused in
            ["", "%", "10", "1e1%", "-1%", "+1%", "101%", "100.0001%", "0.00001%", "1.%", ".5%", "NaN%", "٣%"]
        {
            assert!(read(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_share_is_compared_in_whole_numbers() {
        // As floats 0.07 * 100 is more than 7.
        let seven: Share = "7%".parse().unwrap();
        assert!(seven.covers(7, 100) && !seven.covers(8, 100));
        // Beyond 2^53 floats are no whole numbers.
        let half: Share = "50%".parse().unwrap();
        assert!(half.covers(u64::MAX / 2, u64::MAX) && !half.covers(u64::MAX / 2 + 1, u64::MAX));
        assert!(Share::NONE.covers(0, 0) && !Share::NONE.covers(1, 1));
        assert!(Share::ALL.covers(1, 1) && !Share::ALL.covers(1, 0));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(millionths in 0..=1_000_000_u32) {
            let share = Share(millionths);
            prop_assert_eq!(share.to_string().parse::<Share>().unwrap(), share);
        }
    }
}
