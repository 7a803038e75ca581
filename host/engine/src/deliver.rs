//! Handing awards to the platform: the ledger's outbox, and the courier who empties it.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use groundswell_delivery::{Courier, JsonLines, Message, Outbox, Progress, Secret, Tally, Target, Webhook};
use groundswell_ledger::{Holding, Ledger, Parcel};
use groundswell_runtime::shown;
use jiff::Timestamp;
use serde_json::json;

use crate::gate::lock_file;
use crate::plugins::{Role, Said, located};
use crate::{Community, Config, Error, KeyConfig, ProgrammeConfig, RunOptions, TargetConfig};

/// Held by the one process that delivers.
const LOCK: &str = ".deliver.lock";

/// How awards are handed to the platform.
#[derive(Debug)]
pub struct Delivering {
    courier: Courier,
    outbox: LedgerOutbox,
    _alone: File,
}

impl Community {
    /// Makes ready to hand awards to the targets of `[programme.targets]`. Only one process at a time does that for a community.
    ///
    /// ```no_run
    /// # fn deliver(community: groundswell::Community) -> Result<(), groundswell::Error> {
    /// use std::sync::atomic::AtomicBool;
    ///
    /// let cancel = AtomicBool::new(false);
    /// for progress in community.delivering()?.once(&cancel, &mut |_| ())? {
    ///     println!("{}: {} delivered", progress.target, progress.delivered);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no programme or no target, a key cannot be had, or another process delivers.
    pub fn delivering(&self) -> Result<Delivering, Error> {
        let options = RunOptions::default();
        let pipeline = self.pipeline(&options);
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
        let words = words(said, &rules);
        Ok(Delivering {
            courier,
            outbox: LedgerOutbox {
                community: config.community.name.clone(),
                path: pipeline.ledger(),
                ledger: None,
                words,
            },
            _alone: alone,
        })
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
        let options = RunOptions::default();
        let path = self.pipeline(&options).ledger();
        if !path.is_file() {
            return Ok(0);
        }
        Ok(Ledger::open(&path)?.retry(id)?)
    }
}

