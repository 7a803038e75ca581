//! Rows of a query to a database of SQLite.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;

use csv::ByteRecord;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Row, Statement};

use super::database::{Database, LONGEST, LONGEST_QUERY, Problem};
use super::{Line, Meter, Reading, SourceFile, Table};
use crate::Error;
use crate::stop::LOOKS;

/// Bytes of rows that are handed on together.
const TOGETHER: usize = 1 << 16;
/// Times that so many of them are read before they are asked for.
const AHEAD: usize = 2;

/// One pass over the rows of a query, which runs on a thread of its own. Rows are told by their number, counted from 1.
pub(super) struct Query<'m> {
    table: Table,
    path: std::path::PathBuf,
    header: Vec<String>,
    messages: Option<Receiver<Message>>,
    rows: std::vec::IntoIter<ByteRecord>,
    record: ByteRecord,
    number: u64,
    meter: &'m Meter<'m>,
    /// Bytes of the file that the meter was not told of: how many of them a query reads is not known.
    untold: u64,
    /// Set once nobody wants more.
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread that reads hands on.
enum Message {
    Header(Vec<String>),
    Rows(Vec<ByteRecord>),
    /// There are no more.
    End,
    Failed(Problem),
}

impl<'m> Query<'m> {
    /// Begins to run a query, as far as its columns.
    pub(super) fn open(
        table: Table,
        file: &SourceFile,
        query: &str,
        meter: &'m Meter<'_>,
    ) -> Result<Self, Error> {
        let over = Arc::new(AtomicBool::new(false));
        let (send, messages) = sync_channel(AHEAD);
        let ends = {
            let (over, stop) = (Arc::clone(&over), meter.stop());
            move || over.load(Ordering::Relaxed) || stop.check().is_err()
        };
        let (path, query) = (file.path.clone(), query.to_owned());
        let work = move || {
            let read = read(&path, &query, ends, &send);
            // Whoever does not listen any more has no need of it.
            _ = send.send(read.map_or_else(Message::Failed, |()| Message::End));
        };
        let thread = std::thread::Builder::new()
            .name("groundswell-query".to_owned())
            // Queries inside of each other recurse deeply.
            .stack_size(8 << 20)
            .spawn(work)
            .map_err(Error::file("start a thread to read", &file.path))?;
        let mut begun = Self {
            table,
            path: file.path.clone(),
            header: Vec::new(),
            messages: Some(messages),
            rows: Vec::new().into_iter(),
            record: ByteRecord::new(),
            number: 0,
            meter,
            untold: file.bytes,
            over,
            thread: Some(thread),
        };
        match begun.message()? {
            Message::Header(header) => begun.header = header,
            _ => return Err(begun.problem("the query told rows before its columns".to_owned())),
        }
        Ok(begun)
    }

    /// The next word of the thread that is none of failure.
    fn message(&self) -> Result<Message, Error> {
        let Some(messages) = &self.messages else { return Ok(Message::End) };
        loop {
            self.meter.check()?;
            return match messages.recv_timeout(LOOKS) {
                Ok(Message::Failed(Problem::Told(told))) => Err(self.problem(told)),
                Ok(Message::Failed(Problem::Stopped)) => {
                    self.meter.check()?;
                    Err(self.problem("the query was interrupted".to_owned()))
                }
                Ok(message) => Ok(message),
                Err(RecvTimeoutError::Timeout) => continue,
                // It said neither that this was all nor what went wrong.
                Err(RecvTimeoutError::Disconnected) => {
                    Err(self.problem("the query panicked before all rows were read".to_owned()))
                }
            };
        }
    }

    fn problem(&self, problem: String) -> Error {
        Error::Source { table: self.table.name(), path: self.path.clone(), problem }
    }

    /// Tells the meter of bytes, and never of more than the file has.
    fn tell(&mut self, bytes: u64) {
        let bytes = bytes.min(self.untold);
        self.untold -= bytes;
        self.meter.add(bytes);
    }
}

impl Reading for Query<'_> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        loop {
            if let Some(record) = self.rows.next() {
                self.record = record;
                self.number += 1;
                self.tell(self.record.as_slice().len() as u64);
                return Ok(Some(Line { number: self.number, fields: &self.record, flaw: None }));
            }
            match self.message()? {
                Message::Rows(rows) => self.rows = rows.into_iter(),
                _ => {
                    self.messages = None;
                    self.tell(u64::MAX);
                    return Ok(None);
                }
            }
        }
    }
}

