//! Communities whose files are not as they should be, one class of error a test.

use crate::community::{Community, data, gzip, of_one_table, toml};
use groundswell::{Snapshot, Table};

const HEADER: &str = "id,actor,verb,at\n";

fn activities(content: &str) -> Community {
    of_one_table("activities", "activities.csv", content.as_bytes())
}

/// A community in which any row may be rejected.
fn lenient(table: &str, content: &str) -> Community {
    let toml = toml(&[(table, "\"table.csv\"")], "100%");
    Community::new(&[("community.toml", toml.as_bytes()), ("table.csv", content.as_bytes())])
}

fn rejected(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for one in snapshot.rejected() {
        text.push_str(&format!("{} × {}: {}\n", one.rows, one.table, one.reason));
        for example in &one.examples {
            text.push_str(&format!("  {}:{}: {}\n", example.file, example.line, example.detail));
        }
    }
    text
}

#[test]
fn a_missing_file_is_pointed_at_in_community_toml() {
    let community = Community::of_toml(&toml(&[("activities", "\"activities.csv\"")], "1%"));
    insta::assert_snapshot!(community.error(), @"[folder]/community.toml:6:14: activities: there is no file `activities.csv`; paths start at the folder of [folder]/community.toml");
    let error = community.snapshot().unwrap_err();
    let location = error.location().unwrap();
    assert_eq!(&location.text[location.span.clone()], "\"activities.csv\"");
    assert!(!community.path(".groundswell").exists());
}

#[test]
fn a_glob_that_matches_nothing_is_an_error() {
    let community = Community::of_toml(&toml(&[("activities", "\"part-*.csv\"")], "1%"));
    insta::assert_snapshot!(community.error(), @"[folder]/community.toml:6:14: activities: no file matches `part-*.csv`; paths start at the folder of [folder]/community.toml");
    let community = Community::of_toml(&toml(&[("activities", "\"*/part.csv\"")], "1%"));
    insta::assert_snapshot!(community.error(), @"[folder]/community.toml:6:14: activities: `*/part.csv`: only the last part of a path can hold * or ?; paths start at the folder of [folder]/community.toml");
    let community = Community::of_toml(&toml(&[("activities", "\".\"")], "1%"));
    insta::assert_snapshot!(community.error(), @"[folder]/community.toml:6:14: activities: `.` is a folder; name its files, such as `./*.csv`; paths start at the folder of [folder]/community.toml");
}

#[test]
fn an_empty_file_is_an_error_that_says_what_it_needs() {
    insta::assert_snapshot!(activities("").error(), @"[folder]/activities.csv, table activities: the file is empty; it needs a header with at least `verb` and `at`");
    insta::assert_snapshot!(activities("\u{feff}\r\n \r\n").error(), @"[folder]/activities.csv, table activities: the file is empty; it needs a header with at least `verb` and `at`");
    insta::assert_snapshot!(of_one_table("activities", "a.csv", &gzip(b"")).error(), @"[folder]/a.csv, table activities: the file is empty; it needs a header with at least `verb` and `at`");
}

#[test]
fn a_header_alone_is_a_table_without_rows_and_is_said() {
    let community = activities(HEADER);
    let snapshot = community.snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 0);
    assert!(snapshot.table(Table::Activities).unwrap().is_file());
    assert_eq!(snapshot.table(Table::Members), None);
    assert_eq!(snapshot.newest(), None);
    assert_eq!(snapshot.notes(), ["activities.csv: there is a header and no row"]);
}

