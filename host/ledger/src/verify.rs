//! Verifying: the chain, what entries are bound to, and whatever else follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;

use crate::chain::{Hash, Public, Secret};
use crate::commit::terms_detail;
use crate::heads;
use crate::life::may_follow;
use crate::store::{Ledger, fresh};
use crate::text::plain;
use crate::write::{FORGOT, RUN, TERMS, about_chapter};
use crate::{Error, Kind, State};

/// How many findings are told; whoever edits a ledger edits more than one place.
const MOST: usize = 20;
/// After how many entries progress is told.
const STEP: u64 = 10_000;

/// What was found wrong, or that nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the newest entry, 64 hexadecimal digits. Whoever keeps it elsewhere will see if the whole chain is ever made
    /// anew, which the ledger itself cannot show.
    pub head: String,
    /// How many entries no longer say who they are about, because the member was forgotten.
    pub forgotten: u64,
    /// What is wrong; the first 20 findings.
    pub findings: Vec<String>,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: impl Into<String>) {
        if self.findings.len() < MOST {
            self.findings.push(plain(&finding.into()));
        }
    }
}

impl Ledger {
    /// Verifies the ledger of this path: that no entry was changed, taken out or put in, that members and reasons are those that
    /// were committed to, and that everything else in the file follows from the entries.
    ///
    /// `known` are heads that were kept elsewhere: numbers of entries with their hashes; those in `ledger.heads` are compared in any
    /// case. `told` hears how many entries of how many are done. Needs little memory, however many entries there are.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, or is no ledger. What is wrong with one that can be read is in the answer.
    pub fn verify(
        path: &Path,
        known: &[(u64, Hash)],
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<Verified, Error> {
        if !path.is_file() {
            return Err(Error::words("read", path, "there is none"));
        }
        let ledger = Self::look(path)?;
        let mut verified = Verified::default();
        let (kept, junk) = heads::kept(path).map_err(|error| {
            Error::words("read", path, format!("{}: {error}", heads::path(path).display()))
        })?;
        if junk > 0 {
            let heads = heads::path(path);
            verified.find(format!("{} has {junk} lines that are no heads", heads.display()));
        }
        let known: Vec<(u64, Hash)> = known.iter().chain(&kept).copied().collect();
        let verify = || -> rusqlite::Result<Verified> {
            // One look at all of it, whoever writes meanwhile.
            let look = ledger.connection.unchecked_transaction()?;
            let connection = &*look;
            whole(connection, &mut verified)?;
            schema(connection, &mut verified)?;
            let digests = chain(connection, &known, &mut verified, told)?;
            claims(connection, &mut verified)?;
            of_runs(connection, &digests, &mut verified)?;
            messages(connection, &mut verified)?;
            Ok(verified)
        };
        verify().map_err(Error::file("read", path))
    }
}

/// What the database itself finds wrong with its pages.
fn whole(connection: &Connection, verified: &mut Verified) -> rusqlite::Result<()> {
    let mut query = connection.prepare("PRAGMA integrity_check(3)")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            verified.find(format!("the file is damaged: {said}"));
        }
    }
    Ok(())
}

/// What entries say of where members stood and of what decides, the newest of each.
#[derive(Default)]
struct Digests {
    chapters: BTreeMap<(String, String), serde_json::Value>,
    /// Of each definition, the period that was recorded last.
    newest: BTreeMap<String, String>,
    terms: BTreeMap<String, String>,
}

