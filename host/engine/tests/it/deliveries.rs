//! Who is thanked, and who is not any more.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use groundswell::{Delivering, Error, RunOptions, Stage};
use serde_json::Value;

use crate::community::Community;
use crate::planted::{PROGRAMME, open, planted};

const TERMS: &str = r#"
[[programme.award]]
award = "micro-influencer-badge"
deliver = ["log"]

[[programme.award]]
award = "first-shoutout"
deliver = ["log"]

[programme.targets.log]
file = "awards.jsonl"
"#;

/// A community with awards that wait, and who they are about.
fn waiting() -> (Community, Vec<String>) {
    let written = planted(300, "", &format!("{PROGRAMME}\nmax-revoked = \"100%\"\n{TERMS}"));
    let run = open(&written).run(&RunOptions::default()).unwrap();
    let members: BTreeSet<String> =
        run.awards().iter().filter(|award| award.new).map(|award| award.member.clone()).collect();
    assert!(members.len() > 3);
    (written, members.into_iter().collect())
}

/// Has the data say something else of a member: the how many-th field, and what.
fn say(written: &Community, member: &str, field: usize, value: &str) {
    let text = std::fs::read_to_string(written.path("members.csv")).unwrap();
    let changed = text.lines().map(|line| {
        let mut fields: Vec<&str> = line.split(',').collect();
        if fields[0] == member {
            fields[field] = value;
        }
        fields.join(",") + "\n"
    });
    written.write("members.csv", changed.collect::<String>().as_bytes());
}

fn opt_out(written: &Community, member: &str) {
    say(written, member, 4, "true");
}

