//! Dumps of real sites, generated dumps and damaged dumps.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use groundswell::import::{FileReport, ImportError, ImportReport, stackexchange};
use groundswell::{Host, RunOptions};
use proptest::prelude::*;

use crate::community::data;
use crate::planted::host;

/// A real site's dump, or `None` (said aloud) where the data is not there.
fn site(name: &str) -> Option<PathBuf> {
    data(&format!("stackexchange/{name}"))
}

fn import(folder: &Path, out: &Path) -> Result<ImportReport, ImportError> {
    stackexchange(folder, out, &|_, _, _| {})
}

/// The message without the folder.
fn message(folder: &Path, error: ImportError) -> String {
    error.to_string().replace(&folder.display().to_string(), "DUMP")
}

pub(crate) fn unpacked(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = String::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        return text;
    }
    String::from_utf8(bytes).unwrap()
}

/// The rows of a table as maps from column to value.
fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let text = unpacked(path);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// Another way to read a dump: it has one row a line, and no value has a raw quote.
struct Lines(Vec<String>);

impl Lines {
    fn of(folder: &Path, stem: &str) -> Self {
        let packed = folder.join(format!("{stem}.xml.gz"));
        let path = if packed.exists() { packed } else { folder.join(format!("{stem}.xml")) };
        let text = unpacked(&path);
        let rows = text.lines().map(str::trim).filter(|line| line.starts_with("<row "));
        Self(rows.map(str::to_owned).collect())
    }

    fn count(&self, what: impl Fn(&str) -> bool) -> u64 {
        self.0.iter().filter(|row| what(row)).count() as u64
    }
}

fn value<'a>(row: &'a str, attribute: &str) -> Option<&'a str> {
    let (_, rest) = row.split_once(&format!(" {attribute}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn is(row: &str, attribute: &str, wanted: &str) -> bool {
    value(row, attribute) == Some(wanted)
}

fn file<'a>(report: &'a ImportReport, stem: &str) -> &'a FileReport {
    report.files.iter().find(|file| file.file.starts_with(stem)).unwrap()
}

fn total(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}

struct Figures {
    site: &'static str,
    questions: u64,
    answers: u64,
    users: u64,
    votes: u64,
}

const SITES: [Figures; 3] = [
    Figures { site: "beer-2020-06", questions: 1_029, answers: 2_277, users: 6_863, votes: 18_564 },
    Figures { site: "quantumcomputing-2018-09", questions: 612, answers: 1_060, users: 3_461, votes: 12_560 },
    Figures { site: "conlang-meta-2020-08", questions: 54, answers: 115, users: 272, votes: 1_119 },
];

#[test]
fn every_row_of_three_real_sites_is_imported_or_left_out_with_a_reason() {
    for figures in &SITES {
        let Some(folder) = site(figures.site) else { return };
        let out = tempfile::tempdir().unwrap();
        let report = import(&folder, out.path()).unwrap();
        assert!(report.adds_up(), "{report}");

        // The figures that are known of the site.
        assert_eq!(report.verbs["ask"], figures.questions);
        assert_eq!(report.verbs["answer"], figures.answers);
        assert_eq!(report.members, figures.users);
        assert_eq!(file(&report, "Votes").rows, figures.votes);

        // The dump, counted another way.
        let [users, posts, votes, comments] =
            ["Users", "Posts", "Votes", "Comments"].map(|stem| Lines::of(&folder, stem));
        for (stem, lines) in
            [("Users", &users), ("Posts", &posts), ("Votes", &votes), ("Comments", &comments)]
        {
            let file = file(&report, stem);
            assert_eq!(file.rows, lines.0.len() as u64, "{stem}");
            assert_eq!(file.rows, total(&file.imported) + total(&file.left_out), "{stem}");
        }
        let kinds: HashMap<&str, &str> = posts
            .0
            .iter()
            .map(|row| (value(row, "Id").unwrap(), value(row, "PostTypeId").unwrap()))
            .collect();
        let kind = |row: &str| kinds.get(value(row, "PostId").unwrap()).copied();
        let about = |row: &str| matches!(kind(row), Some("1" | "2"));
        let vote = |id: &str| votes.count(|row| is(row, "VoteTypeId", id) && about(row));
        assert_eq!(report.verbs["like"], vote("2"));
        assert_eq!(report.verbs["dislike"], vote("3"));
        let favourites =
            votes.count(|row| is(row, "VoteTypeId", "5") && (about(row) || value(row, "UserId").is_some()));
        assert_eq!(report.verbs["x-favourite"], favourites);
        assert_eq!(report.verbs["accept"], posts.count(|row| value(row, "AcceptedAnswerId").is_some()));
        assert_eq!(report.verbs["reply"], comments.0.len() as u64);
        let bounties = votes.count(|row| {
            ["8", "9"].contains(&value(row, "VoteTypeId").unwrap()) && row.contains("BountyAmount")
        });
        assert_eq!(report.verbs.get("bounty").copied().unwrap_or(0), bounties);
        let deleted = votes
            .count(|row| ["1", "2", "3"].contains(&value(row, "VoteTypeId").unwrap()) && kind(row).is_none());
        let reason = "about a post that is not in the dump (deleted)";
        assert_eq!(file(&report, "Votes").left_out[reason], deleted);

        // The tables say what the report says.
        let activities = table(&out.path().join("activities.csv.gz"));
        assert_eq!(activities.len() as u64, report.activities);
        let mut verbs = BTreeMap::new();
        for row in &activities {
            *verbs.entry(row["verb"].clone()).or_default() += 1;
        }
        assert_eq!(verbs, report.verbs);
        let ids: BTreeSet<_> = activities.iter().map(|row| &row["id"]).collect();
        assert_eq!(ids.len(), activities.len(), "an id stands for one activity");
        let members = table(&out.path().join("members.csv"));
        assert_eq!(members.len() as u64, report.members);
        let bots: Vec<_> = members.iter().filter(|row| row["role"] == "bot").map(|row| &row["id"]).collect();
        assert_eq!(bots, ["-1"]);
        let reputation = |rows: &[HashMap<String, String>]| -> i64 {
            rows.iter().map(|row| row["reputation"].parse::<i64>().unwrap()).sum()
        };
        let expected: i64 =
            users.0.iter().map(|row| value(row, "Reputation").unwrap().parse::<i64>().unwrap()).sum();
        assert_eq!(reputation(&members), expected);
        for stem in ["Badges", "PostLinks", "Tags"] {
            let file = file(&report, stem);
            assert_eq!(file.rows, Lines::of(&folder, stem).0.len() as u64, "{stem}");
            assert_eq!(file.rows, total(&file.left_out), "{stem}");
        }
        assert_eq!(report.not_read, Vec::<String>::new());
    }
}

