//! Threads that go on together, step by step.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

/// How often a member looks whether the others have come before it sleeps: some ten microseconds. Steps take that long,
/// and to be woken takes longer.
const LOOKS: usize = 2_000;

/// Threads that wait for each other between steps.
pub(crate) struct Team {
    members: usize,
    /// Who has come to the end of this step.
    arrived: AtomicUsize,
    step: AtomicUsize,
    sleepers: Mutex<usize>,
    woken: Condvar,
    /// One ended by a panic, and will not come.
    broken: AtomicBool,
}

/// One of a [`Team`].
pub(crate) struct Member<'a> {
    team: &'a Team,
    pub(crate) number: usize,
}

impl Member<'_> {
    /// Waits for the others; what they did before is seen after. False where one of them never comes.
    #[must_use]
    pub(crate) fn wait(&self) -> bool {
        self.team.members == 1 || self.team.wait()
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.team.broken.store(true, Ordering::SeqCst);
            self.team.wake();
        }
    }
}

impl Team {
    fn new(members: usize) -> Self {
        Self {
            members,
            arrived: AtomicUsize::new(0),
            step: AtomicUsize::new(0),
            sleepers: Mutex::new(0),
            woken: Condvar::new(),
            broken: AtomicBool::new(false),
        }
    }

    fn wait(&self) -> bool {
        let step = self.step.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.members {
            // Nobody comes again before the step is over.
            self.arrived.store(0, Ordering::Relaxed);
            self.step.store(step.wrapping_add(1), Ordering::SeqCst);
            self.wake();
            return !self.broken.load(Ordering::SeqCst);
        }
        let over = || self.step.load(Ordering::SeqCst) != step || self.broken.load(Ordering::SeqCst);
        for _ in 0..LOOKS {
            if over() {
                return !self.broken.load(Ordering::SeqCst);
            }
            std::hint::spin_loop();
        }
        let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        *sleepers += 1;
        while !over() {
            sleepers = self.woken.wait(sleepers).unwrap_or_else(PoisonError::into_inner);
        }
        *sleepers -= 1;
        !self.broken.load(Ordering::SeqCst)
    }

    fn wake(&self) {
        if *self.sleepers.lock().unwrap_or_else(PoisonError::into_inner) > 0 {
            self.woken.notify_all();
        }
    }
}

/// Calls `each` on so many threads at once, the caller's among them; on fewer where the machine has no more.
pub(crate) fn together(threads: usize, each: impl Fn(&Member<'_>) + Sync) {
    // How many there are is known once all that could be had are there.
    let team = OnceLock::new();
    std::thread::scope(|scope| {
        let start = |number| {
            let (team, each) = (&team, &each);
            std::thread::Builder::new()
                .name("groundswell-network".to_owned())
                .spawn_scoped(scope, move || each(&Member { team: team.wait(), number }))
        };
        let others = (1..threads).map_while(|number| start(number).ok()).count();
        each(&Member { team: team.get_or_init(|| Team::new(others + 1)), number: 0 });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_begins_a_step_before_all_have_ended_the_one_before() {
        let done: Vec<AtomicUsize> = (0..500).map(|_| AtomicUsize::new(0)).collect();
        together(3, |member| {
            for (number, step) in done.iter().enumerate() {
                if let Some(before) = number.checked_sub(1) {
                    assert_eq!(done[before].load(Ordering::Relaxed), member.team.members);
                }
                step.fetch_add(1, Ordering::Relaxed);
                if number % 100 == member.number {
                    // Long enough for the others to fall asleep.
                    std::thread::yield_now();
                    (0..200_000).for_each(|_| std::hint::spin_loop());
                }
                assert!(member.wait());
            }
        });
        assert!(done.iter().all(|step| step.load(Ordering::Relaxed) == 3));
    }

    #[test]
    fn a_panic_comes_through_and_leaves_nobody_waiting() {
        let panics = std::panic::catch_unwind(|| {
            together(3, |member| {
                assert_ne!(member.number, 1, "one");
                assert!(!member.wait());
            });
        });
        assert!(panics.is_err());
    }
}
