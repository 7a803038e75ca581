//! Files that somebody else made, or edited to do harm.

use groundswell_ledger::{Kind, Ledger, Selection};
use rusqlite::Connection;

use crate::town::{Town, award};

fn edited(edit: &str) -> Town {
    let town = Town::with([award("badge", Kind::Badge)]);
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    Connection::open(town.path()).unwrap().execute_batch(edit).unwrap();
    town
}

#[test]
fn what_would_never_end_is_refused() {
    const ENDLESS: &str = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT";
    let view = edited(&format!(
        "DROP TABLE secrets; CREATE VIEW secrets AS {ENDLESS} n AS entry, x'00' AS salt, '' AS reason FROM r"
    ));
    let trigger = edited(&format!(
        "CREATE TRIGGER mine AFTER INSERT ON entries BEGIN INSERT INTO receipts (receipt) {ENDLESS} count(*) FROM r; END"
    ));
    let told = |town: &Town, error: groundswell_ledger::Error| {
        error.to_string().replace(&town.path().display().to_string(), "[ledger]")
    };
    let all = [
        told(&view, Ledger::look(&view.path()).unwrap_err()),
        told(&view, Ledger::open(&view.path()).unwrap_err()),
        told(&view, Ledger::verify(&view.path(), &[], &mut |_, _| ()).unwrap_err()),
        told(&trigger, Ledger::open(&trigger.path()).unwrap_err()),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    cannot read the ledger [ledger]: it has no table `secrets`, which every ledger has: restore a backup of it
    cannot write the ledger [ledger]: it has no table `secrets`, which every ledger has: restore a backup of it
    cannot read the ledger [ledger]: it has no table `secrets`, which every ledger has: restore a backup of it
    cannot write the ledger [ledger]: there is a trigger `mine`, which no ledger has: drop it, and see `groundswell ledger verify`
    ");
    // Looking sets no trigger off, and verifying tells of it.
    let verified = Ledger::verify(&trigger.path(), &[], &mut |_, _| ()).unwrap();
    assert_eq!(verified.findings, ["there is a trigger mine, which no ledger has"]);
}

#[test]
fn what_an_edited_file_says_is_told_plainly() {
    let town = edited("UPDATE claims SET award = char(27) || '[31m' || char(8238) || 'badge'");
    let findings = Ledger::verify(&town.path(), &[], &mut |_, _| ()).unwrap().findings;
    insta::assert_snapshot!(findings.join("\n"), @r"`\u{1b}[31m\u{202e}badge`, period ``, occurrence 1 (claim 1) is not what its entries say");
    let town = edited("DROP TRIGGER entries_stay_the_same; UPDATE entries SET state = char(0) || 'x'");
    let error = Ledger::look(&town.path()).unwrap().holdings(&Selection::default()).unwrap_err();
    assert!(error.to_string().ends_with(r"there is no state `\u{0}x`"), "{error}");
}
