//! Edits, forgetting, and files that are no good.

use groundswell_ledger::{Act, Hash, Kind, Ledger, Selection, Share};
use rusqlite::Connection;

use crate::town::{Town, award, terms};

fn town() -> Town {
    let mut town = Town::with([
        terms("badge", Kind::Badge, |it| {
            it.revocable = true;
            it.deliver = vec!["platform".to_owned()];
        }),
        terms("stars", Kind::Points, |it| it.each_period = true),
    ]);
    town.programme.max_revoked = Share::ALL;
    town.run(
        "2020-01-20",
        &[("ada-lovelace", "badge", 1, 1.0), ("ada-lovelace", "stars", 10, 1.0), ("bob", "badge", 1, 1.0)],
    );
    town.run("2020-02-20", &[("ada-lovelace", "badge", 1, 1.0), ("ada-lovelace", "stars", 10, 1.0)]);
    town.act("ada-lovelace", "stars", Act::Spend(3)).unwrap();
    town
}

const UNLOCK: &str = "DROP TRIGGER IF EXISTS entries_stay; DROP TRIGGER IF EXISTS entries_stay_the_same;";
/// As they were: whoever edits knows how to hide it.
const LOCK: &str = "CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only ever added'); END;
CREATE TRIGGER entries_stay_the_same BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only ever added'); END;";

/// What verifying finds after an edit.
fn findings(town: &Town, edit: &str) -> Vec<String> {
    let connection = Connection::open(town.path()).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(&format!("{UNLOCK} {edit}; {LOCK}")).unwrap();
    drop(connection);
    Ledger::verify(&town.path(), &[], &mut |_, _| ()).unwrap().findings
}

