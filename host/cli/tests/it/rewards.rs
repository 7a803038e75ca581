//! What a shell sees of awards: plans, lists, decisions, deliveries.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::shell::{Answer, Planted};

const TERMS: &str = r#"
[[programme.award]]
award = "first-shoutout"
budget = 3
deliver = ["log"]
text = "Thank you, {member}! {reason}"

[[programme.award]]
award = "training-invitation"
approval = "person"

[[programme.award]]
award = "micro-influencer-badge"
deliver = ["log"]

[programme.targets.log]
file = "awards.jsonl"
"#;

pub(crate) fn planted() -> Planted {
    let planted = Planted::with(|text| text + TERMS);
    planted.score(&[]).done();
    planted
}

pub(crate) fn asked(planted: &Planted, words: &[&str]) -> Answer {
    let (command, more) = words.split_at(if words.first() == Some(&"deliver") { 1 } else { 2 });
    let mut command = crate::shell::command(command);
    command.arg("community.toml").args(more).current_dir(planted.path(""));
    command.output().unwrap().into()
}

fn pending(planted: &Planted) -> Vec<Value> {
    let all = asked(planted, &["rewards", "list", "--state", "pending", "--format", "json"]).json();
    all.as_array().unwrap().clone()
}

#[test]
fn a_plan_says_what_a_run_would_change_and_changes_nothing() {
    let planted = Planted::with(|text| text + TERMS);
    let plan = asked(&planted, &["rewards", "plan", "--format", "json"]).json();
    assert!(!planted.path(".groundswell").join("ledger.sqlite").exists());
    let done = planted.score(&["--format", "json"]).json();
    assert_eq!(plan["changes"], done["changes"]);
    assert!(plan["changes"].as_array().unwrap().len() > 60);
    // Once that is done, nothing is left to be.
    let told = asked(&planted, &["rewards", "plan"]).done();
    let terms = plan["terms"].as_str().unwrap();
    let told = told.replace(&terms[..12], "[hash]");
    insta::assert_snapshot!(told, @r"
    a run as of 2024-12-29T20:03:20Z would change:
    nothing
    budget of `first-shoutout`: 3 of 3 used before, 3 after
    what decides: [hash]
    ");
}

#[test]
fn people_decide_with_who_and_why_and_it_is_told() {
    let planted = planted();
    let waiting = pending(&planted);
    assert_eq!(waiting.len(), 20);
    let member = waiting[0]["member"].as_str().unwrap();
    let decide = |command: &str, more: &[&str]| {
        let words =
            ["rewards", command, member, "training-invitation", "--who", "mo", "--why", "well deserved"];
        asked(&planted, &[&words[..], more].concat())
    };
    let told = [
        decide("approve", &["--dry-run"]).done(),
        decide("approve", &[]).done(),
        decide("approve", &[]).stopped(2),
        decide("record", &["--state", "completed"]).done(),
        decide("revoke", &[]).stopped(2),
        decide("pin", &[]).done(),
        decide("release", &[]).done(),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    `training-invitation` of m0010 would be invited (it was pending)

    `training-invitation` of m0010 is now invited (it was pending)

    x m0010 has no `training-invitation` that waits for a person
    `training-invitation` of m0010 is now completed (it was invited)

    x `training-invitation` of m0010 is completed, and no training goes from there to revoked
    `training-invitation` of m0010 is now pinned

    `training-invitation` of m0010 is now released (it was pinned)
    ");
    assert_eq!(pending(&planted).len(), 19);
    let story = asked(&planted, &["rewards", "story", member]).done();
    insta::assert_snapshot!(story, @r"
    period   definition  counts as         said to be        scored by
    2024-12  regulars    micro-influencer  micro-influencer  regulars 0.1.0

    member  award                    period  state         amount  since       entry  by                     why
    m0010   first-shoutout                   held: budget       1  2024-12-29      8  plugin regulars 0.1.0  Became a micro-influencer for the first time.
    m0010   micro-influencer-badge           granted            1  2024-12-29     22  plugin regulars 0.1.0  Is a micro-influencer: active, and trusted by others.
    m0010   training-invitation              pending            1  2024-12-29     42  plugin regulars 0.1.0  Has helped 45 members, and could help more.
    m0010   micro-influencer-circle          joined             1  2024-12-29     62  plugin regulars 0.1.0  Belongs among the micro-influencers.
    m0010   training-invitation              invited            1  2024-12-29     83  person mo              well deserved
    m0010   training-invitation              completed          1  2024-12-29     84  person mo              well deserved
    m0010   training-invitation      pinned  pinned             0  2024-12-29     85  person mo              well deserved
    m0010   training-invitation      pinned  released           0  2024-12-29     86  person mo              well deserved
    ");
    let verified = asked(&planted, &["ledger", "verify", "--format", "json"]).json();
    assert_eq!((&verified["findings"], &verified["forgotten"]), (&Value::Array(Vec::new()), &Value::from(0)));
    insta::assert_snapshot!(asked(&planted, &["rewards", "story", "nobody"]).stopped(2), @"x nothing is recorded of nobody");
    let at = asked(&planted, &["rewards", "list", "--member", member, "--at", "yesterday"]);
    assert!(at.stderr.contains("2020-05-31"), "{}", at.stderr);
    assert_eq!(asked(&planted, &["rewards", "list", "--at", "2024-01-01"]).done(), "none\n");
}

#[test]
fn an_edited_ledger_is_told() {
    let planted = planted();
    let ledger = planted.path(".groundswell/ledger.sqlite");
    let mut bytes = std::fs::read(&ledger).unwrap();
    let place = bytes.windows(7).position(|window| window == b"Has hel").unwrap();
    bytes[place] = b'W';
    std::fs::write(&ledger, bytes).unwrap();
    let answer = asked(&planted, &["ledger", "verify"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stdout.contains("was about another member, or had another reason"), "{}", answer.stdout);
    insta::assert_snapshot!(answer.stderr.trim(), @r"
    x the ledger is not what was written
      help: restore a backup from before it was edited, and move ledger.heads beside it away, which knows what came after it; `groundswell ledger verify` on that tells whether it is sound
    ");
}

/// The lines of the file of awards.
pub(crate) fn lines(planted: &Planted) -> Vec<Value> {
    let text = std::fs::read_to_string(planted.path("awards.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn awards_are_delivered_once_though_whoever_delivers_is_killed_again_and_again() {
    let planted = planted();
    let mut seed = 7_u64;
    let mut killed = 0;
    for _ in 0..60 {
        let mut command = crate::shell::command(&["deliver", "community.toml"]);
        command.current_dir(planted.path("")).stdout(Stdio::null());
        let mut process = command.spawn().unwrap();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_micros(seed >> 40) / 64);
        process.kill().unwrap();
        killed += u32::from(!process.wait().unwrap().success());
    }
    assert!(killed > 0);
    let told = asked(&planted, &["deliver"]).done();
    assert!(told.contains("log"), "{told}");
    let lines = lines(&planted);
    let keys: BTreeSet<&str> = lines.iter().map(|line| line["key"].as_str().unwrap()).collect();
    assert_eq!((keys.len(), lines.len()), (23, 23), "3 shoutouts and 20 badges");
    // Of each member in the order of the ledger.
    let all = asked(&planted, &["rewards", "list", "--format", "json"]).json();
    let place: BTreeMap<String, usize> = all
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(place, one)| (format!("{}{}", one["member"], one["award"]), place))
        .collect();
    let mut last = BTreeMap::new();
    for line in &lines {
        let body = &line["body"];
        let at = place[&format!("{}{}", body["member"], body["award"])];
        if let Some(before) = last.insert(body["member"].to_string(), at) {
            assert!(before < at, "{body}");
        }
    }
    let shoutout = lines.iter().find(|line| line["body"]["kind"] == "shoutout").unwrap();
    let text = shoutout["body"]["text"].as_str().unwrap();
    assert!(text.starts_with("Thank you, m") && text.ends_with("for the first time."), "{text}");
    // Nothing is left.
    insta::assert_snapshot!(asked(&planted, &["deliver"]).done(), @r"
    target  delivered  failed  waiting  dead  last problem
    log             0       0        0     0
    ");
    assert_eq!(asked(&planted, &["deliver", "--dead"]).done(), "none\n");
}

/// A receiver that answers every request so, and keeps what it was sent.
pub(crate) fn receiver(status: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/awards", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
            let whole = |request: &[u8]| {
                let text = String::from_utf8_lossy(request).to_lowercase();
                let (head, body) = text.split_once("\r\n\r\n")?;
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
                (body.len() >= length.trim().parse().ok()?).then_some(())
            };
            while whole(&request).is_none() {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend(buffer.iter().take(read)),
                }
            }
            kept.lock().unwrap().push(String::from_utf8(request).unwrap());
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, heard)
}

pub(crate) const KEY: &str = "a key of enough bytes for anybody";

pub(crate) fn webhook(address: &str) -> Planted {
    let planted = Planted::with(|text| {
        format!(
            "{text}\n[[programme.award]]\naward = \"first-shoutout\"\nbudget = 2\ndeliver = [\"platform\"]\n\
             [programme.targets.platform]\nwebhook = \"{address}\"\nkey-env = \"TEST_WEBHOOK_KEY\"\n"
        )
    });
    planted.score(&[]).done();
    planted
}

pub(crate) fn deliver(planted: &Planted, more: &[&str]) -> Answer {
    planted.command("deliver", more).env("TEST_WEBHOOK_KEY", KEY).output().unwrap().into()
}

#[test]
fn a_webhook_is_sent_what_it_can_tell_to_be_from_here() {
    let (address, heard) = receiver("204 No Content");
    let planted = webhook(&address);
    insta::assert_snapshot!(deliver(&planted, &[]).done(), @r"
    target    delivered  failed  waiting  dead  last problem
    platform          2       0        0     0
    ");
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    for request in heard.iter() {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
            line.unwrap().split_once(": ").unwrap().1.to_owned()
        };
        let key = groundswell::delivery::Secret::new(KEY).unwrap();
        let signature = header("groundswell-signature");
        let (now, tolerance) = (std::time::SystemTime::now().try_into().unwrap(), Duration::from_secs(300));
        groundswell::delivery::verify(&signature, body.as_bytes(), &key, now, tolerance).unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["key"].as_str().unwrap(), header("idempotency-key"));
        assert_eq!((&body["event"], &body["award"]), (&"granted".into(), &"first-shoutout".into()));
    }
}

#[test]
fn what_a_platform_will_never_take_is_dead_and_can_be_tried_again_by_hand() {
    let (address, heard) = receiver("422 Unprocessable Content");
    let planted = webhook(&address);
    insta::assert_snapshot!(deliver(&planted, &[]).stderr, @r"
    x not everything was taken: 0 messages wait, 2 are given up
    help: what waits is tried again by the next `groundswell deliver`; --dead lists what was given up
    ");
    let dead = deliver(&planted, &["--dead", "--format", "json"]).json();
    assert_eq!(dead.as_array().unwrap().len(), 2);
    assert!(!dead.to_string().contains("enough bytes"));
    let number = dead[0]["id"].to_string();
    assert_eq!(deliver(&planted, &["--retry", &number]).code, Some(2));
    assert_eq!(heard.lock().unwrap().len(), 3);
    insta::assert_snapshot!(deliver(&planted, &["--retry", "99"]).stopped(2), @r"
    x there is no dead letter of that number
      help: `groundswell deliver COMMUNITY --dead` lists them
    ");
}

#[test]
fn what_cannot_be_delivered_is_told_with_the_way_out() {
    let planted = webhook("https://example.org/awards");
    let without_key = asked(&planted, &["deliver"]).stopped(2);
    let none = Planted::new();
    none.score(&[]).done();
    insta::assert_snapshot!([without_key, asked(&none, &["deliver"]).stopped(2)].join("\n\n"), @r#"
    x the environment has no key in TEST_WEBHOOK_KEY; set that variable, or name a file that holds the key
        ,-[community.toml:55:11]
     54 | webhook = "https://example.org/awards"
     55 | key-env = "TEST_WEBHOOK_KEY"
        :           ^^^^^^^^^|^^^^^^^^
        :                    `-- here
        `----

    x the programme has no target that awards could be delivered to
        ,-[community.toml:44:2]
     43 | 
     44 | [programme]
        :  ^^^^|^^^^
        :      `-- here
     45 | plugin = "regulars"
        `----
      help: add [programme.targets.platform] with webhook = "https://…" and key-env = "…", and name it in `deliver` of [[programme.award]]
    "#);
}

#[test]
fn what_rules_would_have_done_to_a_year_is_shown_with_how_it_is_spread() {
    let planted = Planted::with(|text| text.replace("window = \"365d\"", "window = \"90d\"") + TERMS);
    let told = asked(&planted, &["rewards", "plan", "--since", "2024-10-01"]).done();
    insta::assert_snapshot!(told, @r"
     period   members  award                    would have become
     2024-10      462  first-shoutout           17 held, 3 granted
                       micro-influencer-badge   20 granted
                       micro-influencer-circle  20 joined
                       training-invitation      20 pending
     2024-11      462  first-shoutout           3 granted
     2024-12      463  first-shoutout           3 granted

     award                    qualified  received     Gini  days a member, who qualified  who received  newcomers
     first-shoutout                  20         9     0.55                           626           833        0 %
     micro-influencer-badge          20        20     0.00                           626           626        0 %
     micro-influencer-circle         20        20     0.00                           626           626        0 %
     training-invitation             20         0  unknown                           626       unknown    unknown
    what waits for a person counts as not received

    qualified in three periods or more, and received nothing:
      m0010: `training-invitation`, 3 periods
      m0031: `training-invitation`, 3 periods
      m0052: `training-invitation`, 3 periods
      m0086: `training-invitation`, 3 periods
      m0107: `training-invitation`, 3 periods
      m0141: `training-invitation`, 3 periods
      m0162: `training-invitation`, 3 periods
      m0183: `training-invitation`, 3 periods
      m0217: `training-invitation`, 3 periods
      m0238: `training-invitation`, 3 periods
      m0293: `training-invitation`, 3 periods
      m0314: `training-invitation`, 3 periods
      m0348: `training-invitation`, 3 periods
      m0369: `training-invitation`, 3 periods
      m0424: `training-invitation`, 3 periods
      m0445: `training-invitation`, 3 periods
      m0479: `training-invitation`, 3 periods
      m0500: `training-invitation`, 3 periods
      m0555: `training-invitation`, 3 periods
      m0576: `training-invitation`, 3 periods
    ");
}

#[test]
fn pinned_plugins_are_kept_until_others_are_accepted() {
    let planted = planted();
    let plugin = |more: &[&str]| asked(&planted, &[&["plugin"], more].concat());
    let pinned = plugin(&["lock"]).done();
    assert!(pinned.starts_with("pinned in ") && pinned.trim().ends_with("community.lock"), "{pinned}");
    assert_eq!(plugin(&["upgrade"]).done(), "every plugin is the one that is pinned\n");
    let toml = std::fs::read_to_string(planted.path("community.toml")).unwrap();
    let other = toml.replacen(
        "[definitions.regulars]\nplugin = \"regulars\"",
        "[definitions.regulars]\nplugin = \"orbit\"",
        1,
    );
    assert_ne!(toml, other);
    std::fs::write(planted.path("community.toml"), other).unwrap();
    let refused = planted.score(&[]).stopped(2);
    assert!(
        refused.contains("is not the one that is pinned") && refused.contains("plugin upgrade"),
        "{refused}"
    );
    let told = plugin(&["upgrade"]).done();
    let moved = told.split_once("regulars: ").map_or("", |(_, rest)| rest);
    assert!(
        moved.contains("members in another tier") && told.contains("the next run would change:"),
        "{told}"
    );
    let json = plugin(&["upgrade", "--format", "json", "--accept"]).json();
    assert!(!json["tiers"]["regulars"].as_array().unwrap().is_empty());
    planted.score(&["--dry-run"]).done();
    assert_eq!(plugin(&["upgrade"]).done(), "every plugin is the one that is pinned\n");
}

#[test]
fn whom_and_what_nobody_knows_is_told_and_not_that_they_have_none() {
    let planted = planted();
    let list = |more: &[&str]| asked(&planted, &[&["rewards", "list"], more].concat());
    let told = [
        list(&["--member", "m00100"]).stopped(2),
        list(&["--member", "bogus"]).stopped(2),
        list(&["--award", "first-shoutuot"]).stopped(2),
        asked(&planted, &["rewards", "story", "m00100"]).stopped(2),
        // Somebody and something that are known, and nothing of that kind.
        list(&["--member", "m0010", "--state", "spent"]).done(),
        list(&["--award", "first-shoutout", "--state", "spent"]).done(),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    x nothing is recorded of m00100; did you mean `m0010`?
    x nothing is recorded of bogus
    x there is no award `first-shoutuot`: did you mean `first-shoutout`?
    x nothing is recorded of m00100; did you mean `m0010`?
    none

    none
    ");
}

#[test]
fn dates_are_those_of_the_communitys_clocks() {
    let zone = |zone: &str| Planted::with(|text| text.replace("\"UTC\"", &format!("\"{zone}\"")) + TERMS);
    let listed = |planted: &Planted, at: &str| {
        let all = asked(planted, &["rewards", "list", "--at", at, "--format", "json"]).json();
        !all.as_array().unwrap().is_empty()
    };
    // As-of is 20:03:20 of the 29th in UTC: nine hours after the 30th has begun in Auckland, and before it begins elsewhere.
    for (name, expected) in [
        ("Pacific/Auckland", [false, false, true]),
        ("UTC", [false, true, true]),
        ("Pacific/Honolulu", [false, true, true]),
    ] {
        let planted = zone(name);
        planted.score(&[]).done();
        let seen = ["2024-12-29", "2024-12-30", "2024-12-31"].map(|at| listed(&planted, at));
        assert_eq!(seen, expected, "{name}");
        // A time is the same everywhere.
        let times = ["2024-12-29T20:03:19Z", "2024-12-29T20:03:20Z"];
        assert_eq!(times.map(|at| listed(&planted, at)), [false, true], "{name}");
    }
    let simulated = |planted: &Planted, since: &str| {
        let told = asked(planted, &["rewards", "plan", "--since", since, "--format", "json"]).json();
        told["periods"].as_array().unwrap().len()
    };
    // Midnight in UTC is November still in Honolulu, and the first of December is none of it.
    let honolulu = zone("Pacific/Honolulu");
    assert_eq!(["2024-12-01", "2024-12-01T00:00:00Z"].map(|since| simulated(&honolulu, since)), [1, 2]);
}
