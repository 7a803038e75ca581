//! Writing: every change of the ledger is an entry behind the newest one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Transaction, params};

use crate::chain::{Hash, Public, Secret, Standings};
use crate::commit::ScoredBy;
use crate::life::may_follow;
use crate::terms::AwardTerms;
use crate::{Error, Kind, State};

/// The state of an entry that is about the ledger as a whole: a run was recorded.
pub(crate) const RUN: &str = "run";
/// The same: what decides in a period.
pub(crate) const TERMS: &str = "terms";
/// The same: somebody was forgotten.
pub(crate) const FORGOT: &str = "forgot";
/// The same: an earlier version was brought forward.
pub(crate) const MIGRATED: &str = "migrated";

/// One change of one occurrence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// The occurrence that changes; none for one that begins.
    pub(crate) claim: Option<i64>,
    pub(crate) member: String,
    pub(crate) award: String,
    pub(crate) kind: Kind,
    /// Of the key.
    pub(crate) period: String,
    pub(crate) occurrence: u32,
    pub(crate) from: Option<State>,
    pub(crate) to: State,
    /// How much the entry is about.
    pub(crate) amount: u64,
    /// How much the occurrence is worth from then on.
    pub(crate) worth: u64,
    /// Whose budget it counts against from then on.
    pub(crate) counted: String,
    /// When the member got it.
    pub(crate) given: Option<i64>,
    /// Short, and for everybody: why it is held.
    pub(crate) detail: String,
    /// For the member.
    pub(crate) reason: String,
    /// Targets that are told.
    pub(crate) deliver: Vec<String>,
}

impl Change {
    /// The beginning of an occurrence, which is not had yet: of `amount`, in the state `to`.
    pub(crate) fn begun(
        member: &str,
        terms: &AwardTerms,
        period: &str,
        occurrence: u32,
        (to, amount): (State, u64),
        reason: &str,
    ) -> Self {
        Self {
            claim: None,
            member: member.to_owned(),
            award: terms.award.clone(),
            kind: terms.kind,
            period: period.to_owned(),
            occurrence,
            from: None,
            to,
            amount,
            worth: amount,
            counted: String::new(),
            given: None,
            detail: String::new(),
            reason: reason.to_owned(),
            deliver: terms.deliver.clone(),
        }
    }

    /// Whether it follows what is.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if may_follow(self.kind, self.from, self.to) {
            return Ok(());
        }
        Err(Error::Transition {
            member: self.member.clone(),
            award: self.award.clone(),
            kind: self.kind,
            from: self.from.unwrap_or(self.to),
            to: self.to,
        })
    }

    /// Who is told. Of what was about to be taken back and stays nobody is: they were not told of that.
    fn targets(&self) -> &[String] {
        let stays = self.to.is_had() && matches!(self.from, Some(State::Leaving | State::Revoking));
        if self.to.is_told() && !stays { &self.deliver } else { &[] }
    }
}

/// An entry that is about the ledger as a whole.
pub(crate) struct Whole<'a> {
    pub(crate) state: &'a str,
    pub(crate) period: &'a str,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) detail: &'a str,
}

/// The end of the chain, as long as a transaction lasts.
pub(crate) struct Writer<'t> {
    pub(crate) transaction: &'t Transaction<'t>,
    path: PathBuf,
    actor: String,
    recorded: i64,
    number: i64,
    hash: Hash,
    receipt: Option<(i64, String)>,
    members: HashMap<String, i64>,
    salts: blake3::OutputReader,
}

