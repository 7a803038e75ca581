//! The ledger's outbox, as whoever carries messages sees it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use groundswell_delivery::{Message, Outbox, Tally};
use groundswell_ledger::{Error as LedgerError, Holding, Ledger, Parcel, State};
use jiff::Timestamp;
use serde_json::json;

use crate::Error;
use crate::stop::LOOKS;
use crate::wishes::Wishes;

/// How long another process is waited for that has the ledger, unless otherwise said.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same between two looks at whether to stop.
const MOMENT: Duration = Duration::from_millis(200);

/// What is said of an award: its title, and the text of a shoutout.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) text: Option<String>,
}

/// The same for the same award in the same state, whichever ledger it is in: whoever restores an older one does not thank
/// anybody twice.
pub(super) fn key(community: &str, holding: &Holding) -> String {
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
pub(super) struct LedgerOutbox {
    /// The community's name.
    community: String,
    path: PathBuf,
    /// Opened once there is one.
    ledger: Option<Ledger>,
    words: BTreeMap<String, Words>,
    /// Who opted out, sorted.
    gone: Vec<String>,
    withdrawn: u64,
    /// How long another process is waited for.
    pub(super) patience: Duration,
}

impl LedgerOutbox {
    pub(super) fn new(community: &str, path: PathBuf, words: BTreeMap<String, Words>) -> Self {
        Self {
            community: community.to_owned(),
            path,
            ledger: None,
            words,
            gone: Vec::new(),
            withdrawn: 0,
            patience: PATIENCE,
        }
    }

    pub(super) fn withdrawn(&self) -> u64 {
        self.withdrawn
    }

    fn ledger(&mut self) -> Result<&mut Ledger, LedgerError> {
        let ledger = match self.ledger.take().filter(|ledger| !ledger.is_new()) {
            Some(ledger) => ledger,
            None if self.path.exists() => Ledger::open_within(&self.path, MOMENT)?,
            // A run that begins one later is seen then.
            None => Ledger::look_whole(&self.path)?,
        };
        let known = self.ledger.insert(ledger);
        Ok(known)
    }

    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Parcel>, LedgerError> {
        let mut parcels = self.ledger()?.due(target, nanoseconds(now), most)?;
        // Since who opted out was looked up, a run or a person may have had something to tell of them.
        if parcels.iter().any(|parcel| self.is_gone(parcel) && !takes_back(parcel)) {
            self.withdraw()?;
            parcels = self.ledger()?.due(target, nanoseconds(now), most)?;
            parcels.retain(|parcel| !self.is_gone(parcel) || takes_back(parcel));
        }
        let ledger = self.ledger()?;
        ledger.trying(parcels.iter().map(|parcel| parcel.id))?;
        Ok(parcels)
    }

    /// Whether a message is about who opted out.
    fn is_gone(&self, parcel: &Parcel) -> bool {
        parcel.holding.member.as_ref().is_some_and(|member| self.gone.binary_search(member).is_ok())
    }

    fn withdraw(&mut self) -> Result<(), LedgerError> {
        let gone = std::mem::take(&mut self.gone);
        let withdrawn = self.ledger().and_then(|ledger| ledger.withdraw(&gone));
        self.gone = gone;
        self.withdrawn += withdrawn?;
        Ok(())
    }

    fn message(&self, parcel: &Parcel) -> Message {
        let holding = &parcel.holding;
        let key = key(&self.community, holding);
        let words = self.words.get(&holding.award);
        let title = words.map_or(holding.award.as_str(), |words| &words.title);
        // Who opted out is told of no more than has to be.
        let gone = self.is_gone(parcel);
        let text = words.and_then(|words| words.text.as_deref()).filter(|_| !gone);
        let text = text.map(|text| filled(text, title, holding));
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
            "reason": if gone { "" } else { &holding.reason },
            "text": text,
            "at": holding.at,
            "receipt": holding.receipt,
        });
        Message::new(parcel.id, key, parcel.lane.to_string(), body.to_string()).attempted(parcel.attempts)
    }
}

/// Whether a message says that something is no longer had: the target may have been told that it was.
fn takes_back(parcel: &Parcel) -> bool {
    matches!(parcel.holding.state, State::Revoked | State::Left | State::Expired | State::Spent)
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

/// The outbox while messages are carried, until `cancel` is set.
pub(super) struct Carrying<'a> {
    pub(super) outbox: &'a mut LedgerOutbox,
    /// None where what the last run knew is to do.
    pub(super) wishes: Option<&'a mut Wishes>,
    pub(super) cancel: &'a AtomicBool,
}

impl Carrying<'_> {
    /// Withdraws what waits of who opted out, now and in what follows, where that may be others than before.
    fn heed(&mut self) -> Result<(), Error> {
        let looked = self.wishes.as_mut().map_or(Ok(None), |wishes| wishes.look());
        let looked = looked.map_err(|error| match error {
            stopped if stopped.is_stopped() => stopped,
            error => Error::Wishes(Box::new(error)),
        })?;
        let Some(mut gone) = looked else { return Ok(()) };
        gone.sort_unstable();
        self.outbox.gone = gone;
        self.patiently(LedgerOutbox::withdraw)
    }

    /// Waits for another process that has the ledger, and not for long once it is to stop.
    fn patiently<T>(
        &mut self,
        mut work: impl FnMut(&mut LedgerOutbox) -> Result<T, LedgerError>,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        loop {
            match work(self.outbox) {
                Err(error) if error.is_busy() => {
                    if begun.elapsed() >= self.outbox.patience || self.cancel.load(Ordering::Relaxed) {
                        return Err(error.into());
                    }
                    std::thread::sleep(LOOKS);
                }
                done => return Ok(done?),
            }
        }
    }
}

impl Outbox for Carrying<'_> {
    type Error = Error;

    fn due(&mut self, target: &str, now: Timestamp, most: usize) -> Result<Vec<Message>, Error> {
        self.heed()?;
        let parcels = self.patiently(|outbox| outbox.due(target, now, most))?;
        Ok(parcels.iter().map(|parcel| self.outbox.message(parcel)).collect())
    }

    fn delivered(&mut self, id: u64, _now: Timestamp) -> Result<(), Error> {
        self.patiently(|outbox| outbox.ledger()?.delivered(id))
    }

    fn later(&mut self, id: u64, at: Timestamp, problem: &str) -> Result<(), Error> {
        self.patiently(|outbox| outbox.ledger()?.later(id, nanoseconds(at), problem))
    }

    fn dead(&mut self, id: u64, problem: &str) -> Result<(), Error> {
        self.patiently(|outbox| outbox.ledger()?.dead(id, problem))
    }

    fn tally(&mut self, target: &str) -> Result<Tally, Error> {
        let waiting = self.patiently(|outbox| outbox.ledger()?.waiting(target))?;
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
        let holdings = Ledger::look(std::path::Path::new("/nowhere")).unwrap();
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
