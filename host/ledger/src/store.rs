//! The file: opening, making, migrating.
//!
//! One SQLite file with a rollback journal: a single file between runs, safe to copy then, and readable
//! where shared memory is not to be had. Whoever writes takes the lock at once and waits for others to
//! finish; a process killed at any moment leaves either all of what it was to write or nothing of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::Error;
use crate::heads;
use crate::history::{Chapter, History, history};
use crate::write::Writer;

/// Marks the file as a ledger of this project.
const APPLICATION: i32 = 0x4753_4c47;
/// The version of the tables.
const VERSION: i32 = 3;
/// How long a process waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest text, and the longest row, in bytes.
const LONGEST: i32 = 64 << 20;

const TABLES: &str = include_str!("schema.sql");

/// A community's ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    /// Whether nothing was ever recorded in it.
    new: bool,
    /// Whether what is written stays.
    lasting: bool,
    /// Where a copy lies, as long as it is looked at.
    _copy: Option<tempfile::TempDir>,
}

impl Ledger {
    /// Opens the ledger to write to it, makes it if need be, and brings one of an earlier version forward. Where another process
    /// has it, it is waited for, a minute at most.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where it cannot be read or written, is damaged, is of a later version, or no ledger at all; and where it lacks
    /// entries whose hashes stand in `ledger.heads`, which would be given a second time.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_within(path, PATIENCE)
    }

    /// The same, and gives up after `patience` where another process has it.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn open_within(path: &Path, patience: Duration) -> Result<Self, Error> {
        be_a_file_or_nothing("write", path)?;
        let head = last_head(path)?;
        if let Some(heads::Head { number, .. }) = head
            && !std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
        {
            return Err(lacks(path, number, 0));
        }
        let connection = Connection::open(path).and_then(|connection| prepared(connection, patience));
        let mut connection = connection.map_err(Error::file("write", path))?;
        let known = made(&mut connection).map_err(Error::file("write", path))?;
        check(known, path)?;
        if let Some(strange) = strange_trigger(&connection).map_err(Error::file("write", path))? {
            let words = format!(
                "there is a trigger `{strange}`, which no ledger has: drop it, and see `groundswell ledger verify`"
            );
            return Err(Error::words("write", path, words));
        }
        if known.1 < VERSION {
            migrate(&mut connection).map_err(Error::file("write", path))?;
        }
        be_tables(&connection, "write", path)?;
        has(&connection, path, head)?;
        Ok(Self { connection, path: path.to_owned(), new: false, lasting: true, _copy: None })
    }

    /// Opens the ledger to look into it: what is written to this one is written nowhere. Where there is none, none is made and it
    /// is empty.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn look(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Self::empty(path);
        }
        be_a_file_or_nothing("read", path)?;
        // Not read-only: the journal of a process that was killed has to be rolled back.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).and_then(|connection| prepared(connection, PATIENCE));
        let connection = connection.map_err(Error::file("read", path))?;
        let known = version(&connection).map_err(Error::file("read", path))?;
        // Another process has made the file and not the tables yet.
        if known == (0, 0) && tables(&connection).map_err(Error::file("read", path))? == 0 {
            return Self::empty(path);
        }
        check(known, path)?;
        let this = Self { connection, path: path.to_owned(), new: false, lasting: false, _copy: None };
        let this = if known.1 < VERSION { this.copy()? } else { this };
        be_tables(&this.connection, "read", path)?;
        Ok(this)
    }

    /// The same, and refuses one that lacks entries whose hashes were kept, as [`Ledger::has_all`] does: for whoever answers by it.
    ///
    /// # Errors
    ///
    /// As [`Ledger::look`] and [`Ledger::has_all`].
    pub fn look_whole(path: &Path) -> Result<Self, Error> {
        let ledger = Self::look(path)?;
        ledger.has_all()?;
        Ok(ledger)
    }

    fn empty(path: &Path) -> Result<Self, Error> {
        let make = || {
            let mut connection = prepared(Connection::open_in_memory()?, PATIENCE)?;
            made(&mut connection)?;
            Ok(connection)
        };
        let connection = make().map_err(Error::file("read", path))?;
        Ok(Self { connection, path: path.to_owned(), new: true, lasting: false, _copy: None })
    }

    /// A copy in a temporary file, which is gone with it, of this version's form.
    fn copy(&self) -> Result<Self, Error> {
        let failed = |source: std::io::Error| Error::words("copy", &self.path, source.to_string());
        let folder = tempfile::tempdir().map_err(failed)?;
        let path = folder.path().join("ledger.sqlite");
        let copied = || {
            self.connection.execute("VACUUM INTO ?1", [path.to_string_lossy().as_ref()])?;
            let mut connection = prepared(Connection::open(&path)?, PATIENCE)?;
            // It is gone with the process anyway.
            connection.pragma_update(None, "synchronous", "OFF")?;
            migrate(&mut connection)?;
            Ok(connection)
        };
        let connection = copied().map_err(Error::file("read", &self.path))?;
        Ok(Self { connection, path: self.path.clone(), new: self.new, lasting: true, _copy: Some(folder) })
    }

    /// Whether nothing was ever recorded in it: there is no file.
    pub fn is_new(&self) -> bool {
        self.new
    }

    /// Refuses a ledger that lacks entries whose hashes stand in `ledger.heads`: an older copy, an empty one, or none.
    ///
    /// # Errors
    ///
    /// Where that is so, or the file cannot be read.
    pub fn has_all(&self) -> Result<(), Error> {
        has(&self.connection, &self.path, last_head(&self.path)?)
    }

    /// What members reached before.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn history(&self, chapter: &Chapter<'_>) -> Result<History, Error> {
        history(&self.connection, chapter).map_err(Error::file("read", &self.path))
    }

    /// Does some work in one transaction: all of it is recorded, or nothing where it fails.
    pub(crate) fn write<T>(
        &mut self,
        actor: &str,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.write_if(actor, true, work)
    }

    /// The same; nothing is recorded unless it is to be kept.
    pub(crate) fn write_if<T>(
        &mut self,
        actor: &str,
        keep: bool,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if keep && !self.lasting {
            return Err(Error::words("write", &self.path, "it is open for reading only"));
        }
        let failed = || Error::file("write", &self.path);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed())?;
        let mut writer = Writer::new(&transaction, &self.path, actor)?;
        let (head, _) = writer.head();
        let done = work(&mut writer)?;
        let (number, hash) = writer.head();
        drop(writer);
        if keep {
            // Before it is recorded: what could not be kept there would be protected by nothing.
            let mut heads = match self._copy {
                None => Some(heads::adding(&self.path).map_err(|error| {
                    Error::words("write", &heads::path(&self.path), format!("nothing was recorded: {error}"))
                })?),
                Some(_) => None,
            };
            transaction.commit().map_err(failed())?;
            // What is recorded is recorded, whether or not that can be kept.
            if let Some(heads) = heads.as_mut().filter(|_| head != number) {
                _ = heads::keep(heads, number, hash);
            }
        }
        Ok(done)
    }
}

