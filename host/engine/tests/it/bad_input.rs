//! Bad input, kind by kind, in every form that data comes in: a clear error or a counted rejection each.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Float64Array, ListArray, RecordBatch, StringArray,
    TimestampNanosecondArray, types,
};
use groundswell::import::{sourcecred, zulip};
use groundswell::{Snapshot, Table};
use parquet::arrow::ArrowWriter;
use rusqlite::Connection;

use crate::community::{Community, gzip, of_one_table};
use crate::import::damaged;

/// A community whose data comes from there, and in which any row may be rejected.
fn community(sources: &str, files: &[(&str, &[u8])]) -> Community {
    let toml = format!(
        "[community]\nname = \"test\"\n[sources]\nmax-rejected = \"100%\"\n{sources}[definitions.regulars]\nplugin = \"regulars\"\n"
    );
    let community = Community::of_toml(&toml);
    files.iter().for_each(|(name, bytes)| community.write(name, bytes));
    community
}

fn table(table: &str, bytes: &[u8]) -> Community {
    community(&format!("[sources.tables]\n{table} = \"file\"\n"), &[("file", bytes)])
}

/// A file behind a map of activities or, where it has no header, follows.
fn mapped(lines: &str, bytes: &[u8]) -> Community {
    community(&format!("[[sources.map]]\nfiles = \"file\"\n{lines}\n"), &[("file", bytes)])
}

/// Fields with tabs between them.
fn tsv(bytes: &[u8]) -> Community {
    mapped("table = \"activities\"\ndelimiter = \"\\t\"\nquotes = false", bytes)
}

