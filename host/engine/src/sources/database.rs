//! Databases of SQLite, opened for reading alone.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use groundswell_runtime::{open_regular, shown};
use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Error, OpenFlags};

use crate::nearest::{listed, nearest};
use crate::stop::LOOKS;

/// What every database begins with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
/// The longest value, and the longest row, in bytes: as in other files.
pub(super) const LONGEST: i32 = 1 << 20;
/// The longest query, in bytes.
pub(super) const LONGEST_QUERY: i32 = 1 << 16;
/// Steps of the database engine between two looks whether to stop: a few thousandths of a second.
const STEPS: i32 = 10_000;
/// How long another program may hold the database locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a database is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Nobody wants it any more.
    Stopped,
    /// What is wrong, and the way out.
    Told(String),
}

impl From<String> for Problem {
    fn from(told: String) -> Self {
        Self::Told(told)
    }
}

/// A database that can be read, and where nothing else can be done: statements that are more than reading are refused as they
/// are prepared. What is read is the state of one moment.
pub(super) struct Database {
    pub(super) connection: Connection,
}

impl Database {
    /// Opens a file. Neither it nor anything beside it is created or changed. `ends` is asked again and again whether to stop.
    pub(super) fn open(
        path: &Path,
        ends: impl Fn() -> bool + Clone + Send + 'static,
    ) -> Result<Self, Problem> {
        let immutable = immutable(path)?;
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(uri(path, immutable)?, flags).map_err(|error| told(&error, None))?;
        let database = Self { connection };
        database
            .bound(ends.clone())
            .and_then(|()| database.begin(ends))
            .map_err(|error| told(&error, None))?;
        whole(path)?;
        database.connection.authorizer(Some(reading_alone)).map_err(|error| told(&error, None))?;
        Ok(database)
    }

    fn bound(&self, ends: impl Fn() -> bool + Send + 'static) -> Result<(), Error> {
        let connection = &self.connection;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, LONGEST),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_QUERY),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            connection.set_limit(limit, value)?;
        }
        connection.progress_handler(STEPS, Some(ends))
    }

    /// Holds on to the state of this moment, once others have let go of the database.
    fn begin(&self, ends: impl Fn() -> bool) -> Result<(), Error> {
        self.connection.busy_timeout(Duration::ZERO)?;
        self.connection.execute_batch("BEGIN")?;
        let began = Instant::now();
        loop {
            let read = self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
            match read {
                Err(error) if is_locked(&error) && began.elapsed() < PATIENCE && !ends() => {
                    std::thread::sleep(LOOKS)
                }
                read => return read,
            }
        }
    }

    /// The names of tables and views, in the order of the database.
    pub(super) fn tables(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";
        let mut statement = self.connection.prepare(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        names.collect()
    }

    /// The names of the columns of all tables.
    fn columns(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT DISTINCT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type IN ('table', 'view')";
        let mut statement = self.connection.prepare(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        names.collect()
    }

    /// What an error of a query means.
    pub(super) fn told(&self, error: &Error) -> Problem {
        told(error, Some(self))
    }

    /// Names of what the query is mistaken in, for guessing what is meant.
    fn names(&self, of: impl Fn(&Self) -> Result<Vec<String>, Error>) -> Vec<String> {
        // The columns of a table are read by a pragma.
        let free = self.connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>);
        free.and_then(|()| of(self)).unwrap_or_default()
    }
}

/// Lets statements read, and do nothing else.
fn reading_alone(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } if !function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

fn is_locked(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Whether nothing can change the database while it is read, which is then opened without a look at what is beside it.
///
/// A database in WAL mode could otherwise only be opened by making `-wal` and `-shm` beside it; where neither is there, no program
/// has it open. Where both are, they are read and not made.
fn immutable(path: &Path) -> Result<bool, Problem> {
    let unreadable = |error: std::io::Error| Problem::Told(format!("it cannot be read: {error}"));
    let mut start = Vec::new();
    open_regular(path).and_then(|file| file.take(100).read_to_end(&mut start)).map_err(unreadable)?;
    if !start.starts_with(MAGIC) {
        return Err(Problem::Told(match start.as_slice() {
            [] => "it is empty, and no SQLite database".to_owned(),
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                "it is compressed: unpack it, since a database is not read from its beginning to its end"
                    .to_owned()
            }
            _ => "it is no SQLite database, or an encrypted one".to_owned(),
        }));
    }
    // The versions of the format that it takes to write and to read it: 2 for WAL.
    let in_wal_mode = start.get(18..20).is_some_and(|versions| versions.contains(&2));
    match (in_wal_mode, beside(path, "-wal"), beside(path, "-shm")) {
        (true, None | Some(0), None) => Ok(true),
        (true, Some(bytes), None) if bytes > 0 => Err(Problem::Told(format!(
            "beside it lies {}-wal with what was written last, and no -shm: the program that wrote it did not end as it should; \
             open it once with that program, or with `sqlite3`, which puts them together, or copy all of its files",
            path.file_name().map(|name| shown(&name.to_string_lossy(), 100)).unwrap_or_default()
        ))),
        _ => Ok(false),
    }
}

