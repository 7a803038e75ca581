//! Files of other forms: `[[sources.map]]`.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use groundswell::{Snapshot, Table};

use crate::community::{Community, data};

/// A community whose map has these lines, and its file this text.
fn mapped(lines: &str, file: &str) -> Community {
    let toml = format!(
        "[community]\nname = \"test\"\n[sources]\nmax-rejected = \"100%\"\n[[sources.map]]\nfiles = \"file.txt\"\n{lines}\n\
         [definitions.regulars]\nplugin = \"regulars\"\n"
    );
    Community::new(&[("community.toml", toml.as_bytes()), ("file.txt", file.as_bytes())])
}

/// The same community as a table with that table's own columns.
fn plain(table: &str, csv: &str) -> String {
    let community = crate::community::of_one_table(table, "table.csv", csv.as_bytes());
    community.snapshot().unwrap().hash().to_owned()
}

fn told(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for table in Table::ALL.into_iter().filter(|table| snapshot.table(*table).is_some()) {
        text.push_str(&format!("{table}: {} rows\n", snapshot.rows(table)));
    }
    for one in snapshot.rejected() {
        text.push_str(&format!("{} × {}: {}\n", one.rows, one.table, one.reason));
        for example in one.examples.iter().take(2) {
            text.push_str(&format!("  {}:{}: {}\n", example.file, example.line, example.detail));
        }
    }
    snapshot.notes().iter().for_each(|note| text.push_str(&format!("{note}\n")));
    text
}

#[test]
fn a_mapped_file_is_the_table_that_it_means() {
    let expected = plain(
        "activities",
        "id,actor,verb,at,recipient,weight\n\
         1/bob,ada,endorse,2020-01-01,bob,-1\n1/cyd,ada,endorse,2020-01-01,cyd,-1\n2/bob,eve,x-oppose,2020-01-02,bob,2\n",
    );
    for (lines, file) in [
        (
            "table = \"activities\"\ndelimiter = \";\"\neach = \"whom\"\nsplit = \"|\"\nverbs = { up = \"endorse\", down = \"x-oppose\" }\n\
             columns = { id = \"{no}/{}\", actor = \"who\", verb = \"what\", at = \"when\", recipient = \"{}\", weight = \"how much\" }",
            "no;who;what;when;whom;how much\n1; ada ;up;2020-01-01;bob | cyd;-1\n2;eve;down;2020-01-02;bob|;2\n",
        ),
        (
            "table = \"activities\"\ndelimiter = \"blanks\"\nheader = false\ncomment = \"#\"\nskip = 1\nmissing = [\"-\"]\neach = [5, 6]\n\
             verbs = { up = \"endorse\", down = \"x-oppose\" }\ntime = \"days since 2019-12-31\"\n\
             columns = { id = \"{1}/{}\", actor = 2, verb = 3, at = 4, recipient = \"{}\", weight = 7 }",
            "# who what\n2 lines\n 1  ada up \t 1 bob cyd -1\n\n \t \n2 eve down 2.0 bob - 2\n",
        ),
    ] {
        let snapshot = mapped(lines, file).snapshot().unwrap();
        assert_eq!(snapshot.hash(), expected, "{}", told(&snapshot));
    }
}

