//! What a snapshot's hash depends on, and what it does not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::{Arc, Mutex};

use crate::community::{Community, gzip, of_one_table, toml};
use groundswell::{Config, Progress, ProgressFn, Snapshot, Stage, Table};
use proptest::prelude::*;

/// The fields of an activity without id, as they stand in a file.
type Row = [String; 5];

fn row() -> impl Strategy<Value = Row> {
    let id = proptest::option::of("[a-cé]{1,2}").prop_map(Option::unwrap_or_default);
    (
        id.clone(),
        proptest::sample::select(vec!["post", "like", "x-own"]),
        0u32..4,
        id,
        proptest::sample::select(vec!["", "1", "-1.5", "2e3"]),
    )
        .prop_map(|(actor, verb, day, topic, weight)| {
            [actor, verb.to_owned(), format!("2020-01-0{}", day + 1), topic, weight.to_owned()]
        })
}

fn csv(rows: &[Row], columns: [usize; 5]) -> String {
    let names = ["actor", "verb", "at", "topic", "weight"];
    let line = |fields: [&str; 5]| columns.map(|column| fields[column]).join(",") + "\n";
    let rows = rows.iter().map(|row| line(std::array::from_fn(|column| row[column].as_str())));
    std::iter::once(line(names)).chain(rows).collect()
}

/// The hash of activities in these files; those whose names end in `.gz` are compressed.
fn hash(files: &[(&str, String)]) -> String {
    let community = Community::of_toml(&toml(&[("activities", "\"part-*\"")], "0%"));
    for (name, content) in files {
        let bytes =
            if name.ends_with(".gz") { gzip(content.as_bytes()) } else { content.clone().into_bytes() };
        community.write(name, &bytes);
    }
    community.snapshot().unwrap().hash().to_owned()
}

const IN_ORDER: [usize; 5] = [0, 1, 2, 3, 4];