/// Refuses a file that ends in the middle of its last page, which SQLite takes for empty. Nobody may be writing to it.
fn whole(path: &Path) -> Result<(), Problem> {
    let unreadable = |error: std::io::Error| Problem::Told(format!("it cannot be read: {error}"));
    let (mut start, file) = (Vec::new(), open_regular(path).map_err(unreadable)?);
    let bytes = file.metadata().map_err(unreadable)?.len();
    file.take(100).read_to_end(&mut start).map_err(unreadable)?;
    let number = |from: usize| {
        let bytes: Option<[u8; 4]> = start.get(from..from + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_be_bytes)
    };
    let page = start.get(16..18).map(|page| match page {
        [0, 1] => 65_536,
        page => page.iter().fold(0_u64, |page, byte| page << 8 | u64::from(*byte)),
    });
    // Pages are counted there by versions since 3.7, which write the same number to both of these places; the newest pages may
    // lie in the log beside it.
    let (Some(page), Some(pages)) = (page, number(28).filter(|_| number(24) == number(92))) else {
        return Ok(());
    };
    if beside(path, "-wal").is_some_and(|bytes| bytes > 0) || bytes >= page * u64::from(pages) {
        return Ok(());
    }
    Err(Problem::Told(format!(
        "the database is damaged: it says that it has {} bytes, and has {bytes}: it was cut off; copy it again",
        page * u64::from(pages)
    )))
}

/// The bytes of the file beside a database whose name ends so; `None` where there is none.
fn beside(path: &Path, end: &str) -> Option<u64> {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name).metadata().ok().map(|about| about.len())
}

/// The file as SQLite names it, with what it may do with it.
fn uri(path: &Path, immutable: bool) -> Result<String, Problem> {
    let whole =
        std::path::absolute(path).map_err(|error| Problem::Told(format!("it cannot be found: {error}")))?;
    let mut uri = "file:".to_owned();
    for byte in whole.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' => uri.push(char::from(*byte)),
            b'\\' if cfg!(windows) => uri.push('/'),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str(if immutable { "?mode=ro&immutable=1" } else { "?mode=ro" });
    Ok(uri)
}

/// What an error means, and the way out.
fn told(error: &Error, database: Option<&Database>) -> Problem {
    let words = match error {
        Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => msg.clone(),
        other => other.to_string(),
    };
    let shown_words = shown(&words, 300);
    let told = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => return Problem::Stopped,
        Some(ErrorCode::NotADatabase) => "it is no SQLite database, or an encrypted one".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => format!("the database is damaged: {shown_words}"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => format!(
            "another program holds the database locked, and did not let go of it within {} seconds: run again when it is done, \
             or read a copy",
            PATIENCE.as_secs()
        ),
        Some(ErrorCode::ReadOnly) => {
            "a program was interrupted as it wrote to it: open it once with that program, or with `sqlite3`, which mends it"
                .to_owned()
        }
        Some(ErrorCode::TooBig) => {
            "a value or a row is longer than 1 MiB: leave that column out of the query, or cut it with substr()".to_owned()
        }
        Some(ErrorCode::AuthorizationForStatementDenied) => {
            format!("a query may read tables, and nothing else: {shown_words}")
        }
        _ => match database {
            Some(database) => mistaken(&words, database),
            None => format!("it cannot be read: {shown_words}"),
        },
    };
    Problem::Told(told)
}

/// What is wrong with a query, and perhaps what is meant.
fn mistaken(words: &str, database: &Database) -> String {
    let named = |what: &str| words.strip_prefix(what).map(|name| name.rsplit('.').next().unwrap_or(name));
    let (name, names) = match (named("no such table: "), named("no such column: ")) {
        (Some(name), _) => (name, database.names(Database::tables)),
        (_, Some(name)) => (name, database.names(Database::columns)),
        _ => return format!("the query cannot be followed: {}", shown(words, 300)),
    };
    let names = names.iter().map(String::as_str);
    let way_out = match nearest(name, names.clone()) {
        Some(meant) => format!("is `{}` meant?", shown(meant, 60)),
        None => format!("there are {}", shown(&listed(names), 300)),
    };
    format!("the query cannot be followed: {}; {way_out}", shown(words, 300))
}
