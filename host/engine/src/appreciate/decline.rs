//! Whether a member's activity falls against their own past: an exact randomisation test, and how many false alarms there
//! may be among many of them.
//!
//! # The test
//!
//! The weeks before as-of are put together by twos. If nothing has changed, it is chance which of these fortnights come last:
//! the p-value is the share of all choices of as many fortnights in which the member did as little as in the recent ones, or
//! less (Fisher: The design of experiments, 1935; Pitman: Significance tests which may be applied to samples from any
//! populations, 1937). It asks nothing of how activities are spread, so that members who come in bursts raise no more alarms
//! than steady ones, and there is no randomness in it: all choices are counted.
//!
//! Two rates of Poisson are the usual comparison (Przyborowski, Wilenski: Homogeneity of results in testing samples from
//! Poisson series, 1940), and the wrong one here: activities of people come in bursts, which it takes for changes.
//!
//! # False alarms
//!
//! Who is active so seldom or so evenly that even the quietest fortnights in a row would be no surprise is not tested (Gilbert: A modified
//! false discovery rate multiple-comparisons procedure for discrete data, 2005). Of everybody who is tested those are told whose p-value survives the procedure of Benjamini and Hochberg (Controlling the
//! false discovery rate, 1995): among those who are told, on average no more than [`FALSE_ALARMS`] are there by chance.
//! `simulation.rs` measures it on communities of 20 made members, 4 of whom fall to a seventh of what they did:
//!
//! | weeks of those who stay the same | false alarms among the told | those who fell, told | false alarms by two rates of Poisson |
//! | --- | --- | --- | --- |
//! | steady | 3 % | 97 % | 3 % |
//! | in bursts, each week by itself (negative binomial of shape 0.5) | 2 % | 26 % | 52 % |
//! | steady, but for three pauses a year of two to four weeks | 7 % | 75 % | 29 % |
//! | swinging (correlation of neighbouring weeks 0.7) | 16 % | 74 % | 54 % |
//! | six weeks there, three weeks away, by chance | 12 % | 34 % | 45 % |
//!
//! So the promise holds where a fortnight says little about the next one. Where members come and go for weeks, as many as one
//! in six who are told may be there by chance; and whoever always came in bursts has to be away for longer to be told.

/// The share of false alarms that is expected among those who are told, at most.
pub(crate) const FALSE_ALARMS: f64 = 0.05;
/// Weeks that are looked at in all.
pub(crate) const WEEKS: usize = 52;
/// Weeks that are put together.
pub(crate) const BLOCK: usize = 2;

/// A member's fortnights, newest first: as many as they were there for.
///
/// `weeks` are counts, newest first; `first` is the number of the week in which the member did something for the first time.
/// That fortnight is not whole, and neither it nor what is before counts.
pub(crate) fn fortnights(weeks: &[u64], first: Option<usize>) -> Vec<u64> {
    let whole = first.map_or(0, |week| week / BLOCK);
    weeks.chunks_exact(BLOCK).take(whole).map(|weeks| weeks.iter().sum()).collect()
}

/// The probability that so many fortnights, chosen by chance among all of these, have no more in them than the first ones;
/// `None` where there are fewer than twice as many others to compare with.
///
/// From 0, exclusive, to 1. Exact: every choice is counted.
pub(crate) fn chance(fortnights: &[u64], recent: usize) -> Option<f64> {
    if recent == 0 || fortnights.len() < 3 * recent {
        return None;
    }
    let bound: u64 = fortnights.iter().take(recent).sum();
    let mut sorted = fortnights.to_vec();
    sorted.sort_unstable();
    let all = choices(fortnights.len(), recent);
    Some(as_little(&sorted, recent, bound) as f64 / all as f64)
}

/// Whether a fall could be told at all: whether [`chance`] would be small enough if the quietest fortnights were the recent ones.
/// It depends on what the fortnights are and not on their order, so that leaving out whoever cannot fall does not make false
/// alarms of others more frequent.
pub(crate) fn can_fall(fortnights: &[u64], recent: usize) -> bool {
    let mut quietest_first = fortnights.to_vec();
    quietest_first.sort_unstable();
    chance(&quietest_first, recent).is_some_and(|least| least <= FALSE_ALARMS)
}

/// How many ways there are to choose `wanted` of these, smallest first, so that their sum is at most `bound`.
fn as_little(sorted: &[u64], wanted: usize, bound: u64) -> u64 {
    if wanted <= 1 {
        return if wanted == 0 { 1 } else { sorted.partition_point(|one| *one <= bound) as u64 };
    }
    let mut ways = 0;
    let mut rest = sorted;
    while let [least, larger @ ..] = rest {
        // The smallest choice that begins here is too large, and so are all that begin later.
        let smallest = rest.iter().take(wanted).fold(0_u64, |sum, next| sum.saturating_add(*next));
        if rest.len() < wanted || smallest > bound {
            break;
        }
        ways += as_little(larger, wanted - 1, bound - least);
        rest = larger;
    }
    ways
}

/// How many ways there are to choose `chosen` of `all`.
fn choices(all: usize, chosen: usize) -> u64 {
    (0..chosen as u64).fold(1, |ways, place| ways * (all as u64 - place) / (place + 1))
}

