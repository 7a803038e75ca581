//! What the host keeps of WASI beside an instance.

use std::time::Duration;

use blake3::OutputReader;
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};

use super::answers::Pollable;
use crate::bindings::groundswell::plugin::log::Level;

/// Random bytes that a guest can have at once: what an interpreter asks for is a few.
pub(super) const RANDOM: u64 = 64 << 10;

/// What a run's guests can learn of it: nothing of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct World {
    /// Since 1970-01-01T00:00:00Z.
    pub(crate) as_of: Duration,
    pub(crate) seed: [u8; 32],
}

/// Which part of a call is at work: the random numbers of each are its own, so that an instance which is kept warm
/// sees those that a fresh one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Describing, fitting, opening.
    Prepare,
    /// The question itself.
    Question,
}

/// Clocks, randomness and output of one instance.
pub(crate) struct Wasi {
    world: World,
    /// Nanoseconds that the guest has waited, by its own account.
    waited: u64,
    /// Those of them that it waited while it prepared.
    prepared: u64,
    part: Part,
    random: Option<OutputReader>,
    pollables: ResourceTable,
    stdout: Line,
    stderr: Line,
}

impl Wasi {
    /// `handles`: pollables alive at once; `line`: characters of a line of output.
    pub(crate) fn new(world: World, handles: usize, line: usize) -> Self {
        let mut pollables = ResourceTable::new();
        pollables.set_max_capacity(handles);
        // A character has up to four bytes.
        let line = || Line { most: line.saturating_mul(4), bytes: Vec::new() };
        Self {
            world,
            waited: 0,
            prepared: 0,
            part: Part::Prepare,
            random: None,
            pollables,
            stdout: line(),
            stderr: line(),
        }
    }

    /// What is prepared is ready, and is now asked: an instance that is kept warm finds the clock where a fresh one does.
    pub(crate) fn question(&mut self) {
        match self.part {
            Part::Prepare => self.prepared = self.waited,
            Part::Question => self.waited = self.prepared,
        }
        (self.part, self.random) = (Part::Question, None);
    }

    pub(super) fn as_of(&self) -> Duration {
        self.world.as_of
    }

    /// The monotonic clock, in nanoseconds.
    pub(super) fn now(&self) -> u64 {
        self.waited
    }

    /// The next random bytes.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        let Self { world, part, random, .. } = self;
        let random = random.get_or_insert_with(|| {
            let mut hasher = blake3::Hasher::new_keyed(&world.seed);
            hasher.update(match part {
                Part::Prepare => b"prepare",
                Part::Question => b"question",
            });
            hasher.finalize_xof()
        });
        random.fill(bytes);
    }

    /// Something to wait for, ready at this moment of the monotonic clock.
    pub(super) fn pollable(&mut self, at: u64) -> Result<Resource<Pollable>, ResourceTableError> {
        self.pollables.push(Pollable { at })
    }

    /// Nobody waits: the clock is at that moment.
    pub(super) fn wait(&mut self, pollable: &Resource<Pollable>) -> Result<(), ResourceTableError> {
        let at = self.pollables.get(pollable)?.at;
        self.waited = self.waited.max(at);
        Ok(())
    }

    pub(super) fn drop_pollable(&mut self, pollable: u32) -> Result<(), ResourceTableError> {
        self.pollables.delete::<Pollable>(Resource::new_own(pollable)).map(drop)
    }

    /// The line of output that has begun on standard error (`warn`) or standard output.
    pub(crate) fn line(&mut self, level: Level) -> &mut Line {
        match level {
            Level::Warn => &mut self.stderr,
            Level::Info | Level::Debug => &mut self.stdout,
        }
    }
}

/// A line of output that has begun, up to a bound.
#[derive(Default)]
pub(crate) struct Line {
    most: usize,
    bytes: Vec<u8>,
}

impl Line {
    /// Takes output, and hands on the lines that are whole.
    pub(crate) fn write(&mut self, bytes: &[u8], mut line: impl FnMut(&str)) {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = part.strip_suffix(b"\n").unwrap_or(part);
            let room = self.most.saturating_sub(self.bytes.len()).min(text.len());
            self.bytes.extend_from_slice(text.get(..room).unwrap_or_default());
            if text.len() < part.len() {
                self.end(&mut line);
            }
        }
    }

    /// Hands on what there is, as a line. Nobody reads empty ones.
    pub(crate) fn end(&mut self, mut line: impl FnMut(&str)) {
        if !self.bytes.is_empty() {
            line(&String::from_utf8_lossy(&self.bytes));
            self.bytes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: u8, question: bool) -> [u8; 16] {
        let world = World { seed: [seed; 32], ..World::default() };
        let mut wasi = Wasi::new(world, 1, 1);
        let mut bytes = [0; 16];
        if question {
            // Whatever came before.
            wasi.fill(&mut bytes);
            wasi.question();
        }
        wasi.fill(&mut bytes);
        bytes
    }

    #[test]
    fn every_question_sees_the_same_numbers_and_every_seed_others() {
        assert_eq!(random(1, true), random(1, true));
        let [one, other, prepared] = [random(1, true), random(2, true), random(1, false)];
        assert!(one != other && one != prepared && other != prepared);
    }

    #[test]
    fn lines_are_cut_and_empty_ones_left_out() {
        let mut line = Line { most: 4, bytes: Vec::new() };
        let mut seen = Vec::new();
        for part in ["ab", "cdef\n\n\ngh", "\nij"] {
            line.write(part.as_bytes(), |text| seen.push(text.to_owned()));
        }
        assert_eq!(seen, ["abcd", "gh"]);
        line.end(|text| seen.push(text.to_owned()));
        line.end(|text| seen.push(text.to_owned()));
        assert_eq!(seen, ["abcd", "gh", "ij"]);
    }
}