/// Goes through the entries from the first to the last.
fn chain(
    connection: &Connection,
    known: &[(u64, Hash)],
    verified: &mut Verified,
    told: &mut dyn FnMut(u64, u64),
) -> rusqlite::Result<Digests> {
    let all: i64 = connection.query_row("SELECT count(*) FROM entries", [], |row| row.get(0))?;
    let all = all.unsigned_abs();
    let mut query = connection.prepare(
        "SELECT e.number, e.claim, e.state, e.award, e.kind, e.period, e.occurrence, e.counted, e.amount, e.at, e.recorded, e.actor,
                coalesce(r.receipt, ''), e.detail, e.commitment, e.hash, m.member, s.salt, s.reason
         FROM entries e LEFT JOIN receipts r ON r.id = e.receipt LEFT JOIN claims c ON c.id = e.claim
         LEFT JOIN members m ON m.id = c.member LEFT JOIN secrets s ON s.entry = e.number ORDER BY e.number",
    )?;
    let mut rows = query.query([])?;
    let (mut before, mut expected, mut nameless, mut forgotten) = (Hash::default(), 1_i64, 0_u64, 0_i64);
    let mut digests = Digests::default();
    let mut heads: BTreeMap<u64, BTreeSet<Hash>> = BTreeMap::new();
    for (number, hash) in known {
        heads.entry(*number).or_default().insert(*hash);
    }
    told(0, all);
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if number != expected {
            verified.find(format!("entry {expected} is missing"));
        }
        expected = number.saturating_add(1);
        let commitment = row.get_ref(14)?.as_blob_or_null()?.and_then(Hash::of_bytes);
        let entry = Public {
            number,
            claim: row.get(1)?,
            state: row.get_ref(2)?.as_str()?,
            award: row.get_ref(3)?.as_str()?,
            kind: row.get_ref(4)?.as_str()?,
            period: row.get_ref(5)?.as_str()?,
            occurrence: row.get(6)?,
            counted: row.get_ref(7)?.as_str()?,
            amount: row.get(8)?,
            at: row.get(9)?,
            recorded: row.get(10)?,
            actor: row.get_ref(11)?.as_str()?,
            receipt: row.get_ref(12)?.as_str()?,
            detail: row.get_ref(13)?.as_str()?,
            commitment,
        };
        let hash = row.get_ref(15)?.as_blob_or_null()?.and_then(Hash::of_bytes).unwrap_or_default();
        if entry.hash(before) != hash {
            verified.find(format!("entry {number} is not the one that was written, or not in its place"));
        }
        before = hash;
        if heads.remove(&number.unsigned_abs()).is_some_and(|kept| kept.iter().any(|head| *head != hash)) {
            verified.find(format!("entry {number} is another one than the one whose hash was kept"));
        }
        let member = row.get_ref(16)?.as_str_or_null()?;
        let salt: Option<&[u8; 32]> =
            row.get_ref(17)?.as_blob_or_null()?.and_then(|salt| salt.try_into().ok());
        match (member, salt, row.get_ref(18)?.as_str_or_null()?) {
            _ if entry.claim.is_none() => {}
            (Some(member), Some(salt), Some(reason)) => {
                let secret = Secret { salt, member, reason };
                if commitment != Some(secret.commitment()) {
                    verified.find(format!("entry {number} was about another member, or had another reason"));
                }
            }
            (None, None, None) => nameless += 1,
            _ => verified.find(format!("entry {number} has lost its member or its reason")),
        }
        match entry.state {
            FORGOT => forgotten = forgotten.saturating_add(entry.amount),
            TERMS => drop(digests.terms.insert(entry.period.to_owned(), entry.detail.to_owned())),
            _ => {}
        }
        if matches!(entry.state, RUN | FORGOT)
            && let Ok(detail) = serde_json::from_str::<serde_json::Value>(entry.detail)
        {
            let definition =
                detail.get("definition").and_then(|text| text.as_str()).unwrap_or_default().to_owned();
            digests.newest.insert(definition.clone(), entry.period.to_owned());
            digests.chapters.insert((definition, entry.period.to_owned()), detail);
        }
        verified.entries += 1;
        if verified.entries.is_multiple_of(STEP) {
            told(verified.entries, all);
        }
    }
    told(verified.entries, all);
    verified.head = before.to_hex();
    verified.forgotten = nameless;
    if i64::try_from(nameless).ok() != Some(forgotten) {
        verified.find(format!(
            "{nameless} entries do not say who they are about, and {forgotten} were made so by forgetting"
        ));
    }
    if let (Some(first), Some(last)) = (heads.keys().next(), heads.keys().next_back()) {
        verified.find(format!("entries are missing, among them {first} to {last}, whose hashes were kept"));
    }
    Ok(digests)
}

