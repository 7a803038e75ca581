//! Drafts of `community.toml`, from the first rows of files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;

use groundswell::{Config, Draft, Snapshot, Table, Taken};
use jiff::civil::date;

use crate::community::{Community, gzip};

/// The draft for these files, in their folder.
fn draft(files: &[(&str, &[u8])]) -> (Community, Draft) {
    let community = Community::new(files);
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| community.path(name)).collect();
    let draft = Draft::of(&paths, &community.path(""), "test", date(2026, 1, 31)).unwrap();
    draft.write(&community.path("community.toml")).unwrap();
    (community, draft)
}

/// What a draft says of its sources.
fn sources(draft: &Draft) -> String {
    let (_, sources) = draft.text().split_once("max-rejected = \"1%\"\n").unwrap();
    let (sources, _) = sources.split_once("\n# Who counts, by a definition").unwrap();
    sources.trim().to_owned()
}

fn rows(snapshot: &Snapshot) -> [u64; 4] {
    Table::ALL.map(|table| snapshot.rows(table))
}

/// What a draft says of the sources in one file, whose rows are all taken.
fn of_one(name: &str, content: &str) -> String {
    let (community, draft) = draft(&[(name, content.as_bytes())]);
    let snapshot = community.snapshot().unwrap_or_else(|error| panic!("{error}\n{}", draft.text()));
    assert_eq!(snapshot.rejected(), [], "{}", draft.text());
    sources(&draft)
}

#[test]
fn files_with_the_tables_own_columns_are_tables_and_nothing_has_to_be_checked() {
    let activities = "id,actor,verb,at,recipient\n1,ada,answer,2020-01-01,bob\n2,bob,x-hug,2020-01-02,ada\n";
    let json = "{\"member\": \"ada\", \"at\": 1577836800, \"value\": 3}\n";
    let (community, draft) = draft(&[
        ("members.csv", b"id,joined_at,role,team\nada,2019-01-01,staff,red\nbob,2019-01-02,Bot,red\n"),
        ("follows.csv.gz", &gzip(b"follower,followed\nada,bob\nbob,ada\n")),
        ("activities.csv", activities.as_bytes()),
        ("activities-2.csv", activities.replace("\n1", "\n3").replace("\n2", "\n4").as_bytes()),
        ("sales.jsonl", json.as_bytes()),
    ]);
    assert_eq!(draft.marks(), 0);
    let taken: Vec<_> = draft.files().iter().map(|file| file.taken.clone()).collect();
    let tables = [Table::Members, Table::Follows, Table::Activities, Table::Activities, Table::Conversions];
    assert_eq!(taken, tables.map(Taken::Table));
    insta::assert_snapshot!(draft.text());
    assert_eq!(rows(&community.snapshot().unwrap()), [2, 2, 4, 1]);
}

