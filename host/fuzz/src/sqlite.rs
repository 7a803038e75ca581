//! Bytes as a database of SQLite, behind a query that somebody else wrote.

use std::path::Path;
use std::time::{Duration, Instant};

use groundswell::{Host, RunOptions, Table, Validation};
use rusqlite::{Connection, OpenFlags};

use crate::frozen::{accounted, assert_readable, config, freeze};
use crate::message::assert_plain;
use crate::scratch::{folder, write};

/// The tables that come of queries, over tables as the seeds have them.
const QUERIES: [(Table, &str); 6] = [
    (Table::Activities, "select * from messages"),
    (
        Table::Activities,
        "select m.id, u.name as actor, m.verb, m.at from messages m join users u on u.id = m.actor",
    ),
    (Table::Members, "select id, opted_out, role from users order by name"),
    (Table::Follows, "select a.actor as follower, b.actor as followed from messages a, messages b limit 100"),
    (Table::Activities, "select 'post' as verb, max(at) as at, actor from messages group by actor"),
    (Table::Conversions, "select actor as member, at, body as value from messages where body is not null"),
];
/// How long a query may run: a view may be one that has no end.
const TIME: Duration = Duration::from_secs(2);
/// What every database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let Some((table, query)) = QUERIES.get(usize::from(*way) % QUERIES.len()) else { return };
    let bytes = if rest.starts_with(MAGIC) { rest.to_vec() } else { [MAGIC, rest].concat() };
    let scratch = folder();
    let folder = scratch.path();
    write(folder, "chat.db", &bytes);
    let sources =
        format!("[[sources.map]]\ntable = \"{table}\"\nsqlite = \"chat.db\"\nquery = \"{query}\"\n");
    let Some(first) = looked_at(folder, &sources) else { return };
    first.problems.iter().for_each(|problem| assert_plain(&problem.to_string()));
    first.notes.iter().for_each(|note| assert_plain(note));
    if let Some(again) = looked_at(folder, &sources) {
        let told = |validation: &Validation| {
            (
                validation.tables.clone(),
                validation.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            )
        };
        assert_eq!(told(&first), told(&again), "the same database, and another answer");
    }
    if first.tables.iter().any(|table| table.rows.is_some())
        && let Ok(snapshot) = freeze(folder, &sources)
    {
        assert_readable(&snapshot, *table);
        if let Some(rows) = rows(&folder.join("chat.db"), query) {
            assert_eq!(accounted(&snapshot, *table), rows, "rows lost, or counted twice");
        }
    }
    let now = std::fs::read(folder.join("chat.db")).unwrap_or_default();
    assert!(now == bytes, "the database was changed");
}

/// What is in it, as far as can be told in that time.
fn looked_at(folder: &Path, sources: &str) -> Option<Validation> {
    let community = Host::new().and_then(|host| Ok(host.open_config(config(folder, sources)?)));
    let options = RunOptions::default().deadline(Instant::now() + TIME);
    match community.and_then(|community| community.validate(&options)) {
        Ok(validation) => Some(validation),
        Err(error) if error.is_stopped() => None,
        Err(error) => unreachable!("what is wrong with data is no error: {error}"),
    }
}

/// The rows of the query as SQLite itself counts them; `None` where it cannot.
fn rows(path: &Path, query: &str) -> Option<u64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let uri = format!("file:{}?immutable=1", path.display());
    let connection = Connection::open_with_flags(uri, flags).ok()?;
    let mut statement = connection.prepare(query).ok()?;
    let (mut found, mut rows) = (statement.query([]).ok()?, 0);
    while found.next().ok()?.is_some() {
        rows += 1;
    }
    Some(rows)
}
