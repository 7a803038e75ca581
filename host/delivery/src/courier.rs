//! Who carries messages from the outbox to their targets.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::batch::{self, Batch};
use crate::clock::after;
use crate::health::Health;
use crate::target::Way;
use crate::verdict::Verdict;
use crate::{BackOff, Clock, Error, Message, Outbox, Progress, SystemClock, Target};

/// How many messages are asked of the outbox at once.
const BATCH: usize = 64;
/// What is waited between two looks at whether to stop.
const MOMENT: Duration = Duration::from_millis(100);

/// Who carries messages from an [`Outbox`] to their [`Target`]s.
///
/// Until said otherwise it sends 4 messages at once, of as many lanes; waits as [`BackOff::new`] says; gives a message up
/// after 20 attempts; and in [`Courier::watch`] looks every 2 seconds for what is due.
///
/// # What becomes of a message
///
/// | the target | the message |
/// | --- | --- |
/// | answers 2xx, or has its line | is delivered |
/// | answers 400, 413, 415 or 422 | is dead at once: these bytes will never do |
/// | answers any other 4xx, 5xx or 1xx | waits by the back-off, and no less than `retry-after` says |
/// | answers 3xx | waits: the redirect is not followed, and somebody has to look |
/// | does not answer in time, drops the connection, answers no HTTP, has no good certificate, is not there | waits |
/// | any of these, at the 20th attempt | is dead |
/// | is never asked: a key or body that nobody can take | is dead at once |
///
/// 401, 403, 404 and 410 speak of the target and its configuration, not of a message: were messages to die of them, one
/// wrong letter in an address would kill a whole outbox.
///
/// # When a target is left alone
///
/// After 5 failures in a row a target rests, first for a draw of up to the back-off's base, then of twice that, and so on up
/// to 5 minutes; then one message tries it. So a platform that is away costs a few messages an attempt, not all of them.
/// One that says `retry-after`, with whatever failure, rests so long (the back-off's cap at most). Rests are forgotten with
/// the courier. While one target rests the others do not.
#[derive(Debug)]
pub struct Courier {
    carried: Vec<Carried>,
    back_off: BackOff,
    most_attempts: u32,
    at_once: usize,
    poll: Duration,
    clock: Arc<dyn Clock>,
}

/// A target, and how it has been.
#[derive(Debug)]
struct Carried {
    target: Target,
    health: Health,
}

impl std::fmt::Debug for dyn Clock {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("Clock")
    }
}

impl Courier {
    /// One for these targets.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] where two have one name, [`Error::Nameless`] where one has none.
    pub fn new(targets: Vec<Target>) -> Result<Self, Error> {
        let mut names = HashSet::new();
        for target in &targets {
            if target.name.is_empty() {
                return Err(Error::Nameless);
            }
            if !names.insert(&target.name) {
                return Err(Error::Name { name: target.name.clone() });
            }
        }
        let carried = targets.into_iter().map(|target| Carried { target, health: Health::default() });
        Ok(Self {
            carried: carried.collect(),
            back_off: BackOff::new(),
            most_attempts: 20,
            at_once: 4,
            poll: Duration::from_secs(2),
            clock: Arc::new(SystemClock),
        })
    }

    /// How long messages wait after failures.
    #[must_use]
    pub fn back_off(mut self, back_off: BackOff) -> Self {
        self.back_off = back_off;
        self
    }

    /// How often a message is tried before it is dead; 0 means 1.
    #[must_use]
    pub fn most_attempts(mut self, attempts: u32) -> Self {
        self.most_attempts = attempts.max(1);
        self
    }

    /// How many messages are sent to a webhook at once, each of another lane; 0 means 1, and 64 is the most.
    #[must_use]
    pub fn at_once(mut self, messages: usize) -> Self {
        self.at_once = messages.clamp(1, BATCH);
        self
    }

    /// How long [`Courier::watch`] waits from one round to the next; a tenth of a second is the least.
    #[must_use]
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll.max(MOMENT);
        self
    }

    /// What time it is.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// One round: delivers what is due when it begins, and whatever is due once that is delivered, a batch to each target
    /// in turn; and tells how far each is after each batch. The answer has a line for each target.
    ///
    /// `cancel` may be set by anybody at any time: nothing more is sent then, and requests on their way are waited for half a
    /// second, so that their answers are recorded. What has none by then is cut off: its message waits as if it had not been
    /// tried, and the next round sends it again with the same key.
    ///
    /// # Errors
    ///
    /// [`Error::Outbox`] as soon as the outbox fails. Messages that were taken and not recorded are sent again by another
    /// round, with the same keys.
    pub fn run_once<O: Outbox>(
        &mut self,
        outbox: &mut O,
        cancel: &AtomicBool,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Progress>, Error> {
        let started = self.clock.now();
        let mut progress: Vec<_> =
            self.carried.iter().map(|carried| Progress::new(&carried.target.name)).collect();
        let mut busy: Vec<usize> = (0..progress.len()).collect();
        while !busy.is_empty() && !cancel.load(Ordering::Relaxed) {
            let mut still = Vec::new();
            for index in busy {
                let (Some(carried), Some(progress)) = (self.carried.get_mut(index), progress.get_mut(index))
                else {
                    continue;
                };
                let settings = Settings {
                    back_off: self.back_off,
                    most_attempts: self.most_attempts,
                    at_once: self.at_once,
                    clock: &self.clock,
                    cancel,
                };
                let mut round = Round { settings, outbox: &mut *outbox, progress: &mut *progress };
                if round.batch(carried, started)? {
                    still.push(index);
                }
                tell(progress);
            }
            busy = still;
        }
        for progress in &mut progress {
            progress.tally = outbox.tally(&progress.target).map_err(failed)?;
        }
        Ok(progress)
    }

    /// Rounds until `cancel` is set.
    ///
    /// # Errors
    ///
    /// [`Error::Outbox`] as soon as the outbox fails.
    pub fn watch<O: Outbox>(
        &mut self,
        outbox: &mut O,
        cancel: &AtomicBool,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<(), Error> {
        while !cancel.load(Ordering::Relaxed) {
            self.run_once(outbox, cancel, tell)?;
            self.pause(cancel);
        }
        Ok(())
    }

    /// Waits as long as [`Courier::watch`] does between two rounds, or until `cancel` is set: for who makes rounds of their own.
    pub fn pause(&self, cancel: &AtomicBool) {
        let mut left = self.poll;
        while !left.is_zero() && !cancel.load(Ordering::Relaxed) {
            let moment = left.min(MOMENT);
            self.clock.wait(moment);
            left = left.saturating_sub(moment);
        }
    }
}

fn failed<E: std::error::Error + Send + Sync + 'static>(error: E) -> Error {
    Error::Outbox(Box::new(error))
}

