//! Handing awards to the platform: the ledger's outbox, and the courier who empties it.

mod outbox;

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use groundswell_delivery::{Courier, JsonLines, Progress, Secret, Target, Webhook};
use groundswell_ledger::{Ledger, Moment, Parcel};
use groundswell_runtime::shown;
use serde::Serialize;

use self::outbox::{Carrying, LedgerOutbox, Words, key};
use crate::gate::lock_file;
use crate::plugins::{Role, Said, located};
use crate::wishes::Wishes;
use crate::{Community, Config, Error, KeyConfig, ProgrammeConfig, RunOptions, TargetConfig};

/// Held by the one process that delivers.
const LOCK: &str = ".deliver.lock";

/// As many times as long as usually is waited after a round that failed.
const TROUBLED: u32 = 5;

/// How awards are handed to the platform.
///
/// Before anything is sent, and whenever the community's members or aliases have changed since, it is looked up who opted out:
/// what waits of them is withdrawn. Nothing is read for that where nothing has changed since the last run.
#[derive(Debug)]
pub struct Delivering {
    courier: Courier,
    outbox: LedgerOutbox,
    /// None where what the last run knew is to do.
    wishes: Option<Wishes>,
    _alone: File,
}

/// What waits for a target, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Backlog {
    /// The target's name.
    pub target: String,
    /// Messages that wait.
    pub waiting: u64,
    /// When the next of them may be tried; `None` where that is now, or none waits.
    pub next_try: Option<Moment>,
    /// What the newest attempt met of those that wait, in one line of at most
    /// [`MOST_PROBLEM`](groundswell_delivery::MOST_PROBLEM) characters; `None` where none of them was tried.
    pub problem: Option<String>,
}

impl Community {
    /// Makes ready to hand awards to the targets of `[programme.targets]`. Only one process at a time does that for a community.
    ///
    /// The options' progress, threads and `cancel` are for reading who opted out.
    ///
    /// ```no_run
    /// # fn deliver(community: groundswell::Community) -> Result<(), groundswell::Error> {
    /// use std::sync::atomic::AtomicBool;
    ///
    /// let (options, cancel) = (groundswell::RunOptions::default(), AtomicBool::new(false));
    /// for progress in community.delivering(&options)?.once(&cancel, &mut |_| ())? {
    ///     println!("{}: {} delivered", progress.target, progress.delivered);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no programme or no target, a key cannot be had, or another process delivers.
    pub fn delivering(&self, options: &RunOptions) -> Result<Delivering, Error> {
        let pipeline = self.pipeline(options);
        let config = self.config();
        let Some(said) = &config.programme else { return Err(pipeline.no_programme()) };
        let rules =
            Role::find(self.host(), &self.host().runtime_of(config)?, config, &Said::of_programme(said))?;
        if said.targets.is_empty() {
            let help = "add [programme.targets.platform] with webhook = \"https://…\" and key-env = \"…\", and name it \
                        in `deliver` of [[programme.award]]";
            let message = "the programme has no target that awards could be delivered to".to_owned();
            return Err(located(config, &["programme"], "targets", message, Some(help.to_owned())));
        }
        let targets = said.targets.iter().map(|(name, target)| ready(config, name, target));
        let courier = Courier::new(targets.collect::<Result<_, _>>()?)?;
        let alone = alone(&config.community.state)?;
        let outbox = LedgerOutbox::new(&config.community.name, pipeline.ledger(), words(said, &rules));
        Ok(Delivering { courier, outbox, wishes: Some(Wishes::new(self, options)), _alone: alone })
    }