impl<'t> Writer<'t> {
    pub(crate) fn new(transaction: &'t Transaction<'t>, path: &Path, actor: &str) -> Result<Self, Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| Error::words("write", path, format!("no randomness is to be had: {error}")))?;
        let begun = Self::begun(transaction, path, actor, &seed);
        begun.map_err(Error::file("write", path))
    }

    fn begun(
        transaction: &'t Transaction<'t>,
        path: &Path,
        actor: &str,
        seed: &[u8; 32],
    ) -> rusqlite::Result<Self> {
        let (number, hash) = head(transaction)?;
        let now = jiff::Timestamp::now().as_nanosecond();
        Ok(Self {
            transaction,
            path: path.to_owned(),
            actor: actor.to_owned(),
            recorded: i64::try_from(now).unwrap_or(i64::MAX),
            number,
            hash,
            receipt: None,
            members: HashMap::new(),
            salts: blake3::Hasher::new_keyed(seed).finalize_xof(),
        })
    }

    /// Of the host, for a ledger in the making.
    pub(crate) fn of_host(transaction: &'t Transaction<'t>) -> rusqlite::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.to_string().into()))?;
        Self::begun(transaction, Path::new(""), "host", &seed)
    }

    /// No run is the cause of what follows.
    pub(crate) fn because_of_nothing(&mut self) {
        self.receipt = None;
    }

    /// The number and hash of the newest entry.
    pub(crate) fn head(&self) -> (i64, Hash) {
        (self.number, self.hash)
    }

    /// Names the run that is the cause of what follows.
    pub(crate) fn because_of(&mut self, receipt: &str, by: &ScoredBy<'_>) -> rusqlite::Result<i64> {
        self.transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO receipts (receipt, plugin, fingerprint) VALUES (?1, nullif(?2, ''), nullif(?3, ''))",
            )?
            .execute([receipt, by.plugin, by.fingerprint])?;
        let id: i64 =
            self.transaction
                .query_row("SELECT id FROM receipts WHERE receipt = ?1", [receipt], |row| row.get(0))?;
        self.receipt = Some((id, receipt.to_owned()));
        Ok(id)
    }

    /// Records a change, at a moment of the community's time.
    pub(crate) fn change(&mut self, change: &Change, at: i64) -> Result<(), Error> {
        change.check()?;
        let path = self.path.clone();
        self.changed(change, at).map_err(Error::file("write", &path))
    }

    /// Records a change, whether or not it follows.
    pub(crate) fn changed(&mut self, change: &Change, at: i64) -> rusqlite::Result<()> {
        let member = self.member(&change.member)?;
        let (amount, worth) = (whole(change.amount), whole(change.worth));
        let number = self.number + 1;
        let claim = match change.claim {
            Some(claim) => {
                self.transaction
                    .prepare_cached(
                        "UPDATE claims SET state = ?2, amount = ?3, counted = ?4, given = ?5, changed = ?6, entry = ?7 WHERE id = ?1",
                    )?
                    .execute(params![
                        claim,
                        change.to.name(),
                        worth,
                        change.counted,
                        change.given,
                        at,
                        number
                    ])?;
                claim
            }
            None => self
                .transaction
                .prepare_cached(
                    "INSERT INTO claims (member, award, kind, period, occurrence, state, amount, counted, given, changed, entry)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .insert(params![
                    member,
                    change.award,
                    change.kind.name(),
                    change.period,
                    change.occurrence,
                    change.to.name(),
                    worth,
                    change.counted,
                    change.given,
                    at,
                    number
                ])?,
        };
        let mut salt = [0; 32];
        self.salts.fill(&mut salt);
        let secret = Secret { salt: &salt, member: &change.member, reason: &change.reason };
        let told = change.targets();
        let detail = match told {
            [] => change.detail.clone(),
            told => format!("to {}", told.join(",")),
        };
        let entry = Public {
            number,
            claim: Some(claim),
            state: change.to.name(),
            award: &change.award,
            kind: change.kind.name(),
            period: &change.period,
            occurrence: change.occurrence.into(),
            counted: &change.counted,
            amount,
            at,
            recorded: self.recorded,
            actor: "",
            receipt: "",
            detail: &detail,
            commitment: Some(secret.commitment()),
        };
        self.append(entry)?;
        self.transaction
            .prepare_cached("INSERT INTO secrets (entry, salt, reason) VALUES (?1, ?2, ?3)")?
            .execute(params![number, salt, change.reason])?;
        for target in told {
            self.transaction
                .prepare_cached("INSERT INTO outbox (entry, member, target) VALUES (?1, ?2, ?3)")?
                .execute(params![number, member, target])?;
        }
        Ok(())
    }

    /// Records something about the ledger as a whole.
    pub(crate) fn whole(&mut self, whole: &Whole<'_>) -> rusqlite::Result<()> {
        let entry = Public {
            number: self.number + 1,
            claim: None,
            state: whole.state,
            award: "",
            kind: "",
            period: whole.period,
            occurrence: 0,
            counted: "",
            amount: whole.amount,
            at: whole.at,
            recorded: self.recorded,
            actor: "",
            receipt: "",
            detail: whole.detail,
            commitment: None,
        };
        self.append(entry)
    }

    /// Records what the ledger holds of a period of a definition, by a salt of its own from now on.
    pub(crate) fn chapter(
        &mut self,
        state: &str,
        definition: &str,
        period: &str,
        at: i64,
    ) -> rusqlite::Result<()> {
        let mut salt = [0; 32];
        self.salts.fill(&mut salt);
        self.transaction
            .prepare_cached(
                "INSERT INTO salts (definition, period, salt) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET salt = excluded.salt",
            )?
            .execute(params![definition, period, salt])?;
        let detail = about_chapter(self.transaction, definition, period)?.unwrap_or_default();
        self.whole(&Whole { state, period, amount: 0, at, detail: &detail })
    }

    /// Actor and receipt are the writer's.
    fn append(&mut self, entry: Public<'_>) -> rusqlite::Result<()> {
        let (receipt, name) =
            self.receipt.as_ref().map_or((None, ""), |(receipt, name)| (Some(*receipt), name.as_str()));
        let entry = Public { actor: &self.actor, receipt: name, ..entry };
        let hash = entry.hash(self.hash);
        self.transaction
            .prepare_cached(
                "INSERT INTO entries (number, claim, state, award, kind, period, occurrence, counted, amount, at, recorded,
                                      actor, receipt, detail, commitment, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                entry.number,
                entry.claim,
                entry.state,
                entry.award,
                entry.kind,
                entry.period,
                entry.occurrence,
                entry.counted,
                entry.amount,
                entry.at,
                entry.recorded,
                entry.actor,
                receipt,
                entry.detail,
                entry.commitment.map(|commitment| commitment.0),
                hash.0,
            ])?;
        self.number = entry.number;
        self.hash = hash;
        Ok(())
    }

    fn member(&mut self, member: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.members.get(member) {
            return Ok(*id);
        }
        let known = self
            .transaction
            .prepare_cached("SELECT id FROM members WHERE member = ?1")?
            .query_row([member], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => self
                .transaction
                .prepare_cached("INSERT INTO members (member) VALUES (?1)")?
                .insert([member])?,
        };
        self.members.insert(member.to_owned(), id);
        Ok(id)
    }
}