#[test]
fn nothing_is_written_to_a_ledger_that_lost_what_it_had() {
    let town = town();
    let path = town.path();
    let heads = path.with_extension("heads");
    let plan = |path: &std::path::Path| {
        let chapter =
            groundswell_ledger::Chapter { definition: "d", period: "2020-03", start: 0, as_of: 1, runs: 1 };
        let round = groundswell_ledger::Round {
            chapter,
            receipt: "r",
            by: groundswell_ledger::ScoredBy::default(),
            unknown: &[],
            standings: &[],
            proposals: None,
            opted_out: &[],
        };
        Ledger::look(path).unwrap().plan(&round)
    };
    let bytes = std::fs::read(&path).unwrap();
    // One as it was before the newest entries, one that is empty, and none.
    let earlier = {
        let town = crate::town::Town::with([terms("badge", Kind::Badge, |_| ())]);
        town.run("2020-01-20", &[("ada-lovelace", "badge", 1, 1.0)]);
        std::fs::read(town.path()).unwrap()
    };
    let told = [Some(earlier), Some(Vec::new()), None].map(|content| {
        match &content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let refused = Ledger::open(&path).unwrap_err().to_string();
        // Nobody is told that all of it would be given again, either.
        assert_eq!(plan(&path).unwrap_err().to_string(), Ledger::open(&path).unwrap_err().to_string());
        // It stays as it is.
        assert_eq!(std::fs::read(&path).ok(), content);
        refused.replace(&path.display().to_string(), "[path]")
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    cannot write the ledger [path]: it has 3 entries and had 10, as ledger.heads beside it says: restore a newer backup of it; or, where this is the one to go on with, move ledger.heads away, and see `groundswell ledger verify`
    cannot write the ledger [path]: it has 0 entries and had 10, as ledger.heads beside it says: restore a newer backup of it; or, where this is the one to go on with, move ledger.heads away, and see `groundswell ledger verify`
    cannot write the ledger [path]: it has 0 entries and had 10, as ledger.heads beside it says: restore a newer backup of it; or, where this is the one to go on with, move ledger.heads away, and see `groundswell ledger verify`
    ");
    // Whoever means it says so.
    std::fs::rename(&heads, heads.with_extension("old")).unwrap();
    drop(Ledger::open(&path).unwrap());
    std::fs::remove_file(&path).unwrap();
    // What has gone on without heads is well: they are only ever behind.
    std::fs::rename(heads.with_extension("old"), &heads).unwrap();
    std::fs::write(&path, bytes).unwrap();
    let kept = std::fs::read_to_string(&heads).unwrap();
    let older: Vec<&str> = kept.trim_end().lines().collect();
    std::fs::write(&heads, &kept[..kept.trim_end().len() - older[older.len() - 1].len() + 20]).unwrap();
    drop(Ledger::open(&path).unwrap());
    town.verify();
}

#[test]
fn tables_that_grew_column_by_column_are_still_those_of_a_ledger() {
    for (table, was, is) in [
        ("outbox", "DEFAULT 'waiting'", "DEFAULT 'delivered'"),
        ("history", "tier TEXT NOT NULL", "tier TEXT"),
    ] {
        let town = town();
        town.verify();
        let connection = Connection::open(town.path()).unwrap();
        connection.execute_batch("PRAGMA writable_schema = ON").unwrap();
        let edit = "UPDATE sqlite_schema SET sql = replace(sql, ?2, ?3) WHERE name = ?1";
        assert_eq!(connection.execute(edit, [table, was, is]).unwrap(), 1);
        drop(connection);
        let found = Ledger::verify(&town.path(), &[], &mut |_, _| ()).unwrap().findings;
        assert_eq!(found, [format!("the table {table} is not the one that a ledger has")]);
    }
    let town = town();
    let hidden = "CREATE TRIGGER sqlitex AFTER INSERT ON entries BEGIN DELETE FROM outbox; END";
    Connection::open(town.path()).unwrap().execute_batch(hidden).unwrap();
    let found = Ledger::verify(&town.path(), &[], &mut |_, _| ()).unwrap().findings;
    assert_eq!(found, ["there is a trigger sqlitex, which no ledger has"]);
}

#[test]
fn edits_of_each_table_are_found() {
    const EDITS: [&str; 32] = [
        "UPDATE entries SET amount = 11 WHERE number = 3",
        "UPDATE entries SET actor = 'person eve' WHERE number = 2",
        "UPDATE entries SET recorded = recorded + 1 WHERE number = 2",
        "UPDATE entries SET receipt = NULL WHERE number = 2",
        "UPDATE receipts SET receipt = 'other' WHERE id = 1",
        "DELETE FROM entries WHERE number = 4",
        "INSERT INTO entries SELECT 100, claim, state, award, kind, period, occurrence, counted, amount, at, recorded, actor, \
         receipt, detail, commitment, hash FROM entries WHERE number = 2",
        "UPDATE secrets SET reason = 'bribed' WHERE entry = 2",
        "UPDATE secrets SET salt = zeroblob(32) WHERE entry = 2",
        "DELETE FROM secrets WHERE entry = 2",
        "UPDATE members SET member = 'eve' WHERE member = 'ada-lovelace'",
        "DELETE FROM members WHERE member = 'ada-lovelace'",
        "UPDATE claims SET member = (SELECT id FROM members WHERE member = 'bob') WHERE kind = 'points' AND period = 'spent'",
        "UPDATE claims SET state = 'granted' WHERE state = 'revoked'",
        "UPDATE claims SET amount = 1000 WHERE kind = 'points'",
        "UPDATE claims SET given = 0 WHERE id = 1",
        "UPDATE claims SET counted = '' WHERE id = 1",
        "INSERT INTO claims (member, award, kind, period, occurrence, state, amount, counted, changed, entry) \
         VALUES (1, 'badge', 'badge', 'x', 1, 'granted', 1, '', 0, 1)",
        "UPDATE history SET tier = 'member' WHERE member = 'bob'",
        "DELETE FROM history WHERE member = 'bob'",
        "UPDATE terms SET terms = 'others'",
        "UPDATE terms SET until = until + 1",
        "UPDATE runs SET as_of = 9000000000000000000",
        "UPDATE runs SET unknown = '[\"*\"]'",
        "UPDATE runs SET programme = 0",
        "DELETE FROM runs",
        "INSERT INTO sightings VALUES ('d', 1, 'ada-lovelace', 'micro', 'micro')",
        "DELETE FROM outbox",
        "UPDATE outbox SET member = (SELECT id FROM members WHERE member = 'bob')",
        "UPDATE outbox SET state = 'junk'",
        "DROP VIEW balances; CREATE VIEW balances AS SELECT 'ada-lovelace' AS member, 'stars' AS award, 1000000 AS balance",
        "CREATE TRIGGER mine AFTER INSERT ON entries BEGIN DELETE FROM outbox; END",
    ];
    for edit in EDITS {
        let town = town();
        town.verify();
        assert_eq!(findings(&town, ""), [""; 0]);
        assert_ne!(findings(&town, edit), [""; 0], "{edit}");
    }
}

#[test]
fn findings_say_what_and_where() {
    let town = town();
    insta::assert_snapshot!(findings(&town, "UPDATE secrets SET reason = 'bribed' WHERE entry = 2; UPDATE claims SET amount = 9 WHERE id = 2; DELETE FROM entries WHERE number = 5").join("\n"), @r"
    entry 2 was about another member, or had another reason
    entry 5 is missing
    entry 6 is not the one that was written, or not in its place
    entries are missing, among them 5 to 5, whose hashes were kept
    `badge`, period ``, occurrence 1 (claim 2) is not what its entries say
    the tiers of d in 2020-01 are not those that were recorded
    the run of d in 2020-01 is not the one that was recorded
    ");
}

#[test]
fn entries_cannot_be_changed_by_mistake() {
    let town = town();
    let connection = Connection::open(town.path()).unwrap();
    for edit in ["UPDATE entries SET amount = 2", "DELETE FROM entries"] {
        assert!(connection.execute_batch(edit).unwrap_err().to_string().contains("only ever added"));
    }
}

#[test]
fn a_chain_that_was_cut_or_is_an_older_one_is_found_by_the_heads() {
    let town = town();
    let head = Ledger::verify(&town.path(), &[], &mut |_, _| ()).unwrap();
    let known = [(head.entries, Hash::of_hex(&head.head).unwrap())];
    let verify = |known| Ledger::verify(&town.path(), known, &mut |_, _| ()).unwrap().findings;
    assert_eq!(verify(&known), [""; 0]);
    // The newest entry was the spending: as if it had never been.
    let gone = "DELETE FROM secrets WHERE entry = (SELECT max(number) FROM entries); \
                DELETE FROM claims WHERE period = 'spent'; DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)";
    insta::assert_snapshot!(findings(&town, gone).join("\n"), @"entries are missing, among them 10 to 10, whose hashes were kept");
    // Whoever takes the heads away too is found by one that was kept elsewhere.
    std::fs::remove_file(town.path().with_extension("heads")).unwrap();
    assert_eq!(verify(&[]), [""; 0], "the ledger alone cannot show it");
    insta::assert_snapshot!(verify(&known).join("\n"), @"entries are missing, among them 10 to 10, whose hashes were kept");
    // Another ledger in its place.
    let other = self::town();
    let heads = std::fs::read(other.path().with_extension("heads")).unwrap();
    std::fs::write(town.path().with_extension("heads"), heads).unwrap();
    assert!(
        verify(&[]).iter().any(|finding| finding.contains("another one than the one whose hash was kept"))
    );
}

#[test]
fn whoever_is_forgotten_is_gone_for_good_and_the_chain_verifies() {
    let town = town();
    let path = town.path();
    let holds = |needle: &str| {
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    };
    assert!(holds("ada-lovelace"));
    let amounts = |ledger: &Ledger| -> Vec<i64> {
        ledger.balances(None, None).unwrap().iter().map(|balance| balance.balance).collect()
    };
    let before = amounts(&town.ledger());
    assert!(Ledger::forget(&path, &["ada-lovelace".to_owned(), "nobody".to_owned()]).unwrap() > 0);
    assert!(!holds("ada-lovelace"));
    assert_eq!(amounts(&town.ledger()), before);
    assert_eq!(Ledger::held(&path, &["ada-lovelace".to_owned()]).unwrap(), [serde_json::Value::Null; 0]);
    insta::assert_snapshot!(town.told(), @r"
    (forgotten) badge  1 granted 1 (to platform)
    (forgotten) stars 2020-01 1 granted 10
    (forgotten) stars 2020-02 1 granted 10
    (forgotten) stars spent 1 spent 3
    bob badge  1 revoked 1 (to platform)
    ");
    town.verify();
    // Once more there is nothing to do, and nothing is recorded.
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(Ledger::forget(&path, &["ada-lovelace".to_owned()]).unwrap(), 0);
    assert_eq!(bytes.len(), std::fs::read(&path).unwrap().len());
    // Whoever makes others nameless by hand is seen.
    assert_ne!(
        findings(&town, "DELETE FROM secrets; UPDATE claims SET member = NULL; DELETE FROM members"),
        [""; 0]
    );
}

#[test]
fn what_is_no_ledger_or_no_good_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let told = [Ledger::open(&path).err(), Ledger::look(&path).err()];
        assert!(std::fs::read(&path).unwrap() == bytes);
        told.map(|error| {
            error.map_or_else(String::new, |error| {
                error.to_string().replace(&path.display().to_string(), "[path]")
            })
        })
    };
    let foreign = folder.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    let foreign = std::fs::read(foreign).unwrap();
    let of_later = folder.path().join("later");
    drop(Ledger::open(&of_later).unwrap());
    Connection::open(&of_later).unwrap().pragma_update(None, "user_version", 4).unwrap();
    let later = std::fs::read(of_later).unwrap();
    let told =
        [told(b"these are no pages of a database, however long"), told(&foreign), told(&later)].concat();
    insta::assert_snapshot!(told.join("\n"), @r"
    cannot write the ledger [path]: it is damaged: restore a backup of it. Without one, move it and ledger.heads beside it away; the next run then begins a new ledger, and every award is given a second time (file is not a database)
    cannot read the ledger [path]: it is damaged: restore a backup of it. Without one, move it and ledger.heads beside it away; the next run then begins a new ledger, and every award is given a second time (file is not a database)
    cannot read the ledger [path]: it is not a ledger of this project; move it away
    cannot read the ledger [path]: it is not a ledger of this project; move it away
    cannot read the ledger [path]: it has version 4, this host knows version 3: upgrade the host
    cannot read the ledger [path]: it has version 4, this host knows version 3: upgrade the host
    ");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    for error in [Ledger::open(&path).unwrap_err(), Ledger::look(&path).unwrap_err()] {
        assert!(error.to_string().ends_with("it is not a file; move it away"), "{error}");
    }
}

#[test]
fn a_damaged_page_is_an_error_a_finding_or_of_no_account_wherever_it_is() {
    let town = Town::with([award("badge", Kind::Badge)]);
    let ids: Vec<String> = (0..300).map(|id| format!("member {id}")).collect();
    let wishes: Vec<_> = ids.iter().map(|id| (id.as_str(), "badge", 1, 1.0)).collect();
    town.run("2020-01-20", &wishes);
    let sound = std::fs::read(town.path()).unwrap();
    let (told, pages) = (town.told(), sound.len() / 4096);
    let mut found = 0;
    assert!(pages > 20);
    for page in 0..pages {
        let mut bytes = sound.clone();
        // The last bytes of a page are those of its cells.
        let end = (page + 1) * 4096;
        bytes[end - 200..end].iter_mut().for_each(|byte| *byte ^= 0x55);
        std::fs::write(town.path(), bytes).unwrap();
        let verified = Ledger::verify(&town.path(), &[], &mut |_, _| ());
        if verified.as_ref().map_or(true, |verified| !verified.is_sound()) {
            found += 1;
            continue;
        }
        // Tables without rows have pages of which nothing is used.
        assert_eq!(town.told(), told, "page {page} of {pages}");
    }
    assert!(found > pages / 2, "{found} of {pages}");
    std::fs::write(town.path(), sound).unwrap();
    town.verify();
    assert_eq!(town.ledger().holdings(&Selection::default()).unwrap().len(), 300);
}

#[test]
fn heads_that_were_cut_off_still_tell_and_what_is_none_is_found() {
    let town = town();
    let (path, heads) = (town.path(), town.path().with_extension("heads"));
    let whole = std::fs::read(&heads).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    // The last line lacks the end of its hash: which entry it is about can be read.
    std::fs::write(&heads, &whole[..whole.len() - 40]).unwrap();
    drop(Ledger::open(&path).unwrap());
    town.verify();
    let earlier = {
        let town = crate::town::Town::with([terms("badge", Kind::Badge, |_| ())]);
        town.run("2020-01-20", &[("ada-lovelace", "badge", 1, 1.0)]);
        std::fs::read(town.path()).unwrap()
    };
    std::fs::write(&path, earlier).unwrap();
    assert!(Ledger::open(&path).is_err() && Ledger::look(&path).unwrap().has_all().is_err());
    std::fs::write(&path, bytes).unwrap();
    // Junk is found, of whatever kind, and hinders nobody.
    let digits = [b'1'; 2_000];
    for junk in [&b"junk\n"[..], &[0xff, 0xfe, b'\n'], &digits] {
        std::fs::write(&heads, [&whole[..], junk].concat()).unwrap();
        drop(Ledger::open(&path).unwrap());
        let found = Ledger::verify(&path, &[], &mut |_, _| ()).unwrap().findings;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("lines that are no heads"), "{found:?}");
    }
    // Where heads cannot be kept, nothing is recorded.
    std::fs::remove_file(&heads).unwrap();
    std::fs::create_dir(&heads).unwrap();
    assert!(town.run_with("2020-03-20", &[], &[], "r").is_err());
}