    /// What waits for each target of `[programme.targets]`, in the order of their names.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        let options = RunOptions::default();
        let ledger = Ledger::look(&self.pipeline(&options).ledger())?;
        let now = jiff::Timestamp::now().as_nanosecond();
        let targets = self.config().programme.iter().flat_map(|programme| programme.targets.keys());
        targets
            .map(|target| {
                let waiting = ledger.waiting(target)?;
                Ok(Backlog {
                    target: target.clone(),
                    waiting: waiting.waiting,
                    next_try: waiting.next.filter(|next| i128::from(*next) > now).map(Moment),
                    problem: waiting.problem,
                })
            })
            .collect()
    }

    /// Messages that wait for targets which `community.toml` does not name any more, or are dead: name and number.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn stray_messages(&self) -> Result<Vec<(String, u64)>, Error> {
        let options = RunOptions::default();
        let targets = self.config().programme.iter().flat_map(|programme| programme.targets.keys());
        let targets: Vec<&str> = targets.map(String::as_str).collect();
        Ok(Ledger::look(&self.pipeline(&options).ledger())?.strays(&targets)?)
    }

    /// The messages that were given up after so many attempts, oldest first.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub fn dead_letters(&self) -> Result<Vec<Parcel>, Error> {
        let options = RunOptions::default();
        let mut letters = Ledger::look(&self.pipeline(&options).ledger())?.dead_letters()?;
        for letter in &mut letters {
            letter.key = key(self.name(), &letter.holding);
        }
        Ok(letters)
    }

    /// Lets dead letters be tried again: the one of this number, or all. Answers how many those are.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be written.
    pub fn retry_letters(&self, id: Option<u64>) -> Result<u64, Error> {
        self.wait_again(|ledger| ledger.retry(id))
    }

    /// Lets messages that were withdrawn wait again: for where members were taken for having opted out who had not. Those of members
    /// who have are withdrawn again by the next delivery. Answers how many messages those are.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be written.
    pub fn reinstate_letters(&self) -> Result<u64, Error> {
        self.wait_again(Ledger::reinstate)
    }

    /// Answers how many messages wait again; none where there is no ledger, and none is made.
    fn wait_again(
        &self,
        change: impl FnOnce(&mut Ledger) -> Result<u64, groundswell_ledger::Error>,
    ) -> Result<u64, Error> {
        let options = RunOptions::default();
        let path = self.pipeline(&options).ledger();
        if !path.is_file() {
            return Ok(0);
        }
        Ok(change(&mut Ledger::open(&path)?)?)
    }
}

impl Delivering {
    /// Leaves it at what the last run knew of who opted out: for where the community's data cannot be read. Who opted out since then
    /// is thanked.
    #[must_use]
    pub fn as_of_last_run(mut self) -> Self {
        self.wishes = None;
        self
    }

    /// How long another process is waited for that has the ledger, before that is an error. Default: a minute.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.outbox.patience = patience;
        self
    }

    /// How long [`Delivering::watch`] waits from one round to the next; a tenth of a second is the least. Default: 2 seconds.
    #[must_use]
    pub fn poll(mut self, poll: Duration) -> Self {
        self.courier = self.courier.poll(poll);
        self
    }

    /// How many messages were withdrawn so far, as their members opted out.
    pub fn withdrawn(&self) -> u64 {
        self.outbox.withdrawn()
    }

    /// Delivers what is due, and tells how far it is. `cancel` may be set at any time: what is on its way is waited for half a
    /// second then, and tried again by the next delivery.
    ///
    /// # Errors
    ///
    /// [`Error::Wishes`] where nobody can tell who opted out; nothing is sent from then on. Where the ledger cannot be read or written;
    /// another process that has it is waited for, a minute at most. What a target answers is no error, but stands in the answer.
    pub fn once(
        &mut self,
        cancel: &AtomicBool,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Progress>, Error> {
        let mut carrying = Carrying { outbox: &mut self.outbox, wishes: self.wishes.as_mut(), cancel };
        self.courier.run_once(&mut carrying, cancel, tell).map_err(plainly)
    }

    /// The same over and over, until `cancel` is set. What may pass by itself ends nothing: a ledger that another process has for
    /// long, a full disk, data that cannot be read for now (nothing is sent meanwhile). It is told once, until it is over.
    ///
    /// # Errors
    ///
    /// As [`Delivering::once`], for what does not pass; and for whatever goes wrong in the first round with the community's data.
    pub fn watch(
        &mut self,
        cancel: &AtomicBool,
        tell: &mut dyn FnMut(Result<&Progress, &Error>),
    ) -> Result<(), Error> {
        let (mut told, mut began) = (None, false);
        while !cancel.load(Ordering::Relaxed) {
            // It is told of a round once it was looked who opted out.
            let round = self.once(cancel, &mut |progress| {
                began = true;
                tell(Ok(progress));
            });
            match round {
                Ok(_) => told = None,
                Err(_) if cancel.load(Ordering::Relaxed) => break,
                Err(error) if passes(&error, began) => {
                    let said = error.to_string();
                    if told.as_ref() != Some(&said) {
                        tell(Err(&error));
                        told = Some(said);
                    }
                    // It may take long to find out that it is so still.
                    (1..TROUBLED).for_each(|_| self.courier.pause(cancel));
                }
                Err(error) => return Err(error),
            }
            self.courier.pause(cancel);
        }
        Ok(())
    }
}

