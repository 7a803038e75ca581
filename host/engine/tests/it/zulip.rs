//! Exports of Zulip, made up for these tests.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use groundswell::import::{ImportError, ImportReport, zulip};
use groundswell::{Config, Snapshot, Table};
use serde_json::{Value, json};

use crate::community::Community;
use crate::import::unpacked;

/// What a small organization exports: three members, a bot, a channel with two topics, and a direct message.
fn realm() -> Value {
    json!({
        "zerver_realm": [{"id": 1, "name": "Secret Club"}],
        "zerver_userprofile": [
            {"id": 7, "full_name": "Ada Secret", "email": "ada@secret.example", "delivery_email": "ada@secret.example", "is_bot": false,
             "date_joined": 1577836800.5, "role": 100},
            {"id": 8, "full_name": "Bo Secret", "email": "bo@secret.example", "is_bot": false, "date_joined": 1577923200.0, "role": 400},
            {"id": 9, "full_name": "Cy Secret", "email": "cy@secret.example", "is_bot": false, "date_joined": "2020-01-03T00:00:00Z", "role": 300},
            {"id": 10, "full_name": "Robot", "email": "r@secret.example", "is_bot": true, "date_joined": 1577836800, "role": 400},
            {"id": 8, "full_name": "Bo Again"},
            {"full_name": "Nobody"}
        ],
        "zerver_userprofile_crossrealm": [{"id": 2, "email": "notification-bot@zulip.example"}],
        "zerver_userprofile_mirrordummy": [{"id": 11, "email": "old@secret.example", "is_mirror_dummy": true, "is_bot": true}],
        "zerver_stream": [{"id": 3, "name": "secret channel"}],
        "zerver_recipient": [{"id": 30, "type": 2, "type_id": 3}, {"id": 31, "type": 1, "type_id": 7}, {"id": 32, "type": 3, "type_id": 1}],
        "zerver_subscription": [{"id": 1, "user_profile": 7, "recipient": 30, "active": true}],
        "zerver_useractivity": [{"id": 1}],
        "zerver_reaction": [
            {"id": 1, "user_profile": 8, "message": 100, "emoji_name": "heart", "emoji_code": "2764", "reaction_type": "unicode_emoji"},
            {"id": 2, "user_profile": 9, "message": 100, "emoji_name": "thumbs_down", "emoji_code": "1f44e"},
            {"id": 3, "user_profile": 9, "message": 103, "emoji_name": "heart", "emoji_code": "2764"},
            {"id": 3, "user_profile": 9, "message": 100, "emoji_name": "heart", "emoji_code": "2764"},
            {"id": 4, "message": 100}
        ]
    })
}

fn message(id: i64, sender: i64, recipient: i64, topic: &str, rendered: &str, content: &str) -> Value {
    json!({"id": id, "sender": sender, "recipient": recipient, "subject": topic, "rendered_content": rendered, "content": content,
           "date_sent": 1580000000.25 + f64::from(id as i32)})
}

fn messages() -> [Value; 2] {
    let mention = "<p>secret <span class=\"user-mention\" data-user-id=\"7\">@Ada Secret</span> <span class=\"user-mention\" data-user-id=\"*\">@all</span></p>";
    let quote = "<p><span class=\"user-mention silent\" data-user-id=\"7\">Ada Secret</span> <a href=\"https://z.example/#narrow/channel/3-x/topic/y/near/100\">said</a>:</p><blockquote><p>secret</p></blockquote>";
    let mut without_time = message(106, 7, 30, "secret topic", "", "");
    without_time.as_object_mut().unwrap().insert("date_sent".to_owned(), json!("soon"));
    [
        json!({"zerver_message": [
            message(100, 7, 30, "secret topic", "<p>secret words</p>", "secret words"),
            message(101, 8, 30, "Secret Topic", mention, ""),
            message(102, 9, 30, "another secret", quote, ""),
            message(103, 8, 31, "", "<p>secret direct message</p>", ""),
        ], "zerver_usermessage": [{"id": 1}]}),
        json!({"zerver_message": [
            message(104, 9, 30, "secret topic", "", "@**Ada Secret** @**Bo Secret|8** @**Cy Secret** @**Nobody**"),
            message(100, 7, 30, "secret topic", "", "again"),
            message(105, 9, 99, "secret topic", "", ""),
            without_time,
            7,
        ]}),
    ]
}