/// What holds for a whole round.
#[derive(Clone, Copy)]
struct Settings<'a> {
    back_off: BackOff,
    most_attempts: u32,
    at_once: usize,
    clock: &'a Arc<dyn Clock>,
    cancel: &'a AtomicBool,
}

/// A batch's surroundings.
struct Round<'a, O> {
    settings: Settings<'a>,
    outbox: &'a mut O,
    progress: &'a mut Progress,
}

impl<O: Outbox> Round<'_, O> {
    /// One batch to one target: whether there may be more for it in this round.
    fn batch(&mut self, carried: &mut Carried, started: Timestamp) -> Result<bool, Error> {
        let Carried { target: Target { name, way }, health } = carried;
        self.progress.rests_until = health.rests_until(self.settings.clock.now());
        let mut messages = Vec::new();
        if self.progress.rests_until.is_none() {
            messages = self.outbox.due(name, started, BATCH).map_err(failed)?;
        }
        let more = !messages.is_empty();
        let messages = self.sendable(messages)?;
        match way {
            _ if messages.is_empty() => {}
            Way::Webhook(webhook) => {
                let Settings { at_once, clock, cancel, .. } = self.settings;
                let batch = Batch { messages, at_once, cancel, patience: health.patience() };
                let (webhook, clock) = (Arc::clone(webhook), Arc::clone(clock));
                batch::send(
                    batch,
                    move |message| webhook.send(message, clock.now()),
                    |message, verdict| self.record(name, health, message, verdict),
                )?;
            }
            Way::JsonLines(lines) => match lines.append(&messages) {
                Ok(verdicts) => {
                    for (message, verdict) in messages.iter().zip(verdicts) {
                        self.record(name, health, message, verdict)?;
                    }
                }
                // What is wrong is wrong with the file: one message tells of it, and the others keep their attempts.
                Err(problem) => {
                    health.give_up();
                    if let Some(message) = messages.first() {
                        self.record(name, health, message, Verdict::Failed { problem, wait: None })?;
                    }
                }
            },
        }
        let now = self.settings.clock.now();
        health.rest(now, name, self.settings.back_off);
        self.progress.rests_until = health.rests_until(now);
        self.progress.tally = self.outbox.tally(name).map_err(failed)?;
        Ok(more && self.progress.rests_until.is_none())
    }

    /// Those that can be sent, the first of each lane. The others die; what the outbox should not have handed out stays.
    fn sendable(&mut self, messages: Vec<Message>) -> Result<Vec<Message>, Error> {
        let mut lanes = HashSet::new();
        let mut sendable = Vec::new();
        for message in messages {
            if !lanes.insert(message.lane.clone()) {
                continue;
            }
            match message.problem() {
                Some(problem) => self.bury(&message, problem)?,
                None => sendable.push(message),
            }
        }
        Ok(sendable)
    }

    /// Writes down what became of an attempt.
    fn record(
        &mut self,
        target: &str,
        health: &mut Health,
        message: &Message,
        verdict: Verdict,
    ) -> Result<(), Error> {
        let Settings { back_off, most_attempts, clock, .. } = self.settings;
        let now = clock.now();
        let attempts = message.attempts.saturating_add(1);
        match verdict {
            Verdict::Taken => {
                health.answered();
                self.outbox.delivered(message.id, now).map_err(failed)?;
                self.progress.delivered += 1;
                tracing::debug!(to = target, id = message.id, attempts, "delivered");
                Ok(())
            }
            Verdict::Refused(problem) => {
                health.answered();
                self.bury(message, problem)
            }
            Verdict::Failed { problem, wait } => {
                let wait = wait.map(|wait| wait.min(back_off.longest()));
                health.failed(wait.map(|wait| after(now, wait)));
                if attempts >= most_attempts {
                    let problem = format!("{problem} (the last of {attempts} attempts)");
                    return self.bury(message, crate::excerpt::plain(&problem, crate::MOST_PROBLEM));
                }
                let wait = back_off.wait(&message.key, attempts).max(wait.unwrap_or_default());
                let at = after(now, wait);
                self.outbox.later(message.id, at, &problem).map_err(failed)?;
                self.progress.failed += 1;
                tracing::debug!(to = target, id = message.id, attempts, %at, problem, "to be tried again");
                self.progress.problem = Some(problem);
                Ok(())
            }
        }
    }

    fn bury(&mut self, message: &Message, problem: String) -> Result<(), Error> {
        self.outbox.dead(message.id, &problem).map_err(failed)?;
        self.progress.died += 1;
        tracing::warn!(
            to = self.progress.target,
            id = message.id,
            problem,
            "dead; a person has to look at it"
        );
        self.progress.problem = Some(problem);
        Ok(())
    }
}