/// Compares each occurrence with the entries about it.
fn claims(connection: &Connection, verified: &mut Verified) -> rusqlite::Result<()> {
    let mut query = connection.prepare(
        "SELECT c.id, c.award, c.kind, c.period, c.occurrence, c.state, c.amount, c.counted, c.changed, c.entry, c.given,
                e.number, e.award, e.kind, e.period, e.occurrence, e.state, e.amount, e.counted, e.at
         FROM claims c LEFT JOIN entries e ON e.claim = c.id ORDER BY c.id, e.number",
    )?;
    let mut rows = query.query([])?;
    let mut life: Option<Life> = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if life.as_ref().is_none_or(|life| life.id != id) {
            if let Some(life) = life.take() {
                life.end(verified);
            }
            life = Some(Life::of(row)?);
        }
        let Some(life) = &mut life else { continue };
        life.next(row)?;
    }
    if let Some(life) = life {
        life.end(verified);
    }
    let orphans: i64 = connection.query_row(
        "SELECT count(*) FROM entries e LEFT JOIN claims c ON c.id = e.claim WHERE e.claim IS NOT NULL AND c.id IS NULL",
        [],
        |row| row.get(0),
    )?;
    if orphans > 0 {
        verified.find(format!("{orphans} entries are about awards that are not there"));
    }
    Ok(())
}

/// An occurrence, as it is, and as its entries say.
struct Life {
    id: i64,
    key: (String, String, String, i64),
    is: (String, i64, String, i64, i64, Option<i64>),
    state: Option<State>,
    worth: i64,
    counted: String,
    at: i64,
    entry: i64,
    given: Option<i64>,
    sound: bool,
}

impl Life {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?),
            is: (row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?),
            state: None,
            worth: 0,
            counted: String::new(),
            at: 0,
            entry: 0,
            given: None,
            sound: true,
        })
    }

    fn next(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        let Some(number) = row.get::<_, Option<i64>>(11)? else { return Ok(()) };
        let key: (String, String, String, i64) = (row.get(12)?, row.get(13)?, row.get(14)?, row.get(15)?);
        let state = State::of_name(row.get_ref(16)?.as_str()?);
        let kind = Kind::of_name(&key.1);
        let (Some(state), Some(kind)) = (state, kind) else {
            self.sound = false;
            return Ok(());
        };
        self.sound &= key == self.key && may_follow(kind, self.state, state);
        let amount: i64 = row.get(17)?;
        self.worth =
            if state == State::Expired && kind == Kind::Points { self.worth - amount } else { amount };
        self.counted = row.get(18)?;
        self.at = row.get(19)?;
        let had = |state: State| state.is_had();
        if state.is_had() && !self.state.is_some_and(had) {
            self.given = Some(self.at);
        }
        (self.state, self.entry) = (Some(state), number);
        Ok(())
    }

    fn end(self, verified: &mut Verified) {
        let says = (
            self.state.map_or("", State::name).to_owned(),
            self.worth,
            self.counted,
            self.at,
            self.entry,
            self.given,
        );
        if !self.sound || says != self.is {
            let (award, _, period, occurrence) = self.key;
            verified.find(format!(
                "`{award}`, period `{period}`, occurrence {occurrence} (claim {}) is not what its entries say",
                self.id
            ));
        }
    }
}