#[test]
fn the_report_on_beer_tells_what_became_of_every_row() {
    let Some(folder) = site("beer-2020-06") else { return };
    let out = tempfile::tempdir().unwrap();
    let report = import(&folder, out.path()).unwrap();
    insta::assert_snapshot!(report.to_string(), @"
    Users.xml.gz: 6863 rows
      imported: 6863 member
    Posts.xml.gz: 3471 rows
      imported: 2277 answer
      imported: 1029 ask
      left out: 3 placeholder of a wiki page
      left out: 162 tag wiki
    Votes.xml.gz: 18564 rows
      imported: 619 accept
      imported: 23 bounty
      imported: 429 dislike
      imported: 15153 like
      imported: 397 x-favourite
      left out: 903 about a post that is not in the dump (deleted)
      left out: 5 bounty that ended without an award
      left out: 409 vote: approve an edit
      left out: 291 vote: delete
      left out: 288 vote: moderator review
      left out: 7 vote: offensive
      left out: 31 vote: spam
      left out: 9 vote: undelete
    Comments.xml.gz: 3509 rows
      imported: 3509 reply
      besides: 2 mention
      parts left out: 489 mention of a name that no participant bears
    Badges.xml.gz: 9367 rows
      left out: 9367 badge: the site's own award, nothing that a member did
    PostLinks.xml.gz: 148 rows
      left out: 148 link between posts: nobody is named as its author
    Tags.xml.gz: 153 rows
      left out: 153 tag: a topic, which activities name themselves
    6863 members, 23438 activities
    ");
}

#[test]
fn nothing_that_somebody_wrote_reaches_the_tables() {
    for figures in &SITES {
        let Some(folder) = site(figures.site) else { return };
        let out = tempfile::tempdir().unwrap();
        import(&folder, out.path()).unwrap();
        let tags: BTreeSet<String> = Lines::of(&folder, "Tags")
            .0
            .iter()
            .map(|row| value(row, "TagName").unwrap().to_owned())
            .collect();
        for row in table(&out.path().join("activities.csv.gz")) {
            for (column, text) in &row {
                let fits = match column.as_str() {
                    "id" => {
                        text.starts_with(['p', 'v', 'c'])
                            && text[1..].bytes().all(|b| b.is_ascii_digit() || b == b'-')
                    }
                    "actor" | "recipient" | "weight" => text.is_empty() || text.parse::<i64>().is_ok(),
                    "verb" => report_verbs().contains(&text.as_str()),
                    "at" => text.parse::<jiff::Timestamp>().is_ok(),
                    "object" => text.strip_prefix('p').unwrap().parse::<i64>().is_ok(),
                    "object_kind" => ["", "question", "answer"].contains(&text.as_str()),
                    "topic" => text.is_empty() || tags.contains(text),
                    _ => false,
                };
                assert!(fits, "{column}: {text}");
            }
        }
        for row in table(&out.path().join("members.csv")) {
            for (column, text) in &row {
                let fits = match column.as_str() {
                    "id" | "reputation" => text.parse::<i64>().is_ok(),
                    "joined_at" => text.parse::<jiff::Timestamp>().is_ok(),
                    "role" => ["", "bot"].contains(&text.as_str()),
                    _ => false,
                };
                assert!(fits, "{column}: {text}");
            }
        }
    }
}

fn report_verbs() -> [&'static str; 9] {
    ["ask", "answer", "accept", "like", "dislike", "x-favourite", "bounty", "reply", "mention"]
}

#[test]
fn beer_has_1_482_members_with_an_activity_one_of_them_the_bot() {
    let Some(folder) = site("beer-2020-06") else { return };
    let out = tempfile::tempdir().unwrap();
    import(&folder, out.path()).unwrap();
    let active: BTreeSet<String> = table(&out.path().join("activities.csv.gz"))
        .iter()
        .flat_map(|row| [row["actor"].clone(), row["recipient"].clone()])
        .filter(|id| !id.is_empty())
        .collect();
    assert_eq!(active.len(), 1_482);
    assert!(active.contains("-1"));
}

/// With `GROUNDSWELL_UPDATE` set, writes the tables instead of comparing them.
#[test]
fn the_beer_example_is_what_the_dump_gives() {
    let Some(folder) = site("beer-2020-06") else { return };
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/communities/beer");
    if std::env::var_os("GROUNDSWELL_UPDATE").is_some() {
        assert!(import(&folder, &example).unwrap().kept_config);
    }
    let out = tempfile::tempdir().unwrap();
    import(&folder, out.path()).unwrap();
    for table in ["members.csv", "activities.csv.gz"] {
        // Unpacked: another version of the packer may pack otherwise.
        assert!(unpacked(&out.path().join(table)) == unpacked(&example.join(table)), "{table} differs");
    }
}

#[test]
fn acceptances_bounties_and_replies_know_who_and_whom() {
    let folder = small_dump();
    let out = tempfile::tempdir().unwrap();
    import(folder.path(), out.path()).unwrap();
    let text = unpacked(&out.path().join("activities.csv.gz"));
    insta::assert_snapshot!(text, @"
    id,actor,verb,at,recipient,object,object_kind,topic,weight
    p1,1,ask,2020-01-03T10:20:30.456Z,,p1,question,hops,
    p2,2,answer,2020-01-04T10:20:30.456Z,1,p2,answer,hops,
    p3,,answer,2020-01-05T10:20:30.456Z,1,p3,answer,hops,
    p4,3,ask,2020-01-06T10:20:30.456Z,,p4,question,malt,
    p5,1,answer,2020-01-07T10:20:30.456Z,3,p5,answer,malt,
    p6,,ask,2020-01-07T10:20:30.456Z,,p6,question,,
    p11,2,answer,2020-01-08T10:20:30.456Z,,p11,answer,,
    v1,,like,2020-01-03T00:00:00Z,1,p1,question,hops,
    v2,,dislike,2020-01-04T00:00:00Z,2,p2,answer,hops,
    v3,,like,2020-01-05T00:00:00Z,,p3,answer,hops,
    v4,1,accept,2020-01-06T00:00:00Z,2,p2,answer,hops,
    v9,3,x-favourite,2020-01-07T00:00:00Z,1,p1,question,hops,
    v10,4,x-favourite,2020-01-07T00:00:00Z,,p99,,,
    v11,3,bounty,2020-01-08T00:00:00Z,,p1,question,hops,100
    v12,,bounty,2020-01-09T00:00:00Z,2,p2,answer,hops,50
    p5-accept,3,accept,2020-01-07T10:20:30.456Z,1,p5,answer,malt,
    c1-1,2,mention,2020-01-08T10:20:30.456Z,1,p1,question,hops,
    c1,2,reply,2020-01-08T10:20:30.456Z,1,p1,question,hops,
    c2-1,1,mention,2020-01-09T10:20:30.456Z,2,p1,question,hops,
    c2,1,reply,2020-01-09T10:20:30.456Z,1,p1,question,hops,
    c3,,reply,2020-01-09T10:20:30.456Z,2,p2,answer,hops,
    c4,4,reply,2020-01-09T10:20:30.456Z,,p99,,,
    ");
    insta::assert_snapshot!(unpacked(&out.path().join("members.csv")), @"
    id,joined_at,role,reputation
    -1,2020-01-01T10:20:30.456Z,bot,1
    1,2020-01-01T10:20:30.456Z,,120
    2,2020-01-01T10:20:30.456Z,,15
    3,2020-01-02T10:20:30.456Z,,7
    4,,,
    ");
}

#[test]
fn the_report_names_each_thing_left_out() {
    let folder = small_dump();
    let out = tempfile::tempdir().unwrap();
    let report = import(folder.path(), out.path()).unwrap();
    insta::assert_snapshot!(report.to_string(), @"
    Users.xml: 7 rows
      imported: 5 member
      left out: 1 a row with this id came before
      left out: 1 no id, or one that is no number
    Posts.xml: 14 rows
      imported: 4 answer
      imported: 3 ask
      left out: 1 a member id that is no number
      left out: 1 a row with this id came before
      left out: 1 moderator nomination
      left out: 1 no id, or one that is no number
      left out: 1 no time, or one that cannot be read
      left out: 1 no type, or one that is no number
      left out: 1 tag wiki
      besides: 1 accept
      parts left out: 1 accepted answer that is not in the dump
    Votes.xml: 20 rows
      imported: 1 accept
      imported: 2 bounty
      imported: 1 dislike
      imported: 2 like
      imported: 2 x-favourite
      left out: 2 about a post that is not in the dump (deleted)
      left out: 1 about a tag wiki or another page of the site
      left out: 1 accept vote for an answer that is not the accepted one
      left out: 1 another type of vote
      left out: 1 bounty offered without an amount
      left out: 1 bounty that ended without an award
      left out: 1 no post id, or one that is no number
      left out: 1 no time, or one that cannot be read
      left out: 1 second accept vote for the same answer
      left out: 1 vote: approve an edit
      left out: 1 vote: close
    Comments.xml: 6 rows
      imported: 4 reply
      left out: 1 about a post that is not in the dump (deleted)
      left out: 1 about a tag wiki or another page of the site
      besides: 2 mention
      parts left out: 1 mention of a name that no participant bears
    5 members, 22 activities
    ");
}

#[test]
fn what_is_dated_beyond_all_that_tables_can_say_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let row = |id, at| format!(r#"Id="{id}" PostTypeId="1" CreationDate="{at}""#);
    let posts = [row(1, "2261-12-31T00:00:00"), row(2, "9999-01-01T00:00:00"), row(3, "1677-01-01T00:00:00")];
    dump(folder.path(), &[], &posts, &[], &[]);
    let out = tempfile::tempdir().unwrap();
    let report = import(folder.path(), out.path()).unwrap();
    assert_eq!((report.activities, report.left_out()), (1, 2));
    assert_eq!(file(&report, "Posts").left_out["no time, or one that cannot be read"], 2);
}

#[test]
fn votes_and_comments_of_one_id_are_imported_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = r#"CreationDate="2020-01-01T00:00:00""#;
    let rows = |rows: &[&str]| rows.iter().map(|row| format!("{row} {at}")).collect::<Vec<_>>();
    dump(
        folder.path(),
        &[],
        &rows(&[r#"Id="1" PostTypeId="1""#]),
        &rows(&[
            r#"Id="7" PostId="1" VoteTypeId="2""#,
            r#"Id="7" PostId="1" VoteTypeId="3""#,
            r#"Id="8" PostId="1" VoteTypeId="2""#,
        ]),
        &rows(&[r#"Id="7" PostId="1" UserId="4""#, r#"Id="7" PostId="1" UserId="4""#]),
    );
    let out = tempfile::tempdir().unwrap();
    let report = import(folder.path(), out.path()).unwrap();
    assert_eq!((report.activities, report.left_out()), (4, 2));
    let double = "a row with this id came before";
    assert_eq!(["Votes", "Comments"].map(|stem| file(&report, stem).left_out[double]), [1, 1]);
}

#[test]
fn importing_twice_gives_the_same_bytes_and_keeps_the_community_file() {
    let folder = small_dump();
    let out = tempfile::tempdir().unwrap();
    let first = import(folder.path(), out.path()).unwrap();
    assert!(!first.kept_config);
    let config = fs::read_to_string(out.path().join("community.toml")).unwrap();
    let parsed: toml::Table = config.parse().unwrap();
    assert_eq!(parsed["community"]["window"].as_str(), Some("all"));
    let before = fs::read(out.path().join("activities.csv.gz")).unwrap();
    fs::write(out.path().join("community.toml"), "# mine").unwrap();
    let second = import(folder.path(), out.path()).unwrap();
    assert!(second.kept_config);
    assert_eq!(fs::read_to_string(out.path().join("community.toml")).unwrap(), "# mine");
    assert_eq!(fs::read(out.path().join("activities.csv.gz")).unwrap(), before);
}

#[test]
fn plain_packed_marked_and_unmarked_files_are_the_same_to_the_import() {
    let plain = small_dump();
    let out = tempfile::tempdir().unwrap();
    import(plain.path(), out.path()).unwrap();
    let expected = unpacked(&out.path().join("activities.csv.gz"));

    let other = tempfile::tempdir().unwrap();
    for stem in ["Users", "Posts", "Votes", "Comments"] {
        let text = fs::read_to_string(plain.path().join(format!("{stem}.xml"))).unwrap();
        let text = text.strip_prefix('\u{feff}').map_or_else(|| format!("\u{feff}{text}"), str::to_owned);
        let text = text.replace('\n', "\r\n");
        // One gzip member after the other, as parallel packers write them.
        let (head, tail) = text.split_at(text.len() / 2);
        let packed = [gzip(head.as_bytes()), gzip(tail.as_bytes())].concat();
        // The name says plain: the content decides.
        fs::write(other.path().join(format!("{}.xml", stem.to_lowercase())), packed).unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    import(other.path(), out.path()).unwrap();
    assert_eq!(unpacked(&out.path().join("activities.csv.gz")), expected);
}

#[test]
fn progress_comes_to_an_end_and_never_goes_back() {
    let folder = small_dump();
    let out = tempfile::tempdir().unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    stackexchange(folder.path(), out.path(), &|done, total, file| {
        heard.borrow_mut().push((done, total, file.to_owned()));
    })
    .unwrap();
    let heard = heard.into_inner();
    assert!(heard.is_sorted_by_key(|(done, _, _)| *done));
    let (done, total, file) = heard.last().unwrap();
    assert_eq!((done, file.as_str()), (total, "Comments.xml"));
}

#[test]
fn a_missing_folder_and_missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    let error = import(&folder.path().join("none"), out.path()).unwrap_err();
    insta::assert_snapshot!(message(folder.path(), error), @"DUMP/none is not a folder: name the folder that holds the dump's XML files");
    fs::write(folder.path().join("Users.xml"), "").unwrap();
    fs::write(folder.path().join("posts.XML.gz"), "").unwrap();
    fs::write(folder.path().join("beer.7z"), "").unwrap();
    let error = import(folder.path(), out.path()).unwrap_err();
    insta::assert_snapshot!(message(folder.path(), error), @"DUMP holds no Votes.xml, no Comments.xml: a Stack Exchange dump needs Users, Posts, Votes and Comments, each as .xml or .xml.gz; unpack beer.7z first");
    assert!(fs::read_dir(out.path()).unwrap().next().is_none(), "nothing is written");
}

/// Imports the small dump with one file replaced; answers the message.
pub(crate) fn damaged(file: &str, content: impl AsRef<[u8]>) -> String {
    let folder = small_dump();
    let out = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(file), content).unwrap();
    let error = import(folder.path(), out.path()).unwrap_err();
    let left: Vec<_> = fs::read_dir(out.path()).unwrap().collect();
    assert!(left.is_empty(), "a failed import leaves nothing: {left:?}");
    message(folder.path(), error)
}

#[test]
fn damaged_files_are_named_with_the_place() {
    let votes = fs::read_to_string(small_dump().path().join("Votes.xml")).unwrap();
    let packed = gzip(votes.as_bytes());
    let half = &packed[..packed.len() / 2];
    insta::assert_snapshot!(damaged("Votes.xml", half), @"DUMP/Votes.xml: cut off in row 7 (line 9, byte 564 of the XML): the gzip stream ends too early; fetch the file again");
    let inside_a_row = votes.find("VoteTypeId").unwrap();
    insta::assert_snapshot!(damaged("Votes.xml", &votes[..inside_a_row]), @"DUMP/Votes.xml: cut off in row 1 (line 3, byte 52 of the XML): tag not closed: `>` not found before end of input; fetch the file again");
    let between_rows = votes.find("</votes>").unwrap();
    insta::assert_snapshot!(damaged("Votes.xml", &votes[..between_rows]), @"DUMP/Votes.xml: cut off in row 21 (line 23, byte 1784 of the XML): </votes> is missing; fetch the file again");
    insta::assert_snapshot!(damaged("Votes.xml", votes.replacen(" PostId=\"1\"", " PostId=\"1\" PostId=\"2\"", 1)), @"DUMP/Votes.xml: malformed XML in row 1 (line 3, byte 52): position 22: duplicated attribute, previous declaration at position 11");
    insta::assert_snapshot!(damaged("Votes.xml", votes.replacen("\"1\"", "\"&nobody;\"", 1)), @"DUMP/Votes.xml: malformed XML in row 1 (line 3, byte 52): Id: at 1..7: unrecognized entity `nobody`");
    insta::assert_snapshot!(damaged("Votes.xml", votes.replacen("</votes>", "<b/></votes>", 1)), @"DUMP/Votes.xml: malformed XML in row 21 (line 23, byte 1784): <b> where only <row> may stand");
    insta::assert_snapshot!(damaged("Votes.xml", votes.replacen("</votes>", "words</votes>", 1)), @"DUMP/Votes.xml: malformed XML in row 21 (line 23, byte 1784): text where only <row> may stand");
    insta::assert_snapshot!(damaged("Votes.xml", votes.replacen("</votes>", "</posts>", 1)), @"DUMP/Votes.xml: malformed XML in row 21 (line 23, byte 1784): ill-formed document: expected `</votes>`, but `</posts>` was found");
    let mut garbled = votes.clone().into_bytes();
    garbled[inside_a_row] = 0xff;
    insta::assert_snapshot!(damaged("Votes.xml", garbled), @"DUMP/Votes.xml: malformed XML in row 1 (line 3, byte 52): cannot decode input using UTF-8: invalid utf-8 sequence of 1 bytes from index 23");
}

#[test]
fn what_a_file_is_quoted_with_cannot_fool_a_reader() {
    insta::assert_snapshot!(damaged("Users.xml", "<users><a\u{1b}[31m/></users>"), @r#"DUMP/Users.xml: malformed XML in row 1 (line 1, byte 7): <a\u{1b}[31m> where only <row> may stand"#);
    insta::assert_snapshot!(damaged("Users.xml", "<u\u{202e}sers/>"), @r#"DUMP/Users.xml: starts with <u\u{202e}sers>, not with <users>"#);
    insta::assert_snapshot!(damaged("Users.xml", "<users><row Id=\"&\u{1b};\"/></users>"), @r#"DUMP/Users.xml: malformed XML in row 1 (line 1, byte 7): Id: at 1..2: unrecognized entity `\u{1b}`"#);
}

#[test]
fn files_that_are_no_dump_are_told_apart() {
    insta::assert_snapshot!(damaged("Posts.xml", ""), @"DUMP/Posts.xml: is empty");
    insta::assert_snapshot!(damaged("Posts.xml", "id,actor\n1,2\n"), @"DUMP/Posts.xml: is not XML: expected <posts>");
    insta::assert_snapshot!(damaged("Posts.xml", "<users></users>"), @"DUMP/Posts.xml: starts with <users>, not with <posts>");
    insta::assert_snapshot!(damaged("Posts.xml", b"7z\xbc\xaf\x27\x1c"), @"DUMP/Posts.xml: is a 7z archive: unpack it first, then import the folder with its XML files");
    insta::assert_snapshot!(damaged("Posts.xml", b"\xff\xfe<\0"), @"DUMP/Posts.xml: is UTF-16: convert it to UTF-8 first");
    insta::assert_snapshot!(damaged("Posts.xml", gzip(b"")), @"DUMP/Posts.xml: has no <posts>: not a file of a Stack Exchange dump");
}

#[test]
fn a_row_without_end_stops_the_import_before_memory_runs_out() {
    let mut endless = b"<posts><row Id=\"1\" Body=\"".to_vec();
    endless.resize(20 << 20, b'x');
    insta::assert_snapshot!(damaged("Posts.xml", gzip(&endless)), @"DUMP/Posts.xml: row 1 (line 1, byte 7) is longer than 16777216 bytes, the most a row may have; this is not a file of a dump, or it is damaged");
}

#[test]
fn an_empty_site_is_a_site() {
    let folder = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    dump(folder.path(), &[], &[], &[], &[]);
    fs::write(folder.path().join("Votes.xml"), "<votes />").unwrap();
    let report = import(folder.path(), out.path()).unwrap();
    assert_eq!((report.members, report.activities), (0, 0));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Writes a dump whose rows have the given attributes.
fn dump(folder: &Path, users: &[String], posts: &[String], votes: &[String], comments: &[String]) {
    for (stem, rows) in [("Users", users), ("Posts", posts), ("Votes", votes), ("Comments", comments)] {
        let root = stem.to_lowercase();
        let mut text = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root}>\n");
        for row in rows {
            writeln!(text, "  <row {row} />").unwrap();
        }
        write!(text, "</{root}>").unwrap();
        fs::write(folder.join(format!("{stem}.xml")), text).unwrap();
    }
}

/// A site of five users in which everything happens once.
fn small_dump() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let day = |day: u32| format!("CreationDate=\"2020-01-{day:02}T00:00:00.000\"");
    let at = |day: u32| format!("CreationDate=\"2020-01-{day:02}T10:20:30.456\"");
    let users = [
        format!("Id=\"-1\" Reputation=\"1\" DisplayName=\"Community\" {}", at(1)),
        format!("Id=\"1\" Reputation=\"120\" DisplayName=\"Ann &amp; Lee\" {}", at(1)),
        format!("Id=\"2\" Reputation=\"15\" DisplayName=\"Bob\" {}", at(1)),
        format!("Id=\"3\" Reputation=\"7\" DisplayName=\"user3\" {}", at(2)),
        "Id=\"4\" CreationDate=\"once\"".to_owned(),
        "Id=\"4\"".to_owned(),
        "DisplayName=\"nobody\"".to_owned(),
    ];
    let posts = [
        format!(
            "Id=\"1\" PostTypeId=\"1\" AcceptedAnswerId=\"2\" OwnerUserId=\"1\" Tags=\"&lt;hops&gt;&lt;ipa&gt;\" Body=\"a secret\" {}",
            at(3)
        ),
        format!(
            "Id=\"2\" PostTypeId=\"2\" ParentId=\"1\" OwnerUserId=\"2\" Body=\"another &lt;p&gt;\" {}",
            at(4)
        ),
        format!("Id=\"3\" PostTypeId=\"2\" ParentId=\"1\" OwnerDisplayName=\"gone\" {}", at(5)),
        format!(
            "Id=\"4\" PostTypeId=\"1\" AcceptedAnswerId=\"5\" OwnerUserId=\"3\" Tags=\"|malt|\" {}",
            at(6)
        ),
        format!("Id=\"5\" PostTypeId=\"2\" ParentId=\"4\" OwnerUserId=\"1\" {}", at(7)),
        format!("Id=\"6\" PostTypeId=\"1\" AcceptedAnswerId=\"99\" Tags=\"&lt;two words&gt;\" {}", at(7)),
        format!("Id=\"7\" PostTypeId=\"5\" OwnerUserId=\"-1\" {}", at(7)),
        format!("Id=\"8\" PostTypeId=\"6\" OwnerUserId=\"1\" {}", at(7)),
        format!("Id=\"8\" PostTypeId=\"6\" OwnerUserId=\"1\" {}", at(7)),
        format!("Id=\"9\" PostTypeId=\"1\" OwnerUserId=\"ann\" {}", at(7)),
        "Id=\"10\" PostTypeId=\"1\" OwnerUserId=\"1\"".to_owned(),
        format!("Id=\"11\" PostTypeId=\"2\" ParentId=\"404\" OwnerUserId=\"2\" {}", at(8)),
        "PostTypeId=\"1\"".to_owned(),
        "Id=\"12\"".to_owned(),
    ];
    let votes = [
        format!("Id=\"1\" PostId=\"1\" VoteTypeId=\"2\" UserId=\"2\" {}", day(3)),
        format!("Id=\"2\" PostId=\"2\" VoteTypeId=\"3\" {}", day(4)),
        format!("Id=\"3\" PostId=\"3\" VoteTypeId=\"2\" {}", day(5)),
        format!("Id=\"4\" PostId=\"2\" VoteTypeId=\"1\" {}", day(6)),
        format!("Id=\"5\" PostId=\"2\" VoteTypeId=\"1\" {}", day(7)),
        format!("Id=\"6\" PostId=\"3\" VoteTypeId=\"1\" {}", day(7)),
        format!("Id=\"7\" PostId=\"99\" VoteTypeId=\"1\" {}", day(7)),
        format!("Id=\"8\" PostId=\"99\" VoteTypeId=\"2\" {}", day(7)),
        format!("Id=\"9\" PostId=\"1\" VoteTypeId=\"5\" UserId=\"3\" {}", day(7)),
        format!("Id=\"10\" PostId=\"99\" VoteTypeId=\"5\" UserId=\"4\" {}", day(7)),
        format!("Id=\"11\" PostId=\"1\" VoteTypeId=\"8\" UserId=\"3\" BountyAmount=\"100\" {}", day(8)),
        format!("Id=\"12\" PostId=\"2\" VoteTypeId=\"9\" BountyAmount=\"50\" {}", day(9)),
        format!("Id=\"13\" PostId=\"1\" VoteTypeId=\"9\" {}", day(10)),
        format!("Id=\"14\" PostId=\"1\" VoteTypeId=\"8\" UserId=\"3\" {}", day(8)),
        format!("Id=\"15\" PostId=\"7\" VoteTypeId=\"2\" {}", day(8)),
        format!("Id=\"16\" PostId=\"7\" VoteTypeId=\"16\" {}", day(8)),
        format!("Id=\"17\" PostId=\"1\" VoteTypeId=\"6\" {}", day(8)),
        format!("Id=\"18\" PostId=\"1\" VoteTypeId=\"77\" {}", day(8)),
        format!("Id=\"19\" PostId=\"x\" VoteTypeId=\"2\" {}", day(8)),
        "Id=\"20\" PostId=\"1\" VoteTypeId=\"2\" CreationDate=\"yesterday\"".to_owned(),
    ];
    let comments = [
        format!("Id=\"1\" PostId=\"1\" UserId=\"2\" Text=\"@Ann&amp;Lee, look here\" {}", at(8)),
        format!("Id=\"2\" PostId=\"1\" UserId=\"1\" Text=\"@bob thanks; @zoe too\" {}", at(9)),
        format!("Id=\"3\" PostId=\"2\" UserDisplayName=\"gone\" Text=\"no name\" {}", at(9)),
        format!("Id=\"4\" PostId=\"99\" UserId=\"4\" Text=\"too late\" {}", at(9)),
        format!("Id=\"5\" PostId=\"99\" Text=\"nothing left\" {}", at(9)),
        format!("Id=\"6\" PostId=\"8\" UserId=\"4\" Text=\"elect them\" {}", at(9)),
    ];
    dump(folder.path(), &users, &posts, &votes, &comments);
    folder
}

/// One for all generated dumps: preparing the plugin takes a while.
static HOST: std::sync::LazyLock<Host> = std::sync::LazyLock::new(host);

/// A post of a generated dump: its kind, its owner, which post it answers.
type GeneratedPost = (u8, Option<u8>, u8);

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_generated_dump_is_imported_to_the_last_row(
        users in 0_usize..20,
        posts in prop::collection::vec((0_u8..9, prop::option::of(0_u8..25), 0_u8..40), 0..40),
        votes in prop::collection::vec((0_u8..60, 0_u8..18, prop::option::of(0_u8..25), 0_u16..200), 0..80),
        comments in prop::collection::vec((0_u8..60, prop::option::of(0_u8..25), "\\PC{0,20}"), 0..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let out = tempfile::tempdir().unwrap();
        let day = "CreationDate=\"2020-01-01T00:00:00\"";
        let by = |name: &str, id: &Option<u8>| id.map_or_else(String::new, |id| format!(" {name}=\"{id}\""));
        let user_rows: Vec<_> = (0..users).map(|id| format!("Id=\"{id}\" {day} Reputation=\"{id}\"")).collect();
        let post_rows: Vec<_> = posts.iter().enumerate()
            .map(|(id, (kind, owner, parent))| {
                format!("Id=\"{id}\" PostTypeId=\"{kind}\" ParentId=\"{parent}\" {day}{}", by("OwnerUserId", owner))
            })
            .collect();
        let vote_rows: Vec<_> = votes.iter().enumerate()
            .map(|(id, (post, kind, voter, amount))| {
                format!("Id=\"{id}\" PostId=\"{post}\" VoteTypeId=\"{kind}\" BountyAmount=\"{amount}\" {day}{}", by("UserId", voter))
            })
            .collect();
        let comment_rows: Vec<_> = comments.iter().enumerate()
            .map(|(id, (post, author, text))| {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
                format!("Id=\"{id}\" PostId=\"{post}\" Text=\"{text}\" {day}{}", by("UserId", author))
            })
            .collect();
        dump(folder.path(), &user_rows, &post_rows, &vote_rows, &comment_rows);
        let report = import(folder.path(), out.path()).unwrap();
        prop_assert!(report.adds_up(), "{}", report);
        let rows: Vec<_> = report.files.iter().map(|file| file.rows as usize).collect();
        prop_assert_eq!(rows, [users, posts.len(), votes.len(), comments.len()]);

        let count = |verb: &str| report.verbs.get(verb).copied().unwrap_or(0) as usize;
        let kind = |post: u8| posts.get(usize::from(post)).map(|post: &GeneratedPost| post.0);
        let talk = |post: u8| matches!(kind(post), Some(1 | 2));
        let here = |what: u8| votes.iter().filter(|(post, kind, _, _)| *kind == what && talk(*post)).count();
        prop_assert_eq!(count("ask"), posts.iter().filter(|post| post.0 == 1).count());
        prop_assert_eq!(count("answer"), posts.iter().filter(|post| post.0 == 2).count());
        prop_assert_eq!(count("like"), here(2));
        prop_assert_eq!(count("dislike"), here(3));
        prop_assert_eq!(count("accept"), 0, "no question has an accepted answer");
        let replies = comments.iter()
            .filter(|(post, author, _)| talk(*post) || (kind(*post).is_none() && author.is_some()))
            .count();
        prop_assert_eq!(count("reply"), replies);

        let activities = table(&out.path().join("activities.csv.gz"));
        prop_assert_eq!(activities.len() as u64, report.activities);
        for row in activities.iter().filter(|row| row["verb"] == "like") {
            let post: usize = row["object"][1..].parse().unwrap();
            let owner = posts[post].1.map_or_else(String::new, |owner| owner.to_string());
            prop_assert_eq!(&row["recipient"], &owner);
            prop_assert_eq!(&row["object_kind"], if posts[post].0 == 1 { "question" } else { "answer" });
        }

        // And it can be run as it was written.
        let members = table(&out.path().join("members.csv"));
        let members: BTreeSet<String> = members.iter().map(|row| row["id"].clone()).collect();
        let ends = || activities.iter().flat_map(|row| [row["actor"].clone(), row["recipient"].clone()]);
        let active: BTreeSet<String> = ends().filter(|id| !id.is_empty()).collect();
        let community = HOST.open(out.path().join("community.toml")).unwrap();
        let run = community.run(&RunOptions::default().threads(1).dry_run(true));
        if active.is_empty() {
            let error = run.unwrap_err().to_string();
            // Where nobody did anything that has an actor, the metrics say so first.
            let fits = match activities.is_empty() {
                true => error.starts_with("the data of "),
                false => error.starts_with("nobody is in the population: ") || error.contains("takes an actor in activities"),
            };
            prop_assert!(fits, "{}", error);
        } else if activities.iter().all(|row| row["actor"].is_empty()) {
            let error = run.unwrap_err().to_string();
            prop_assert!(error.contains("takes an actor in activities"), "{}", error);
        } else {
            let run = run.unwrap();
            prop_assert_eq!(run.rejected(), []);
            prop_assert_eq!(run.info().population, active.len() as u64);
            let all = active.union(&members).count() as u64;
            prop_assert_eq!(run.info().population + run.info().left_out.total(), all);
        }
    }
}

#[test]
fn tables_that_no_import_wrote_are_not_replaced() {
    let dump = small_dump();
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("members.csv"), "id,role\nada,\n").unwrap();
    let error = import(dump.path(), out.path()).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&out.path().display().to_string(), "OUT"), @"cannot write OUT/members.csv: it is there, and no import wrote it: name another folder, or move it away");
    assert_eq!(std::fs::read(out.path().join("members.csv")).unwrap(), b"id,role\nada,\n");
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1);
}