/// What a snapshot says in its tables, texts in place of numbers, without the names of its files.
fn told(snapshot: &Snapshot) -> (String, Vec<(Table, u64)>, u64, Vec<u8>) {
    let rows = Table::ALL.map(|table| (table, snapshot.rows(table))).to_vec();
    let gone = snapshot.rejected().iter().map(|rejected| rejected.rows).sum();
    let table = std::fs::read(snapshot.table(Table::Activities).unwrap()).unwrap();
    (snapshot.hash().to_owned(), rows, gone, table)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_comes_in_pieces_is_the_same_as_what_comes_at_once(
        rows in proptest::collection::vec((proptest::option::of(0u8..6), row()), 1..16),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 1..3),
    ) {
        let write = |community: &Community, name: &str, rows: &[(Option<u8>, Row)]| {
            let line = |(id, row): &(Option<u8>, Row)| {
                format!("{},{}\n", id.map_or_else(String::new, |id| id.to_string()), row.join(","))
            };
            let lines: String = rows.iter().map(line).collect();
            let text = format!("id,actor,verb,at,topic,weight\n{lines}rejected,{name},post,never,,\n");
            community.write(name, text.as_bytes());
        };
        let toml = toml(&[("activities", "\"part-*\"")], "100%");
        let (pieces, whole) = (Community::of_toml(&toml), Community::of_toml(&toml));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let mut parent: Option<String> = None;
        for (number, ends) in cuts.windows(2).enumerate() {
            let name = format!("part-{number}.csv");
            write(&pieces, &name, &rows[ends[0]..ends[1]]);
            write(&whole, &name, &rows[ends[0]..ends[1]]);
            let snapshot = pieces.snapshot().unwrap();
            // Where nothing new came in, the snapshot is the one that was there.
            if parent.as_deref() != Some(snapshot.hash()) {
                prop_assert_eq!(snapshot.parent(), parent.as_deref());
            }
            parent = Some(snapshot.hash().to_owned());
        }
        prop_assert_eq!(told(&pieces.snapshot().unwrap()), told(&whole.snapshot().unwrap()));
    }

    #[test]
    fn attributes_of_any_name_are_the_same_where_they_are_taken_over(
        names in proptest::collection::btree_set(
            prop_oneof![
                Just("listed".to_owned()),
                Just("attribute:listed".to_owned()),
                Just("code".to_owned()),
                "[a-z][a-z:. _-]{0,9}[a-z]",
            ],
            1..5,
        ),
    ) {
        let toml = toml(&[("activities", "\"part-*\""), ("members", "\"m.csv\"")], "0%");
        let (pieces, whole) = (Community::of_toml(&toml), Community::of_toml(&toml));
        let header: String = names.iter().map(|name| format!(",{name}")).collect();
        let row: String = (0..names.len()).map(|number| format!(",value {number}")).collect();
        let members = format!("id{header}\nada{row}\nbo{}\n", ",".repeat(names.len()));
        let parts = ["actor,verb,at\ncyd,post,2020-01-01\n", "actor,verb,at\nada,post,2020-01-02\n"];
        for (number, part) in parts.iter().enumerate() {
            let name = format!("part-{number}.csv");
            whole.write(&name, part.as_bytes());
            pieces.write(&name, part.as_bytes());
            pieces.write("m.csv", members.as_bytes());
            pieces.snapshot().unwrap();
        }
        whole.write("m.csv", members.as_bytes());
        let (pieces, whole) = (pieces.snapshot().unwrap(), whole.snapshot().unwrap());
        prop_assert!(pieces.parent().is_some() && whole.parent().is_none());
        prop_assert_eq!(pieces.attributes(), whole.attributes());
        prop_assert_eq!(told(&pieces), told(&whole));
        let members = |snapshot: &Snapshot| std::fs::read(snapshot.table(Table::Members).unwrap()).unwrap();
        prop_assert!(members(&pieces) == members(&whole));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_hash_knows_neither_order_nor_files_nor_compression_nor_columns(
        (rows, shuffled) in proptest::collection::vec(row(), 1..12)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        cut in any::<proptest::sample::Index>(),
        columns in Just(IN_ORDER).prop_shuffle(),
    ) {
        let whole = hash(&[("part-1.csv", csv(&rows, IN_ORDER))]);
        let (first, second) = shuffled.split_at(cut.index(rows.len()));
        let parts = hash(&[("part-1.csv.gz", csv(first, columns)), ("part-2.csv", csv(second, IN_ORDER))]);
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn the_hash_changes_with_any_field_and_with_any_row(
        rows in proptest::collection::vec(row(), 1..8),
        at in any::<proptest::sample::Index>(),
        column in 0usize..5,
    ) {
        let before = hash(&[("part-1.csv", csv(&rows, IN_ORDER))]);
        let index = at.index(rows.len());
        let mut changed = rows.clone();
        let other = ["zz", "review", "2020-02-01", "zz", "77"];
        other[column].clone_into(&mut changed[index][column]);
        prop_assert_ne!(&before, &hash(&[("part-1.csv", csv(&changed, IN_ORDER))]));
        let mut more = rows.clone();
        more.push(rows[index].clone());
        prop_assert_ne!(&before, &hash(&[("part-1.csv", csv(&more, IN_ORDER))]));
    }

    #[test]
    fn rows_with_the_same_ids_settle_the_same_in_any_order(
        (rows, shuffled) in proptest::collection::vec((0u8..4, row()), 1..12)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let snapshot = |rows: &[(u8, Row)]| {
            let rows: String = rows.iter().map(|(id, row)| format!("{id},{}\n", row.join(","))).collect();
            let text = format!("id,actor,verb,at,topic,weight\n{rows}");
            let toml = toml(&[("activities", "\"a.csv\"")], "100%");
            Community::new(&[("community.toml", toml.as_bytes()), ("a.csv", text.as_bytes())]).snapshot().unwrap()
        };
        let (one, other) = (snapshot(&rows), snapshot(&shuffled));
        prop_assert_eq!(one.hash(), other.hash());
        let mut ids: Vec<u8> = rows.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(one.rows(Table::Activities), ids.len() as u64);
        let gone = |snapshot: &Snapshot| snapshot.rejected().iter().map(|rejected| rejected.rows).sum::<u64>();
        prop_assert_eq!(gone(&one), gone(&other));
    }
}

#[test]
fn a_table_that_is_unknown_is_not_one_that_is_empty() {
    let activities = "verb,at\npost,2020-01-01\n";
    let without = of_one_table("activities", "activities.csv", activities.as_bytes());
    let toml = toml(&[("activities", "\"activities.csv\""), ("follows", "\"follows.csv\"")], "0%");
    let with = Community::new(&[
        ("community.toml", toml.as_bytes()),
        ("activities.csv", activities.as_bytes()),
        ("follows.csv", b"follower,followed\n"),
    ]);
    assert_ne!(without.snapshot().unwrap().hash(), with.snapshot().unwrap().hash());
}

#[test]
fn the_same_values_in_other_columns_are_another_snapshot() {
    let hash = |header: &str| {
        let text = format!("{header}\nada,post,2020-01-01\n");
        of_one_table("activities", "a.csv", text.as_bytes()).snapshot().unwrap().hash().to_owned()
    };
    assert_ne!(hash("actor,verb,at"), hash("recipient,verb,at"));
    let members = |header: &str| {
        let text = format!("{header}\nada,a\n");
        of_one_table("members", "m.csv", text.as_bytes()).snapshot().unwrap().hash().to_owned()
    };
    assert_ne!(members("id,team"), members("id,group"));
}

#[test]
fn a_hash_stays_the_same_from_version_to_version() {
    let toml = toml(
        &[
            ("members", "\"m.csv\""),
            ("follows", "\"f.csv\""),
            ("activities", "\"a.csv\""),
            ("conversions", "\"c.csv\""),
        ],
        "0%",
    );
    let community = Community::new(&[
        ("community.toml", toml.as_bytes()),
        (
            "m.csv",
            b"id,joined_at,role,external_followers,opted_out,team\nada,2020-01-01,bot,7,yes,red\nbo,,,,,\n",
        ),
        ("f.csv", b"follower,followed,since\nada,bo,2020-01-01\nbo,ada,\n"),
        ("a.csv", b"id,actor,verb,at,weight\n1,ada,post,2020-01-01,-2.5\n2,,like,1577836800.5,\n"),
        ("c.csv", b"member,product,at,value,referrer\nbo,ale,2020-01-02,9.5,ada\n"),
    ]);
    let snapshot = community.snapshot().unwrap();
    insta::assert_snapshot!(snapshot.hash(), @"cc0e1fb2c9e7d11a0b371d03fbc926975bd5f4544cfa7b28c9b08c489766ec64");
    let about = std::fs::read_to_string(snapshot.dir().join("snapshot.json")).unwrap();
    // The bytes of Parquet, and so their digests, may change with the version of its writer.
    let (about, rest) = about.split_once(",\n  \"digests\"").unwrap();
    let (_, rest) = rest.split_once("},").unwrap();
    insta::assert_snapshot!(format!("{about},{rest}"), @r#"
    {
      "format": 2,
      "hash": "cc0e1fb2c9e7d11a0b371d03fbc926975bd5f4544cfa7b28c9b08c489766ec64",
      "parent": null,
      "rows": {
        "members": 2,
        "follows": 2,
        "activities": 2,
        "conversions": 1
      },
      "read": {
        "members": 2,
        "follows": 2,
        "activities": 2,
        "conversions": 1
      },
      "attributes": [
        "team"
      ],
      "newest": 1577923200000000000,
      "rejected": [],
      "notes": [],
      "note_of_days": null,
      "sources": [
        {
          "table": "members",
          "file": "m.csv",
          "form": "",
          "hash": "9d05a25f7e1d3dcee31ea5a05a57906fe5843537ab9c7cfeb4fc6388b9be55aa"
        },
        {
          "table": "follows",
          "file": "f.csv",
          "form": "",
          "hash": "abcf26fabcac5a50f78f8505543ec24ed7f9ec31435c84f1c17d8b429d42956d"
        },
        {
          "table": "activities",
          "file": "a.csv",
          "form": "",
          "hash": "d28a87e3718fd14b9d900a31c4aa18a4c9e55c061407a486d07a26f8e9466ad3"
        },
        {
          "table": "conversions",
          "file": "c.csv",
          "form": "",
          "hash": "993385d873188163155d1591fc193d9fd4ca7010734eae01d952f5828115e25a"
        }
      ],
      "way": "10f33c8c02f6f81676eb46749dc30de922cf3556fca15af49a08ad96d4a5971d",
      "newest_place": [
        "c.csv",
        2
      ]
    }
    "#);
}

#[test]
fn a_snapshot_is_opened_again_and_taken_again_without_being_written_again() {
    let community = of_one_table("activities", "a.csv", b"verb,at\npost,2020-01-01\n");
    let first = community.snapshot().unwrap();
    let table = first.table(Table::Activities).unwrap();
    let written = std::fs::metadata(&table).unwrap().modified().unwrap();
    let opened = Snapshot::open(first.dir()).unwrap();
    assert_eq!((opened.hash(), opened.rows(Table::Activities)), (first.hash(), 1));
    let again = community.snapshot().unwrap();
    assert_eq!(again.dir(), first.dir());
    assert_eq!(std::fs::metadata(&table).unwrap().modified().unwrap(), written);
    assert_eq!(std::fs::read_dir(community.path(".groundswell/snapshots")).unwrap().count(), 1);
}

#[test]
fn a_damaged_snapshot_says_so_and_is_written_anew() {
    let community = of_one_table("activities", "a.csv", b"verb,at\npost,2020-01-01\n");
    let snapshot = community.snapshot().unwrap();
    let file = snapshot.table(Table::Activities).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let told = || {
        let again = community.snapshot().unwrap();
        assert_eq!((again.hash(), std::fs::read(&file).unwrap()), (snapshot.hash(), whole.clone()));
        let notes = again.notes().iter().filter(|note| note.contains("damaged"));
        community
            .normalised(&notes.cloned().collect::<Vec<_>>().join("\n"))
            .replace(snapshot.hash(), "[hash]")
    };
    assert_eq!(told(), "");
    std::fs::remove_file(&file).unwrap();
    let error = Snapshot::open(snapshot.dir()).unwrap_err().to_string();
    insta::assert_snapshot!(community.normalised(&error).replace(snapshot.hash(), "[hash]"), @"the snapshot in [folder]/.groundswell/snapshots/[hash] is damaged: [folder]/.groundswell/snapshots/[hash]/activities.parquet is not there; remove that folder and run again");
    insta::assert_snapshot!(told(), @"the snapshot in [folder]/.groundswell/snapshots/[hash] was damaged ([folder]/.groundswell/snapshots/[hash]/activities.parquet is not there): it is written anew");
    // A single bit, which a reader of Parquet may not notice.
    let mut flipped = whole.clone();
    let middle = flipped.len() / 3;
    flipped[middle] ^= 1;
    std::fs::write(&file, flipped).unwrap();
    insta::assert_snapshot!(told(), @"the snapshot in [folder]/.groundswell/snapshots/[hash] was damaged (activities.parquet is not what was written): it is written anew");
    std::fs::write(snapshot.dir().join("snapshot.json"), "{").unwrap();
    assert!(told().contains("was damaged (snapshot.json cannot be read"));
    assert_eq!(told(), "");
}

#[test]
fn runs_at_the_same_time_take_the_same_snapshot() {
    let rows: String = (0..500).map(|row| format!("{row},post,2020-01-01\n")).collect();
    let community = of_one_table("activities", "a.csv", format!("id,verb,at\n{rows}").as_bytes());
    let hashes: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..4).map(|_| scope.spawn(|| community.snapshot().unwrap().hash().to_owned())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    assert_eq!(std::fs::read_dir(community.path(".groundswell/snapshots")).unwrap().count(), 1);
}

#[test]
fn progress_counts_the_bytes_of_all_files_and_never_goes_back() {
    let rows: String = (0..200_000).map(|row| format!("{row},m{},post,2020-01-01\n", row % 997)).collect();
    let text = format!("id,actor,verb,at\n{rows}");
    let community = of_one_table("activities", "a.csv", text.as_bytes());
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let progress: ProgressFn = {
        let told = Arc::clone(&told);
        Arc::new(move |progress| told.lock().unwrap().push(progress.clone()))
    };
    let config: Config = community.config().unwrap();
    let snapshot = Snapshot::take(&config, &community.path("elsewhere"), Some(&progress)).unwrap();
    assert_eq!(snapshot.rows(Table::Activities), 200_000);
    assert!(snapshot.dir().starts_with(community.path("elsewhere")));
    assert!(!community.path(".groundswell").exists());
    let told = told.lock().unwrap();
    let read: Vec<_> = told.iter().filter(|progress| progress.stage == Stage::Read).collect();
    assert!(read.len() > 2);
    assert!(read.is_sorted_by_key(|progress| progress.done));
    let last = read.last().unwrap();
    assert_eq!((last.done, last.total), (text.len() as u64, Some(text.len() as u64)));
    assert_eq!(told.last().unwrap().stage, Stage::Snapshot);
}

#[test]
fn a_file_that_was_read_is_not_read_again() {
    let toml = toml(&[("activities", "\"part-*.csv\""), ("members", "\"m.csv\"")], "50%");
    let community = Community::of_toml(&toml);
    let members =
        "id,joined_at,role,external_followers,opted_out,team\nada,2020-01-01,lead,7,yes,red\nbo,,,,,\n";
    community.write("m.csv", members.as_bytes());
    community.write("part-1.csv", b"id,actor,verb,at,recipient,object,object_kind,topic,product,weight\n1,ada,post,2020-01-01T00:00:00.123456789Z,bo,o,k,t,p,-0.1\n2,,like,1577836800.5,,,,,,\n3,,nope,1577836800.5,,,,,,\n");
    let first = community.snapshot().unwrap();
    let read = || {
        let bytes = Arc::new(Mutex::new(0));
        let told = Arc::clone(&bytes);
        let progress: ProgressFn = Arc::new(move |progress| {
            if progress.stage == Stage::Read {
                *told.lock().unwrap() = progress.done;
            }
        });
        let config = community.config().unwrap();
        let base = config.community.state.join("snapshots");
        let snapshot = Snapshot::take(&config, &base, Some(&progress)).unwrap();
        let bytes = *bytes.lock().unwrap();
        (snapshot, bytes)
    };
    let (again, bytes) = read();
    assert_eq!((again.hash(), bytes), (first.hash(), 0));
    let more = "id,actor,verb,at\n1,ada,post,2020-01-01\n4,cyd,post,2019-01-01\n";
    community.write("part-2.csv", more.as_bytes());
    let (second, bytes) = read();
    assert_eq!((second.parent(), bytes), (Some(first.hash()), more.len() as u64));
    assert_eq!(second.rows(Table::Activities), 3);
    let rejected = second.rejected().iter().map(|one| {
        let examples = one.examples.iter().map(|example| format!("{}:{}", example.file, example.line));
        format!("{} {} {}", one.rows, one.reason, examples.collect::<Vec<_>>().join(" "))
    });
    let rejected = rejected.collect::<Vec<_>>().join("\n").replace(&first.hash()[..12], "[parent]");
    insta::assert_snapshot!(rejected, @r"
    1 `verb` is not a verb part-1.csv:4
    1 another row has the same `id` and says something else snapshot [parent]:1
    ");
    let lines = std::fs::read_to_string(second.dir().join("rejected.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    // A file that changed is read with all others.
    community.write("part-2.csv", "id,actor,verb,at\n4,cyd,post,2019-01-02\n".as_bytes());
    let (third, _) = read();
    assert_eq!(third.parent(), Some(first.hash()));
    community.write("part-1.csv", b"verb,at\npost,2020-01-01\n");
    let (fourth, _) = read();
    assert_eq!(fourth.parent(), None);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_read_again() {
    let rows: String = (0..50_000).map(|row| format!("{row},post,2020-01-01\n")).collect();
    let text = format!("id,verb,at\n{rows}");
    let community = of_one_table("activities", "a.csv", text.as_bytes());
    let path = community.path("a.csv");
    let longer = format!("{text}more,post,2020-01-02\n");
    let progress: ProgressFn = {
        let (path, longer) = (path.clone(), longer.clone());
        Arc::new(move |progress| {
            if progress.stage == Stage::Read {
                std::fs::write(&path, &longer).unwrap();
            }
        })
    };
    let config = community.config().unwrap();
    let grown = Snapshot::take(&config, &config.community.state.join("snapshots"), Some(&progress)).unwrap();
    assert_eq!(grown.rows(Table::Activities), 50_001);
    insta::assert_snapshot!(grown.notes().join("\n"), @"a.csv: changed while it was read; the next snapshot reads all files again");
    // As it was when it was looked at first.
    std::fs::write(&path, &text).unwrap();
    assert_eq!(community.snapshot().unwrap().rows(Table::Activities), 50_000);
    std::fs::write(&path, &longer).unwrap();
    let again = community.snapshot().unwrap();
    assert_eq!((again.hash(), again.notes()), (grown.hash(), &[][..]));
}

/// A file of rows of activities, each of this verb.
fn of_verb(verb: &str, kind: &str) -> Vec<u8> {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};

    let text = format!("verb,at\n{verb},2020-01-01\n{verb},2020-01-02\n");
    match kind {
        "CSV" => text.into_bytes(),
        "gzip" => crate::community::gzip(text.as_bytes()),
        "JSON Lines" => format!("{{\"verb\": \"{verb}\", \"at\": \"2020-01-01\"}}\n").repeat(2).into_bytes(),
        _ => {
            let column = |values: [&str; 2]| Arc::new(StringArray::from_iter_values(values)) as ArrayRef;
            let columns = [("verb", column([verb; 2])), ("at", column(["2020-01-01", "2020-01-02"]))];
            let batch = RecordBatch::try_from_iter(columns).unwrap();
            let mut bytes = Vec::new();
            let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
            bytes
        }
    }
}

#[test]
fn a_file_that_is_another_while_it_is_read_and_itself_again_afterwards_is_read_again() {
    for kind in ["CSV", "gzip", "JSON Lines", "Parquet"] {
        let community = of_one_table("activities", "a.file", &of_verb("post", kind));
        let path = community.path("a.file");
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let write = move |bytes: &[u8]| {
            let mut file = std::fs::File::options().write(true).truncate(true).open(&path).unwrap();
            std::io::Write::write_all(&mut file, bytes).unwrap();
            file.set_modified(modified).unwrap();
        };
        let progress: ProgressFn = Arc::new(move |progress| match (progress.stage, progress.done) {
            (Stage::Read, 0) => write(&of_verb("like", kind)),
            (Stage::Snapshot, _) => write(&of_verb("post", kind)),
            _ => {}
        });
        let config = community.config().unwrap();
        let base = config.community.state.join("snapshots");
        let of_others = Snapshot::take(&config, &base, Some(&progress)).unwrap();
        assert_eq!(
            of_others.notes(),
            ["a.file: changed while it was read; the next snapshot reads all files again"],
            "{kind}"
        );
        // The same file as ever, and not what was read of it meanwhile.
        let again = community.snapshot().unwrap();
        assert_eq!((again.notes(), again.rows(Table::Activities)), (&[][..], 2), "{kind}");
        assert_ne!(again.hash(), of_others.hash(), "{kind}");
        let fresh = of_one_table("activities", "a.file", &of_verb("post", kind)).snapshot().unwrap();
        assert_eq!(again.hash(), fresh.hash(), "{kind}");
    }
}

#[test]
fn a_file_that_comes_twice_counts_once_and_equal_rows_inside_it_all_count() {
    let toml = toml(&[("activities", "\"part-*.csv\"")], "0%");
    let rows = b"verb,at\npost,2020-01-01\npost,2020-01-01\n";
    let community = Community::new(&[("community.toml", toml.as_bytes()), ("part-1.csv", rows)]);
    let once = community.snapshot().unwrap();
    assert_eq!(once.rows(Table::Activities), 2);
    community.write("part-2.csv", rows);
    let twice = community.snapshot().unwrap();
    assert_eq!((twice.hash(), twice.rows(Table::Activities)), (once.hash(), 2));
    let notes = twice.notes().join("\n");
    insta::assert_snapshot!(notes, @"part-2.csv: has the same bytes as part-1.csv, and is read once");
    let fresh =
        Community::new(&[("community.toml", toml.as_bytes()), ("part-1.csv", rows), ("part-2.csv", rows)]);
    assert_eq!(fresh.snapshot().unwrap().hash(), once.hash());
}