/// An export with these files.
fn export(files: &[(&str, &[u8])]) -> Community {
    Community::new(files)
}

fn whole() -> Community {
    let [first, second] = messages();
    export(&[
        ("realm.json", realm().to_string().as_bytes()),
        ("messages-000001.json", serde_json::to_string_pretty(&first).unwrap().as_bytes()),
        ("messages-000002.json", second.to_string().as_bytes()),
        ("attachment.json", b"{}"),
    ])
}

fn import(export: &Community) -> Result<ImportReport, ImportError> {
    zulip(export.path(""), export.path("out"), &|_, _, _| {})
}

fn refused(export: &Community) -> String {
    let told = export.normalised(&import(export).unwrap_err().to_string());
    assert!(!export.path("out/members.csv").exists(), "half an import is left");
    told
}

#[test]
fn messages_become_posts_mentions_quotations_and_likes() {
    let export = whole();
    let report = import(&export).unwrap();
    assert!(report.adds_up(), "{report}");
    insta::assert_snapshot!(report.to_string(), @r"
    zerver_recipient of realm.json: 3 rows
      left out: 3 a recipient: messages name it
    zerver_stream of realm.json: 1 rows
      left out: 1 a channel: messages name it
    zerver_subscription of realm.json: 1 rows
      left out: 1 a subscription to a channel: it follows nobody
    zerver_userprofile of realm.json: 6 rows
      imported: 4 member
      left out: 1 a row with this id came before
      left out: 1 no id, or one that is no number
    zerver_userprofile_crossrealm of realm.json: 1 rows
      imported: 1 member
    zerver_userprofile_mirrordummy of realm.json: 1 rows
      imported: 1 member
    zerver_message of messages-000001.json: 4 rows
      imported: 3 post
      left out: 1 a direct message
      besides: 1 mention
      besides: 1 quote
      parts left out: 1 mention of everybody
    zerver_message of messages-000002.json: 5 rows
      imported: 1 post
      left out: 1 a row with this id came before
      left out: 1 no id, or one that is no number
      left out: 1 no time, or one that no table can hold
      left out: 1 to a recipient that is not in the export
      besides: 2 mention
      parts left out: 1 mention of a name that nobody bears, or several do
      parts left out: 1 mention of oneself
    zerver_reaction of realm.json: 5 rows
      imported: 1 dislike
      imported: 1 like
      left out: 1 a member id that is no number
      left out: 1 a row with this id came before
      left out: 1 to a message that was left out, or is not in the export
    not read: zerver_realm of realm.json, zerver_useractivity of realm.json, zerver_usermessage of messages-000001.json
    6 members, 10 activities
    ");
    insta::assert_snapshot!(fs::read_to_string(export.path("out/members.csv")).unwrap(), @r"
    id,joined_at,role
    7,2020-01-01T00:00:00.5Z,owner
    8,2020-01-02T00:00:00Z,
    9,2020-01-03T00:00:00Z,moderator
    10,2020-01-01T00:00:00Z,bot
    2,,bot
    11,,bot
    ");
    insta::assert_snapshot!(unpacked(&export.path("out/activities.csv.gz")), @r"
    id,actor,verb,at,recipient,object,object_kind,topic,weight
    m100,7,post,2020-01-26T00:55:00.25Z,,m100,message,3-1,
    m101,8,post,2020-01-26T00:55:01.25Z,,m101,message,3-1,
    m101-1,8,mention,2020-01-26T00:55:01.25Z,7,m101,message,3-1,
    m102,9,post,2020-01-26T00:55:02.25Z,,m102,message,3-2,
    m102-q1,9,quote,2020-01-26T00:55:02.25Z,7,m100,message,3-2,
    m104,9,post,2020-01-26T00:55:04.25Z,,m104,message,3-1,
    m104-1,9,mention,2020-01-26T00:55:04.25Z,7,m104,message,3-1,
    m104-2,9,mention,2020-01-26T00:55:04.25Z,8,m104,message,3-1,
    r1,8,like,2020-01-26T00:55:00.25Z,7,m100,message,3-1,
    r2,9,dislike,2020-01-26T00:55:00.25Z,7,m100,message,3-1,
    ");
}

#[test]
fn no_text_and_no_name_leaves_an_export() {
    let export = whole();
    import(&export).unwrap();
    for name in ["members.csv", "activities.csv.gz", "community.toml"] {
        let text = unpacked(&export.path("out").join(name)).to_lowercase();
        assert!(!text.contains("secret") && !text.contains('@') && !text.contains("robot"), "{name}: {text}");
    }
}

#[test]
fn what_was_imported_is_a_community_without_rejected_rows() {
    let export = whole();
    let report = import(&export).unwrap();
    let config = Config::read(export.path("out/community.toml")).unwrap();
    let snapshot = Snapshot::take(&config, &export.path("state"), None).unwrap();
    assert_eq!(snapshot.rejected(), []);
    assert_eq!(snapshot.rows(Table::Members), report.members);
    assert_eq!(snapshot.rows(Table::Activities), report.activities);
    let again = import(&export).unwrap();
    assert!(again.kept_config);
    assert_eq!((again.members, again.activities), (report.members, report.activities));
}

#[test]
fn reactions_may_stand_beside_messages_and_an_export_one_folder_below() {
    let export = whole();
    let mut realm = realm();
    let reactions = realm.as_object_mut().unwrap().remove("zerver_reaction").unwrap();
    let [mut first, _] = messages();
    first["zerver_reaction"] = reactions;
    let below = Community::new(&[]);
    fs::create_dir(below.path("zulip-export")).unwrap();
    below.write("zulip-export/realm.json", realm.to_string().as_bytes());
    below.write("zulip-export/messages-000001.json", first.to_string().as_bytes());
    fs::copy(export.path("messages-000002.json"), below.path("zulip-export/messages-000002.json")).unwrap();
    let (one, other) = (import(&export).unwrap(), import(&below).unwrap());
    assert_eq!((one.members, &one.verbs), (other.members, &other.verbs));
    let activities = |community: &Community| unpacked(&community.path("out/activities.csv.gz"));
    assert_eq!(activities(&export), activities(&below));
}

#[test]
fn an_export_that_cannot_be_read_is_told_what_it_lacks() {
    let realm = realm().to_string();
    let [first, _] = messages();
    let first = first.to_string();
    insta::assert_snapshot!(refused(&export(&[])), @"[folder]/: holds no realm.json: name the folder of an unpacked Zulip export");
    insta::assert_snapshot!(refused(&export(&[("realm.json", realm.as_bytes())])), @"[folder]/: holds no messages-000001.json: an export without messages says nothing of what members did");
    insta::assert_snapshot!(refused(&export(&[("realm.json", realm.as_bytes()), ("messages-000001.json.partial", b"{}")])), @"[folder]/: holds an export that is not complete, with files that end in .partial or .locked: export again");
    let of =
        |realm: &[u8], messages: &[u8]| export(&[("realm.json", realm), ("messages-000001.json", messages)]);
    insta::assert_snapshot!(refused(&of(b"", first.as_bytes())), @"[folder]/realm.json: is empty");
    insta::assert_snapshot!(refused(&of(&realm.as_bytes()[..500], first.as_bytes())), @"[folder]/realm.json: cut off in line 1, column 500: fetch the file again");
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), &first.as_bytes()[..300])), @"[folder]/messages-000001.json: cut off in line 1, column 300: fetch the file again");
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), b"[1, 2")), @"[folder]/messages-000001.json: cut off in line 1, column 5: fetch the file again");
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), b"{\"zerver_message\": {\"id\": 1}}")), @"[folder]/messages-000001.json: this is not the JSON that it should be: invalid type: map, expected a list in `zerver_message` at line 1 column 20");
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), b"{\"zerver_message\": []} trailing")), @"[folder]/messages-000001.json: this is not the JSON that it should be: trailing characters at line 1 column 24");
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), b"{\"zerver_message\": [{\"id\": \"\xff\"}]}")), @"[folder]/messages-000001.json: this is not the JSON that it should be: invalid unicode code point at line 1 column 29");
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), b"\xff\xfe{\0")), @"[folder]/messages-000001.json: is UTF-16: convert it to UTF-8 first");
    let mut packed = crate::community::gzip(first.as_bytes());
    packed.truncate(packed.len() / 2);
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), &packed)), @"[folder]/messages-000001.json: cut off in line 1, column 334: fetch the file again");
    let deep = format!("{{\"zerver_message\": [{}", "[".repeat(100_000));
    insta::assert_snapshot!(refused(&of(realm.as_bytes(), deep.as_bytes())), @"[folder]/messages-000001.json: this is not the JSON that it should be: recursion limit exceeded at line 1 column 146");
    let ignored =
        format!("{{\"zerver_other\": {}{}, \"zerver_message\": []}}", "[".repeat(100), "]".repeat(100));
    assert_eq!(import(&of(realm.as_bytes(), ignored.as_bytes())).unwrap().activities, 0);
}

