//! Aliases, and members who are forgotten.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use groundswell::{Host, RunOptions, Snapshot, Stage, Table};
use proptest::prelude::*;

use crate::community::{Community, toml};

const PROGRAMME: &str = "[programme]\nplugin = \"regulars\"\ndefinition = \"regulars\"\n";

fn with_aliases(aliases: &str, more: &str) -> Community {
    let tables = [
        ("activities", "\"a.csv\""),
        ("members", "\"m.csv\""),
        ("follows", "\"f.csv\""),
        ("conversions", "\"c.csv\""),
    ];
    let toml = toml(&tables, "50%").replace("[sources]\n", "[sources]\naliases = \"aliases.csv\"\n");
    let community = Community::of_toml(&format!("{toml}{more}"));
    community.write("aliases.csv", format!("alias,member\n{aliases}").as_bytes());
    community.write("a.csv", b"id,actor,verb,at,recipient\n1,ada,answer,2020-01-01,bob\n2,ada2,answer,2020-01-02,cyd\n3,bob,thank,2020-01-03,ada3\n4,cyd,post,2020-01-03,\n");
    community.write("m.csv", b"id,joined_at,role,external_followers,opted_out,team\nada,2019-05-01,,3,,\nada2,2019-01-01,lead,9,,red\nbob,,,,,\n");
    community.write("f.csv", b"follower,followed\nbob,ada2\nbob,ada\nada2,ada\n");
    community
        .write("c.csv", b"member,product,at,referrer\nada3,ale,2020-01-02,bob\nbob,ale,2020-01-02,ada2\n");
    community
}

fn open(community: &Community) -> groundswell::Community {
    let host = Host::new().unwrap().with_bundled("regulars", groundswell_plugins::REGULARS);
    host.open(community.path("community.toml")).unwrap()
}

