//! Rows of queries to databases of SQLite: `[[sources.map]]` with `sqlite` and `query`.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use groundswell::{Cancel, Draft, Host, Progress, RunOptions, Snapshot, Stage, Table};
use rusqlite::Connection;

use crate::community::{Community, of_one_table};

/// What a chat keeps: two people, and what they wrote to each other.
const CHAT: &str = "
    create table users (user_id integer primary key, name text, gone boolean);
    create table messages (id integer primary key, sender integer, receiver integer, sent real, kind text, body text);
    insert into users values (1, 'Ada', 0), (2, 'Bo', 1);
    insert into messages values (10, 1, 2, 1590926400.25, 'question', 'why?'), (11, 2, 1, 1590926401, 'answer', 'so'),
        (12, 1, null, 1590926402, 'question', null);
";

fn database(path: &Path, sql: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

fn toml(lines: &str) -> String {
    format!(
        "[community]\nname = \"test\"\n[sources]\nmax-rejected = \"100%\"\n[[sources.map]]\n{lines}\n[definitions.regulars]\n\
         plugin = \"regulars\"\n"
    )
}

/// A community beside the chat, whose map of activities asks this.
fn asking(query: &str) -> Community {
    let community = Community::of_toml(&toml(&format!(
        "table = \"activities\"\nsqlite = \"chat.db\"\nquery = \"\"\"{query}\"\"\""
    )));
    database(&community.path("chat.db"), CHAT);
    community
}

/// The names of all files in a community's folder but those of its state, with what they hold.
fn files(community: &Community) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(community.path("")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn told(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for table in Table::ALL.into_iter().filter(|table| snapshot.table(*table).is_some()) {
        text.push_str(&format!("{table}: {} rows\n", snapshot.rows(table)));
    }
    for one in snapshot.rejected() {
        text.push_str(&format!("{} × {}: {}\n", one.rows, one.table, one.reason));
        for example in &one.examples {
            text.push_str(&format!("  {}, line {}: {}\n", example.file, example.line, example.detail));
        }
    }
    snapshot.notes().iter().for_each(|note| text.push_str(&format!("{note}\n")));
    text
}

#[test]
fn the_rows_of_a_query_are_those_of_a_table_with_the_same_values() {
    let csv = "id,actor,verb,at,recipient\n10,1,ask,1590926400.25,2\n11,2,answer,1590926401,1\n12,1,ask,1590926402,\n";
    let expected = of_one_table("activities", "a.csv", csv.as_bytes()).snapshot().unwrap();
    let own_names = "select id, sender as actor, case kind when 'question' then 'ask' else kind end as verb, sent as at, \
                     receiver as recipient from messages order by random()";
    let community = asking(own_names);
    let before = files(&community);
    assert_eq!(community.snapshot().unwrap().hash(), expected.hash());
    assert_eq!(files(&community), before, "the database was changed, or something put beside it");
    let by_map = toml(
        "table = \"activities\"\nsqlite = \"*.db\"\nquery = \"select * from messages\"\n\
         columns = { id = \"id\", actor = 2, recipient = \"receiver\", at = \"{sent}\", verb = \"kind\" }\nverbs = { question = \"ask\" }",
    );
    community.write("community.toml", by_map.as_bytes());
    assert_eq!(community.snapshot().unwrap().hash(), expected.hash());
}

#[test]
fn rows_that_cannot_be_used_are_told_by_their_number() {
    let query = "select 'post' as verb, 'never' as at union all select 'post', '2020-01-01' union all select x'ff', '2020-01-01'";
    insta::assert_snapshot!(told(&asking(query).snapshot().unwrap()), @r#"
    activities: 1 rows
    1 × activities: `at` is not a time
      chat.db, rows of the query, line 1: "never" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)
    1 × activities: `verb` is not UTF-8
      chat.db, rows of the query, line 3: "�"
    "#);
    insta::assert_snapshot!(told(&asking("select kind as verb, sent as at from messages where 0").snapshot().unwrap()), @r"
    activities: 0 rows
    chat.db, rows of the query: there is a header and no row
    ");
    let members = Community::of_toml(&toml(
        "table = \"members\"\nsqlite = \"chat.db\"\nquery = \"select user_id, gone from users\"\ncolumns = { id = \"user_id\", opted_out = \"gone\" }",
    ));
    let connection = database(&members.path("chat.db"), CHAT);
    assert_eq!(members.snapshot().unwrap().rows(Table::Members), 2);
    connection.execute_batch("update users set gone = 'perhaps' where user_id = 2").unwrap();
    insta::assert_snapshot!(members.error(), @r#"[folder]/chat.db, table members: line 2 cannot be used: `opted_out` is neither true nor false ("perhaps"); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line"#);
}

#[test]
fn a_query_that_would_do_more_than_read_is_refused() {
    let refused = |query: &str| {
        let community = asking(query);
        let before = files(&community);
        let error = community.error();
        assert_eq!(files(&community), before, "{query}");
        error
    };
    insta::assert_snapshot!(refused("insert into users values (3, 'Cy', 0)"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("delete from users returning user_id"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("create temp table t as select 1"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("attach 'other.db' as other"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("vacuum into 'copy.db'"), @"[folder]/chat.db, table activities: the query is no `select`: it may read tables, and nothing else");
    insta::assert_snapshot!(refused("pragma journal_mode = wal"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("select name as verb, 1 as at from pragma_table_info('users')"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("select load_extension('evil.so')"), @"[folder]/chat.db, table activities: the query cannot be followed: not authorized to use function: load_extension");
    insta::assert_snapshot!(refused("commit"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("select 1; drop table users"), @"[folder]/chat.db, table activities: a query may read tables, and nothing else: not authorized");
    insta::assert_snapshot!(refused("select 1 as at; select 2"), @"[folder]/chat.db, table activities: the query is more than one statement: a map has one `select`");
    insta::assert_snapshot!(refused("-- nothing"), @"[folder]/chat.db, table activities: the query is empty");
    insta::assert_snapshot!(refused("select ? as at"), @"[folder]/chat.db, table activities: the query has a parameter, for which there is no value: write the value itself");
    // However many they are, the second one is the end.
    let many = "select 1;".repeat(7_000);
    insta::assert_snapshot!(refused(&many), @"[folder]/chat.db, table activities: the query is more than one statement: a map has one `select`");
    let deep = format!("select {}1{} as at", "(".repeat(5_000), ")".repeat(5_000));
    insta::assert_snapshot!(refused(&deep), @"[folder]/chat.db, table activities: the query cannot be followed: Recursion limit");
    let long = format!("select 1 -- {}", "x".repeat(70_000));
    insta::assert_snapshot!(refused(&long), @"[folder]/chat.db, table activities: the query is longer than 64 KiB");
}

#[test]
fn a_query_that_is_mistaken_is_told_what_may_be_meant() {
    let refused = |query: &str| asking(query).error();
    insta::assert_snapshot!(refused("select * from mesages"), @"[folder]/chat.db, table activities: the query cannot be followed: no such table: mesages; is `messages` meant?");
    insta::assert_snapshot!(refused("select * from nowhere"), @"[folder]/chat.db, table activities: the query cannot be followed: no such table: nowhere; there are `users` and `messages`");
    insta::assert_snapshot!(refused("select m.sendr from messages m"), @"[folder]/chat.db, table activities: the query cannot be followed: no such column: m.sendr; is `sender` meant?");
    insta::assert_snapshot!(refused("select sender form messages"), @r#"[folder]/chat.db, table activities: the query cannot be followed: near "messages": syntax error"#);
    insta::assert_snapshot!(refused("select wrong(sender) from messages"), @"[folder]/chat.db, table activities: the query cannot be followed: no such function: wrong");
    insta::assert_snapshot!(refused("select sender from messages"), @r#"[folder]/chat.db, table activities: the header has no column `verb` and `at`, and [[sources.map]] does not say what they are made of; it is "sender": write, for example, columns = { verb = "…" }"#);
    insta::assert_snapshot!(refused("select zeroblob(2000000) as at, 'post' as verb"), @"[folder]/chat.db, table activities: a value or a row is longer than 1 MiB: leave that column out of the query, or cut it with substr()");
    insta::assert_snapshot!(refused("select 'post' as verb, zeroblob(600000) as at, zeroblob(600000) as actor"), @"[folder]/chat.db, table activities: row 1 of the query is longer than 1 MiB: leave a column out of it");
}

#[test]
fn a_file_that_is_no_database_is_called_what_it_is() {
    let refused = |bytes: &[u8]| {
        let community = asking("select 1 as at");
        community.write("chat.db", bytes);
        community.error()
    };
    insta::assert_snapshot!(refused(b""), @"[folder]/chat.db, table activities: it is empty, and no SQLite database");
    insta::assert_snapshot!(refused(b"at,verb\n2020-01-01,post\n"), @"[folder]/chat.db, table activities: it is no SQLite database, or an encrypted one");
    insta::assert_snapshot!(refused(&crate::community::gzip(b"SQLite format 3\0")), @"[folder]/chat.db, table activities: it is compressed: unpack it, since a database is not read from its beginning to its end");
    insta::assert_snapshot!(refused(b"SQLite format 3\0 and no more"), @"[folder]/chat.db, table activities: it is no SQLite database, or an encrypted one");
    let community = asking("select 'post' as verb, sent as at from messages");
    let mut bytes = fs::read(community.path("chat.db")).unwrap();
    bytes.truncate(bytes.len() / 2);
    insta::assert_snapshot!(refused(&bytes), @"[folder]/chat.db, table activities: the database is damaged: database disk image is malformed");
    bytes[100..].fill(0xff);
    insta::assert_snapshot!(refused(&bytes), @"[folder]/chat.db, table activities: the database is damaged: database disk image is malformed");
    let folder = asking("select 1 as at");
    fs::remove_file(folder.path("chat.db")).unwrap();
    insta::assert_snapshot!(folder.error(), @"[folder]/community.toml:7:10: activities: there is no file `chat.db`; paths start at the folder of [folder]/community.toml");
    fs::create_dir(folder.path("chat.db")).unwrap();
    insta::assert_snapshot!(folder.error(), @"[folder]/community.toml:7:10: activities: `chat.db` is a folder; name its files, such as `chat.db/*.csv`; paths start at the folder of [folder]/community.toml");
    let direct = of_one_table("activities", "chat.db", b"");
    database(&direct.path("chat.db"), CHAT);
    insta::assert_snapshot!(direct.error(), @r#"[folder]/chat.db, table activities: this is an SQLite database, not CSV: a [[sources.map]] reads it, with sqlite = "chat.db" and query = "select …""#);
}

#[test]
fn a_database_may_be_called_anything() {
    let odd = toml(
        "table = \"activities\"\nsqlite = \"à b%23#&=;'.db\"\nquery = \"select 'post' as verb, sent as at from messages\"",
    );
    let community = Community::of_toml(&odd);
    database(&community.path("à b%23#&=;'.db"), CHAT);
    assert_eq!(community.snapshot().unwrap().rows(Table::Activities), 3);
}

#[test]
fn a_map_has_files_or_a_database_with_a_query() {
    let refused = |lines: &str| Community::of_toml(&toml(&format!("table = \"follows\"\n{lines}"))).error();
    insta::assert_snapshot!(refused("sqlite = \"a.db\""), @r#"[folder]/community.toml:5:1: [[sources.map]] lacks `query`; write, for example, query = "select * from messages""#);
    insta::assert_snapshot!(refused("query = \"select 1\""), @r#"[folder]/community.toml:7:9: `query` without `sqlite`; name the database: sqlite = "chat.db""#);
    insta::assert_snapshot!(refused("sqlite = \"a.db\"\nquery = \" \""), @r#"[folder]/community.toml:8:9: `query` is no query; such as "select sender, sent_at from messages""#);
    insta::assert_snapshot!(refused("files = \"a.csv\"\nsqlite = \"a.db\"\nquery = \"select 1\""), @"[folder]/community.toml:7:9: `files` and `sqlite`; a map has one of the two; write another map for the other");
    insta::assert_snapshot!(refused("sqlite = \"a.db\"\nquery = \"select 1\"\ndelimiter = \";\""), @"[folder]/community.toml:9:13: `delimiter` says how lines are written, and the rows of a query are none; leave it out");
    insta::assert_snapshot!(refused("sqlite = \"a.db\"\nquery = \"select 1\""), @"[folder]/community.toml:7:10: follows: there is no file `a.db`; paths start at the folder of [folder]/community.toml");
}

#[test]
fn a_database_in_wal_mode_is_read_as_it_stands_and_nothing_is_put_beside_it() {
    let query = "select 'post' as verb, sent as at from messages";
    let rows = |community: &Community| community.snapshot().map(|snapshot| snapshot.rows(Table::Activities));
    let community = asking(query);
    let path = community.path("chat.db");
    let more = "pragma journal_mode = wal; insert into messages values (13, 2, 1, 1590926403, 'answer', '');";
    // Closed in order: all of it is in the database.
    drop(database(&path, more));
    let before = files(&community);
    assert_eq!(
        before.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["chat.db", "community.toml"]
    );
    assert_eq!(rows(&community).unwrap(), 4);
    assert_eq!(files(&community), before);
    // Another program has it open, and what it wrote last stands beside it.
    let writer = database(&path, "insert into messages values (14, 2, 1, 1590926404, 'answer', '');");
    let names =
        |community: &Community| files(community).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let open = names(&community);
    assert_eq!(open, ["chat.db", "chat.db-shm", "chat.db-wal", "community.toml"]);
    assert_eq!(rows(&community).unwrap(), 5);
    assert_eq!(names(&community), open);
    // It was killed, and only a part of its files copied.
    let copy = asking(query);
    for end in ["", "-wal"] {
        fs::copy(format!("{}{end}", path.display()), format!("{}{end}", copy.path("chat.db").display()))
            .unwrap();
    }
    drop(writer);
    let before = files(&copy);
    insta::assert_snapshot!(copy.error(), @"[folder]/chat.db, table activities: beside it lies chat.db-wal with what was written last, and no -shm: the program that wrote it did not end as it should; open it once with that program, or with `sqlite3`, which puts them together, or copy all of its files");
    assert_eq!(files(&copy), before);
}

#[test]
fn a_database_that_another_program_holds_locked_is_waited_for_and_then_told() {
    let community = asking("select 'post' as verb, sent as at from messages");
    let holder = Connection::open(community.path("chat.db")).unwrap();
    holder.execute_batch("begin exclusive").unwrap();
    insta::assert_snapshot!(community.error(), @"[folder]/chat.db, table activities: another program holds the database locked, and did not let go of it within 5 seconds: run again when it is done, or read a copy");
    holder.execute_batch("commit").unwrap();
    assert_eq!(community.snapshot().unwrap().rows(Table::Activities), 3);
    // A program that was killed as it wrote has left what has to be undone.
    let killed = asking("select 'post' as verb, sent as at from messages");
    let writer = Connection::open(killed.path("chat.db")).unwrap();
    writer.execute_batch("pragma cache_size = 1; pragma cache_spill = 1; begin; update messages set body = hex(zeroblob(20000));").unwrap();
    let copy = asking("select 'post' as verb, sent as at from messages");
    for end in ["", "-journal"] {
        fs::copy(
            format!("{}{end}", killed.path("chat.db").display()),
            format!("{}{end}", copy.path("chat.db").display()),
        )
        .unwrap();
    }
    drop(writer);
    let before = files(&copy);
    insta::assert_snapshot!(copy.error(), @"[folder]/chat.db, table activities: a program was interrupted as it wrote to it: open it once with that program, or with `sqlite3`, which mends it");
    assert_eq!(files(&copy), before);
}

#[test]
fn a_query_that_takes_for_ever_ends_when_the_run_is_cancelled() {
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select 'post' as verb, max(i) as at from n";
    let community = asking(endless);
    let open = || Host::new().unwrap().open(community.path("community.toml")).unwrap();
    let cancel = Cancel::new();
    let at_once = cancel.clone();
    let options = RunOptions::default().cancel(cancel).progress(Arc::new(move |_| at_once.cancel()));
    assert!(open().validate(&options).unwrap_err().is_stopped());
    // By then the query is under way.
    let options = RunOptions::default().deadline(Instant::now() + Duration::from_millis(200));
    assert!(open().validate(&options).unwrap_err().is_stopped());
}

#[test]
fn rows_are_handed_on_as_they_come_and_progress_is_told() {
    let community = asking(
        "select 'post' as verb, 1500000000 + i as at, printf('%.800c', 'x') as actor from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i from n)",
    );
    let heard: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let told = Arc::clone(&heard);
    let config = community.config().unwrap();
    let listen: groundswell::ProgressFn =
        Arc::new(move |progress| told.lock().unwrap().push(progress.clone()));
    let snapshot = Snapshot::take(&config, &config.community.state, Some(&listen)).unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 20_000);
    let bytes = fs::metadata(community.path("chat.db")).unwrap().len();
    let read: Vec<_> =
        heard.lock().unwrap().iter().filter(|told| told.stage == Stage::Read).cloned().collect();
    assert_eq!(read.last().map(|told| (told.done, told.total)), Some((bytes, Some(bytes))));
}

#[test]
fn a_draft_has_a_map_for_every_table_that_tells_what_it_is() {
    let community = Community::new(&[]);
    let path = community.path("chat.db");
    database(
        &path,
        &format!(
            "{CHAT} create table \"the order\" (who text, what text, v int); insert into \"the order\" values ('a', 'b', 1);"
        ),
    );
    let draft = Draft::of(&[path], &community.path(""), "test", jiff::civil::date(2026, 1, 31)).unwrap();
    draft.write(&community.path("community.toml")).unwrap();
    let (_, sources) = draft.text().split_once("max-rejected = \"1%\"\n").unwrap();
    insta::assert_snapshot!(sources.split_once("\n# Who counts, by a definition").unwrap().0, @r#"

    # `users` of `chat.db`: the columns are `user_id`, `name` and `gone`
    [[sources.map]]
    table = "members"
    sqlite = "chat.db"
    query = "select * from users"
    columns = { id = "user_id" }
    # not read: `name` and `gone`; in `columns`, team = "Team" would make an attribute `team` of a column

    # `messages` of `chat.db`: the columns are `id`, `sender`, `receiver`, `sent`, `kind` and `body`
    [[sources.map]]
    table = "activities"
    sqlite = "chat.db"
    query = "select * from messages"
    # CHECK: is `kind` the `verb`? its name may mean something else
    # CHECK: is `sent` the `at`? it is known by its values alone
    columns = { id = "id", actor = "sender", verb = "kind", at = "sent", recipient = "receiver" }
    # not read: `body`
    [sources.map.verbs]
    question = "ask"

    # CHECK: these tables of `chat.db` are not read, as nothing tells what they are; a [[sources.map]] as above would
    #   `the order`: the columns are `who`, `what` and `v`
    "#);
    insta::assert_snapshot!(told(&community.snapshot().unwrap()), @r"
    members: 2 rows
    activities: 3 rows
    ");
    let files: Vec<String> =
        draft.files().iter().map(|file| format!("{}: {:?}", file.file, file.taken)).collect();
    insta::assert_snapshot!(files.join("\n"), @r#"
    chat.db, table users: Map(Members)
    chat.db, table messages: Map(Activities)
    chat.db, table the order: Left("nothing tells what it is")
    "#);
}