impl Delivering {
    /// Delivers what is due, and tells how far it is. `cancel` may be set at any time.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read or written. What a target answers is no error, but stands in the answer.
    pub fn once(
        &mut self,
        cancel: &AtomicBool,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<Vec<Progress>, Error> {
        Ok(self.courier.run_once(&mut self.outbox, cancel, tell)?)
    }

    /// The same over and over, until `cancel` is set.
    ///
    /// # Errors
    ///
    /// As [`Delivering::once`].
    pub fn watch(&mut self, cancel: &AtomicBool, tell: &mut dyn FnMut(&Progress)) -> Result<(), Error> {
        Ok(self.courier.watch(&mut self.outbox, cancel, tell)?)
    }
}

/// What is wrong with a target whatever its key is.
pub(crate) fn check(config: &Config, name: &str, target: &TargetConfig) -> Result<(), Error> {
    let TargetConfig::Webhook { url, .. } = target else { return Ok(()) };
    // Any key will do to look at an address.
    let any = Secret::new([0; 32])?;
    Webhook::new(url, any)
        .map(drop)
        .map_err(|error| located(config, &["programme", "targets", name], "webhook", error.to_string(), None))
}

fn ready(config: &Config, name: &str, target: &TargetConfig) -> Result<Target, Error> {
    let wrong = |key: &str, error: groundswell_delivery::Error| {
        located(config, &["programme", "targets", name], key, error.to_string(), None)
    };
    match target {
        TargetConfig::JsonLines(path) => Ok(Target::json_lines(name, JsonLines::new(path))),
        TargetConfig::Webhook { url, key } => {
            let key = match key {
                KeyConfig::File(path) => Secret::from_file(path).map_err(|error| wrong("key-file", error)),
                KeyConfig::Environment(name) => {
                    Secret::from_env(name).map_err(|error| wrong("key-env", error))
                }
            }?;
            let webhook = Webhook::new(url, key).map_err(|error| wrong("webhook", error))?;
            Ok(Target::webhook(name, webhook))
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

/// What is said of an award: its title, and the text of a shoutout.
#[derive(Clone, Debug)]
struct Words {
    title: String,
    text: Option<String>,
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

/// The same for the same award in the same state, whichever ledger it is in: whoever restores an older one does not thank
/// anybody twice.
fn key(community: &str, holding: &Holding) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("groundswell 1 key of a message");
    let occurrence = holding.occurrence.to_string();
    let parts = [
        community,
        holding.member.as_deref().unwrap_or_default(),
        &holding.award,
        &holding.period,
        &occurrence,
        holding.state.name(),
    ];
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// The ledger's outbox.
#[derive(Debug)]
struct LedgerOutbox {
    /// The community's name.
    community: String,
    path: PathBuf,
    /// Opened once there is one.
    ledger: Option<Ledger>,
    words: BTreeMap<String, Words>,
}

impl LedgerOutbox {
    fn ledger(&mut self) -> Result<&mut Ledger, groundswell_ledger::Error> {
        let ledger = match self.ledger.take() {
            Some(ledger) => ledger,
            None if self.path.exists() => Ledger::open(&self.path)?,
            // A run that begins one later is seen then.
            None => Ledger::look(&self.path)?,
        };
        let known = self.ledger.insert(ledger);
        Ok(known)
    }

    fn message(&self, parcel: &Parcel) -> Message {
        let holding = &parcel.holding;
        let key = key(&self.community, holding);
        let words = self.words.get(&holding.award);
        let title = words.map_or(holding.award.as_str(), |words| &words.title);
        let text = words.and_then(|words| words.text.as_deref()).map(|text| filled(text, title, holding));
        let body = json!({
            "key": key,
            "event": holding.state,
            "member": holding.member,
            "award": holding.award,
            "kind": holding.kind,
            "title": title,
            "period": holding.period,
            "occurrence": holding.occurrence,
            "amount": holding.amount,
            "reason": holding.reason,
            "text": text,
            "at": holding.at,
            "receipt": holding.receipt,
        });
        Message::new(parcel.id, key, parcel.lane.to_string(), body.to_string()).attempted(parcel.attempts)
    }
}

/// A shoutout's text, with the member, the title and the reason filled in.
fn filled(text: &str, title: &str, holding: &Holding) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let known = [
            ("member}", holding.member.as_deref().unwrap_or_default()),
            ("title}", title),
            ("reason}", &holding.reason),
        ];
        match known.iter().find_map(|(name, value)| Some((behind.strip_prefix(name)?, *value))) {
            Some((behind, value)) => {
                out.push_str(value);
                rest = behind;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

impl Outbox for LedgerOutbox {
    type Error = groundswell_ledger::Error;

    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Message>, Self::Error> {
        if self.ledger.as_ref().is_some_and(Ledger::is_new) {
            self.ledger = None;
        }
        let parcels = self.ledger()?.due(target, nanoseconds(now), most)?;
        Ok(parcels.iter().map(|parcel| self.message(parcel)).collect())
    }

    fn delivered(&mut self, id: u64, _now: Timestamp) -> Result<(), Self::Error> {
        self.ledger()?.delivered(id)
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Self::Error> {
        self.ledger()?.later(id, nanoseconds(at), problem)
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Self::Error> {
        self.ledger()?.dead(id, problem)
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Self::Error> {
        let waiting = self.ledger()?.waiting(target)?;
        Ok(Tally::new(waiting.waiting, waiting.dead))
    }
}

fn nanoseconds(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_nanosecond()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_once_and_what_it_is_filled_with_is_not() {
        let holdings = Ledger::look(Path::new("/nowhere")).unwrap();
        assert_eq!(holdings.dead_letters().unwrap(), []);
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
        let terms = groundswell_ledger::AwardTerms::new("cheer", groundswell_ledger::Kind::Shoutout);
        let calendar =
            groundswell_ledger::Calendar::new(groundswell_ledger::Period::Month, jiff::tz::TimeZone::UTC);
        let programme = groundswell_ledger::Programme::new(vec![terms], calendar, "terms");
        let chapter =
            groundswell_ledger::Chapter { definition: "d", period: "p", start: 0, as_of: 1, runs: 1 };
        let digest = ledger.history(&chapter).unwrap().digest();
        let proposal = groundswell_ledger::Proposal {
            member: "{reason}",
            award: "cheer",
            amount: 1,
            reason: "helped {title}",
            score: 0.0,
        };
        let proposals = groundswell_ledger::Proposals {
            programme: &programme,
            actor: "p",
            decided_by: &digest,
            all: &[proposal],
        };
        let round = groundswell_ledger::Round {
            chapter,
            receipt: "r",
            by: groundswell_ledger::ScoredBy::default(),
            unknown: &[],
            standings: &[],
            proposals: Some(proposals),
            opted_out: &[],
        };
        ledger.commit(&round).unwrap();
        let holding = &ledger.holdings(&groundswell_ledger::Selection::default()).unwrap()[0];
        let text = "{member} {{reason}} {who} {title} {";
        assert_eq!(filled(text, "Thanks", holding), "{reason} {helped {title}} {who} Thanks {");
    }
}