fn check((application, version): (i32, i32), path: &Path) -> Result<(), Error> {
    let problem = if application != APPLICATION {
        "it is not a ledger of this project; move it away".to_owned()
    } else if !(1..=VERSION).contains(&version) {
        format!("it has version {version}, this host knows version {VERSION}: upgrade the host")
    } else {
        return Ok(());
    };
    Err(Error::words("read", path, problem))
}

/// SQLite would wait for somebody at the other end of a pipe, and says little of a folder.
fn be_a_file_or_nothing(action: &'static str, path: &Path) -> Result<(), Error> {
    if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return Err(Error::words(action, path, "it is not a file; move it away"));
    }
    Ok(())
}

/// What is read here are tables: a view in the place of one may never end.
fn be_tables(connection: &Connection, action: &'static str, path: &Path) -> Result<(), Error> {
    let lacks = || -> rusqlite::Result<Option<&'static str>> {
        let mut query =
            connection.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
        for statement in TABLES.split_inclusive(";\n") {
            let table = statement.split_once("CREATE TABLE ").and_then(|(_, rest)| rest.split(' ').next());
            let Some(table) = table else { continue };
            if query.query_row([table], |row| row.get::<_, i64>(0))? != 1 {
                return Ok(Some(table));
            }
        }
        Ok(None)
    };
    match lacks().map_err(Error::file(action, path))? {
        None => Ok(()),
        Some(table) => {
            let words = format!("it has no table `{table}`, which every ledger has: restore a backup of it");
            Err(Error::words(action, path, words))
        }
    }
}