/// Compares what the ledger holds besides awards with what entries say of it: runs, tiers, what decides.
fn of_runs(connection: &Connection, digests: &Digests, verified: &mut Verified) -> rusqlite::Result<()> {
    let chapters: BTreeSet<(String, String)> = connection
        .prepare(
            "SELECT definition, period FROM runs UNION SELECT DISTINCT definition, period FROM history
             UNION SELECT definition, period FROM salts",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for chapter in chapters.iter().chain(digests.chapters.keys()).collect::<BTreeSet<_>>() {
        let now = about_chapter(connection, &chapter.0, &chapter.1)?;
        let now = now.and_then(|about| serde_json::from_str::<serde_json::Value>(&about).ok());
        let said = digests.chapters.get(chapter);
        let same = |key: &str| {
            let of = |about: Option<&serde_json::Value>| about.and_then(|about| about.get(key)).cloned();
            of(now.as_ref()) == of(said)
        };
        if now.is_none() || !same("standings") {
            verified.find(format!(
                "the tiers of {} in {} are not those that were recorded",
                chapter.0, chapter.1
            ));
        }
        if !same("run") {
            verified
                .find(format!("the run of {} in {} is not the one that was recorded", chapter.0, chapter.1));
        }
        // What newest runs said is the same for all periods of a definition, and each entry tells of its own time.
        if digests.newest.get(&chapter.0) == Some(&chapter.1) && !same("sightings") {
            verified.find(format!("what the newest runs of {} said is not what was recorded", chapter.0));
        }
    }
    let sightings: i64 = connection.query_row(
        "SELECT count(*) FROM sightings WHERE definition NOT IN (SELECT definition FROM salts)",
        [],
        |row| row.get(0),
    )?;
    if sightings > 0 {
        verified.find("there are tiers of a definition that was never run");
    }
    let terms: BTreeMap<String, String> = connection
        .prepare("SELECT period, start, until, terms FROM terms")?
        .query_map([], |row| {
            Ok((row.get(0)?, terms_detail(row.get(1)?, row.get(2)?, row.get_ref(3)?.as_str()?)))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if terms != digests.terms {
        verified.find("what decides in some period is not what was recorded");
    }
    Ok(())
}

/// Compares what the platform is to be told with what entries say of it.
fn messages(connection: &Connection, verified: &mut Verified) -> rusqlite::Result<()> {
    let mut query = connection.prepare(
        "SELECT e.number, e.detail, (SELECT group_concat(target, ',') FROM
             (SELECT target FROM outbox o WHERE o.entry = e.number ORDER BY o.id))
         FROM entries e WHERE e.detail LIKE 'to %'",
    )?;
    let mut rows = query.query([])?;
    let mut told = 0_i64;
    while let Some(row) = rows.next()? {
        let targets = row.get_ref(1)?.as_str()?.trim_start_matches("to ").to_owned();
        told += targets.split(',').count() as i64;
        if row.get_ref(2)?.as_str_or_null()? != Some(targets.as_str()) {
            verified.find(format!(
                "entry {} is to be told to {targets}, and its messages are others",
                row.get::<_, i64>(0)?
            ));
        }
    }
    let (all, others): (i64, i64) = connection.query_row(
        "SELECT count(*), coalesce(sum(o.member IS NOT c.member OR o.state NOT IN ('waiting', 'delivered', 'dead', 'withdrawn', 'forgotten')), 0)
         FROM outbox o LEFT JOIN entries e ON e.number = o.entry LEFT JOIN claims c ON c.id = e.claim",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if all != told || others > 0 {
        verified.find("messages in the outbox are not those of entries, or about others than those");
    }
    Ok(())
}

/// What the columns and keys of a table are, in whatever order they came.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<BTreeSet<String>> {
    connection
        .prepare(
            "SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || coalesce(dflt_value, '') || ' ' || pk || ' ' || hidden
             FROM pragma_table_xinfo(?1)
             UNION SELECT 'index of ' || (SELECT group_concat(name) FROM pragma_index_info(l.name)) || ' ' || \"unique\" || ' ' || partial
             FROM pragma_index_list(?1) l",
        )?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// Compares tables, views, indices and triggers with those that this host makes.
fn schema(connection: &Connection, verified: &mut Verified) -> rusqlite::Result<()> {
    let of = |connection: &Connection| -> rusqlite::Result<BTreeMap<String, Option<String>>> {
        connection
            // Those of version 1 have grown column by column, and say so.
            .prepare("SELECT type || ' ' || name, CASE WHEN name IN ('runs', 'receipts', 'history', 'outbox') THEN NULL ELSE sql END FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    let fresh = fresh()?;
    for table in ["runs", "receipts", "history", "outbox"] {
        if columns(connection, table)? != columns(&fresh, table)? {
            verified.find(format!("the table {table} is not the one that a ledger has"));
        }
    }
    let (now, made) = (of(connection)?, of(&fresh)?);
    for (name, sql) in &made {
        if now.get(name) != Some(sql) {
            verified.find(format!("the {name} is not the one that a ledger has"));
        }
    }
    for name in now.keys().filter(|name| !made.contains_key(*name)) {
        verified.find(format!("there is a {name}, which no ledger has"));
    }
    Ok(())
}