#[test]
fn a_gigantic_row_is_refused_and_a_gigantic_table_that_is_not_read_is_not() {
    let realm = realm().to_string();
    let long = format!("{{\"zerver_message\": [{{\"id\": 1, \"content\": \"{}\"}}]}}", "x".repeat(17 << 20));
    let export = export(&[("realm.json", realm.as_bytes()), ("messages-000001.json", long.as_bytes())]);
    insta::assert_snapshot!(refused(&export), @"[folder]/messages-000001.json: row 1 (line 1, column 16777236) is longer than 16777216 bytes, the most a row may have; it is damaged");
    let key = format!("{{\"{}\": 1}}", "k".repeat(17 << 20));
    export.write("messages-000001.json", key.as_bytes());
    insta::assert_snapshot!(refused(&export), @"[folder]/messages-000001.json: row 1 (line 1, column 16777217) is longer than 16777216 bytes, the most a row may have; it is damaged");
    let rows = "{\"id\": 1, \"flags\": 0},".repeat(900_000);
    let other = format!("{{\"zerver_usermessage\": [{rows} 1], \"zerver_message\": []}}");
    export.write("messages-000001.json", other.as_bytes());
    assert_eq!(import(&export).unwrap().activities, 0);
}

/// Progress ends with all bytes, and never goes back.
#[test]
fn progress_counts_the_bytes_of_all_readings() {
    let export = whole();
    let heard = std::cell::RefCell::new(Vec::new());
    zulip(export.path(""), export.path("out"), &|done, total, file| {
        heard.borrow_mut().push((done, total, file.to_owned()))
    })
    .unwrap();
    let heard = heard.into_inner();
    let bytes = |name: &str| fs::metadata(export.path(name)).unwrap().len();
    let all = 2 * bytes("realm.json") + bytes("messages-000001.json") + bytes("messages-000002.json");
    assert_eq!(heard.last(), Some(&(all, all, "realm.json".to_owned())));
    assert!(heard.windows(2).all(|two| two[0].0 <= two[1].0), "{heard:?}");
    assert!(Path::new(&export.path("out/activities.csv.gz")).exists());
}
