//! Deliveries that wait, are interrupted or refused, and a receiver of them.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::rewards::{KEY, asked, deliver, lines, planted, receiver, webhook};
use crate::shell::{Planted, repository};

#[test]
fn who_asks_again_is_told_what_waits_why_and_until_when() {
    let (address, heard) = receiver("503 Service Unavailable\r\nretry-after: 6000");
    let planted = webhook(&address);
    let told = || {
        let answer = deliver(&planted, &[]);
        assert_eq!(answer.code, Some(2));
        let (before, after) = answer.stdout.split_once("next try in ").unwrap();
        let (minutes, at) = after.split_once(" min, at ").unwrap();
        assert!(minutes.parse::<u64>().unwrap() <= 100);
        let moment: groundswell::ledger::Moment = at.trim().parse().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let ahead = Duration::from_nanos(moment.0.unsigned_abs()).checked_sub(now).unwrap();
        assert!(ahead <= Duration::from_secs(6_001));
        format!("{before}[then]\n{}", answer.stderr.trim())
    };
    insta::assert_snapshot!(told(), @r"
     target    delivered  failed  waiting  dead  last problem
     platform          0       2        2     0  answered 503 Service Unavailable, and said nothing, and asks for 6000 s of peace
    platform: [then]
    x not everything was taken: 2 messages wait, 0 are given up
      help: what waits is tried again by the next `groundswell deliver`; --dead lists what was given up
    ");
    assert_eq!(heard.lock().unwrap().len(), 2);
    insta::assert_snapshot!(told(), @r"
     target    delivered  failed  waiting  dead  last problem
     platform          0       0        2     0  answered 503 Service Unavailable, and said nothing, and asks for 6000 s of peace
    platform: [then]
    x not everything was taken: 2 messages wait, 0 are given up
      help: what waits is tried again by the next `groundswell deliver`; --dead lists what was given up
    ");
    assert_eq!(heard.lock().unwrap().len(), 2, "nothing was sent");
    let json = deliver(&planted, &["--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json[0]["waiting"], &json[0]["failed"]), (&2.into(), &0.into()));
    assert!(json[0]["problem"].as_str().unwrap().starts_with("answered 503"));
    assert!(json[0]["next_try"].is_string());
    assert!(!json.to_string().contains("enough bytes"));
}

#[cfg(unix)]
#[test]
fn who_is_interrupted_does_not_wait_for_a_platform_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let planted = webhook(&format!("http://{}/awards", listener.local_addr().unwrap()));
    let mut command = planted.command("deliver", &["--watch"]);
    let child =
        command.env("TEST_WEBHOOK_KEY", KEY).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Once it has begun to send, it is interrupted; nobody ever answers.
    let (mut stream, _) = listener.accept().unwrap();
    assert!(stream.read(&mut [0; 16]).unwrap() > 0);
    let killed = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let ended = child.wait_with_output().unwrap();
    // It would have said so of an attempt that failed.
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap()), (Some(0), String::new()));
    drop((stream, listener));
    let waiting = deliver(&planted, &["--format", "json"]);
    let waiting: Value = serde_json::from_str(&waiting.stdout).unwrap();
    assert_eq!(waiting[0]["failed"], 2, "both are tried again at once");
}

#[test]
fn plain_http_to_another_machine_has_to_be_meant() {
    let planted = Planted::with(|text| {
        text + "\n[programme.targets.platform]\nwebhook = \"http://platform.internal/awards\"\nkey-env = \"TEST_WEBHOOK_KEY\"\n"
    });
    let refused = deliver(&planted, &[]).stopped(2);
    insta::assert_snapshot!(refused, @r#"
    x http://platform.internal is not encrypted, and everybody on the way could read the awards; use https, or, where the network itself is private, say that plain HTTP is meant
        ,-[community.toml:50:11]
     49 | [programme.targets.platform]
     50 | webhook = "http://platform.internal/awards"
        :           ^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
        :                           `-- here
     51 | key-env = "TEST_WEBHOOK_KEY"
        `----
      help: plain-http = true in [programme.targets.platform] says that
    "#);
    let toml = std::fs::read_to_string(planted.path("community.toml")).unwrap();
    let write = |more: &str| std::fs::write(planted.path("community.toml"), format!("{toml}{more}")).unwrap();
    let validated = || crate::shell::Answer::from(planted.command("validate", &[]).output().unwrap());
    assert!(!validated().stdout.contains("nothing is in the way") && validated().code == Some(2));
    write("plain-http = true\n");
    assert_eq!(validated().code, Some(0), "{}", validated().stderr);
    write("[programme.targets.log]\nfile = \"awards.jsonl\"\nplain-http = true\n");
    insta::assert_snapshot!(deliver(&planted, &[]).stopped(2), @r#"
    x a file is not sent by HTTP
        ,-[community.toml:52:1]
     51 | key-env = "TEST_WEBHOOK_KEY"
     52 | [programme.targets.log]
        : ^^^^^^^^^^^|^^^^^^^^^^^
        :            `-- here
     53 | file = "awards.jsonl"
        `----
      help: leave plain-http out
    "#);
}

#[test]
fn a_file_that_is_no_ledger_is_named_with_the_way_out() {
    let planted = planted();
    std::fs::write(planted.path(".groundswell/ledger.sqlite"), vec![7; 5_000]).unwrap();
    let folder = planted.path("").canonicalize().unwrap().display().to_string();
    let told = |more: &[&str]| deliver(&planted, more).stopped(2).replace(&format!("{folder}/"), "");
    let once = told(&[]);
    insta::assert_snapshot!(once, @"x cannot read the ledger .groundswell/ledger.sqlite: it is damaged: restore a backup of it. Without one, move it and ledger.heads beside it away; the next run then begins a new ledger, and every award is given a second time (file is not a database)");
    assert_eq!(told(&["--watch"]), once);
}

#[test]
fn nothing_is_delivered_where_members_cannot_be_read_unless_that_is_meant() {
    let planted = planted();
    std::fs::remove_file(planted.path("members.csv")).unwrap();
    insta::assert_snapshot!(deliver(&planted, &[]).stopped(2), @r#"
    x nothing is delivered, as nobody can tell who opted out since the last run: members: there is no file `members.csv`
        ,-[community.toml:12:11]
     11 | [sources.tables]
     12 | members = "members.csv"
        :           ^^^^^^|^^^^^^
        :                 `-- here
     13 | follows = "follows.csv"
        `----
      help: mend that; or, where it cannot be mended, deliver by what the last run knew: --as-of-last-run thanks whoever opted out since
    "#);
    assert!(lines(&planted).is_empty());
    deliver(&planted, &["--as-of-last-run"]).done();
    assert_eq!(lines(&planted).len(), 23);
}

#[test]
fn who_opted_out_since_the_last_run_is_left_in_peace_and_that_is_told() {
    let planted = planted();
    let members = std::fs::read_to_string(planted.path("members.csv")).unwrap();
    let row = members.lines().find(|line| line.starts_with("m0010,")).unwrap();
    assert!(row.contains(",false,"));
    std::fs::write(planted.path("members.csv"), members.replace(row, &row.replace(",false,", ",true,")))
        .unwrap();
    let answer = deliver(&planted, &[]);
    assert_eq!(answer.code, Some(0));
    insta::assert_snapshot!(answer.stderr.trim(), @"messages withdrawn, as their members opted out: 1");
    assert!(lines(&planted).iter().all(|line| line["body"]["member"] != "m0010"));
    assert_eq!(asked(&planted, &["deliver", "--dead"]).done(), "none\n");
}

/// The first block of Python on a page of the repository.
fn python(page: &str) -> String {
    let text = std::fs::read_to_string(repository(page)).unwrap();
    let (_, after) = text.split_once("```python\n").unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

/// A process that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Sends a request as it is, and answers the status.
fn status(port: u16, request: &str) -> String {
    use std::io::Write;

    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn the_receiver_on_the_page_takes_what_is_genuine_once_and_nothing_else() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no python3");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("receiver.py"), python("examples/communities/rewards.md")).unwrap();
    let (port, mut running) = receiving(folder.path());
    let planted = webhook(&format!("http://127.0.0.1:{port}/awards"));
    insta::assert_snapshot!(deliver(&planted, &[]).done(), @r"
    target    delivered  failed  waiting  dead  last problem
    platform          2       0        0     0
    ");

    // What was sent to it, as another receiver hears it that takes nothing.
    let (address, heard) = receiver("422 Unprocessable Content");
    let listening = webhook(&address);
    assert_eq!(deliver(&listening, &[]).code, Some(2));
    let request = heard.lock().unwrap()[0].clone();
    assert_eq!(status(port, &request), "204", "sent again, it is taken and nothing is done");
    let stale = {
        let (before, after) = request.split_once("groundswell-signature: t=").unwrap();
        let (seconds, after) = after.split_once(',').unwrap();
        format!("{before}groundswell-signature: t={},{after}", seconds.parse::<u64>().unwrap() - 1)
    };
    let changed = request.replace("\"amount\":1", "\"amount\":9");
    let unsigned = request.replace("groundswell-signature", "other-signature");
    let garbled = request.replace("v1=", "v1=\u{e9}");
    for forged in [stale, changed, unsigned, garbled] {
        assert_ne!(forged, request);
        assert_eq!(status(port, &forged), "401", "{forged}");
    }
    let other = webhook(&format!("http://127.0.0.1:{port}/awards"));
    let refused =
        other.command("deliver", &[]).env("TEST_WEBHOOK_KEY", "another key of enough bytes").output();
    assert!(String::from_utf8(refused.unwrap().stdout).unwrap().contains("answered 401 Unauthorized"));

    running.0.kill().unwrap();
    let mut said = String::new();
    running.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    let mut said: Vec<&str> = said.lines().collect();
    said.sort_unstable();
    assert_eq!(said.len(), 2, "each once: {said:?}");
    assert!(said.iter().all(|line| line.starts_with("granted first-shoutout m")), "{said:?}");
}

/// The receiver, once it listens, and where.
fn receiving(folder: &Path) -> (u16, Running) {
    loop {
        // Free until somebody else takes it.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("python3");
        command.arg("receiver.py").current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
        command.env("GROUNDSWELL_WEBHOOK_KEY", KEY).env("PORT", port.to_string());
        let mut running = Running(command.spawn().unwrap());
        while running.0.try_wait().unwrap().is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return (port, running);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
