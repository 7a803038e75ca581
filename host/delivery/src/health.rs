//! How a target has been of late.

use std::time::Duration;

use jiff::Timestamp;

use crate::BackOff;
use crate::clock::after;

/// After so many failures in a row a target rests.
const TROUBLE: u32 = 5;
/// The longest rest that is not of the target's own asking.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// How a target has been of late.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Failures since the last answer that was none.
    in_a_row: u32,
    /// Rests since then.
    rests: u32,
    /// Until when it rests.
    until: Option<Timestamp>,
    /// Until when it asked to be left alone.
    asked: Option<Timestamp>,
}

impl Health {
    /// Until when it is left alone, if it is.
    pub(crate) fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| *until > now)
    }

    /// How many more failures in a row are borne: 1 after a rest.
    pub(crate) fn patience(&self) -> u32 {
        TROUBLE.saturating_sub(self.in_a_row).max(1)
    }

    /// It is there, whatever it said of the message.
    pub(crate) fn answered(&mut self) {
        (self.in_a_row, self.rests) = (0, 0);
    }

    /// An attempt failed; and it asked to be left alone until then.
    pub(crate) fn failed(&mut self, asked: Option<Timestamp>) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.asked = self.asked.max(asked);
    }

    /// As many failures as it takes.
    pub(crate) fn give_up(&mut self) {
        self.in_a_row = self.in_a_row.max(TROUBLE);
    }

    /// Sends it to rest, after a batch, where it needs that or asked for it.
    pub(crate) fn rest(&mut self, now: Timestamp, name: &str, back_off: BackOff) {
        let mut until = self.asked.take();
        if self.in_a_row >= TROUBLE && self.until.is_none_or(|until| until <= now) {
            self.rests = self.rests.saturating_add(1);
            let cap = back_off.longest().min(LONGEST_REST);
            until = until.max(Some(after(now, back_off.cap(cap).wait(name, self.rests))));
        }
        self.until = self.until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn fails(health: &mut Health, times: u32) {
        (0..times).for_each(|_| health.failed(None));
        health.rest(at(0), "platform", BackOff::new());
    }

    #[test]
    fn a_target_rests_after_five_failures_in_a_row_and_not_after_four() {
        let mut health = Health::default();
        fails(&mut health, 4);
        assert_eq!((health.rests_until(at(0)), health.patience()), (None, 1));
        health.answered();
        fails(&mut health, 4);
        assert_eq!(health.rests_until(at(0)), None);
        fails(&mut health, 1);
        let until = health.rests_until(at(0)).unwrap();
        assert!(until > at(0) && until < at(10));
        assert_eq!(health.rests_until(until), None, "then it is over");
        assert_eq!(health.patience(), 1, "and one message tries it");
    }

    #[test]
    fn no_rest_is_longer_than_five_minutes_unless_it_was_asked_for() {
        let mut health = Health::default();
        health.give_up();
        let mut now = at(0);
        for _ in 0..50 {
            health.failed(None);
            health.rest(now, "platform", BackOff::new());
            let until = health.rests_until(now).unwrap();
            assert!(until.duration_since(now).as_secs() <= 300);
            now = until;
        }
        health.answered();
        health.failed(Some(after(now, Duration::from_secs(3_600))));
        health.rest(now, "platform", BackOff::new());
        assert_eq!(health.rests_until(now).unwrap().duration_since(now).as_secs(), 3_600);
    }

    #[test]
    fn a_batch_in_which_nothing_was_sent_makes_no_rest_longer() {
        let mut health = Health::default();
        fails(&mut health, 5);
        let until = health.rests_until(at(0));
        fails(&mut health, 0);
        assert_eq!(health.rests_until(at(0)), until);
    }
}