#[test]
fn usual_names_of_columns_become_a_map() {
    insta::assert_snapshot!(of_one("users.csv", "user_id,name,created_at,Opted-Out\n1,Ada,2019-01-01,yes\n2,Bo,2019-01-02,\n"), @r#"
    # `users.csv`: the columns are `user_id`, `name`, `created_at` and `Opted-Out`
    [[sources.map]]
    table = "members"
    files = "users.csv"
    columns = { id = "user_id", opted_out = "Opted-Out", joined_at = "created_at" }
    # not read: `name`; in `columns`, team = "Team" would make an attribute `team` of a column
    "#);
    insta::assert_snapshot!(of_one("posts.csv", "post_id,author_id,type,created_at,channel\n1,7,Question,2020-01-01 10:00:00,a\n2,8,Comment,2020-01-02 10:00:00,b\n3,8,Hug,2020-01-02 10:00:00,b\n"), @r#"
    # `posts.csv`: the columns are `post_id`, `author_id`, `type`, `created_at` and `channel`
    [[sources.map]]
    table = "activities"
    files = "posts.csv"
    # CHECK: is `type` the `verb`? its name may mean something else
    columns = { id = "post_id", actor = "author_id", verb = "type", at = "created_at", topic = "channel" }
    [sources.map.verbs]
    # CHECK: verbs that begin with x- are the community's own, and no plugin knows what they mean; the shared ones are post, ask, reply, answer, accept, quote, like, dislike, thank, endorse, mention, vote, recommend, advise, volunteer, attend, review, share, invite, bounty
    Comment = "reply"
    Hug = "x-hug"
    Question = "ask"
    "#);
    insta::assert_snapshot!(of_one("likes.tsv", "from\tto\tdate\nada\tbob\t31.05.2020\nbob\tada\tNA\n".replace("NA", "01.06.2020").as_str()), @r#"
    # `likes.tsv`: the columns are `from`, `to` and `date`
    [[sources.map]]
    # CHECK: the rows may as well be follows: that takes other names to the left of `columns`
    table = "activities"
    files = "likes.tsv"
    delimiter = "\t"
    # CHECK: is `from` the `actor`, `to` the `recipient`? their names may mean something else
    columns = { actor = "from", at = "date", recipient = "to" }
    # CHECK: no column says what was done, so each row counts as `like`; say what it is, such as `answer`, `like`, `thank`
    constants = { verb = "like" }
    time = "%d.%m.%Y"
    "#);
    insta::assert_snapshot!(of_one("orders.csv", "order_id;customer;date;total\n1;ada;05/06/2020;3.5\n2;bob;NA;1\n3;bob;05/07/2020;1\n".replace("NA", "05/08/2020").as_str()), @r#"
    # `orders.csv`: the columns are `order_id`, `customer`, `date` and `total`
    [[sources.map]]
    table = "conversions"
    files = "orders.csv"
    delimiter = ";"
    columns = { member = "customer", at = "date", value = "total" }
    # not read: `order_id`
    # CHECK: `date` may as well be written as "%d/%m/%Y"
    time = "%m/%d/%Y"
    "#);
    insta::assert_snapshot!(of_one("followers.csv", "source,target\nada,bob\nbob,cyd\n"), @r#"
    # `followers.csv`: the columns are `source` and `target`
    [[sources.map]]
    table = "follows"
    files = "followers.csv"
    # CHECK: is `source` the `follower`, `target` the `followed`? their names may mean something else
    columns = { follower = "source", followed = "target" }
    "#);
    insta::assert_snapshot!(of_one("votes.csv", "Trustor,Trustee,Sign,Year\n1,2,1,2004\n2,3,-1,2005\n"), @r#"
    # `votes.csv`: the columns are `Trustor`, `Trustee`, `Sign` and `Year`
    [[sources.map]]
    table = "activities"
    files = "votes.csv"
    # CHECK: is `Trustor` the `actor`, `Sign` the `verb`, `Trustee` the `recipient`? their names may mean something else
    # CHECK: is `Year` the `at`? it is known by its values alone
    # CHECK: `Year` is taken to be a year, whose rows then lie at its beginning
    columns = { actor = "Trustor", verb = "Sign", at = "{Year}-01-01", recipient = "Trustee" }
    [sources.map.verbs]
    # CHECK: verbs that begin with x- are the community's own, and no plugin knows what they mean; the shared ones are post, ask, reply, answer, accept, quote, like, dislike, thank, endorse, mention, vote, recommend, advise, volunteer, attend, review, share, invite, bounty
    -1 = "x-oppose"
    1 = "endorse"
    "#);
    insta::assert_snapshot!(of_one("mentions.csv", "id,sender,to,time\n1,ada,bob|cyd,2020-01-01\n2,bob,ada,2020-01-02\n"), @r#"
    # `mentions.csv`: the columns are `id`, `sender`, `to` and `time`
    [[sources.map]]
    table = "activities"
    files = "mentions.csv"
    # CHECK: `to` is taken to name several, with "|" between them, each of which makes a row
    each = "to"
    split = "|"
    # CHECK: is `to` the `recipient`? its name may mean something else
    columns = { id = "{id}/{}", actor = "sender", at = "time", recipient = "{}" }
    # CHECK: no column says what was done, so each row counts as `mention`; say what it is, such as `answer`, `like`, `thank`
    constants = { verb = "mention" }
    "#);
    insta::assert_snapshot!(of_one("chat.jsonl", "{\"id\": 1, \"author\": {\"id\": 7}, \"ts\": 1590926400000, \"mentions\": [8, 9]}\n{\"id\": 2, \"author\": {\"id\": 8}, \"ts\": 1590926500000}\n"), @r#"
    # `chat.jsonl`: the columns are `author.id`, `id`, `mentions` and `ts`
    [[sources.map]]
    table = "activities"
    files = "chat.jsonl"
    columns = { id = "id", actor = "author.id", at = "ts" }
    # not read: `mentions`
    # `mentions` may name members: a map of its own, with each = "mentions", split = ",", recipient = "{}" in `columns` and verb = "mention" in `constants`, makes a row of each
    # CHECK: no column says what was done, so each row counts as `post`; say what it is, such as `answer`, `like`, `thank`
    constants = { verb = "post" }
    "#);
}

#[test]
fn files_without_names_of_columns_are_known_by_their_values() {
    insta::assert_snapshot!(of_one("edges.txt", "# Nodes: 3\n# From To\n1\t2\n2\t3\n"), @r##"
    # `edges.txt`: the columns are 2 without names
    [[sources.map]]
    table = "follows"
    files = "edges.txt"
    delimiter = "\t"
    comment = "#"
    header = false
    # CHECK: is column 1 the `follower`, column 2 the `followed`? they are known by their places alone
    columns = { follower = 1, followed = 2 }
    "##);
    insta::assert_snapshot!(of_one("messages.txt", "1 2 1082008561\n3 4 1082155839\n"), @r#"
    # `messages.txt`: the columns are 3 without names
    [[sources.map]]
    table = "activities"
    files = "messages.txt"
    delimiter = "blanks"
    header = false
    # CHECK: is column 1 the `actor`, column 3 the `at`, column 2 the `recipient`? they are known by their places alone
    columns = { actor = 1, at = 3, recipient = 2 }
    # CHECK: no column says what was done, so each row counts as `post`; say what it is, such as `answer`, `like`, `thank`
    constants = { verb = "post" }
    "#);
    insta::assert_snapshot!(of_one("CDNOW.txt", " 00004  0001 19970101  2   29.33\n 00004  0001 19970118  2   29.73\n"), @r#"
    # `CDNOW.txt`: the columns are 5 without names
    [[sources.map]]
    table = "activities"
    files = "CDNOW.txt"
    delimiter = "blanks"
    header = false
    # CHECK: is column 1 the `actor`, column 3 the `at`, column 2 the `recipient`, column 4 the `weight`? they are known by their places alone
    columns = { actor = 1, at = 3, recipient = 2, weight = 4 }
    # CHECK: no column says what was done, so each row counts as `reply`; say what it is, such as `answer`, `like`, `thank`
    constants = { verb = "reply" }
    time = "%Y%m%d"
    "#);
    insta::assert_snapshot!(of_one("pairs.csv", "ada,bob\nbob,cyd\nada,cyd\n"), @r#"
    # `pairs.csv`: the columns are 2 without names
    [[sources.map]]
    table = "follows"
    files = "pairs.csv"
    # CHECK: the first row is taken to be one like others; if it names the columns, take this line away
    header = false
    # CHECK: is column 1 the `follower`, column 2 the `followed`? they are known by their places alone
    columns = { follower = 1, followed = 2 }
    "#);
}

#[test]
fn what_is_no_table_stands_in_comments() {
    let (community, draft) = draft(&[
        ("survey.csv", b"village,q1,q2\n1,3,yes\n1,2,no\n"),
        ("survey.csv.gz", &gzip(b"village,q1,q2\n1,3,yes\n1,2,no\n")),
        ("users.csv", b"id\nada\nbob\n"),
        ("sheet.csv", b"PK\x03\x04..."),
        ("all.json", b"[{\"id\": 1}]\n"),
        ("pretty.jsonl", b"{\n  \"id\": 1\n}\n"),
        ("Posts.xml", b"<posts></posts>"),
        ("empty.csv", b" \n"),
        ("noise.txt", b"\x00\x01\x02"),
        ("latin.csv", b"follower,followed\nada,bob\nZo\xeb,ada\n"),
        ("odd.csv", "us\u{1b}er_id,a\u{202e}b\n1,2\n3,2\n".as_bytes()),
    ]);
    insta::assert_snapshot!(draft.text());
    let left = draft.files().iter().filter_map(|file| match &file.taken {
        Taken::Left(why) => Some(format!("{} {why}", file.file)),
        _ => None,
    });
    insta::assert_snapshot!(left.collect::<Vec<_>>().join("\n"), @r"
    survey.csv nothing tells what it is
    survey.csv.gz it seems to be `survey.csv` once more
    sheet.csv it is a zip archive (or a spreadsheet): save it as CSV in UTF-8, as JSON Lines, or as Parquet
    all.json it is one list of JSON, and tables are JSON Lines, an object a line: `jq -c '.[]'` makes them
    pretty.jsonl its first line is no object of JSON: tables are JSON Lines, an object a line
    Posts.xml it is XML; `groundswell import --help` names the exports that are read
    empty.csv it is empty
    noise.txt it is no text
    ");
    assert_eq!(Config::parse("community.toml", draft.text()).unwrap().sources.maps.len(), 1);
    assert_eq!(draft.text().matches("# CHECK: ").count(), draft.marks());
    // As every second row is left aside.
    let error = community.error();
    assert!(error.starts_with("1 of 2 rows of follows cannot be used"), "{error}");
}

#[test]
fn a_draft_replaces_nothing() {
    let (community, draft) = draft(&[("users.csv", b"id\nada\n")]);
    let again = draft.write(&community.path("community.toml")).unwrap_err();
    insta::assert_snapshot!(community.normalised(&again.to_string()), @"cannot write [folder]/community.toml: it is there already, and nothing is replaced");
    let nowhere = Draft::of(&[community.path("none.csv")], &community.path(""), "test", date(2026, 1, 31));
    insta::assert_snapshot!(community.normalised(&nowhere.unwrap_err().to_string()), @"cannot read [folder]/none.csv: there is no such file");
}

/// The files of the examples under `maps/`, as they are published.
#[test]
fn drafts_of_published_data_sets_can_be_read() {
    let mut report = String::new();
    for name in [
        "graphs/wiki-Vote.txt.gz",
        "graphs/email-Eu-core.txt.gz",
        "graphs/CollegeMsg.txt.gz",
        "graphs/soc-sign-bitcoinotc.csv.gz",
        "graphs/NetHEPT_weighted-cascade.txt.gz",
        "graphs/truncated-soc-Epinions1.txt.gz",
        "influence/wiki-RfA_ids_vote_result_year.tsv.gz",
        "influence/medInnovations.csv.gz",
        "purchases/CDNOW_sample.txt.gz",
        "purchases/tune.txt.gz",
        "lean-zulip/teams_history_ids.tsv",
    ] {
        let Some(path) = crate::community::data(name) else { return };
        let community = Community::new(&[]);
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        std::fs::copy(&path, community.path(&file)).unwrap();
        let draft =
            Draft::of(&[community.path(&file)], &community.path(""), "test", date(2026, 1, 31)).unwrap();
        draft.write(&community.path("community.toml")).unwrap();
        let told = match community.snapshot() {
            Ok(snapshot) => {
                let rejected: u64 = snapshot.rejected().iter().map(|one| one.rows).sum();
                format!("{:?} rows, {rejected} rejected", rows(&snapshot))
            }
            Err(error) => community.normalised(&error.to_string()),
        };
        report.push_str(&format!("## {file}: {told}\n{}\n\n", sources(&draft)));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn what_files_are_called_and_hold_writes_nothing_into_a_draft() {
    let (_, plain) = draft(&[("a.csv", b"foo,bar\nx,y\nz,w\n")]);
    let (_, odd) = draft(&[
        ("\"\n[limits]\nfuel-per-call = 5\n#.csv", b"foo,bar\nx,y\nz,w\n"),
        ("posts.csv", b"user,type,created_at\n1,\"Que\nstion'\"\"\",2020-01-01\n2,Answer,2020-01-02\n"),
    ]);
    let [plain, odd] = [plain, odd].map(|draft| Config::parse("community.toml", draft.text()).unwrap());
    assert_eq!(format!("{:?}", odd.limits), format!("{:?}", plain.limits));
    assert!(odd.sources.maps.iter().any(|map| map.verbs.contains_key("Que\nstion'\"")));
}
