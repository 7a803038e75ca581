//! Ledgers of earlier versions.

use groundswell_ledger::{Calendar, Kind, Ledger, Period, Programme, Selection, Verdict};
use jiff::tz::TimeZone;
use rusqlite::Connection;

/// A ledger of version 1, as its host left it: two runs, and somebody who was forgotten.
fn version_1(path: &std::path::Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(include_str!("../../src/migrations/version-1.sql")).unwrap();
    connection
        .execute_batch(
            "PRAGMA application_id = 1196641351; PRAGMA user_version = 1;
             INSERT INTO receipts (id, receipt) VALUES (1, 'r1'), (2, 'r2');
             INSERT INTO runs VALUES ('d', '2020-01', 100, 1), ('d', '2020-02', 200, 2);
             INSERT INTO history VALUES ('d', '2020-01', 'ada', 'micro', 2, 100, 1), ('d', '2020-02', 'ada', 'member', 1, 200, 2);
             INSERT INTO awards (member, award, period, occurrence, kind, amount, reason, as_of, receipt) VALUES
                 ('ada', 'badge', '', 1, 'badge', 1, 'helps', 100, 1),
                 ('forgotten 2', 'badge', '', 1, 'badge', 1, '', 100, 1),
                 ('ada', 'circle', '2020-01', 1, 'circle', 1, 'belongs', 100, 1),
                 ('bob', 'circle', '2020-01', 1, 'circle', 1, 'belongs', 100, 1),
                 ('forgotten 5', 'circle', '2020-01', 1, 'circle', 1, '', 100, 1),
                 ('ada', 'stars', '2020-02', 1, 'points', 7, 'helps', 200, 2),
                 ('ada', 'circle', '2020-02', 1, 'circle', 1, 'belongs still', 200, 2),
                 ('forgotten 8', 'circle', '2020-02', 1, 'circle', 1, '', 200, 2);",
        )
        .unwrap();
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
    assert_eq!(application, 0x4753_4c47);
}

#[test]
fn a_ledger_of_version_2_is_brought_forward_with_its_chain() {
    use groundswell_ledger::{Kind, ScoredBy};

    let badge = crate::town::terms("badge", Kind::Badge, |it| it.deliver = vec!["platform".to_owned()]);
    let town = crate::town::Town::with([badge]);
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0), ("bob", "badge", 1, 1.0)]);
    let path = town.path();
    // What version 2 had is what this one has, without what came since: rows move into its tables as they were.
    let old = path.with_file_name("old.sqlite");
    let connection = Connection::open(&old).unwrap();
    connection.execute_batch(include_str!("../../src/migrations/version-2.sql")).unwrap();
    connection.execute_batch("PRAGMA application_id = 1196641351; PRAGMA user_version = 2;").unwrap();
    connection.execute("ATTACH ?1 AS new", [path.to_str().unwrap()]).unwrap();
    let columns = |table: &str| -> String {
        let mut query = connection.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        let all: Vec<String> =
            query.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        all.join(", ")
    };
    for table in [
        "receipts",
        "runs",
        "history",
        "salts",
        "sightings",
        "members",
        "claims",
        "entries",
        "terms",
        "secrets",
        "outbox",
    ] {
        let columns = columns(table);
        connection
            .execute_batch(&format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}"))
            .unwrap();
    }
    // One was tried in vain, and may have arrived.
    connection
        .execute_batch("UPDATE outbox SET attempts = 3, problem = 'no answer' WHERE id = 1; DETACH new")
        .unwrap();
    drop(connection);
    let bytes = std::fs::read(&old).unwrap();
    let told = Ledger::look(&old).unwrap().holdings(&Selection::default()).unwrap();
    assert_eq!(told, town.ledger().holdings(&Selection::default()).unwrap());
    assert!(bytes == std::fs::read(&old).unwrap());
    drop(Ledger::open(&old).unwrap());
    let tried: Vec<bool> = Connection::open(&old)
        .unwrap()
        .prepare("SELECT tried > 0 FROM outbox ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(tried, [true, false]);
    assert_eq!(Ledger::verify(&old, &[], &mut |_, _| ()).unwrap().findings, [""; 0]);
    // It goes on, and knows from then on what scores.
    let mut next = crate::town::Town { folder: tempfile::tempdir().unwrap(), ..town };
    next.by = ScoredBy { plugin: "regulars 0.1.0", fingerprint: "f" };
    std::fs::copy(&old, next.path()).unwrap();
    next.run("2020-02-20", &[("ada", "badge", 1, 1.0)]);
    let past = next.ledger().past("d", None).unwrap();
    let known: Vec<_> = past.iter().map(|past| (past.plugin.as_deref(), past.breaks)).collect();
    assert_eq!(known, [(None, None), (Some("regulars 0.1.0"), None)]);
    next.verify();
}

#[test]
fn a_ledger_of_version_1_is_brought_forward_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    version_1(&path);
    let told = |ledger: &Ledger| {
        let holdings = ledger.holdings(&Selection::default()).unwrap();
        let line = |one: groundswell_ledger::Holding| {
            let member = one.member.unwrap_or_else(|| "(forgotten)".to_owned());
            format!(
                "{member} {} {} {} {} {} {}",
                one.award, one.period, one.state, one.amount, one.reason, one.receipt
            )
        };
        holdings.into_iter().map(line).collect::<Vec<_>>().join("\n")
    };
    // Looking at it leaves it as it is.
    let bytes = std::fs::read(&path).unwrap();
    let looked = told(&Ledger::look(&path).unwrap());
    assert!(bytes == std::fs::read(&path).unwrap());
    let opened = told(&Ledger::open(&path).unwrap());
    assert_eq!(looked, opened);
    insta::assert_snapshot!(opened, @r"
    ada badge  granted 1 helps r1
    (forgotten) badge  granted 1  r1
    ada circle  joined 1 belongs r1
    bob circle  joined 1 belongs r1
    (forgotten) circle  joined 1  r1
    ada stars 2020-02 granted 7 helps r2
    (forgotten) circle  joined 1  r2
    ");
    let verified = Ledger::verify(&path, &[], &mut |_, _| ()).unwrap();
    assert_eq!((verified.findings.as_slice(), verified.forgotten), (&[][..], 3));
    // Whoever is in a circle does not join it a second time.
    let circle = crate::town::terms("circle", Kind::Circle, |it| {
        it.revocable = true;
        it.each_period = true;
    });
    let programme = Programme::new([circle].to_vec(), Calendar::new(Period::Month, TimeZone::UTC), "terms");
    let wishes = [("ada", "circle", 1, 1.0), ("cem", "circle", 1, 1.0)];
    let who = crate::town::Who::default();
    let outcome = crate::town::run(&path, &programme, who, "2020-03-20", &wishes, &[], "r3").unwrap();
    assert_eq!(outcome.verdicts, [Verdict::Has, Verdict::Given]);
    let verified = Ledger::verify(&path, &[], &mut |_, _| ()).unwrap();
    assert_eq!(verified.findings, [""; 0]);
    // It has the very tables of one that is new.
    let schema = |path: &std::path::Path| -> Vec<String> {
        let connection = Connection::open(path).unwrap();
        let mut query = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let fresh = folder.path().join("fresh.sqlite");
    drop(Ledger::open(&fresh).unwrap());
    assert_eq!(schema(&path), schema(&fresh));
}