#[test]
fn times_are_read_as_the_map_says() {
    let read = |time: &str, at: &str| {
        let lines = format!(
            "table = \"activities\"\nheader = false\ncolumns = {{ at = 1 }}\nconstants = {{ verb = \"post\" }}\ntime = \"{time}\""
        );
        let snapshot = mapped(&lines, &format!("{at}\n")).snapshot().unwrap();
        match snapshot.newest() {
            Some(moment) => jiff::Timestamp::from_nanosecond(moment.into()).unwrap().to_string(),
            None => snapshot.rejected().iter().map(|one| one.examples[0].detail.clone()).collect(),
        }
    };
    for (time, at, expected) in [
        ("unix-seconds", "1590926400", "2020-05-31T12:00:00Z"),
        ("unix-milliseconds", "1590926400250", "2020-05-31T12:00:00.25Z"),
        ("unix-milliseconds", "86400000", "1970-01-02T00:00:00Z"),
        ("unix-microseconds", "1590926400250000", "2020-05-31T12:00:00.25Z"),
        ("unix-nanoseconds", "1590926400250000000", "2020-05-31T12:00:00.25Z"),
        ("%d.%m.%Y", "31.05.2020", "2020-05-31T00:00:00Z"),
        ("%d.%m.%Y %H:%M %z", "31.05.2020 14:00 +0200", "2020-05-31T12:00:00Z"),
        ("%Y%m%d", "20200531", "2020-05-31T00:00:00Z"),
        ("%Y-%m-%d %H:%M %Q", "2020-05-31 08:00 America/New_York", "2020-05-31T12:00:00Z"),
        ("months since 1953-10-01", "3.0", "1954-01-01T00:00:00Z"),
        ("years since 1963-01-01", "10", "1973-01-01T00:00:00Z"),
        ("weeks since 2020-01-01", "1", "2020-01-08T00:00:00Z"),
        ("days since 2020-01-01", "-0.5", "2019-12-31T12:00:00Z"),
        ("hours since 2020-01-01T12:00:00", "1.5", "2020-01-01T13:30:00Z"),
    ] {
        assert_eq!(read(time, at), expected, "{time} {at}");
    }
    insta::assert_snapshot!(read("%d.%m.%Y", "2020-05-31"), @r#""2020-05-31 (not as `time` of the map says)" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)"#);
    insta::assert_snapshot!(read("months since 1953-10-01", "1.5"), @r#""1.5 (not as `time` of the map says)" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)"#);
    insta::assert_snapshot!(read("unix-seconds", "1590926400250"), @r#""1590926400250 (not as `time` of the map says)" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)"#);
}

#[test]
fn the_units_of_unix_times_are_found_and_said() {
    let community = crate::community::of_one_table(
        "activities",
        "table.csv",
        b"verb,at\npost,1590926400000\npost,1590926400\nask,1590926400000000\n",
    );
    let snapshot = community.snapshot().unwrap();
    insta::assert_snapshot!(told(&snapshot), @r"
    activities: 3 rows
    table.csv: `at` is taken to be in several units, by the size of each value: Unix seconds (1 value), Unix milliseconds (1 value), Unix microseconds (1 value)
    ");
    assert_eq!(snapshot.newest(), Some(1_590_926_400_000_000_000));
}

#[test]
fn a_map_that_cannot_be_followed_is_pointed_at() {
    let refused = |lines: &str| mapped(lines, "a,b,c\n1,2,3\n").error();
    insta::assert_snapshot!(refused(""), @r#"[folder]/community.toml:5:1: [[sources.map]] lacks `table`; write, for example, table = "activities""#);
    insta::assert_snapshot!(refused("table = \"activity\""), @r#"[folder]/community.toml:7:9: `table` cannot be "activity"; it is one of "members", "follows", "activities", "conversions""#);
    insta::assert_snapshot!(refused("table = \"activities\""), @r#"[folder]/file.txt, table activities: the header has no column `verb` and `at`, and [[sources.map]] does not say what they are made of; it is "a,b,c": write, for example, columns = { verb = "…" }"#);
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = \"a\" }"), @r#"[folder]/community.toml:5:1: [[sources.map]] of follows says nothing of `followed`; name the file's column, columns = { followed = "…" }, or give every row the same, constants = { followed = "…" }"#);
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { folower = \"a\", followed = \"b\" }"), @"[folder]/community.toml:8:13: follows have no column `folower`; did you mean `follower`?");
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = \"x\", followed = \"b\" }"), @"[folder]/file.txt, table follows: the header has no column `x`, which [[sources.map]] asks for; is `a` meant?");
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = 4, followed = \"b\" }"), @"[folder]/file.txt, table follows: the header has 3 columns; [[sources.map]] asks for number 4");
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = 0, followed = \"b\" }"), @"[folder]/community.toml:8:24: columns are counted from 1");
    insta::assert_snapshot!(refused("table = \"follows\"\nheader = false\ncolumns = { follower = \"a\", followed = 2 }"), @r#"[folder]/community.toml:9:24: without a header, columns have numbers and no names; write 1 for the first, "{1}-{2}" for two together"#);
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = \"{a\", followed = 2 }"), @r#"[folder]/community.toml:8:24: a brace has no other one; columns of the file stand in braces, as in "{village}-{id}""#);
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = \"{}\", followed = 2 }"), @r#"[folder]/community.toml:5:1: `{}` stands for one value of `each`, which is not there; add each = ["friend1", "friend2"]"#);
    insta::assert_snapshot!(refused("table = \"follows\"\neach = \"b\"\ncolumns = { follower = \"a\", followed = \"{}\" }"), @r#"[folder]/community.toml:8:8: `each` names one column, and nothing that stands between its values; add split = ";", or write a list of columns, or "3.." for all from the third on"#);
    insta::assert_snapshot!(refused("table = \"follows\"\nsplit = \"|\"\ncolumns = { follower = \"a\", followed = \"b\" }"), @r#"[folder]/community.toml:8:9: `split` without `each`; name the column that holds several values: each = "mentions""#);
    insta::assert_snapshot!(refused("table = \"follows\"\neach = [\"b\", \"c\"]\ncolumns = { follower = \"a\", followed = \"b\" }"), @r#"[folder]/community.toml:5:1: no column is made of what `each` names; write {} for it: columns = { recipient = "{}" }"#);
    insta::assert_snapshot!(refused("table = \"follows\"\ncolumns = { follower = 1, followed = 2 }\nconstants = { followed = \"b\" }"), @"[folder]/community.toml:9:15: `followed` stands in `columns` too; keep one of the two");
    insta::assert_snapshot!(refused("table = \"follows\"\ndelimiter = \"tab\"\ncolumns = { follower = 1, followed = 2 }"), @r#"[folder]/community.toml:8:13: `delimiter` must be one character of ASCII, not "tab"; such as ",", "\t" or "blanks""#);
    insta::assert_snapshot!(refused("table = \"follows\"\ncomment = \"#\"\nquotes = true\ncolumns = { follower = 1, followed = 2 }"), @"[folder]/community.toml:9:10: quotes go neither with comments nor with blanks between fields; leave `quotes` out");
    insta::assert_snapshot!(refused("table = \"follows\"\ntime = \"seconds\"\ncolumns = { follower = 1, followed = 2 }"), @r#"[folder]/community.toml:8:8: `time` cannot be "seconds"; such as "unix-milliseconds", "%d.%m.%Y" or "days since 2020-01-01""#);
    insta::assert_snapshot!(refused("table = \"follows\"\nwhere = { d = 1 }\ncolumns = { follower = 1, followed = 2 }"), @"[folder]/file.txt, table follows: the header has no column `d`, which [[sources.map]] asks for; is `a` meant?");
    insta::assert_snapshot!(refused("table = \"follows\"\nverbs = { a = \"anwser\" }\ncolumns = { follower = 1, followed = 2 }"), @"[folder]/community.toml:8:15: there is no verb `anwser`; is `answer` meant?");
    let community = mapped("table = \"members\"\ncolumns = { id = \"name\" }", "name,opted_out\nada,true\n");
    insta::assert_snapshot!(community.error(), @"[folder]/file.txt, table members: the header names a column `opted_out`, and the map says nothing of `opted_out`: add it to `columns`; no member's wish to be left out may get lost");
    let missing = Community::of_toml(
        "[community]\nname = \"c\"\n[[sources.map]]\ntable = \"follows\"\nfiles = \"none.csv\"\n[definitions.regulars]\nplugin = \"regulars\"\n",
    );
    insta::assert_snapshot!(missing.error(), @"[folder]/community.toml:5:9: follows: there is no file `none.csv`; paths start at the folder of [folder]/community.toml");
}

#[test]
fn what_a_map_passes_over_is_said() {
    let lines = "table = \"follows\"\neach = [\"b\", \"c\"]\nwhere = { kind = \"friend\" }\nmissing = [\"NA\"]\n\
                 columns = { follower = \"a\", followed = \"{}\" }";
    let file = "a,b,c,kind\nada,bob,cyd,friend\neve,bob,,foe\ndan,NA,,friend\nfay,bob,friend\n";
    insta::assert_snapshot!(told(&mapped(lines, file).snapshot().unwrap()), @r"
    follows: 2 rows
    1 × follows: the row has not as many fields as the header
      file.txt:5: 3 fields where the header has 4
    file.txt: passed over by `where`: 1 line
    file.txt: nothing where `each` looks, and so no row: 1 line
    ");
}

/// The examples, each beside the data that it was made for.
#[test]
fn every_published_data_set_is_read_as_it_is() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/communities/maps");
    let files = |toml: &str| -> Vec<String> {
        let lines = toml.lines().filter_map(|line| line.strip_prefix("files = \""));
        lines.map(|line| line.trim_end_matches('"').to_owned()).collect()
    };
    let mut report = String::new();
    let mut names: Vec<_> =
        std::fs::read_dir(&examples).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in names.iter().filter(|path| path.extension().is_some_and(|end| end == "toml")) {
        let toml = std::fs::read_to_string(path).unwrap();
        let community = Community::of_toml(&toml);
        for name in files(&toml) {
            let folders = ["lean-zulip", "graphs", "influence", "purchases"];
            let there = folders.iter().find_map(|folder| {
                data("").map(|data| data.join(folder).join(&name)).filter(|path| path.exists())
            });
            let Some(file) = there else {
                assert!(data("").is_none(), "{name} is not among the data");
                return;
            };
            if !community.path(&name).exists() {
                std::fs::copy(file, community.path(&name)).unwrap();
            }
        }
        let name = path.file_stem().unwrap().to_string_lossy();
        report.push_str(&format!("{name}\n{}\n", told(&community.snapshot().unwrap())));
    }
    insta::assert_snapshot!(report);
}

/// The rows of a Parquet file: a time, a whole number, a number and a text.
fn parquet_file() -> Vec<u8> {
    use arrow_array::{Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
    use parquet::arrow::ArrowWriter;
    use std::sync::Arc;

    let at = TimestampMillisecondArray::from(vec![1_590_926_400_250, 1_590_926_401_000]).with_timezone("UTC");
    let batch = RecordBatch::try_from_iter([
        ("at", Arc::new(at) as arrow_array::ArrayRef),
        ("actor", Arc::new(Int64Array::from(vec![7, 8])) as _),
        ("weight", Arc::new(Float64Array::from(vec![Some(0.5), None])) as _),
        ("verb", Arc::new(StringArray::from(vec!["post", "ask"])) as _),
        ("extra", Arc::new(StringArray::from(vec!["is", "not read"])) as _),
    ])
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn rows_are_the_same_in_whatever_file_they_come() {
    let csv = "actor,verb,at,weight\n7,post,2020-05-31T12:00:00.25Z,0.5\n8,ask,1590926401,\n";
    let json = "\u{feff}{\"actor\": 7, \"verb\": \"post\", \"at\": 1590926400250, \"weight\": 0.5}\r\n\n\
                {\"verb\": \"ask\", \"at\": \"2020-05-31T12:00:01Z\", \"actor\": \"8\", \"weight\": null}";
    let expected = plain("activities", csv);
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 3).unwrap();
    for (name, bytes) in [
        ("gzip", crate::community::gzip(csv.as_bytes())),
        ("zstd", zstd(csv)),
        ("JSON Lines", json.as_bytes().to_vec()),
        ("JSON Lines, gzip", crate::community::gzip(json.as_bytes())),
        ("JSON Lines, zstd", zstd(json)),
        ("Parquet", parquet_file()),
    ] {
        let community = crate::community::of_one_table("activities", "table", &bytes);
        assert_eq!(community.snapshot().unwrap().hash(), expected, "{name}");
    }
    // The same file's columns by a map.
    let lines =
        "table = \"activities\"\ncolumns = { actor = \"{actor}\", at = \"at\", verb = \"verb\", weight = 3 }";
    let community = mapped(lines, "");
    community.write("file.txt", &parquet_file());
    assert_eq!(community.snapshot().unwrap().hash(), expected);
}

#[test]
fn values_inside_of_objects_and_lists_have_names_of_their_own() {
    let lines = "table = \"activities\"\neach = \"to\"\nsplit = \",\"\n\
                 columns = { actor = \"author.id\", at = \"at\", recipient = \"{}\" }\nconstants = { verb = \"mention\" }";
    let json = "{\"at\": \"2020-01-01\", \"author\": {\"id\": 7, \"name\": \"ada\"}, \"to\": [1, \"2\"]}\n\
                {\"at\": \"2020-01-02\", \"author\": {\"id\": 8}, \"to\": []}\n";
    let snapshot = mapped(lines, json).snapshot().unwrap();
    let expected = "actor,verb,at,recipient\n7,mention,2020-01-01,1\n7,mention,2020-01-01,2\n";
    assert_eq!(snapshot.hash(), plain("activities", expected), "{}", told(&snapshot));
}

#[test]
fn numbers_of_json_are_what_they_are_however_long() {
    let json = "{\"actor\": 184467440737095516170, \"verb\": \"post\", \"at\": 1590926400, \"weight\": 1.50}\n\
                {\"actor\": 184467440737095516171, \"verb\": \"post\", \"at\": 1590926400, \"object\": [-9223372036854775809, \"\\\\\", 1.0]}\n\
                {\"actor\": 18446744073709551615, \"verb\": \"post\", \"at\": 1590926400, \"object\": \"a \\\" 184467440737095516171\"}\n";
    let csv = "actor,verb,at,weight,object\n184467440737095516170,post,1590926400,1.5,\n184467440737095516171,post,1590926400,,\"-9223372036854775809,\\,1.0\"\n18446744073709551615,post,1590926400,,\"a \"\" 184467440737095516171\"\n";
    let community = crate::community::of_one_table("activities", "table", json.as_bytes());
    assert_eq!(community.snapshot().unwrap().hash(), plain("activities", csv));
}

#[test]
fn what_lines_of_json_say_twice_is_not_taken() {
    let long = "184467440737095516171";
    let lines = [
        "{\"follower.id\": 1, \"follower\": {\"id\": 2}, \"followed\": 3}".to_owned(),
        "{\"follower\": {\"id\": 1, \"id\": 2}, \"followed\": 3}".to_owned(),
        "{\"\": {\"followed\": 1}, \"follower\": 2, \"followed\": 3}".to_owned(),
        // Nor is what is no number, however long.
        format!("{{\"follower\": 0{long}, \"followed\": 3}}"),
        format!("{{\"follower\": 2, \"followed\": 3, {long}: 4}}"),
    ];
    let text = format!("{{\"follower\": 1, \"followed\": 2}}\n{}\n", lines.join("\n"));
    let toml = crate::community::toml(&[("follows", "\"table\"")], "100%");
    let community = Community::new(&[("community.toml", toml.as_bytes()), ("table", text.as_bytes())]);
    let snapshot = community.snapshot().unwrap();
    assert_eq!(snapshot.rows(groundswell::Table::Follows), 1);
    let rejected = std::fs::read_to_string(snapshot.dir().join("rejected.jsonl")).unwrap();
    let details: Vec<String> = rejected
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["detail"].to_string())
        .collect();
    insta::assert_snapshot!(details.join("\n"), @r#"
    "its keys lead to `follower.id` in two ways"
    "it names `id` twice at line 1 column 31"
    "its keys lead to `followed` in two ways"
    "invalid number at line 1 column 15"
    "key must be a string at line 1 column 32"
    "#);
}

#[test]
fn damaged_files_of_other_forms_say_so() {
    let of = |table: &str, bytes: &[u8]| crate::community::of_one_table(table, "table", bytes);
    let rows: String = (0..20_000).map(|row| format!("{row},{}\n", row * 7919 % 20_000)).collect();
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    std::io::Write::write_all(&mut encoder, format!("follower,followed\n{rows}").as_bytes()).unwrap();
    let zstd = encoder.finish().unwrap();
    insta::assert_snapshot!(of("follows", &zstd[..zstd.len() / 2]).error(), @"[folder]/table, table follows: the zstd stream ends in the middle, before its first row: the file was cut off, or something was appended to it; fetch it again");
    let mut damaged = zstd;
    damaged[60_000] ^= 1;
    let told = of("follows", &damaged).error();
    assert!(told.contains("the zstd stream is damaged, "), "{told}");
    let parquet = parquet_file();
    insta::assert_snapshot!(of("activities", &parquet[..parquet.len() / 2]).error(), @"[folder]/table, table activities: the Parquet file is damaged or cut off: Parquet error: Invalid Parquet file. Corrupt footer");
    let text =
        "{\"follower\": 1, \"followed\": 2}\n{\"follower\": 1\n[1]\n{\"follower\": 1, \"followed\": 2} {}\n";
    let told = of("follows", text.as_bytes()).error();
    assert!(told.starts_with("3 of 4 rows of follows cannot be used"), "{told}");
    assert!(told.contains("3 × the line is no object of JSON"), "{told}");
    // Whose line cannot be read may have wished to be left out.
    let text =
        "{\"id\": \"ada\"}\n{\"id\": \"bob\", \"opted_out\": true\n{\"id\": \"cyd\", \"opted_out\": false}\n";
    insta::assert_snapshot!(of("members", text.as_bytes()).error(), @"[folder]/table, table members: line 2 cannot be used: the line is no object of JSON (EOF while parsing an object at line 1 column 31); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line");
}

#[test]
fn no_wish_to_be_left_out_is_lost_in_a_map() {
    let refused = |lines: &str, file: &str| {
        let lines = format!("table = \"members\"\n{lines}");
        mapped(&lines, file).error()
    };
    let plain = "columns = { id = \"user\", opted_out = \"out\", role = \"job\" }";
    insta::assert_snapshot!(refused(&format!("{plain}\nwhere = {{ state = \"active\" }}"), "user,out,job,state\nbob,true,,left\n"), @"[folder]/community.toml:9:9: a map of members passes over nobody: a wish to be left out may stand in any line; leave `where` out; members without activities are not in the population anyway");
    insta::assert_snapshot!(refused(&format!("{plain}\nmissing = [\"unknown\"]"), "user,out,job\nbob,unknown,\n"), @r#"[folder]/file.txt, table members: line 2 cannot be used: `opted_out` is neither true nor false ("unknown"); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line"#);
    insta::assert_snapshot!(refused("header = false\ncolumns = { id = 1, team = 2, opted_out = 3 }", "bob,true\n"), @"[folder]/file.txt, table members: line 1 cannot be used: the row has fewer fields than the map asks for (2 fields, and the map asks for number 3); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line");
    insta::assert_snapshot!(refused("columns = { id = \"user\" }\nconstants = { opted_out = true }", "user\nbob,extra\n"), @"[folder]/file.txt, table members: line 2 cannot be used: the row has not as many fields as the header (3 fields where the header has 1); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line");
    insta::assert_snapshot!(refused("columns = { id = \"user\" }\nconstants = { role = \"bot\" }", "user\nbob,extra\n"), @"[folder]/file.txt, table members: line 2 cannot be used: the row has not as many fields as the header (3 fields where the header has 1); its `role` may be one of exclude-roles, and nobody who has one may be scored or rewarded: mend the line");
    insta::assert_snapshot!(refused("columns = { id = \"user\", role = \"{job}-{rank}\" }", "user,job,rank\nbob,b,ot\n"), @r#"[folder]/community.toml:5:1: `role` cannot be composed: it has to be seen in lines too that cannot be read; name a column of the file, role = "…", or give all the same in `constants`"#);
    insta::assert_snapshot!(refused("columns = { id = \"user\" }", "user,Role\nbob,bot\n"), @"[folder]/file.txt, table members: the header names a column `Role`, and the map says nothing of `role`: add it to `columns`, since some roles are not scored");
    let json = |text: &str| crate::community::of_one_table("members", "table", text.as_bytes()).error();
    insta::assert_snapshot!(json("{\"id\": \"ada\"}\n{\"id\": \"bob\", \"opted_out\": true,}\n"), @"[folder]/table, table members: line 2 cannot be used: the line is no object of JSON (trailing comma at line 1 column 33); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line");
    insta::assert_snapshot!(json("{\"id\": \"ada\", \"opted_out\": false}\n{\"id\": \"bob\", \"optedOut\": true}\n"), @"[folder]/table, table members: some lines have a key `optedOut`, and others `opted_out`: write it in one way; no member's wish to be left out may get lost");
    insta::assert_snapshot!(json("{\"id\": \"ada\", \"opted_out\": {\"value\": true}}\n"), @"[folder]/table, table members: the header names a column `opted_out.value`, and none `opted_out`: rename it to that, or to something that is less like it; no member's wish to be left out may get lost");
    insta::assert_snapshot!(json("{\"id\": \"ada\", \"opted_out\": false}\n{\"id\": \"bob\", \"optOut\": true}\n"), @"[folder]/table, table members: some lines have a key `optOut`, and others `opted_out`: write it in one way; no member's wish to be left out may get lost");
    insta::assert_snapshot!(json("{\"id\": \"ada\", \"role\": \"lead\"}\n{\"id\": \"bob\", \"role\": {\"name\": \"bot\"}}\n"), @"[folder]/table, table members: some lines have a key `role.name`, and others `role`: write it in one way, since some roles are not scored");
    insta::assert_snapshot!(json("{\"id\": \"bob\", \"role\": {\"name\": \"bot\"}}\n"), @"[folder]/table, table members: the header names a column `role.name`, and none `role`: rename it to that, or to something that is less like it, since some roles are not scored");
    insta::assert_snapshot!(refused("columns = { id = \"user\" }", "user,optout\nbob,yes\n"), @"[folder]/file.txt, table members: the header names a column `optout`, and the map says nothing of `opted_out`: add it to `columns`; no member's wish to be left out may get lost");
    let nested = "{\"user\": \"ada\", \"prefs\": {\"optOut\": true}}\n";
    let fine =
        mapped("table = \"members\"\ncolumns = { id = \"user\", opted_out = \"prefs.optOut\" }", nested);
    assert_eq!(fine.snapshot().unwrap().rows(groundswell::Table::Members), 1);
    insta::assert_snapshot!(json("{\"id\": \"bob\", \"opted_out\": true, \"opted_out\": false}\n"), @"[folder]/table, table members: no line is an object of JSON (line 1: it names `opted_out` twice at line 1 column 52): a table has one on each line, which `jq -c .` makes of what is spread over several");
    // A line of activities may be short of what it need not have, and is told.
    let lines = "table = \"follows\"\nheader = false\ncolumns = { follower = 1, followed = 3 }";
    insta::assert_snapshot!(told(&mapped(lines, "ada,bob\nada,-,cyd\n").snapshot().unwrap()), @r"
    follows: 1 rows
    1 × follows: the row has fewer fields than the map asks for
      file.txt:1: 2 fields, and the map asks for number 3
    ");
}

#[test]
fn values_of_parquet_files_are_as_long_as_those_of_others_at_the_most() {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;
    use std::sync::Arc;

    // A few hundred bytes, in which every row says the same.
    let of = |bytes: usize, dictionary: bool| {
        let text = "a".repeat(bytes);
        let ids: Vec<String> = (0..128).map(|row| format!("m{row}")).collect();
        let ids = Arc::new(StringArray::from(ids)) as ArrayRef;
        let teams =
            Arc::new(StringArray::from_iter((0..128).map(|row| (dictionary || row == 7).then_some(&text))));
        let batch = RecordBatch::try_from_iter([("id", ids), ("team", teams)]).unwrap();
        let how = WriterProperties::builder().set_dictionary_enabled(dictionary);
        let how = how.set_dictionary_page_size_limit(64 << 20);
        let how = how.set_compression(parquet::basic::Compression::ZSTD(Default::default())).build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(how)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        crate::community::of_one_table("members", "table", &file)
    };
    assert_eq!(of(1 << 20, true).snapshot().unwrap().rows(groundswell::Table::Members), 128);
    for dictionary in [true, false] {
        let error = of(8 << 20, dictionary).error();
        insta::allow_duplicates!(
            insta::assert_snapshot!(error, @"[folder]/table, table members: a value of the column `team` has 8388608 bytes, and 1 MiB is the most")
        );
    }
}

#[test]
fn parquet_files_are_read_however_their_pages_are_packed() {
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::Compression;
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use std::sync::Arc;

    let write = |codec: Compression, version: WriterVersion| {
        let ids = Arc::new(StringArray::from_iter_values((0..300).map(|row| format!("m{row}")))) as ArrayRef;
        let teams =
            StringArray::from_iter((0..300).map(|row| (row % 3 > 0).then(|| format!("team {}", row % 7))));
        let followers = Int64Array::from_iter((0..300).map(|row| (row % 5 > 0).then_some(row)));
        let columns =
            [("id", ids), ("team", Arc::new(teams) as _), ("external_followers", Arc::new(followers) as _)];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let how = WriterProperties::builder().set_compression(codec).set_writer_version(version).build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(how)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        file
    };
    let read = |file: &[u8]| crate::community::of_one_table("members", "table", file);
    let plain = read(&write(Compression::UNCOMPRESSED, WriterVersion::PARQUET_1_0)).snapshot().unwrap();
    assert_eq!(plain.rows(groundswell::Table::Members), 300);
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            assert_eq!(
                read(&write(codec, version)).snapshot().unwrap().hash(),
                plain.hash(),
                "{codec} {version:?}"
            );
        }
    }
    // What stands behind the path of a column is what packs it: 1 is Snappy, 3 is LZO, and twice that is written.
    let mut file = write(Compression::SNAPPY, WriterVersion::PARQUET_1_0);
    let about = b"\x18\x04team\x15\x02";
    let place = file.windows(about.len()).position(|window| window == about).unwrap() + about.len() - 1;
    file[place] = 6;
    insta::assert_snapshot!(read(&file).error(), @"[folder]/table, table members: the column `team` is compressed by LZO, which is not read: write the file anew with zstd or snappy");
}

#[test]
fn files_of_json_have_only_so_many_columns() {
    let keys: String = (0..5_000).map(|key| format!("\"k{key}\": 1, ")).collect();
    let error =
        crate::community::of_one_table("members", "table", format!("{{{keys}\"id\": 1}}\n").as_bytes());
    insta::assert_snapshot!(error.error(), @"[folder]/table, table members: line 1 has the 4,097th name: that is more than a table has columns for");
    let inner: String = (0..5_000).map(|key| format!("\"{key}\": 1, ")).collect();
    let long = format!("{{\"id\": 1, \"{}\": {{{inner}\"x\": 1}}}}\n", "k".repeat(2_000));
    insta::assert_snapshot!(crate::community::of_one_table("members", "table", long.as_bytes()).error(), @"[folder]/table, table members: line 1 has a name longer than 1,024 bytes: that is more than a table has columns for");
}