/// The activities of a database that holds these rows.
fn sqlite(values: &str) -> Community {
    let query = "select 'post' as verb, '2020-01-01' as at, actor, weight from t";
    let community = community(
        &format!("[[sources.map]]\ntable = \"activities\"\nsqlite = \"t.db\"\nquery = \"{query}\"\n"),
        &[],
    );
    let connection = Connection::open(community.path("t.db")).unwrap();
    connection
        .execute_batch(&format!("create table t (actor, weight); insert into t values {values}"))
        .unwrap();
    community
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Posts on the first of January, with these weights.
fn weighted(weights: ArrayRef) -> Vec<u8> {
    let rows = weights.len();
    parquet(vec![
        ("verb", texts(&vec!["post"; rows])),
        ("at", texts(&vec!["2020-01-01"; rows])),
        ("weight", weights),
    ])
}

fn zstd_with_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a snapshot says, or the error.
fn told(community: &Community) -> String {
    let snapshot = match community.snapshot() {
        Ok(snapshot) => snapshot,
        Err(error) => return community.normalised(&error.to_string()),
    };
    let mut text = String::new();
    for table in Table::ALL.into_iter().filter(|table| snapshot.table(*table).is_some()) {
        text.push_str(&format!("{table}: {} rows\n", snapshot.rows(table)));
    }
    for one in snapshot.rejected() {
        text.push_str(&format!("{} × {}: {}\n", one.rows, one.table, one.reason));
        for example in one.examples.iter().take(5) {
            text.push_str(&format!("  {}:{}: {}\n", example.file, example.line, example.detail));
        }
    }
    snapshot.notes().iter().for_each(|note| text.push_str(&format!("{note}\n")));
    text
}

fn rejected(snapshot: &Snapshot) -> u64 {
    snapshot.rejected().iter().map(|rejected| rejected.rows).sum()
}

const FOLLOWS: &str = "follower,followed\nada,bob\nbob,cyd\ncyd,ada\n";

// Cut off.

#[test]
fn no_part_of_a_packed_file_is_taken_for_the_whole() {
    let whole = table("follows", FOLLOWS.as_bytes()).snapshot().unwrap();
    for (how, packed) in
        [("gzip", gzip(FOLLOWS.as_bytes())), ("zstd", zstd_with_checksum(FOLLOWS.as_bytes()))]
    {
        let community = table("follows", &packed);
        assert_eq!(community.snapshot().unwrap().hash(), whole.hash(), "{how}");
        // Before four bytes it is not known what packs it.
        for end in 4..packed.len() {
            community.write("file", &packed[..end]);
            let told = community.error();
            assert!(
                told.contains(&format!("the {how} stream ends in the middle, ")),
                "{how}, {end} bytes: {told}"
            );
        }
    }
}

#[test]
fn no_part_of_a_parquet_file_or_a_database_is_taken_for_the_whole() {
    let file = weighted(Arc::new(Float64Array::from(vec![1.0, 2.0])));
    let community = table("activities", &file);
    assert_eq!(community.snapshot().unwrap().rows(Table::Activities), 2);
    for end in (4..file.len()).step_by(7) {
        community.write("file", &file[..end]);
        let told = community.error();
        assert!(told.contains("the Parquet file is damaged or cut off: "), "{end} bytes: {told}");
    }
    let rows: Vec<String> = (0..500).map(|row| format!("('somebody {row}', {row})")).collect();
    let community = sqlite(&rows.join(","));
    assert_eq!(community.snapshot().unwrap().rows(Table::Activities), 500);
    let database = std::fs::read(community.path("t.db")).unwrap();
    for end in (512..database.len()).step_by(1_500) {
        community.write("t.db", &database[..end]);
        let told = community.error();
        assert!(told.contains("the database is damaged: "), "{end} bytes: {told}");
    }
}

#[test]
fn a_line_that_is_cut_off_is_rejected_with_its_number() {
    let json = "{\"verb\": \"post\", \"at\": \"2020-01-01\"}\n{\"verb\": \"post\", \"at\": \"2020-";
    insta::assert_snapshot!(told(&table("activities", json.as_bytes())), @r"
    activities: 1 rows
    1 × activities: the line is no object of JSON
      file:2: EOF while parsing a string at line 1 column 29
    ");
    insta::assert_snapshot!(told(&tsv(b"actor\tverb\tat\nada\tpost\t2020-01-01\nbob\tpo")), @r"
    activities: 1 rows
    1 × activities: the row has not as many fields as the header
      file:3: 2 fields where the header has 3
    ");
    let map = "table = \"follows\"\ndelimiter = \"blanks\"\nheader = false\ncolumns = { follower = 1, followed = 2 }";
    insta::assert_snapshot!(told(&mapped(map, b"ada bob\ncyd")), @r"
    follows: 1 rows
    1 × follows: the row has fewer fields than the map asks for
      file:2: 1 field, and the map asks for number 2
    ");
    insta::assert_snapshot!(told(&tsv(&gzip(b"actor\tverb\tat\n")[..20])), @"[folder]/file, table activities: the gzip stream ends in the middle, before its first row: the file was cut off, or something was appended to it; fetch it again");
    insta::assert_snapshot!(told(&table("activities", &zstd_with_checksum(json.as_bytes())[..30])), @"[folder]/file, table activities: the zstd stream ends in the middle, before its first row: the file was cut off, or something was appended to it; fetch it again");
}

// Damaged.

#[test]
fn a_bit_that_changed_in_a_packed_file_is_found() {
    let whole = table("follows", FOLLOWS.as_bytes()).snapshot().unwrap();
    for (how, packed) in
        [("gzip", gzip(FOLLOWS.as_bytes())), ("zstd", zstd_with_checksum(FOLLOWS.as_bytes()))]
    {
        let community = table("follows", &packed);
        for at in 4..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x10;
            community.write("file", &damaged);
            // What the header of a stream says beside the data, such as when it was made, changes nothing.
            if let Ok(snapshot) = community.snapshot() {
                assert_eq!(snapshot.hash(), whole.hash(), "{how}, byte {at}");
            }
        }
    }
    let mut damaged = gzip(FOLLOWS.as_bytes());
    damaged[20] ^= 0x10;
    insta::assert_snapshot!(told(&table("follows", &damaged)), @"[folder]/file, table follows: the header names the column `er` twice");
    let mut damaged = zstd_with_checksum(FOLLOWS.as_bytes());
    damaged[20] ^= 0x10;
    insta::assert_snapshot!(told(&table("follows", &damaged)), @"[folder]/file, table follows: the zstd stream is damaged, before its first row (Restored data doesn't match checksum); fetch the file again");
    damaged.truncate(6);
    damaged.extend([0xff; 40]);
    insta::assert_snapshot!(told(&table("follows", &damaged)), @"[folder]/file, table follows: the zstd stream is damaged, before its first row (Data corruption detected); fetch the file again");
}

#[test]
fn a_damaged_parquet_file_is_an_error_or_other_rows_and_nothing_else() {
    let file = weighted(Arc::new(Float64Array::from(vec![Some(1.0), None, Some(2.5)])));
    let community = table("activities", &file);
    for at in (0..file.len()).step_by(3) {
        let mut damaged = file.clone();
        damaged[at] = 0xff;
        community.write("file", &damaged);
        match community.snapshot() {
            Ok(snapshot) => {
                assert_eq!(snapshot.rows(Table::Activities) + rejected(&snapshot), 3, "byte {at}")
            }
            Err(error) => {
                assert!(error.to_string().contains("file, table activities: "), "byte {at}: {error}")
            }
        }
    }
}

// Written otherwise than is said.

#[test]
fn other_forms_than_a_table_has_are_called_what_they_are() {
    insta::assert_snapshot!(told(&table("activities", b"actor\tverb\tat\nada\tpost\t2020-01-01\n")), @r#"[folder]/file, table activities: the header lacks the columns `verb` and `at`; it is "actor\u{9}verb\u{9}at"; columns are separated by commas, not by '\t'"#);
    insta::assert_snapshot!(told(&table("follows", b"follower|followed\nada|bob\n")), @r#"[folder]/file, table follows: the header lacks the columns `follower` and `followed`; it is "follower|followed"; columns are separated by commas, not by '|'"#);
    insta::assert_snapshot!(told(&tsv(b"actor,verb,at\nada,post,2020-01-01\n")), @r#"[folder]/file, table activities: the header has no column `verb` and `at`, and [[sources.map]] does not say what they are made of; it is "actor,verb,at": its columns seem to be separated by ',': write delimiter = ",""#);
    insta::assert_snapshot!(told(&mapped("table = \"follows\"\ndelimiter = \";\"\nheader = false\ncolumns = { follower = 1, followed = 2 }", b"ada,bob\nbob,cyd\n")), @r"
    follows: 0 rows
    2 × follows: the row has fewer fields than the map asks for
      file:1: 1 field, and the map asks for number 2
      file:2: 1 field, and the map asks for number 2
    ");
    insta::assert_snapshot!(told(&table("follows", b"[{\"follower\": \"ada\", \"followed\": \"bob\"}]\n")), @"[folder]/file, table follows: this is one list of JSON (`jq -c '.[]'` makes JSON Lines of it), not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("follows", b"[\n  {\n    \"follower\": \"ada\"\n  }\n]\n")), @"[folder]/file, table follows: this is one list of JSON (`jq -c '.[]'` makes JSON Lines of it), not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("follows", b"<?xml version=\"1.0\"?><users/>")), @"[folder]/file, table follows: this is XML or HTML, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("follows", b"\n<!DOCTYPE html><title>Sign in</title>")), @"[folder]/file, table follows: this is XML or HTML, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("follows", b"{\n  \"follower\": \"ada\",\n  \"followed\": \"bob\"\n}\n")), @"[folder]/file, table follows: no line is an object of JSON (line 1: EOF while parsing an object at line 1 column 1): a table has one on each line, which `jq -c .` makes of what is spread over several");
    // Twice packed.
    insta::assert_snapshot!(told(&table("follows", &gzip(&gzip(FOLLOWS.as_bytes())))), @"[folder]/file, table follows: this is compressed twice, the second time with gzip, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("follows", &zstd_with_checksum(&weighted(texts(&["1"]))))), @"[folder]/file, table follows: a Parquet file is compressed by itself, and this one is once more, as a whole: unpack it");
}

#[test]
fn bytes_in_other_encodings_are_rejected_or_named() {
    let latin = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let json = "{\"actor\": \"Zoë\", \"verb\": \"post\", \"at\": 0}\n";
    insta::assert_snapshot!(told(&table("activities", &[json.as_bytes(), &latin(json)].concat())), @r"
    activities: 1 rows
    1 × activities: the line is no object of JSON
      file:2: invalid unicode code point at line 1 column 14
    ");
    let rows = "ada\tpost\t2020-01-01\nZoë\tpost\t2020-01-01\n";
    insta::assert_snapshot!(told(&tsv(&[b"actor\tverb\tat\n", rows.as_bytes(), &latin(rows)].concat())), @r#"
    activities: 3 rows
    1 × activities: `actor` is not UTF-8
      file:5: "Zo�"
    "#);
    insta::assert_snapshot!(told(&table("activities", &utf16(json))), @"[folder]/file, table activities: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("activities", &gzip(&utf16(json)))), @"[folder]/file, table activities: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&table("activities", &zstd_with_checksum(&utf16("actor,verb,at\n")))), @"[folder]/file, table activities: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(told(&tsv(&utf16("actor\tverb\tat\n"))), @"[folder]/file, table activities: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    let actors: ArrayRef = Arc::new(BinaryArray::from(vec![&b"Zo\xc3\xab"[..], b"Zo\xeb"]));
    let columns = vec![("actor", actors), ("verb", texts(&["post"; 2])), ("at", texts(&["2020-01-01"; 2]))];
    insta::assert_snapshot!(told(&table("activities", &parquet(columns))), @r#"
    activities: 1 rows
    1 × activities: `actor` is not UTF-8
      file:2: "Zo�"
    "#);
    insta::assert_snapshot!(told(&sqlite("(x'5a6fc3ab', 1), (x'5a6feb', 1), (cast(x'5a6feb' as text), 1)")), @r#"
    activities: 1 rows
    2 × activities: `actor` is not UTF-8
      t.db, rows of the query:2: "Zo�"
      t.db, rows of the query:3: "Zo�"
    "#);
    insta::assert_snapshot!(damaged("Users.xml", latin("<users><row Id=\"1\" DisplayName=\"Zoë\"/></users>")), @"DUMP/Users.xml: malformed XML in row 1 (line 1, byte 7): cannot decode input using UTF-8: invalid utf-8 sequence of 1 bytes from index 27");
}

// Without end.

#[test]
fn gigantic_lines_and_values_end_before_memory_does() {
    let long = "x".repeat(2 << 20);
    insta::assert_snapshot!(told(&tsv(format!("actor\tverb\tat\n{long}\tpost\t2020-01-01\n").as_bytes())), @"[folder]/file, table activities: the row that starts on line 2 is longer than 1 MiB; that is a file that is no table");
    insta::assert_snapshot!(told(&table("activities", format!("actor,verb,at\n{long}").as_bytes())), @"[folder]/file, table activities: the row that starts on line 2 is longer than 1 MiB; a quote that is opened there and never closed does that, or a file that is no table");
    insta::assert_snapshot!(told(&table("activities", format!("{{\"verb\": \"post\"}}\n{{\"actor\": \"{long}\"}}\n").as_bytes())), @"[folder]/file, table activities: line 2 is longer than 1 MiB");
    let blanks = "table = \"follows\"\ndelimiter = \"blanks\"\nheader = false\ncolumns = { follower = 1, followed = 2 }";
    insta::assert_snapshot!(told(&mapped(blanks, format!("ada bob\n{}", "x ".repeat(1 << 20)).as_bytes())), @"[folder]/file, table follows: the row that starts on line 2 is longer than 1 MiB; that is a file that is no table");
    // What unpacks to much more than it takes.
    insta::assert_snapshot!(told(&table("follows", &gzip(&vec![b'x'; 64 << 20]))), @"[folder]/file, table follows: the row that starts on line 1 is longer than 1 MiB; a quote that is opened there and never closed does that, or a file that is no table");
    insta::assert_snapshot!(told(&table("follows", &zstd_with_checksum(&vec![b'{'; 64 << 20]))), @"[folder]/file, table follows: line 1 is longer than 1 MiB");
    let columns = vec![
        ("verb", texts(&["post", "post"])),
        ("at", texts(&["2020-01-01"; 2])),
        ("actor", texts(&[&long, "ada"])),
    ];
    insta::assert_snapshot!(told(&table("activities", &parquet(columns))), @"[folder]/file, table activities: a value of the column `actor` has 2097152 bytes, and 1 MiB is the most");
    insta::assert_snapshot!(told(&sqlite("(hex(zeroblob(600000)), 1)")), @"[folder]/t.db, table activities: a value or a row is longer than 1 MiB: leave that column out of the query, or cut it with substr()");
    insta::assert_snapshot!(told(&sqlite("(hex(zeroblob(1000)), 1), ('ada', 1)")), @r#"
    activities: 1 rows
    1 × activities: `actor` is longer than 1,024 bytes
      t.db, rows of the query:1: "00000000000000000000000000000000000000000000000000000000000…" has 2000 bytes
    "#);
}

#[test]
fn a_gigantic_row_of_a_graph_is_refused_and_gigantic_weights_are_read_past() {
    let graph = |inside: &str, weights: &str| {
        let text = format!(
            "[{{\"type\":\"sourcecred/weightedGraph\",\"version\":\"0.1.0\"}},{{\"graphJSON\":[{{\"type\":\"sourcecred/graph\",\
             \"version\":\"0.8.0\"}},{{{inside}}}],\"weightsJSON\":[{{\"type\":\"sourcecred/weights\",\"version\":\"0.2.0\"}},{weights}]}}]"
        );
        Community::new(&[("graph.json", text.as_bytes())])
    };
    let import = |community: &Community| {
        let report = sourcecred(community.path("graph.json"), community.path("out"), &|_, _, _| {});
        report.map_or_else(|error| community.normalised(&error.to_string()), |report| report.to_string())
    };
    let long = "x".repeat(17 << 20);
    insta::assert_snapshot!(import(&graph(&format!("\"edges\":[{{\"address\":[\"{long}\"]}}]"), "{}")), @"[folder]/graph.json: row 1 (line 1, column 16777341) is longer than 16777216 bytes, the most a row may have; it is damaged");
    insta::assert_snapshot!(import(&graph(&format!("\"{long}\":1"), "{}")), @"[folder]/graph.json: row 1 (line 1, column 16777332) is longer than 16777216 bytes, the most a row may have; it is damaged");
    // Weights that are no numbers, and more of them than a row may have.
    let weights = format!("{{\"nodeWeightsT\":{{\"a\":\"heavy\",\"b\":null,\"c\":\"{long}\"}}}}");
    let one = "\"sortedNodeAddresses\":[[\"sourcecred\",\"github\",\"USERLIKE\",\"USER\",\"ada\"]],\"nodes\":[{\"index\":0}],\"edges\":[]";
    insta::assert_snapshot!(import(&graph(one, &weights)), @r"
    nodes of graph.json: 1 rows
      imported: 1 member
    edges of graph.json: 0 rows
    1 members, 0 activities
    ");
    insta::assert_snapshot!(import(&graph(one, "{\"nodeWeightsT\":{\"a\":NaN}}")), @"[folder]/graph.json: this is not the JSON that it should be: expected value at line 1 column 308");
    insta::assert_snapshot!(import(&graph(one, &"[".repeat(100_000))), @"[folder]/graph.json: this is not the JSON that it should be: expected `,` or `]` at line 1 column 100288");
}

#[test]
fn xml_that_would_grow_or_read_other_files_is_refused() {
    let laughs: String = (1..10)
        .map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)))
        .collect();
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE users [<!ENTITY l0 \"ha\">{laughs}]><users><row Id=\"&l9;\"/></users>"
    );
    insta::assert_snapshot!(damaged("Users.xml", bomb), @"DUMP/Users.xml: has a document type, which no dump has and which may name other files, or texts that grow without end");
    let file = "<!DOCTYPE posts [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><posts><row Id=\"1\" Body=\"&f;\"/></posts>";
    insta::assert_snapshot!(damaged("Posts.xml", file), @"DUMP/Posts.xml: has a document type, which no dump has and which may name other files, or texts that grow without end");
    let external = "<!DOCTYPE posts SYSTEM \"http://example.org/posts.dtd\"><posts></posts>";
    insta::assert_snapshot!(damaged("Posts.xml", external), @"DUMP/Posts.xml: has a document type, which no dump has and which may name other files, or texts that grow without end");
    let deep = format!("<posts>{}", "<row>".repeat(100_000));
    insta::assert_snapshot!(damaged("Posts.xml", deep), @"DUMP/Posts.xml: malformed XML in row 2 (line 1, byte 12): <row> inside of a <row>");
    let many: String = (0..100_000).map(|number| format!(" a{number}=\"\"")).collect();
    insta::assert_snapshot!(damaged("Votes.xml", format!("<votes><row{many} a1=\"\"/></votes>")), @"DUMP/Votes.xml: malformed XML in row 1 (line 1, byte 7): position 988894: duplicated attribute, previous declaration at position 10");
}

// Going round in circles.

#[test]
fn aliases_that_go_round_are_refused_in_every_form() {
    let of = |bytes: &[u8]| {
        let sources = "aliases = \"aliases\"\n[sources.tables]\nfollows = \"follows.csv\"\n";
        told(&community(sources, &[("aliases", bytes), ("follows.csv", FOLLOWS.as_bytes())]))
    };
    insta::assert_snapshot!(of(b"alias,member\nada,ada\n"), @"follows: 3 rows");
    insta::assert_snapshot!(of(b"{\"alias\": \"ada\", \"member\": \"bob\"}\n{\"alias\": \"bob\", \"member\": \"ada\"}\n"), @"[folder]/aliases, table aliases: line 1: ada is an alias of itself, by way of others: one of them has to be the member");
    let columns = vec![("alias", texts(&["ada", "bob", "cyd"])), ("member", texts(&["bob", "cyd", "ada"]))];
    insta::assert_snapshot!(of(&parquet(columns)), @"[folder]/aliases, table aliases: line 1: ada is an alias of itself, by way of others: one of them has to be the member");
    let chain: String = (0..50_000).map(|link| format!("a{link},a{}\n", link + 1)).collect();
    insta::assert_snapshot!(of(&gzip(format!("alias,member\n{chain}a50000,a0\n").as_bytes())), @"[folder]/aliases, table aliases: line 2: a0 is an alias of itself, by way of others: one of them has to be the member");
    insta::assert_snapshot!(of(&gzip(format!("alias,member\n{chain}").as_bytes())), @"follows: 3 rows");
}

// No numbers.

#[test]
fn weights_that_are_no_numbers_are_rejected_in_every_form() {
    let rows = |weights: &[&str]| -> String {
        weights.iter().map(|weight| format!("post\t2020-01-01\t{weight}\n")).collect()
    };
    let text = format!(
        "verb\tat\tweight\n{}",
        rows(&["1", "heavy", "NaN", "inf", "-Infinity", "1e400", "0x10", "1,5", "٣", "1_000", ""])
    );
    insta::assert_snapshot!(told(&tsv(text.as_bytes())), @r#"
    activities: 2 rows
    9 × activities: `weight` is not a finite number
      file:3: "heavy"
      file:4: "NaN"
      file:5: "inf"
    "#);
    let lines = |weights: &[&str]| -> String {
        weights
            .iter()
            .map(|weight| format!("{{\"verb\": \"post\", \"at\": \"2020-01-01\", \"weight\": {weight}}}\n"))
            .collect()
    };
    let json = lines(&[
        "1",
        "\"2\"",
        "\"heavy\"",
        "true",
        "[1]",
        "[1, 2]",
        "{\"kg\": 1}",
        "NaN",
        "1e400",
        "-0.0",
        "null",
    ]);
    insta::assert_snapshot!(told(&table("activities", json.as_bytes())), @r#"
    activities: 6 rows
    3 × activities: `weight` is not a finite number
      file:3: "heavy"
      file:4: "true"
      file:6: "1,2"
    2 × activities: the line is no object of JSON
      file:8: expected value at line 1 column 48
      file:9: number out of range at line 1 column 52
    file: the column `weight.kg` is not read: activities have none of that name
    "#);
    let of = |weights: ArrayRef| told(&table("activities", &weighted(weights)));
    insta::assert_snapshot!(of(Arc::new(Float64Array::from(vec![1.0, f64::NAN, f64::INFINITY, -0.0]))), @r#"
    activities: 2 rows
    2 × activities: `weight` is not a finite number
      file:2: "NaN"
      file:3: "inf"
    "#);
    insta::assert_snapshot!(of(texts(&["1", "heavy", "1e400"])), @r#"
    activities: 1 rows
    2 × activities: `weight` is not a finite number
      file:2: "heavy"
      file:3: "1e400"
    "#);
    insta::assert_snapshot!(of(Arc::new(BooleanArray::from(vec![true]))), @r#"
    activities: 0 rows
    1 × activities: `weight` is not a finite number
      file:1: "true"
    "#);
    insta::assert_snapshot!(of(Arc::new(Decimal128Array::from(vec![150]).with_precision_and_scale(5, 2).unwrap())), @"activities: 1 rows");
    insta::assert_snapshot!(of(Arc::new(TimestampNanosecondArray::from(vec![0]))), @r#"
    activities: 0 rows
    1 × activities: `weight` is not a finite number
      file:1: "1970-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(of(Arc::new(ListArray::from_iter_primitive::<types::Int32Type, _, _>([Some([Some(1)])]))), @r#"
    activities: 0 rows
    1 × activities: `weight` is not a finite number
      file:1: "[1]"
    "#);
    insta::assert_snapshot!(told(&sqlite("('a', 1), ('b', 'heavy'), ('c', 9e999), ('d', x'ff'), ('e', null), ('f', '1e3')")), @r#"
    activities: 3 rows
    2 × activities: `weight` is not a finite number
      t.db, rows of the query:2: "heavy"
      t.db, rows of the query:3: "inf"
    1 × activities: `weight` is not UTF-8
      t.db, rows of the query:4: "�"
    "#);
    let conversions = "member,at,value\nada,2020-01-01,free\nada,2020-01-01,nan\nada,2020-01-01,4.5\n";
    insta::assert_snapshot!(told(&table("conversions", conversions.as_bytes())), @r#"
    conversions: 1 rows
    2 × conversions: `value` is not a finite number
      file:2: "free"
      file:3: "nan"
    "#);
}

#[test]
fn numbers_of_an_export_that_are_none_are_left_out_and_counted() {
    let realm = "{\"zerver_userprofile\": [{\"id\": \"7\", \"date_joined\": 1}, {\"id\": 7.5}, {\"id\": 8, \"date_joined\": \"soon\", \"role\": \"boss\"}], \
                 \"zerver_recipient\": [{\"id\": 30, \"type\": 2, \"type_id\": 3}, {\"id\": 31, \"type\": \"2\", \"type_id\": 3}]}";
    let messages = "{\"zerver_message\": [{\"id\": 1, \"sender\": 8, \"recipient\": 30, \"date_sent\": 1e300}, {\"id\": 2, \"sender\": \"8\", \
                    \"recipient\": 30, \"date_sent\": 1}, {\"id\": 99999999999999999999, \"sender\": 8}, {\"id\": 3, \"sender\": 8, \"recipient\": 30, \
                    \"date_sent\": 1580000000}]}";
    let export =
        Community::new(&[("realm.json", realm.as_bytes()), ("messages-000001.json", messages.as_bytes())]);
    let report = zulip(export.path(""), export.path("out"), &|_, _, _| {}).unwrap();
    assert!(report.adds_up());
    insta::assert_snapshot!(report.to_string(), @r"
    zerver_userprofile of realm.json: 3 rows
      imported: 1 member
      left out: 2 no id, or one that is no number
    zerver_recipient of realm.json: 2 rows
      left out: 1 a recipient of another type
      left out: 1 a recipient: messages name it
    zerver_message of messages-000001.json: 4 rows
      imported: 1 post
      left out: 1 a member id that is no number
      left out: 1 no id, or one that is no number
      left out: 1 no time, or one that no table can hold
    1 members, 1 activities
    ");
    let nan = Community::new(&[
        ("realm.json", realm.as_bytes()),
        ("messages-000001.json", b"{\"zerver_message\": [{\"id\": NaN}]}"),
    ]);
    let told = zulip(nan.path(""), nan.path("out"), &|_, _, _| {}).unwrap_err().to_string();
    insta::assert_snapshot!(nan.normalised(&told), @"[folder]/messages-000001.json: this is not the JSON that it should be: expected value at line 1 column 28");
}

#[test]
fn a_strict_community_stops_at_the_first_row_too_many_in_every_form() {
    let json = b"{\"verb\": \"post\", \"at\": \"2020-01-01\", \"weight\": \"heavy\"}\n";
    let file = weighted(texts(&["heavy"]));
    for bytes in [&json[..], &file] {
        let told = of_one_table("activities", "file", bytes).error();
        assert!(
            told.starts_with(
                "1 of 1 rows of activities cannot be used, more than max-rejected = \"0%\" allows"
            ),
            "{told}"
        );
    }
}