/// SQLite's integers are signed; more than that cannot be told apart from that many.
pub(crate) fn whole(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// The hash of an entry; `None` where there is no such entry.
pub(crate) fn hash_of(connection: &rusqlite::Connection, number: u64) -> rusqlite::Result<Option<Hash>> {
    connection
        .prepare_cached("SELECT hash FROM entries WHERE number = ?1")?
        .query_row([i64::try_from(number).unwrap_or(i64::MAX)], |row| row.get(0).map(Hash))
        .optional()
}

/// The number and hash of the newest entry; 0 and zeros where there is none.
pub(crate) fn head(connection: &rusqlite::Connection) -> rusqlite::Result<(i64, Hash)> {
    let newest = connection
        .query_row("SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get::<_, [u8; 32]>(1)?))
        })
        .optional()?;
    Ok(newest.map_or((0, Hash::default()), |(number, hash)| (number, Hash(hash))))
}

/// The hash of where members stood in a period, and of what newest runs said, as it is in the ledger.
fn standings(
    connection: &rusqlite::Connection,
    definition: &str,
    period: &str,
    salt: &[u8],
) -> rusqlite::Result<Hash> {
    let mut standings = Standings::new(salt);
    let mut query = connection.prepare_cached(
        "SELECT member, tier, said, rung, as_of, receipt FROM history WHERE definition = ?1 AND period = ?2 ORDER BY member",
    )?;
    let mut rows = query.query([definition, period])?;
    // Few runs are behind any number of members.
    let mut causes: HashMap<i64, String> = HashMap::new();
    while let Some(row) = rows.next()? {
        let receipt = row.get(5)?;
        let cause = match causes.entry(receipt) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(cause(connection, receipt)?),
        };
        let (member, tier) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        standings.add((member, tier, row.get_ref(2)?.as_str_or_null()?), row.get(3)?, row.get(4)?, cause);
    }
    Ok(standings.hash())
}