#[test]
fn a_needed_column_that_is_missing_is_named_with_the_header_that_was_found() {
    insta::assert_snapshot!(activities("id,actor,Verb,when\n").error(), @r#"[folder]/activities.csv, table activities: the header lacks the columns `verb` and `at`; it is "id,actor,Verb,when"; rename `Verb` to `verb` if that is meant"#);
    insta::assert_snapshot!(activities("id;actor;verb;at\n").error(), @r#"[folder]/activities.csv, table activities: the header lacks the columns `verb` and `at`; it is "id;actor;verb;at"; columns are separated by commas, not by ';'"#);
    insta::assert_snapshot!(activities("id,verb\rad,post\r").error(), @r#"[folder]/activities.csv, table activities: the header lacks the columns `verb` and `at`; it is "id,verb\u{d}ad,post"; its lines end in a carriage return alone: save the file with line feeds"#);
    insta::assert_snapshot!(activities("verb,a\u{1b}\n").error(), @r#"[folder]/activities.csv, table activities: the header lacks the column `at`; it is "verb,a\u{1b}"; rename `a\u{1b}` to `at` if that is meant"#);
    insta::assert_snapshot!(activities("verb,at,actor\rpost,1,bo\rpost,1,bo\r").error(), @"[folder]/activities.csv, table activities: the header names the column `1` twice; its lines end in a carriage return alone: save the file with line feeds");
    insta::assert_snapshot!(activities("verb,at,verb\n").error(), @"[folder]/activities.csv, table activities: the header names the column `verb` twice");
    insta::assert_snapshot!(of_one_table("follows", "follows.csv", b"from,to\n").error(), @r#"[folder]/follows.csv, table follows: the header lacks the columns `follower` and `followed`; it is "from,to""#);
}

#[test]
fn columns_that_nobody_reads_are_said() {
    let snapshot = activities("verb,at,recipent,,note\npost,2020-01-01,bo,1,x\n").snapshot().unwrap();
    insta::assert_snapshot!(snapshot.notes().join("\n"), @"
    activities.csv: the column `recipent` is not read: activities have none of that name; is `recipient` meant?
    activities.csv: the column without a name is not read
    activities.csv: the column `note` is not read: activities have none of that name
    ");
    let snapshot = lenient("members", "id,joinedat,team\nada,2020-01-01,a\n").snapshot().unwrap();
    assert_eq!(snapshot.attributes(), ["joinedat", "team"]);
    insta::assert_snapshot!(snapshot.notes().join("\n"), @"table.csv: the column `joinedat` is taken as an attribute; is `joined_at` meant?");
}

#[test]
fn files_that_are_no_csv_are_called_what_they_are() {
    insta::assert_snapshot!(of_one_table("follows", "follows.csv", b"PK\x03\x04...").error(), @"[folder]/follows.csv, table follows: this is a zip archive (or a spreadsheet), not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(of_one_table("follows", "follows.csv", b"\xff\xfef\0o\0").error(), @"[folder]/follows.csv, table follows: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    insta::assert_snapshot!(of_one_table("follows", "follows.csv.gz", &gzip(b"\xff\xfef\0o\0")).error(), @"[folder]/follows.csv.gz, table follows: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
    let without_mark: Vec<u8> = "follower".encode_utf16().flat_map(u16::to_be_bytes).collect();
    insta::assert_snapshot!(of_one_table("follows", "follows.csv", &without_mark).error(), @"[folder]/follows.csv, table follows: this is text in UTF-16, not CSV: save it as CSV in UTF-8, plain, gzip or zstd, as JSON Lines, or as Parquet");
}

#[test]
fn ragged_rows_are_rejected_with_their_lines() {
    let community = lenient(
        "activities",
        "id,actor,verb,at\n1,ada,post,2020-01-01\n2,ada,post\n\n3,ada,post,2020-01-02,more\n4\n",
    );
    let snapshot = community.snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 1);
    insta::assert_snapshot!(rejected(&snapshot), @"
    3 × activities: the row has not as many fields as the header
      table.csv:3: 3 fields where the header has 4
      table.csv:5: 5 fields where the header has 4
      table.csv:6: 1 field where the header has 4
    ");
    let lines = std::fs::read_to_string(snapshot.dir().join("rejected.jsonl")).unwrap();
    insta::assert_snapshot!(lines, @r#"
    {"table":"activities","file":"table.csv","line":3,"reason":"the row has not as many fields as the header","detail":"3 fields where the header has 4","raw":"2,ada,post"}
    {"table":"activities","file":"table.csv","line":5,"reason":"the row has not as many fields as the header","detail":"5 fields where the header has 4","raw":"3,ada,post,2020-01-02,more"}
    {"table":"activities","file":"table.csv","line":6,"reason":"the row has not as many fields as the header","detail":"1 field where the header has 4","raw":"4"}
    "#);
}

#[test]
fn too_many_rejected_rows_stop_the_run_and_leave_nothing_behind() {
    let community = activities(
        "id,actor,verb,at\n1,ada,post,yesterday\n2,ada,liked,2020-01-01\n3,ada,liek,2020-01-01\n4,ada,post,2020-01-01\n",
    );
    insta::assert_snapshot!(community.error(), @r#"
    3 of 4 rows of activities cannot be used, more than max-rejected = "0%" allows; mend them, or raise `max-rejected` in [sources]
      2 × `verb` is not a verb
          activities.csv, line 3: "liked": is `like` meant?
          activities.csv, line 4: "liek": is `like` meant?
      1 × `at` is not a time
          activities.csv, line 2: "yesterday" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)
    "#);
    assert_eq!(std::fs::read_dir(community.path(".groundswell/snapshots")).unwrap().count(), 0);
}

#[test]
fn crlf_bom_blanks_and_quoted_line_breaks_change_neither_values_nor_lines() {
    let plain = lenient("members", "id,joined_at,about\nada,2020-01-01,\"two\nlines\"\nbo,yesterday,\n");
    let windows =
        "\u{feff}id, joined_at ,about\r\n\r\n ada ,2020-01-01,\"two\nlines\"\r\n   \r\nbo,yesterday,";
    let windows = lenient("members", windows);
    let (plain, windows) = (plain.snapshot().unwrap(), windows.snapshot().unwrap());
    assert_eq!(plain.hash(), windows.hash());
    assert_eq!(plain.rejected()[0].examples[0].line, 4);
    assert_eq!(windows.rejected()[0].examples[0].line, 6);
}

#[test]
fn a_quote_that_is_never_closed_stops_the_run() {
    let rows: String = (0..9).map(|row| format!("{row},ada,post,2020-01-01\n")).collect();
    insta::assert_snapshot!(activities(&format!("{HEADER}a,\"ada,post,2020-01-01\n{rows}")).error(), @r#"[folder]/activities.csv, table activities: the quote that begins a field on line 2 is never closed, and the 9 lines after it became part of that field; close it, and mind that inside of quotes a quote is written twice, as in "5"" pipe""#);
    let rows: String = (0..60_000).map(|row| format!("{row},ada,post,2020-01-01\n")).collect();
    insta::assert_snapshot!(activities(&format!("{HEADER}a,\"ada,post,2020-01-01\n{rows}")).error(), @"[folder]/activities.csv, table activities: the row that starts on line 2 is longer than 1 MiB; a quote that is opened there and never closed does that, or a file that is no table");
}

#[test]
fn a_quote_that_closes_a_field_which_goes_on_stops_the_run() {
    // Two fields that begin with a quote, far from each other: all between them would be one field.
    let rows: String = (0..25_000).map(|row| format!("{row},ada,post,2020-01-01\n")).collect();
    let far = format!("{HEADER}a,\"ada,post,2020-01-01\n{rows}b,\"bob,post,2020-01-01\n");
    insta::assert_snapshot!(activities(&far).error(), @r#"[folder]/activities.csv, table activities: line 25003: behind the quote that closes a field, which began on line 2, stands neither what separates fields nor the end of the line; inside of quotes a quote is written twice, as in "5"" pipe""#);
    let pipes =
        format!("{HEADER}a,3\" pipe,post,2020-01-01\nb,\"bob,post,2020-01-01\nc,cyd,post,2020-01-01\n");
    insta::assert_snapshot!(activities(&pipes).error(), @r#"[folder]/activities.csv, table activities: the quote that begins a field on line 3 is never closed, and the line after it became part of that field; close it, and mind that inside of quotes a quote is written twice, as in "5"" pipe""#);
    let members = "id,about,opted_out\nada,\"5 inch,no\nbob,x,yes\ncyd,\"big,no\n";
    insta::assert_snapshot!(lenient("members", members).error(), @r#"[folder]/table.csv, table members: line 4: behind the quote that closes a field, which began on line 2, stands neither what separates fields nor the end of the line; inside of quotes a quote is written twice, as in "5"" pipe""#);
    insta::assert_snapshot!(lenient("members", "id,about\nada,\"a\" b\n").error(), @r#"[folder]/table.csv, table members: line 2: behind the quote that closes a field stands neither what separates fields nor the end of the line; inside of quotes a quote is written twice, as in "5"" pipe""#);
    let valid = "id,about\r\nada,5\" pipe\r\nbob,\"two\r\nlines, \"\"quoted\"\"\"\r\ncyd,\"\"\r\n";
    let snapshot = lenient("members", valid).snapshot().unwrap();
    assert_eq!((snapshot.rows(Table::Members), snapshot.rejected().len()), (3, 0));
}

#[test]
fn a_truncated_gzip_stream_stops_the_run_and_says_where() {
    let Some(path) = data("graphs/truncated-soc-Epinions1.txt.gz") else { return };
    let raw = std::fs::read(path).unwrap();
    // As it is, it has no header that follows could be read by.
    insta::assert_snapshot!(of_one_table("follows", "follows.csv.gz", &raw).error(), @r##"[folder]/follows.csv.gz, table follows: the header lacks the columns `follower` and `followed`; it is "# Directed graph (each unordered pair of nodes is saved onc…""##);

    // The gzip stream of that file is whole, and only what it holds is cut off; so its rows again, as CSV, in a stream that is cut.
    let mut readable = Vec::new();
    std::io::copy(&mut flate2::read::GzDecoder::new(raw.as_slice()), &mut readable).unwrap();
    let readable = String::from_utf8(readable).unwrap();
    let rows: Vec<_> = readable
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .collect();
    assert_eq!(rows.len(), 410_884);
    let csv: String = rows.iter().map(|(from, to)| format!("{},{}\n", from.trim(), to.trim())).collect();
    let mut compressed = gzip(format!("follower,followed\n{csv}").as_bytes());
    compressed.truncate(compressed.len() / 2);
    insta::assert_snapshot!(of_one_table("follows", "follows.csv.gz", &compressed).error(), @"[folder]/follows.csv.gz, table follows: the gzip stream ends in the middle, after row 219811 (line 219812): the file was cut off, or something was appended to it; fetch it again");
}

#[test]
fn what_was_appended_to_a_gzip_stream_stops_the_run() {
    let mut compressed = gzip(b"follower,followed\nada,bob\n");
    compressed.extend(b"\n");
    insta::assert_snapshot!(of_one_table("follows", "follows.csv.gz", &compressed).error(), @"[folder]/follows.csv.gz, table follows: the gzip stream ends in the middle, after row 1 (line 2): the file was cut off, or something was appended to it; fetch it again");
}

#[test]
fn a_damaged_gzip_stream_stops_the_run() {
    let rows: String = (0..20_000).map(|row| format!("{row},{}\n", row * 7919 % 20_000)).collect();
    let mut compressed = gzip(format!("follower,followed\n{rows}").as_bytes());
    let end = compressed.len() - 6;
    compressed[end] ^= 1;
    insta::assert_snapshot!(of_one_table("follows", "follows.csv.gz", &compressed).error(), @"[folder]/follows.csv.gz, table follows: the gzip stream is damaged, after row 20000 (line 20001) (corrupt gzip stream does not have a matching checksum); fetch the file again");
}

#[test]
fn rows_of_one_id_that_say_the_same_count_once_and_are_said() {
    let once = activities("id,actor,verb,at\n1,ada,post,2020-01-01\n2,bo,post,2020-01-01\n");
    let twice = activities(
        "id,actor,verb,at\n1,ada,post,2020-01-01\n2,bo,post,2020-01-01\n1,ada,post,2020-01-01T00:00:00Z\n",
    );
    let (once, twice) = (once.snapshot().unwrap(), twice.snapshot().unwrap());
    assert_eq!(once.hash(), twice.hash());
    assert_eq!(twice.rows(Table::Activities), 2);
    insta::assert_snapshot!(twice.notes().join("\n"), @"activities: 1 row says exactly what another of the same id says, and counts once; the first stands in activities.csv, line 4");
}

#[test]
fn of_rows_of_one_id_that_differ_the_smallest_stays_whatever_their_order() {
    let rows = [
        "1,ada,post,2020-01-02\n",
        "1,ada,post,2020-01-01\n",
        "1,bo,post,2019-01-01\n",
        "2,bo,post,2020-01-01\n",
    ];
    let forwards = lenient("activities", &format!("{HEADER}{}", rows.concat())).snapshot().unwrap();
    let backwards = rows.iter().rev().copied().collect::<String>();
    let backwards = lenient("activities", &format!("{HEADER}{backwards}")).snapshot().unwrap();
    let alone = lenient("activities", &format!("{HEADER}{}{}", rows[1], rows[3])).snapshot().unwrap();
    assert_eq!(forwards.hash(), backwards.hash());
    assert_eq!(forwards.hash(), alone.hash());
    insta::assert_snapshot!(rejected(&forwards), @"
    2 × activities: another row has the same `id` and says something else
      table.csv:2: the row of table.csv, line 3 is the smaller one and stays
      table.csv:4: the row of table.csv, line 3 is the smaller one and stays
    ");
}

#[test]
fn the_newest_time_is_that_of_rows_that_stay() {
    let rows = "1,ada,post,2020-01-01\n1,ada,post,2021-01-01\n";
    let snapshot = lenient("activities", &format!("{HEADER}{rows}")).snapshot().unwrap();
    assert_eq!(snapshot.newest(), Some(1_577_836_800_000_000_000));
}

#[test]
fn rows_without_ids_all_count() {
    let snapshot =
        activities("actor,verb,at\nada,post,2020-01-01\nada,post,2020-01-01\n").snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 2);
    let follows = of_one_table("follows", "follows.csv", b"follower,followed\nada,bo\nada,bo\nbo,bo\n");
    assert_eq!(follows.snapshot().unwrap().rows(Table::Follows), 3);
}

#[test]
fn a_row_in_the_year_2099_is_kept_and_said_where_it_would_decide_on_as_of() {
    let rows: String = (1..=9).map(|day| format!("{day},ada,post,2020-01-0{day}\n")).collect();
    let text = format!("{HEADER}{rows}x,ada,post,2099-07-01T12:00:00Z\n");
    let community = activities(&text);
    let snapshot = community.snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 10);
    insta::assert_snapshot!(snapshot.notes().join("\n"), @"1 of 10 rows with a time lie at or after 2099-07-01, 79 years after all others, which end on 2020-01-09; a run without `as-of` looks from the newest: set `as-of` in [community], or mend the rows");
    let toml = std::fs::read_to_string(community.path("community.toml")).unwrap();
    community.write("community.toml", toml.replace("[sources]", "as-of = 2020-02-01\n[sources]").as_bytes());
    let with_as_of = community.snapshot().unwrap();
    assert!(with_as_of.notes().is_empty());
    assert_eq!(with_as_of.hash(), snapshot.hash());
}

#[test]
fn the_first_day_that_can_be_written_is_one_like_others() {
    let rows = "1,ada,post,1677-09-21T00:12:44Z\n2,ada,post,1677-09-21T00:12:44Z\n3,ada,post,2020-01-01\n";
    let notes = activities(&format!("{HEADER}{rows}")).snapshot().unwrap().notes().join("\n");
    insta::assert_snapshot!(notes, @"1 of 3 rows with a time lie at or after 2020-01-01, 342 years after all others, which end on 1677-09-21; a run without `as-of` looks from the newest: set `as-of` in [community], or mend the rows");
}

#[test]
fn an_id_of_ten_kilobytes_is_rejected() {
    let long = "x".repeat(10_000);
    let community = lenient("activities", &format!("{HEADER}1,{long},post,2020-01-01\n"));
    let snapshot = community.snapshot().unwrap();
    insta::assert_snapshot!(rejected(&snapshot), @r#"
    1 × activities: `actor` is longer than 1,024 bytes
      table.csv:2: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" has 10000 bytes
    "#);
    let lines = std::fs::read_to_string(snapshot.dir().join("rejected.jsonl")).unwrap();
    assert!(lines.len() < 1_000);
    let longest = "x".repeat(1_024);
    let snapshot = activities(&format!("{HEADER}1,{longest},post,2020-01-01\n")).snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 1);
}

#[test]
fn an_attribute_of_two_kilobytes_is_missing_and_its_member_is_not() {
    let long = "x".repeat(2_000);
    let text = format!("id,about,team\nada,{long},red\nbo,short,red\ncyd,{long},{long}\n");
    let snapshot = lenient("members", &text).snapshot().unwrap();
    assert_eq!((snapshot.rows(Table::Members), snapshot.rejected().len()), (3, 0));
    insta::assert_snapshot!(snapshot.notes().join("\n"), @"
    table.csv: 2 values of the attribute `about` longer than 1,024 bytes: taken as missing
    table.csv: 1 value of the attribute `team` longer than 1,024 bytes: taken as missing
    ");
    let missing = lenient("members", "id,about,team\nada,,red\nbo,short,red\ncyd,,\n").snapshot().unwrap();
    assert_eq!(snapshot.hash(), missing.hash());
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_not_utf_8_is_named_and_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let community = Community::of_toml(&toml(&[("activities", "\"part-*.csv\"")], "1%"));
    community.write("part-1.csv", HEADER.as_bytes());
    let odd = std::ffi::OsStr::from_bytes(b"part-\xff.csv");
    std::fs::write(community.path("").join(odd), HEADER).unwrap();
    insta::assert_snapshot!(community.error(), @"[folder]/community.toml:6:14: activities: `part-*.csv` matches `part-�.csv`, a name that is not UTF-8: rename that file; paths start at the folder of [folder]/community.toml");
}

#[test]
fn what_could_fool_a_reader_is_escaped_in_notes_reasons_and_names_of_files() {
    let community = Community::of_toml(&toml(&[("activities", "\"part-*.csv\"")], "100%"));
    community.write("part-\u{202e}.csv", "verb,at,a\u{202e}b\nli\u{202e}ke,2020-01-01,\n".as_bytes());
    let snapshot = community.snapshot().unwrap();
    insta::assert_snapshot!(rejected(&snapshot), @r#"
    1 × activities: `verb` is not a verb
      part-\u{202e}.csv:2: "li\u{202e}ke": is `like` meant?
    "#);
    insta::assert_snapshot!(snapshot.notes().join("\n"), @r#"part-\u{202e}.csv: the column `a\u{202e}b` is not read: activities have none of that name"#);
}

#[test]
fn ids_may_hold_any_letters_but_no_control_characters() {
    let text = "id,actor,verb,at\n1,Ζωή 🍺,post,2020-01-01\n2,\"a,b\",post,2020-01-01\n3,\"a\nb\",post,2020-01-01\n4,a\0,post,2020-01-01\n";
    let snapshot = lenient("activities", text).snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 2);
    insta::assert_snapshot!(rejected(&snapshot), @r#"
    2 × activities: `actor` holds a control character
      table.csv:4: "a\u{a}b"
      table.csv:6: "a\u{0}"
    "#);
}

#[test]
fn an_attribute_of_any_name_is_quoted_so_that_it_cannot_fool_a_reader() {
    let community = lenient("members", "");
    community.write("table.csv", b"id,te\x1bam\nada,\xeb\n");
    insta::assert_snapshot!(rejected(&community.snapshot().unwrap()), @r#"
    1 × members: `te\u{1b}am` is not UTF-8
      table.csv:2: "�"
    "#);
}

#[test]
fn bytes_that_are_not_utf_8_are_rejected() {
    let community = lenient("activities", "");
    community.write("table.csv", b"actor,verb,at\nZo\xeb,post,2020-01-01\nada,post,2020-01-01\n");
    insta::assert_snapshot!(rejected(&community.snapshot().unwrap()), @r#"
    1 × activities: `actor` is not UTF-8
      table.csv:2: "Zo�"
    "#);
}

#[test]
fn every_kind_of_value_says_what_is_wrong_with_it() {
    let text = "verb,at,weight\n\
        liek,2020-01-01,1\n\
        x-,2020-01-01,1\n\
        x-own-verb2,2020-01-01,1\n\
        ,2020-01-01,1\n\
        post,yesterday,1\n\
        post,9999-01-01,1\n\
        post,15909264000000,1\n\
        post,20200531,1\n\
        post,,1\n\
        post,2020-01-01,heavy\n\
        post,2020-01-01,inf\n\
        post,2020-01-01,-0\n\
        post,1590926400.25,\n";
    let snapshot = lenient("activities", text).snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 3);
    insta::assert_snapshot!(rejected(&snapshot), @r#"
    2 × activities: `at` lies outside the years 1678 to 2261
      table.csv:7: "9999-01-01" lies outside the years 1678 to 2261
      table.csv:8: "15909264000000" lies outside the years 1678 to 2261
    2 × activities: `verb` is not a verb
      table.csv:2: "liek": is `like` meant?
      table.csv:3: "x-": a community's own verbs are x- and lowercase words, such as `x-high-five`
    2 × activities: `weight` is not a finite number
      table.csv:11: "heavy"
      table.csv:12: "inf"
    1 × activities: `at` is missing
      table.csv:10: the field is empty
    1 × activities: `at` is not a time
      table.csv:6: "yesterday" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)
    1 × activities: `at` may be a date or Unix seconds
      table.csv:9: "20200531" may be a date or Unix seconds: write dates with hyphens
    1 × activities: `verb` is missing
      table.csv:5: the field is empty
    "#);
    let text = "id,joined_at,external_followers\nada,,475.8m\nbo,,-1\ncy,,1200.0\ndi,soon,\n,,\n";
    let snapshot = lenient("members", text).snapshot().unwrap();
    assert_eq!(snapshot.rows(Table::Members), 1);
    insta::assert_snapshot!(rejected(&snapshot), @r#"
    2 × members: `external_followers` is not a whole number from 0 on
      table.csv:2: "475.8m"
      table.csv:3: "-1"
    1 × members: `id` is missing
      table.csv:6: the field is empty
    1 × members: `joined_at` is not a time
      table.csv:5: "soon" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)
    "#);
}

#[test]
fn no_wish_to_be_left_out_is_lost_with_a_row() {
    insta::assert_snapshot!(lenient("members", "id,opted_out\nada,ja\n").error(), @r#"[folder]/table.csv, table members: line 2 cannot be used: `opted_out` is neither true nor false ("ja"); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line"#);
    insta::assert_snapshot!(lenient("members", "id,joined_at,opted_out\nada,soon,Yes\n").error(), @r#"[folder]/table.csv, table members: line 2 cannot be used: `joined_at` is not a time ("soon" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line"#);
    insta::assert_snapshot!(lenient("members", "id,opted_out,team\nada,b,true,a\n").error(), @"[folder]/table.csv, table members: line 2 cannot be used: the row has not as many fields as the header (4 fields where the header has 3); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line");
    insta::assert_snapshot!(lenient("members", "id,opted_out,team\nada,b,1,a\n").error(), @"[folder]/table.csv, table members: line 2 cannot be used: the row has not as many fields as the header (4 fields where the header has 3); its `opted_out` may say yes, and no member's wish to be left out may get lost: mend the line");
    let fine = lenient("members", "id,joined_at,opted_out\nada,soon,no\nbo,soon,\ncy\n").snapshot().unwrap();
    assert_eq!(fine.rejected().iter().map(|rejected| rejected.rows).sum::<u64>(), 3);
    // Of two rows of a member the one that says yes stays, whatever else they say.
    let first =
        lenient("members", "id,joined_at,opted_out\nada,,no\nada,2020-01-01,yes\n").snapshot().unwrap();
    let alone = lenient("members", "id,joined_at,opted_out\nada,2020-01-01,yes\n").snapshot().unwrap();
    assert_eq!(first.hash(), alone.hash());
}

#[test]
fn no_excluded_role_is_lost_with_a_row() {
    insta::assert_snapshot!(lenient("members", "id,joined_at,role\nada,soon,bot\n").error(), @r#"[folder]/table.csv, table members: line 2 cannot be used: `joined_at` is not a time ("soon" is not a time (written 2020-05-31T12:00:00Z, 2020-05-31 or as a Unix time)); its `role` may be one of exclude-roles, and nobody who has one may be scored or rewarded: mend the line"#);
    insta::assert_snapshot!(lenient("members", "id,role,team\nada,b,bot,a\n").error(), @"[folder]/table.csv, table members: line 2 cannot be used: the row has not as many fields as the header (4 fields where the header has 3); its `role` may be one of exclude-roles, and nobody who has one may be scored or rewarded: mend the line");
    insta::assert_snapshot!(lenient("members", "id,role\nada,b\u{0}ot\n").error(), @r#"[folder]/table.csv, table members: line 2 cannot be used: `role` holds a control character ("b\u{0}ot"); its `role` may be one of exclude-roles, and nobody who has one may be scored or rewarded: mend the line"#);
    insta::assert_snapshot!(lenient("members", "id,role\nada,\nada,bot\n").error(), @"table.csv, table members: line 3 has the same `id` as line 2 of table.csv and a role that is one of exclude-roles, which the other has not: mend the one that is wrong");
    let fine = lenient("members", "id,joined_at,role\nada,soon,robot\nbo,soon,\ncy,,bot\ncy,,bot\n")
        .snapshot()
        .unwrap();
    assert_eq!(fine.rejected().iter().map(|rejected| rejected.rows).sum::<u64>(), 2);
    // Where both rows are of an excluded role, it does not matter which of them stays.
    let both = lenient("members", "id,joined_at,role\nada,,bot\nada,2020-01-01,bot\n").snapshot().unwrap();
    assert_eq!(both.rejected().iter().map(|rejected| rejected.rows).sum::<u64>(), 1);
}

#[test]
fn a_column_that_may_be_meant_for_opt_outs_is_not_taken_for_something_else() {
    insta::assert_snapshot!(lenient("members", "id,opted-out\nada,yes\n").error(), @"[folder]/table.csv, table members: the header names a column `opted-out`, and none `opted_out`: rename it to that, or to something that is less like it; no member's wish to be left out may get lost");
    for name in ["opt_out", "Opted_Out", "opted\u{a0}out"] {
        let error = lenient("members", &format!("id,{name}\nada,yes\n")).error();
        assert!(error.contains("and none `opted_out`"), "{error}");
    }
    for name in ["optout", "opted_out (y/n)", "Do Not Track", "unsubscribed"] {
        let error = lenient("members", &format!("id,{name}\nada,yes\n")).error();
        assert!(error.contains("and none `opted_out`"), "{error}");
    }
    assert!(lenient("members", "id,opted_out,opted_in\nada,yes,no\n").snapshot().is_ok());
    assert!(lenient("members", "id,output,about\nada,yes,no\n").snapshot().is_ok());
}

#[test]
fn a_column_that_may_be_meant_for_roles_is_not_taken_for_something_else() {
    insta::assert_snapshot!(lenient("members", "id,Role\nada,bot\n").error(), @"[folder]/table.csv, table members: the header names a column `Role`, and none `role`: rename it to that, or to something that is less like it, since some roles are not scored");
    assert!(lenient("members", "id,role,Role\nada,lead,bot\n").snapshot().is_ok());
    assert!(lenient("activities", "verb,at,Role\npost,2020-01-01,bot\n").snapshot().is_ok());
}