/// A trigger that would change what is written here, or never end.
fn strange_trigger(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut query = connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (name, sql): (String, String) = (row.get(0)?, row.get(1)?);
        let is_own = |statement: &str| statement.trim_end().strip_suffix(';') == Some(sql.as_str());
        if !TABLES.split_inclusive(";\n").any(is_own) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn prepared(connection: Connection, patience: Duration) -> rusqlite::Result<Connection> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

/// A ledger in which nothing is recorded, in memory.
pub(crate) fn fresh() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

fn tables(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

/// Makes the tables where there are none; answers which application's they are, and of which version.
fn made(connection: &mut Connection) -> rusqlite::Result<(i32, i32)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&transaction)? == (0, 0) && tables(&transaction)? == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    let version = version(&transaction)?;
    transaction.commit()?;
    Ok(version)
}

/// Brings the tables forward, one version after the other: all the way, or not at all.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let before = version(&transaction)?.1;
    if before < VERSION {
        transaction.execute_batch(SINCE_VERSION_2)?;
    }
    match before {
        1 => from_version_1(&transaction)?,
        2 => {
            transaction.execute_batch(FROM_VERSION_2)?;
            crate::forward::bring_forward(&transaction)?;
        }
        _ => {}
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

const WAY_OUT: &str = "restore a newer backup of it; or, where this is the one to go on with, move ledger.heads away, and \
                       see `groundswell ledger verify`";

fn last_head(path: &Path) -> Result<Option<heads::Head>, Error> {
    heads::last(path).map_err(|error| Error::words("read", &heads::path(path), error.to_string()))
}

/// Refuses a ledger that lacks an entry whose hash was kept.
fn has(connection: &Connection, path: &Path, head: Option<heads::Head>) -> Result<(), Error> {
    let Some(heads::Head { number, begins }) = head else { return Ok(()) };
    let failed = || Error::file("read", path);
    match crate::write::hash_of(connection, number).map_err(failed())? {
        Some(there) if there.to_hex().starts_with(&begins) => Ok(()),
        Some(_) => {
            let other = format!(
                "its entry {number} is not the one whose hash stands in ledger.heads beside it: {WAY_OUT}"
            );
            Err(Error::words("write", path, other))
        }
        None => {
            let (newest, _) = crate::write::head(connection).map_err(failed())?;
            Err(lacks(path, number, newest.unsigned_abs()))
        }
    }
}

fn lacks(path: &Path, head: u64, newest: u64) -> Error {
    let words = format!("it has {newest} entries and had {head}, as ledger.heads beside it says: {WAY_OUT}");
    Error::words("write", path, words)
}

/// What versions 1 and 2 do not have.
const SINCE_VERSION_2: &str =
    "ALTER TABLE receipts ADD COLUMN plugin TEXT; ALTER TABLE receipts ADD COLUMN fingerprint TEXT;
    ALTER TABLE history ADD COLUMN said TEXT; ALTER TABLE runs ADD COLUMN wishes INTEGER;";

/// What version 2 does not have, and 1 gets with its tables. What was tried has a problem, or attempts.
const FROM_VERSION_2: &str = "ALTER TABLE outbox ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
    UPDATE outbox SET tried = max(due, 1) WHERE attempts > 0 OR problem <> '';
    CREATE INDEX outbox_of_open ON outbox (member) WHERE state IN ('waiting', 'dead');";

fn from_version_1(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "ALTER TABLE awards RENAME TO given; ALTER TABLE runs ADD COLUMN unknown TEXT NOT NULL DEFAULT '[]'; ALTER TABLE runs ADD COLUMN programme INTEGER NOT NULL DEFAULT 1;",
    )?;
    // What is there already is of the same form.
    for statement in TABLES.split_inclusive(";\n") {
        let there = ["TABLE receipts", "TABLE runs", "TABLE history"];
        if !there.iter().any(|table| statement.contains(table)) {
            transaction.execute_batch(statement)?;
        }
    }
    crate::forward::adopt(transaction)?;
    transaction.execute_batch("DROP TABLE given;")
}