fn told(written: &Community) -> Vec<Value> {
    let text = std::fs::read_to_string(written.path("awards.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["body"].clone()).collect()
}

fn told_of(written: &Community, member: &str) -> Vec<Value> {
    told(written).into_iter().filter(|body| body["member"] == member).collect()
}

fn delivering(written: &Community) -> Delivering {
    open(written).delivering(&RunOptions::default()).unwrap()
}

fn once(delivering: &mut Delivering) -> Result<u64, Error> {
    let progress = delivering.once(&AtomicBool::new(false), &mut |_| ())?;
    Ok(progress.iter().map(|progress| progress.delivered).sum())
}

fn snapshots(written: &Community) -> BTreeSet<PathBuf> {
    let folders = std::fs::read_dir(written.path(".groundswell/snapshots")).unwrap();
    folders.map(|folder| folder.unwrap().path()).collect()
}

#[test]
fn a_run_withdraws_what_waits_of_who_opted_out_and_of_nobody_who_is_merely_not_there() {
    let (written, members) = waiting();
    opt_out(&written, &members[0]);
    say(&written, &members[1], 2, "bot");
    let planned = open(&written).run(&RunOptions::default().dry_run(true)).unwrap();
    let notes = |run: &groundswell::Run| {
        run.info().notes.iter().filter(|note| note.contains("withdrawn")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(notes(&planned), [""; 0], "a plan withdraws nothing");
    let done = open(&written).run(&RunOptions::default()).unwrap();
    assert_eq!(notes(&done).len(), 1, "{:?}", done.info().notes);
    let mut delivering = delivering(&written).as_of_last_run();
    once(&mut delivering).unwrap();
    assert_eq!(told_of(&written, &members[0]), [] as [Value; 0]);
    let bot: Vec<String> = told_of(&written, &members[1])
        .iter()
        .filter(|body| body["award"] == "micro-influencer-badge")
        .map(|body| body["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(bot, ["granted", "revoked"], "what they had, and what came of it");
    // Whoever comes back is told nothing old.
    say(&written, &members[0], 4, "false");
    open(&written).run(&RunOptions::default()).unwrap();
    once(&mut delivering).unwrap();
    let back = told_of(&written, &members[0]);
    assert!(back.iter().all(|body| body["kind"] == "badge" && body["occurrence"] == 2), "{back:?}");
    assert_eq!(open(&written).verify_ledger(&[], &mut |_, _| ()).unwrap().findings, [""; 0]);
}

#[test]
fn who_opted_out_since_the_last_run_is_not_thanked_and_members_alone_are_read_for_that() {
    let (written, members) = waiting();
    let before = snapshots(&written);
    opt_out(&written, &members[0]);
    // Whatever else is amiss does not matter to it.
    let activities = std::fs::read(written.path("activities.csv")).unwrap();
    written.write("activities.csv", b"this is no table");
    let mut delivering = delivering(&written);
    assert!(once(&mut delivering).unwrap() > 3);
    assert!(delivering.withdrawn() > 0);
    assert_eq!(told_of(&written, &members[0]), [] as [Value; 0]);
    assert!(!told_of(&written, &members[1]).is_empty());
    let new: Vec<PathBuf> = snapshots(&written).difference(&before).cloned().collect();
    let has = |folder: &Path, name: &str| folder.join(name).exists();
    assert_eq!(new.len(), 1);
    assert!(has(&new[0], "members.parquet") && !has(&new[0], "activities.parquet"));
    drop(delivering);
    // A run begins with what was read, and finds what one does that reads everything.
    written.write("activities.csv", &activities);
    let after = open(&written).run(&RunOptions::default()).unwrap();
    assert_eq!(after.snapshot().parent(), new[0].file_name().unwrap().to_str());
    std::fs::remove_dir_all(written.path(".groundswell")).unwrap();
    let anew = open(&written).run(&RunOptions::default()).unwrap();
    assert_eq!((after.snapshot().hash(), after.info().receipt.len()), (anew.snapshot().hash(), 64));
}

#[test]
fn where_nothing_has_changed_nothing_is_read() {
    let (written, _) = waiting();
    let before = snapshots(&written);
    let steps = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&steps);
    let progress = Arc::new(move |progress: &groundswell::Progress| {
        assert!(matches!(progress.stage, Stage::Read | Stage::Snapshot));
        heard.fetch_add(1, Ordering::Relaxed);
    });
    let options = RunOptions::default().progress(progress);
    let mut delivering = open(&written).delivering(&options).unwrap();
    assert!(once(&mut delivering).unwrap() > 3);
    assert_eq!((steps.load(Ordering::Relaxed), snapshots(&written)), (0, before));
    drop(delivering);
    opt_out(&written, "m0000");
    once(&mut open(&written).delivering(&options).unwrap()).unwrap();
    assert!(steps.load(Ordering::Relaxed) > 0, "it would have been heard");
}

#[test]
fn where_nobody_can_tell_who_opted_out_nothing_is_delivered_unless_that_is_meant() {
    let (written, _) = waiting();
    std::fs::remove_file(written.path("members.csv")).unwrap();
    let mut delivering = delivering(&written);
    let error = once(&mut delivering).unwrap_err();
    assert!(matches!(error, Error::Wishes(_)) && error.location().is_some());
    let said = written.normalised(&error.to_string());
    insta::assert_snapshot!(said, @"nothing is delivered, as nobody can tell who opted out since the last run: [folder]/community.toml:6:11: members: there is no file `members.csv`; paths start at the folder of [folder]/community.toml");
    assert_eq!(told(&written), [] as [Value; 0]);
    assert!(once(&mut delivering.as_of_last_run()).unwrap() > 3);
}

#[test]
fn what_waits_of_an_account_that_turns_out_to_be_somebodys_is_theirs() {
    let (written, members) = waiting();
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let with_aliases =
        text.replace("[sources.tables]", "[sources]\naliases = \"aliases.csv\"\n[sources.tables]");
    written.write("community.toml", with_aliases.as_bytes());
    written.write("aliases.csv", format!("alias,member\n{},{}\n", members[0], members[1]).as_bytes());
    opt_out(&written, &members[1]);
    once(&mut delivering(&written)).unwrap();
    for gone in &members[..2] {
        assert_eq!(told_of(&written, gone), [] as [Value; 0]);
    }
    assert!(!told_of(&written, &members[2]).is_empty());
}

/// Ends what can be cancelled once it is gone.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn whoever_watches_sees_wishes_change_and_waits_for_what_passes() {
    let (written, members) = waiting();
    let cancel = AtomicBool::new(false);
    let moment = Duration::from_millis(100);
    let mut delivering = delivering(&written).poll(moment).patience(moment);
    let ledger = rusqlite::Connection::open(written.path(".groundswell/ledger.sqlite")).unwrap();
    ledger.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (said, hears) = mpsc::channel();
    std::thread::scope(|scope| {
        let (delivering, cancelled) = (&mut delivering, &cancel);
        // Where this fails, nobody waits for who watches.
        let _end = Ends(&cancel);
        // Whatever ends it, nobody waits for what it says.
        let watching = scope.spawn(move || {
            delivering.watch(cancelled, &mut |told| {
                // Rounds without anything to do are told too.
                let told = told.map(|progress| progress.delivered).map_err(ToString::to_string);
                _ = said.send(told);
            })
        });
        let trouble = hears.recv().unwrap().unwrap_err();
        assert!(trouble.contains("ledger.sqlite: another process has it"), "{trouble}");
        // Some rounds more, of which none is told.
        assert!(hears.recv_timeout(moment * 12).is_err());
        ledger.execute_batch("COMMIT").unwrap();
        assert!(hears.iter().find_map(Result::ok).unwrap() > 3);

        // Members cannot be read for a while; then one of them has opted out.
        std::fs::rename(written.path("members.csv"), written.path("away.csv")).unwrap();
        let trouble = hears.iter().find_map(Result::err).unwrap();
        assert!(trouble.starts_with("nothing is delivered"), "{trouble}");
        std::fs::rename(written.path("away.csv"), written.path("members.csv")).unwrap();
        opt_out(&written, &members[0]);
        while hears.recv().unwrap().is_err() {}
        // What is put before the platform after that is not told either.
        let waits = "UPDATE outbox SET state = 'waiting' WHERE id IN (SELECT o.id FROM outbox o JOIN members m ON m.id = o.member
                     WHERE m.member = ?1)";
        assert!(ledger.execute(waits, [&members[0]]).unwrap() > 0);
        let state = "SELECT count(*) FROM outbox o JOIN members m ON m.id = o.member WHERE m.member = ?1 AND o.state = 'withdrawn'";
        let withdrawn = || ledger.query_row(state, [&members[0]], |row| row.get::<_, i64>(0)).unwrap();
        // A backstop.
        let mut patience = 600;
        while withdrawn() == 0 {
            assert!(patience > 0 && !watching.is_finished(), "what opted out still waits");
            patience -= 1;
            std::thread::sleep(moment);
        }
        cancel.store(true, Ordering::Relaxed);
        watching.join().unwrap().unwrap();
    });
}

#[test]
fn data_that_no_longer_says_who_opted_out_neither_rewards_nor_thanks_anybody() {
    let (written, given) = waiting();
    opt_out(&written, &given[0]);
    open(&written).run(&RunOptions::default()).unwrap();
    let members = std::fs::read_to_string(written.path("members.csv")).unwrap();
    let header = members.lines().next().unwrap();
    let place = header.split(',').position(|name| name == "opted_out").unwrap();
    let without = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.remove(place);
        cells.join(",")
    };
    let bare: Vec<String> = members.lines().map(without).collect();
    written.write("members.csv", bare.join("\n").as_bytes());
    let cancel = AtomicBool::new(false);
    let refused = delivering(&written).once(&cancel, &mut |_| ()).unwrap_err();
    let told = |error: &dyn std::error::Error| {
        std::iter::successors(Some(error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ")
    };
    assert!(told(&refused).contains("nobody has opted out any more"), "{}", told(&refused));
    let community = open(&written);
    for options in [RunOptions::default(), RunOptions::default().dry_run(true)] {
        let refused = community.run(&options).unwrap_err().to_string();
        assert!(refused.contains("nobody has opted out any more"), "{refused}");
        assert!(refused.contains("rewards plan --approve"), "{refused}");
    }
    // A person may let it be so.
    community.approve_terms(None, "mo", "nobody may opt out here", &RunOptions::default()).unwrap();
    community.run(&RunOptions::default()).unwrap();
    delivering(&written).once(&cancel, &mut |_| ()).unwrap();
    assert_eq!(community.verify_ledger(&[], &mut |_, _| ()).unwrap().findings, [""; 0]);
}