impl Drop for Query<'_> {
    /// Ends the query, so that nobody has the file open afterwards.
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.messages = None;
        if let Some(thread) = self.thread.take() {
            // What went wrong there was told, or is of no use any more.
            _ = thread.join();
        }
    }
}

/// Hands on the names of the columns, and then all rows, until nobody wants more.
fn read(
    path: &Path,
    query: &str,
    ends: impl Fn() -> bool + Clone + Send + 'static,
    send: &SyncSender<Message>,
) -> Result<(), Problem> {
    let database = Database::open(path, ends)?;
    let mut statement = only_statement(&database, query)?;
    let names: Vec<String> = statement.column_names().iter().map(|name| name.trim().to_owned()).collect();
    let width = names.len();
    let hand_on = |message| send.send(message).map_err(|_| Problem::Stopped);
    hand_on(Message::Header(names))?;
    let mut rows = statement.raw_query();
    let (mut together, mut bytes, mut number) = (Vec::new(), 0, 0_u64);
    while let Some(row) = rows.next().map_err(|error| database.told(&error))? {
        number += 1;
        let record = record(row, width).map_err(|error| database.told(&error))?;
        if record.as_slice().len() > LONGEST as usize {
            return Err(Problem::Told(format!(
                "row {number} of the query is longer than 1 MiB: leave a column out of it"
            )));
        }
        bytes += record.as_slice().len() + width;
        together.push(record);
        if bytes >= TOGETHER {
            hand_on(Message::Rows(std::mem::take(&mut together)))?;
            bytes = 0;
        }
    }
    hand_on(Message::Rows(together))
}

/// The one statement of a query, which reads.
fn only_statement<'d>(database: &'d Database, query: &str) -> Result<Statement<'d>, Problem> {
    if query.len() > LONGEST_QUERY as usize {
        return Err("the query is longer than 64 KiB".to_owned().into());
    }
    let mut statements = Batch::new(&database.connection, query);
    let mut next = || statements.next().map_err(|error| database.told(&error));
    let Some(statement) = next()? else { return Err("the query is empty".to_owned().into()) };
    if next()?.is_some() {
        return Err("the query is more than one statement: a map has one `select`".to_owned().into());
    }
    if !statement.readonly() || statement.column_count() == 0 {
        return Err("the query is no `select`: it may read tables, and nothing else".to_owned().into());
    }
    if statement.parameter_count() > 0 {
        return Err("the query has a parameter, for which there is no value: write the value itself"
            .to_owned()
            .into());
    }
    Ok(statement)
}

/// A row as it would stand in a file.
fn record(row: &Row<'_>, width: usize) -> Result<ByteRecord, rusqlite::Error> {
    let mut record = ByteRecord::new();
    for place in 0..width {
        match row.get_ref(place)? {
            ValueRef::Null => record.push_field(b""),
            ValueRef::Integer(number) => record.push_field(number.to_string().as_bytes()),
            ValueRef::Real(number) => record.push_field(number.to_string().as_bytes()),
            // Whatever is no text is for the reader of rows to say.
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => record.push_field(bytes),
        }
    }
    Ok(record)
}

/// The first rows of each of a database's tables, with their names, before anybody has said what they mean.
pub(super) fn tables(path: &Path, most_rows: usize, most_bytes: usize) -> Result<Vec<SampledTable>, String> {
    const MOST: usize = 100;
    let plain = |problem| match problem {
        Problem::Told(told) => told,
        Problem::Stopped => "the query was interrupted".to_owned(),
    };
    let database = Database::open(path, || false).map_err(plain)?;
    let names = database.tables().map_err(|error| plain(database.told(&error)))?;
    let sample = |name: String| {
        let query = format!("SELECT * FROM \"{}\" LIMIT {most_rows}", name.replace('"', "\"\""));
        let mut statement = database.connection.prepare(&query)?;
        let columns: Vec<String> =
            statement.column_names().iter().map(|name| name.trim().to_owned()).collect();
        let (mut rows, mut bytes) = (Vec::new(), 0);
        let mut found = statement.raw_query();
        while bytes < most_bytes
            && let Some(row) = found.next()?
        {
            let record = record(row, columns.len())?;
            bytes += record.as_slice().len();
            rows.push(record.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect());
        }
        Ok(SampledTable { name, columns, rows })
    };
    // One that cannot be read, such as that of an extension that is not there, is passed over.
    Ok(names
        .into_iter()
        .take(MOST)
        .map(sample)
        .filter_map(|read: Result<_, rusqlite::Error>| read.ok())
        .collect())
}

/// The first rows of a table of a database.
pub(crate) struct SampledTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}