/// A receipt, and what scored by it where that is known.
fn cause(connection: &rusqlite::Connection, receipt: i64) -> rusqlite::Result<String> {
    connection.prepare_cached("SELECT receipt, plugin, fingerprint FROM receipts WHERE id = ?1")?.query_row(
        [receipt],
        |row| {
            let (receipt, plugin, fingerprint): (String, Option<String>, Option<String>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(match (plugin, fingerprint) {
                (None, None) => receipt,
                (plugin, fingerprint) => format!("{receipt} {plugin:?} {fingerprint:?}"),
            })
        },
    )
}

/// The hash of what newest runs of a definition said of members.
fn sightings(connection: &rusqlite::Connection, definition: &str, salt: &[u8]) -> rusqlite::Result<Hash> {
    let mut sightings = Standings::new(salt);
    let mut query = connection.prepare_cached(
        "SELECT as_of, member, said, counts FROM sightings WHERE definition = ?1 ORDER BY as_of, member",
    )?;
    let mut rows = query.query([definition])?;
    while let Some(row) = rows.next()? {
        let text = |column: usize| row.get_ref(column).and_then(|text| Ok(text.as_str()?));
        sightings.sighting(row.get(0)?, text(1)?, text(2)?, text(3)?);
    }
    Ok(sightings.hash())
}

/// What an entry about a run, or about somebody who was forgotten, says of a period of a definition: all that the ledger holds of it
/// besides. `None` where there is no salt, which is so of nothing that was recorded.
pub(crate) fn about_chapter(
    connection: &rusqlite::Connection,
    definition: &str,
    period: &str,
) -> rusqlite::Result<Option<String>> {
    let salt: Option<Vec<u8>> = connection
        .prepare_cached("SELECT salt FROM salts WHERE definition = ?1 AND period = ?2")?
        .query_row([definition, period], |row| row.get(0))
        .optional()?;
    let Some(salt) = salt else { return Ok(None) };
    let run: Option<(i64, i64, String, bool, Option<bool>)> = connection
        .prepare_cached(
            "SELECT as_of, receipt, unknown, programme, wishes FROM runs WHERE definition = ?1 AND period = ?2",
        )?
        .query_row([definition, period], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    let run = run.map(|(as_of, receipt, unknown, programme, wishes)| {
        let run =
            cause(connection, receipt).map(|cause| serde_json::json!([as_of, cause, unknown, programme]));
        run.map(|mut run| {
            // Nothing where nothing is, as in ledgers that knew of none.
            if let (Some(run), Some(wishes)) = (run.as_array_mut(), wishes) {
                run.push(wishes.into());
            }
            run
        })
    });
    let run = run.transpose()?;
    let about = serde_json::json!({
        "definition": definition,
        "standings": standings(connection, definition, period, &salt)?.to_hex(),
        "sightings": sightings(connection, definition, &salt)?.to_hex(),
        "run": run,
    });
    Ok(Some(about.to_string()))
}

/// Takes a member's name, and what the entries about them are bound to, out of the ledger; answers how many entries that were.
pub(crate) fn disown(transaction: &Transaction<'_>, member: &str) -> rusqlite::Result<usize> {
    let id: Option<i64> = transaction
        .query_row("SELECT id FROM members WHERE member = ?1", [member], |row| row.get(0))
        .optional()?;
    let Some(id) = id else { return Ok(0) };
    let entries = transaction.execute(
        "DELETE FROM secrets WHERE entry IN (SELECT e.number FROM entries e JOIN claims c ON c.id = e.claim WHERE c.member = ?1)",
        [id],
    )?;
    transaction.execute("UPDATE claims SET member = NULL WHERE member = ?1", [id])?;
    transaction.execute("UPDATE outbox SET member = NULL, problem = '', state = CASE WHEN state IN ('waiting', 'dead') THEN 'forgotten' ELSE state END WHERE member = ?1", [id])?;
    transaction.execute("DELETE FROM members WHERE id = ?1", [id])?;
    Ok(entries)
}