fn told(community: &Community, query: &str) -> String {
    let answer = open(community).sql(query, &RunOptions::default()).unwrap();
    let rows = answer.rows().map(|row| {
        row.into_iter().map(|cell| cell.unwrap_or_else(|| "-".to_owned())).collect::<Vec<_>>().join(" | ")
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn accounts_of_one_member_are_one_member() {
    let community = with_aliases("ada2,ada\nada3,ada2\n", "");
    insta::assert_snapshot!(told(&community, "select * from members order by id"), @r"
    ada | true | false | 2019-01-01T00:00:00Z | lead | 9 | red
    bob | true | false | - | - | - | -
    cyd | false | false | - | - | - | -
    ");
    insta::assert_snapshot!(told(&community, "select actor, verb, recipient from activities order by id"), @r"
    ada | answer | bob
    ada | answer | cyd
    bob | thank | ada
    cyd | post | -
    ");
    insta::assert_snapshot!(told(&community, "select * from conversions order by member"), @r"
    ada | ale | 2020-01-02T00:00:00Z | - | bob
    bob | ale | 2020-01-02T00:00:00Z | - | ada
    ");
    insta::assert_snapshot!(told(&community, "select * from metrics('answers', 'members-helped', 'followers') order by member"), @r"
    ada | 2.0 | 2.0 | 1.0
    bob | 0.0 | 0.0 | 0.0
    cyd | 0.0 | 0.0 | 0.0
    ");
    // Without aliases they are somebody else each.
    let plain = with_aliases("", "");
    assert_eq!(told(&plain, "select count(*) from members"), "5");
    assert_ne!(plain.snapshot().unwrap().hash(), community.snapshot().unwrap().hash());
}

#[test]
fn aliases_that_make_no_sense_are_refused() {
    insta::assert_snapshot!(with_aliases("a,b\nb,c\nc,a\n", "").error(), @"[folder]/aliases.csv, table aliases: line 2: a is an alias of itself, by way of others: one of them has to be the member");
    insta::assert_snapshot!(with_aliases("a,b\na,c\n", "").error(), @"[folder]/aliases.csv, table aliases: line 3 says that a is c, and line 2 that it is b: leave one of them out");
    insta::assert_snapshot!(with_aliases("a,\n", "").error(), @"[folder]/aliases.csv, table aliases: line 2 does not name an alias and a member");
    let community = with_aliases("", "");
    community.write("aliases.csv", b"from,to\na,b\n");
    insta::assert_snapshot!(community.error(), @"[folder]/aliases.csv, table aliases: a file of aliases has the columns `alias` and `member`");
    let excluded = with_aliases("ada2,bob\n", "");
    excluded.write("m.csv", b"id,role\nada2,bot\nbob,lead\n");
    insta::assert_snapshot!(excluded.error(), @"[folder]/m.csv, table members: line 2 is of bob, and has a role that is one of exclude-roles, which the member's own row has not: mend the one that is wrong, or [sources] aliases");
}

#[test]
fn an_alias_that_opted_out_opts_the_member_out() {
    let community = with_aliases("ada2,ada\n", "");
    community.write("m.csv", b"id,opted_out\nada,no\nada2,yes\n");
    assert_eq!(told(&community, "select opted_out from members where id = 'ada'"), "true");
    assert_eq!(told(&community, "select member from metrics('answers') order by member"), "ada3\nbob\ncyd");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn aliases_give_what_files_with_the_members_own_ids_give(
        rows in proptest::collection::vec(("[a-d]", "[a-d]", 1_u8..28), 1..12),
    ) {
        let tables = [("activities", "\"a.csv\"")];
        let plain = toml(&tables, "0%");
        let aliased = plain.replace("[sources]\n", "[sources]\naliases = \"aliases.csv\"\n");
        let write = |toml: &str, name: &dyn Fn(&str) -> String| {
            let rows: String = rows
                .iter()
                .map(|(actor, recipient, day)| format!("{},answer,2020-01-{day:02},{}\n", name(actor), name(recipient)))
                .collect();
            let community = Community::of_toml(toml);
            community.write("a.csv", format!("actor,verb,at,recipient\n{rows}").as_bytes());
            community.write("aliases.csv", b"alias,member\nd,a\n");
            community.snapshot().unwrap().hash().to_owned()
        };
        let own = |id: &str| if id == "d" { "a".to_owned() } else { id.to_owned() };
        prop_assert_eq!(write(&aliased, &str::to_owned), write(&plain, &own));
    }
}

/// Every file below a folder in which a text stands, as it is or as a part of a column.
fn mentions(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(mentions(&path, text));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut hit = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let file = fs::File::open(&path).unwrap();
            let batches =
                parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            for batch in batches.build().unwrap() {
                hit |= format!("{:?}", batch.unwrap()).contains(text);
            }
        }
        if hit {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn a_member_who_is_forgotten_is_nowhere_in_the_state() {
    let community = with_aliases("zeta2,zeta1\n", PROGRAMME);
    let rows: String = (1..60)
        .map(|day| {
            format!(
                "x{day},zeta1,answer,2020-{:02}-{:02},bob\ny{day},zeta2,like,2020-01-05,cyd\n",
                day / 28 + 1,
                day % 28 + 1
            )
        })
        .collect();
    let mut text = fs::read_to_string(community.path("a.csv")).unwrap();
    text.push_str(&rows);
    text.push_str("z1,zeta1,nonsense,2020-01-01,\n");
    community.write("a.csv", text.as_bytes());
    let run = open(&community).run(&RunOptions::default()).unwrap();
    assert!(run.member("zeta1").is_some());
    let state = community.path(".groundswell");
    assert!(mentions(&state, "zeta").len() > 3, "{:?}", mentions(&state, "zeta"));

    let held = open(&community).member_data("zeta2", &RunOptions::default()).unwrap();
    assert_eq!(held.ids, ["zeta1", "zeta2"]);
    assert_eq!(held.data["activities"].len(), 118);
    assert_eq!(held.rejected[run.snapshot().hash()].len(), 1);
    assert!(held.runs.keys().any(|name| name.ends_with("/scores.parquet")) && !held.ledger.is_empty());

    let done = open(&community).forget("zeta1", &RunOptions::default()).unwrap();
    assert_eq!(
        (done.ids.as_slice(), done.snapshots, done.runs),
        (&["zeta1".to_owned(), "zeta2".to_owned()][..], 1, 1)
    );
    assert!(done.entries > 0 && done.held);
    assert_eq!(done.nearest, None);
    assert_eq!(mentions(&state, "zeta"), Vec::<String>::new());
    insta::assert_snapshot!(done.beyond.join("\n"), @r"
    the source file a.csv
    the source file c.csv
    the source file f.csv
    the source file m.csv
    the files of aliases
    copies of results made with --out, backups, and whatever was delivered or printed
    ");
    let superseded =
        fs::read_dir(state.join("runs")).unwrap().next().unwrap().unwrap().path().join("superseded.json");
    assert!(fs::read_to_string(superseded).unwrap().contains("a member was forgotten"));

    // Later data of theirs is left out, and the state knows no more of them.
    let again = open(&community).run(&RunOptions::default()).unwrap();
    assert!(again.member("zeta1").is_none() && again.member("zeta2").is_none());
    assert_eq!(again.snapshot().rows(Table::Activities), 122);
    let held = open(&community).member_data("zeta1", &RunOptions::default()).unwrap();
    assert!(held.data.values().all(Vec::is_empty) && held.ledger.is_empty());
    assert!(held.snapshots.is_empty() && held.rejected.is_empty());
    let left: Vec<String> =
        mentions(&state, "zeta").into_iter().filter(|name| name != "rejected.jsonl").collect();
    assert_eq!(left, Vec::<String>::new());
    // What is forgotten already can be forgotten again.
    let done = open(&community).forget("zeta1", &RunOptions::default()).unwrap();
    assert_eq!((done.runs, done.entries, done.held), (0, 0, false));
    assert_eq!(mentions(&state, "zeta"), Vec::<String>::new());
}

#[test]
fn members_who_are_forgotten_at_the_same_time_are_all_forgotten() {
    let community = with_aliases("", PROGRAMME);
    let ids: Vec<String> = (0..6).map(|number| format!("zeta{number}")).collect();
    let rows: String = ids.iter().map(|id| format!("{id},answer,2020-01-04,bob\n")).collect();
    community.write("a.csv", format!("actor,verb,at,recipient\n{rows}").as_bytes());
    open(&community).run(&RunOptions::default()).unwrap();
    std::thread::scope(|scope| {
        let forget = |id: &String| open(&community).forget(id, &RunOptions::default()).unwrap();
        let all: Vec<_> = ids.iter().map(|id| scope.spawn(move || forget(id))).collect();
        all.into_iter().for_each(|one| assert_eq!(one.join().unwrap().snapshots, 1));
    });
    let state = community.path(".groundswell");
    assert_eq!(mentions(&state, "zeta"), Vec::<String>::new());
    let known = fs::read_to_string(state.join("forgotten.json")).unwrap();
    let known: serde_json::Value = serde_json::from_str(&known).unwrap();
    assert_eq!(known["members"].as_array().unwrap().len(), 6);
    assert_eq!(fs::read_dir(state.join("snapshots")).unwrap().count(), 1);
}

#[test]
fn a_run_under_way_writes_nobody_back_who_is_forgotten_meanwhile() {
    for (earlier, stage) in
        [(false, Stage::Read), (true, Stage::Metrics), (false, Stage::Score), (true, Stage::Decide)]
    {
        let community = with_aliases("", PROGRAMME);
        let rows: String = (1..28)
            .map(|day| format!("zeta,answer,2020-01-{day:02},bob\nbob,thank,2020-01-{day:02},zeta\n"))
            .collect();
        community.write("a.csv", format!("actor,verb,at,recipient\n{rows}").as_bytes());
        if earlier {
            assert!(open(&community).run(&RunOptions::default()).unwrap().member("zeta").is_some());
        }
        let begun = std::sync::Once::new();
        let other = open(&community);
        let forget = move |progress: &groundswell::Progress| {
            if progress.stage == stage {
                begun.call_once(|| _ = other.forget("zeta", &RunOptions::default()).unwrap());
            }
        };
        let options = RunOptions::default().progress(std::sync::Arc::new(forget));
        let run = open(&community).run(&options).unwrap();
        assert!(run.member("zeta").is_none() && run.member("bob").is_some(), "{stage:?}");
        assert_eq!(mentions(&community.path(".groundswell"), "zeta"), Vec::<String>::new(), "{stage:?}");
        // Of several definitions each is run anew.
        let community = open(&community);
        let outcomes = community.run_each(["regulars"], &options).unwrap();
        assert!(outcomes.into_iter().all(|one| one.outcome.unwrap().member("zeta").is_none()));
    }
}

#[test]
fn what_killed_processes_left_behind_is_gone_when_somebody_is_forgotten() {
    let community = with_aliases("", "");
    open(&community).run(&RunOptions::default()).unwrap();
    let state = community.path(".groundswell");
    let run = fs::read_dir(state.join("runs")).unwrap().next().unwrap().unwrap().path();
    fs::remove_dir_all(state.join("snapshots")).unwrap();
    for folder in ["runs/.unfinished-dead", "snapshots/.reading-dead/texts"] {
        fs::create_dir_all(state.join(folder)).unwrap();
        fs::write(state.join(folder).join("members"), "zeta").unwrap();
    }
    fs::write(run.join(".part-dead"), "zeta").unwrap();
    assert_eq!(mentions(&state, "zeta").len(), 3);
    open(&community).forget("zeta", &RunOptions::default()).unwrap();
    assert_eq!(mentions(&state, "zeta"), Vec::<String>::new());
    assert!(run.join("scores.parquet").exists());
}

#[test]
fn older_data_and_rows_that_were_left_aside_are_shown_to_whom_they_are_about() {
    let community = with_aliases("", "");
    let held = |member: &str| open(&community).member_data(member, &RunOptions::default()).unwrap();
    community.write("a.csv", b"actor,verb,at,recipient\nzeta,answer,2020-01-01,bob\ncyd,post,2020-01-02,\n");
    let first = community.snapshot().unwrap();
    community
        .write("a.csv", b"actor,verb,at,recipient\nzeta,nonsense,2020-01-01,bob\ncyd,post,2020-01-02,\n");
    let second = community.snapshot().unwrap();
    let zeta = held("zeta");
    assert!(zeta.data.values().all(Vec::is_empty));
    let older = format!("{}/activities", first.hash());
    assert_eq!(zeta.snapshots.keys().collect::<Vec<_>>(), [&older]);
    assert_eq!(
        (zeta.snapshots[&older].len(), zeta.snapshots[&older][0]["verb"].as_str()),
        (1, Some("answer"))
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&zeta.rejected[second.hash()]).unwrap(), @r#"
    [
      {
        "detail": "\"nonsense\": a community's own verbs are x- and lowercase words, such as `x-high-five`",
        "file": "a.csv",
        "line": 2,
        "members": [
          "zeta",
          "bob"
        ],
        "raw": "zeta,nonsense,2020-01-01,bob",
        "reason": "`verb` is not a verb",
        "table": "activities"
      }
    ]
    "#);
    // Others, whose ids are a part of what stands there, are shown nothing of it.
    for other in ["zet", "2020", "01", "non"] {
        assert!(held(other).rejected.is_empty(), "{other}");
    }
    // What stands there alone is held too.
    fs::remove_dir_all(first.dir()).unwrap();
    assert!(open(&community).forget("zeta", &RunOptions::default()).unwrap().held);
    assert!(held("zeta").rejected.is_empty());
}

#[test]
fn whoever_is_not_held_is_said_not_to_be_and_kept_out_of_later_data() {
    let community = with_aliases("", "");
    let before = community.snapshot().unwrap();
    let forget = |member: &str| open(&community).forget(member, &RunOptions::default());
    let done = forget("bobb").unwrap();
    assert_eq!((done.held, done.nearest.as_deref(), done.snapshots), (false, Some("bob"), 0));
    let done = forget("somebody-else").unwrap();
    assert_eq!((done.held, done.named, done.nearest), (false, Some(false), None));
    insta::assert_snapshot!(forget("").unwrap_err(), @"the id is empty, which nobody's is: name the member");
    assert!(matches!(forget(" "), Err(groundswell::Error::NoId)));
    community.write("a.csv", b"id,actor,verb,at,recipient\n1,bobb,answer,2020-01-01,bob\n");
    let later = open(&community).snapshot(None).unwrap();
    assert_eq!(later.rows(Table::Activities), 1);
    assert_eq!(told(&community, "select coalesce(actor, '-'), recipient from activities"), "- | bob");
    assert_ne!(before.hash(), later.hash());
}

#[test]
fn whoever_is_in_the_data_alone_is_said_to_be_and_forgotten_all_the_same() {
    // Nothing was frozen yet.
    let community = with_aliases("", "");
    let forget = |member: &str| open(&community).forget(member, &RunOptions::default()).unwrap();
    let mistyped = forget("bobb");
    assert_eq!(
        (mistyped.held, mistyped.named, mistyped.nearest.as_deref()),
        (false, Some(false), Some("bob"))
    );
    let meant = forget("bob");
    assert_eq!((meant.held, meant.named, meant.nearest), (false, Some(true), None));
    // Nobody who was forgotten is named.
    assert_eq!(forget("bobb").nearest, None);
    assert_eq!(told(&community, "select count(*) from members where id = 'bob'"), "0");
    // What cannot be read keeps nobody from being forgotten.
    std::fs::remove_file(community.path("a.csv")).unwrap();
    let unread = forget("zeta");
    assert_eq!((unread.held, unread.named), (false, None));
    community.write("a.csv", b"id,actor,verb,at,recipient\n1,zeta,answer,2020-01-01,ada\n");
    assert_eq!(told(&community, "select count(*), count(actor) from activities"), "1 | 0");
}

#[test]
fn what_was_done_for_others_stays_when_somebody_is_forgotten() {
    let community = with_aliases("", "");
    let before = community.snapshot().unwrap();
    open(&community).forget("bob", &RunOptions::default()).unwrap();
    let after = community.snapshot().unwrap();
    assert_eq!(before.rows(Table::Activities), after.rows(Table::Activities));
    assert_eq!(
        (after.rows(Table::Members), after.rows(Table::Follows), after.rows(Table::Conversions)),
        (2, 1, 1)
    );
    insta::assert_snapshot!(told(&community, "select actor, verb, recipient from activities order by id"), @r"
    ada | answer | -
    ada2 | answer | cyd
    - | thank | ada3
    cyd | post | -
    ");
    insta::assert_snapshot!(told(&community, "select * from conversions"), @"ada3 | ale | 2020-01-02T00:00:00Z | - | -");
    let notes = after.notes().join("\n");
    insta::assert_snapshot!(notes, @r"
    members: 1 row of somebody who was forgotten is left out
    follows: 2 rows of members who were forgotten are left out
    conversions: 1 row of somebody who was forgotten is left out
    ");
    assert!(Snapshot::open(before.dir()).is_err());
}

#[test]
fn what_was_said_of_others_stays_when_somebody_is_forgotten() {
    let toml = toml(&[("activities", "\"a.csv\"")], "100%");
    let community = Community::of_toml(&toml);
    community.write("a.csv", b"id,actor,verb,at,recipient,foo2\n1,2,post,2020-01-02,,\n2,ada,nonsense,2020-01-02,bob,\n3,2,nonsense,2020-01-02,bob,\n4,ada,post,2020-01-02,2,\n4,ada,post,2020-01-02,,\n5,ada,post,never,2,\n6,ada,2\n7,ada,22\n");
    let before = community.snapshot().unwrap();
    let shown = |member: &str| {
        let held = open(&community).member_data(member, &RunOptions::default()).unwrap();
        let lines = held.rejected.into_values().flatten().map(|row| row["line"].as_u64().unwrap());
        lines.collect::<Vec<_>>()
    };
    // What is shown is what is forgotten: not the second line, whose number of a row is 2.
    assert_eq!((shown("2"), shown("bob")), (vec![4, 7, 8, 5], vec![3, 4]));
    open(&community).forget("2", &RunOptions::default()).unwrap();
    assert_eq!(shown("2"), Vec::<u64>::new());
    let after = fs::read_dir(community.path(".groundswell/snapshots")).unwrap().next().unwrap().unwrap();
    let after = Snapshot::open(&after.path()).unwrap();
    assert_ne!(before.hash(), after.hash());
    assert_eq!(before.notes()[0], "a.csv: the column `foo2` is not read: activities have none of that name");
    assert!(before.notes().iter().all(|note| after.notes().contains(note)), "{:?}", after.notes());
    let lines = fs::read_to_string(after.dir().join("rejected.jsonl")).unwrap();
    insta::assert_snapshot!(lines, @r#"
    {"detail":"\"nonsense\": a community's own verbs are x- and lowercase words, such as `x-high-five`","file":"a.csv","line":3,"members":["ada","bob"],"raw":"2,ada,nonsense,2020-01-02,bob,","reason":"`verb` is not a verb","table":"activities"}
    {"detail":"","file":"a.csv","line":4,"members":[],"raw":"","reason":"`verb` is not a verb","table":"activities"}
    {"detail":"","file":"a.csv","line":7,"members":[],"raw":"","reason":"`at` is not a time","table":"activities"}
    {"detail":"","file":"a.csv","line":8,"raw":"","reason":"the row has not as many fields as the header","table":"activities"}
    {"detail":"3 fields where the header has 6","file":"a.csv","line":9,"raw":"7,ada,22","reason":"the row has not as many fields as the header","table":"activities"}
    {"detail":"","file":"a.csv","line":5,"members":[],"raw":"","reason":"another row has the same `id` and says something else","table":"activities"}
    "#);
    let details: Vec<&str> = after
        .rejected()
        .iter()
        .flat_map(|rejected| &rejected.examples)
        .map(|example| example.detail.as_str())
        .filter(|detail| !detail.is_empty())
        .collect();
    insta::assert_snapshot!(details.join("\n"), @r#"
    "nonsense": a community's own verbs are x- and lowercase words, such as `x-high-five`
    3 fields where the header has 6
    "#);
}

#[test]
fn forgetting_does_not_make_an_old_way_of_reading_todays() {
    let rows = b"id,actor,verb,at\n1,ada,post,2020-01-01\n2,bob,nonsense,2020-01-02\n3,cyd,post,2020-01-03\n";
    let write = |max_rejected: &str, roles: &str| {
        let tables = [("activities", "\"a.csv\""), ("members", "\"m.csv\"")];
        let text = toml(&tables, max_rejected)
            .replace("\"test\"\n", &format!("\"test\"\nexclude-roles = {roles}\n"));
        text.into_bytes()
    };
    let community = Community::new(&[("community.toml", &write("50%", "[]")), ("a.csv", rows)]);
    community.write("m.csv", b"id,role\nada,lead\nada,robot\nbob,\ncyd,\n");
    community.snapshot().unwrap();
    let told = |max_rejected: &str, roles: &str| {
        community.write("community.toml", &write(max_rejected, roles));
        let before = community.error();
        open(&community).forget("cyd", &RunOptions::default()).unwrap();
        assert_eq!(community.error(), before);
        before
    };
    let many = told("0%", "[]");
    assert!(many.starts_with("1 of 4 rows of members cannot be used"), "{many}");
    let role = told("50%", "[\"robot\"]");
    assert!(
        role.contains("has the same `id` as line 2 of m.csv and a role that is one of exclude-roles"),
        "{role}"
    );
    // The same way as before, and those alone are left out who are forgotten.
    community.write("community.toml", &write("50%", "[]"));
    assert_eq!(community.snapshot().unwrap().rows(Table::Members), 2);
    open(&community).forget("bob", &RunOptions::default()).unwrap();
    assert_eq!(community.snapshot().unwrap().rows(Table::Members), 1);
}