/// Whether it may be over by the next round.
fn passes(error: &Error, began: bool) -> bool {
    match error {
        Error::Ledger(error) => error.is_passing(),
        Error::Wishes(_) => began,
        _ => false,
    }
}

/// The outbox's own words, where that is what failed.
fn plainly(error: groundswell_delivery::Error) -> Error {
    match error {
        groundswell_delivery::Error::Outbox(source) => match source.downcast::<Error>() {
            Ok(error) => *error,
            Err(source) => groundswell_delivery::Error::Outbox(source).into(),
        },
        error => error.into(),
    }
}

/// What is wrong with a target whatever its key is.
pub(crate) fn check(config: &Config, name: &str, target: &TargetConfig) -> Result<(), Error> {
    let TargetConfig::Webhook { url, plain_http, .. } = target else { return Ok(()) };
    // Any key will do to look at an address.
    let any = Secret::new([0; 32])?;
    webhook(config, name, (url, *plain_http), any).map(drop)
}

fn webhook(
    config: &Config,
    name: &str,
    (url, plain_http): (&str, bool),
    key: Secret,
) -> Result<Webhook, Error> {
    let made = if plain_http { Webhook::unencrypted(url, key) } else { Webhook::new(url, key) };
    made.map_err(|error| {
        let way_out = matches!(error, groundswell_delivery::Error::Plain { .. })
            .then(|| format!("plain-http = true in [programme.targets.{name}] says that"));
        located(config, &["programme", "targets", name], "webhook", error.to_string(), way_out)
    })
}

fn ready(config: &Config, name: &str, target: &TargetConfig) -> Result<Target, Error> {
    match target {
        TargetConfig::JsonLines(path) => Ok(Target::json_lines(name, JsonLines::new(path))),
        TargetConfig::Webhook { url, key, plain_http } => {
            let (key, place) = match key {
                KeyConfig::File(path) => (Secret::from_file(path), "key-file"),
                KeyConfig::Environment(name) => (Secret::from_env(name), "key-env"),
            };
            let key = key.map_err(|error| {
                located(config, &["programme", "targets", name], place, error.to_string(), None)
            })?;
            Ok(Target::webhook(name, webhook(config, name, (url, *plain_http), key)?))
        }
    }
}

/// The lock of the one process that delivers.
fn alone(state: &Path) -> Result<File, Error> {
    let (file, path) = lock_file(state, LOCK)?;
    let failed = |source: std::io::Error| Error::file("lock", &path)(source);
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(failed(std::io::Error::new(
            std::io::ErrorKind::WouldBlock,
            "another process delivers this community's awards: let it, or end it first",
        ))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn words(said: &ProgrammeConfig, rules: &Role) -> BTreeMap<String, Words> {
    let kinds = rules.plugin.rewards().map_or(&[][..], |rewards| &rewards.awards);
    kinds
        .iter()
        .map(|kind| {
            let own = said.awards.iter().find(|award| award.award == kind.id);
            let text = own.and_then(|award| award.text.clone());
            (kind.id.clone(), Words { title: shown(&kind.title, 64), text })
        })
        .collect()
}