/// The p-values, adjusted so that those up to a share of false alarms are told (Benjamini, Hochberg 1995); in their order.
pub(crate) fn adjusted(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    let value = |place: usize| chances.get(place).copied().unwrap_or(1.0);
    order.sort_by(|&left, &right| value(left).total_cmp(&value(right)));
    let mut adjusted = vec![1.0; chances.len()];
    let mut least = 1.0_f64;
    for (rank, &place) in order.iter().enumerate().rev() {
        least = least.min(value(place) * (chances.len() as f64 / (rank + 1) as f64));
        if let Some(entry) = adjusted.get_mut(place) {
            *entry = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chances_are_those_of_hand_worked_fortnights() {
        // Of six fortnights two are recent, and of the 15 pairs only those of zeros have nothing in them.
        assert_eq!(chance(&[0, 0, 5, 5, 5, 5], 2), Some(1.0 / 15.0));
        // One of the others has nothing in it, too: three pairs of three zeros.
        assert_eq!(chance(&[0, 0, 5, 0, 5, 5], 2), Some(3.0 / 15.0));
        // Whoever does nothing does not fall, and whoever does more than ever does not either.
        assert_eq!(chance(&[0; 6], 2), Some(1.0));
        assert_eq!(chance(&[9, 9, 1, 2, 3, 4], 2), Some(1.0));
        // 1 + 2, and with 3 recent the pairs {1,2} alone: sums 3 of {1,2}; {1,3} has 4.
        assert_eq!(chance(&[1, 2, 3, 4, 5, 6], 2), Some(1.0 / 15.0));
        assert_eq!(chance(&[1, 3, 2, 4, 5, 6], 2), Some(2.0 / 15.0));
        // Four of 26, as by default.
        let mut year = [3; 26];
        year[..4].fill(0);
        assert_eq!(chance(&year, 4), Some(1.0 / 14_950.0));
        // Too little to compare with.
        assert_eq!(chance(&[0, 0, 5, 5, 5], 2), None);
        assert_eq!(chance(&[], 0), None);
    }

    #[test]
    fn who_is_seldom_active_cannot_fall() {
        let year = |active: usize| {
            let mut year = [0; 26];
            year[4..4 + active].fill(3);
            year
        };
        assert!(can_fall(&year(22), 4) && !can_fall(&year(0), 4));
        // Of 26 fortnights 13 are empty: 715 of 14,950 choices; of 14 it is 1,001.
        assert!(can_fall(&year(13), 4) && !can_fall(&year(12), 4));
        assert_eq!(chance(&year(13), 4), Some(715.0 / 14_950.0));
        // Too short a time.
        assert!(!can_fall(&[1; 11], 4));
    }

    #[test]
    fn the_first_fortnight_of_a_member_does_not_count() {
        let weeks = [1, 2, 3, 4, 5, 6, 7];
        assert_eq!(fortnights(&weeks, Some(60)), [3, 7, 11]);
        assert_eq!(fortnights(&weeks, Some(5)), [3, 7]);
        assert_eq!(fortnights(&weeks, Some(4)), [3, 7]);
        assert_eq!(fortnights(&weeks, Some(1)), [0; 0]);
        assert_eq!(fortnights(&weeks, None), [0; 0]);
    }

    #[test]
    fn adjusted_values_are_those_of_the_procedure() {
        // m × p / rank: 0.04, 0.04, 0.04, 0.05 after the smallest of those behind is taken.
        let adjusted = adjusted(&[0.03, 0.01, 0.05, 0.02]);
        let wanted = [0.04, 0.04, 0.05, 0.04];
        assert!(
            adjusted.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-12),
            "{adjusted:?}"
        );
        assert_eq!(super::adjusted(&[]), [0.0; 0]);
    }

    proptest! {
        #[test]
        fn chances_lie_between_0_and_1_and_grow_with_what_was_done_of_late(
            fortnights in prop::collection::vec(0_u64..40, 6..16),
            recent in 1_usize..3,
            place in 0_usize..2,
        ) {
            let before = chance(&fortnights, recent).unwrap();
            prop_assert!(before > 0.0 && before <= 1.0, "{before}");
            let mut more = fortnights.clone();
            more[place.min(recent - 1)] += 1;
            prop_assert!(chance(&more, recent).unwrap() >= before);
            // Whichever order the past has, it is the same past.
            let mut turned = fortnights.clone();
            turned[recent..].reverse();
            prop_assert_eq!(chance(&turned, recent).unwrap(), before);
        }

        #[test]
        fn every_choice_is_counted(fortnights in prop::collection::vec(0_u64..6, 9..12)) {
            let bound: u64 = fortnights[..3].iter().sum();
            let places = 0..fortnights.len();
            let (mut ways, mut all) = (0, 0);
            for first in places.clone() {
                for second in first + 1..fortnights.len() {
                    for third in second + 1..fortnights.len() {
                        all += 1;
                        ways += u64::from(fortnights[first] + fortnights[second] + fortnights[third] <= bound);
                    }
                }
            }
            prop_assert_eq!(chance(&fortnights, 3).unwrap(), ways as f64 / f64::from(all));
        }

        #[test]
        fn adjusted_values_keep_the_order_and_are_no_smaller(
            chances in prop::collection::vec(1e-6_f64..=1.0, 1..40),
        ) {
            let adjusted = adjusted(&chances);
            for (place, chance) in chances.iter().enumerate() {
                prop_assert!(adjusted[place] >= *chance && adjusted[place] <= 1.0);
                for (other, larger) in chances.iter().enumerate().filter(|(_, other)| *other >= chance) {
                    prop_assert!(adjusted[other] >= adjusted[place], "{larger} after {chance}");
                }
            }
        }
    }
}
