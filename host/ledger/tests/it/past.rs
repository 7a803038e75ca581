//! Where a definition's members stood, from period to period, and where it became another one.

use std::path::Path;

use groundswell_ledger::{
    Calendar, Chapter, Committed, Compared, Ledger, Moment, Period, Round, ScoredBy, Standing,
};
use jiff::tz::TimeZone;

use crate::town::noon;

const FIRST: ScoredBy<'static> = ScoredBy { plugin: "regulars 0.1.0", fingerprint: "f1" };
const SECOND: ScoredBy<'static> = ScoredBy { plugin: "regulars 0.2.0", fingerprint: "f2" };

/// Where somebody stands: member, tier that counts, tier that is said.
type Stands<'a> = (&'a str, &'a str, &'a str);

fn run(path: &Path, day: &str, by: ScoredBy<'_>, all: &[Stands<'_>]) -> groundswell_ledger::Outcome {
    let as_of = noon(day);
    let period = Calendar::new(Period::Month, TimeZone::UTC).at(as_of).unwrap();
    let chapter = Chapter { definition: "d", period: &period.key, start: period.start, as_of, runs: 1 };
    let rung = |tier: &str| match tier {
        "member" => Some(1),
        "micro" => Some(2),
        _ => None,
    };
    let standings: Vec<Standing<'_>> = all
        .iter()
        .map(|&(member, tier, said)| Standing {
            member,
            tier,
            rung: rung(tier),
            said,
            score: 0.5,
            role: None,
        })
        .collect();
    let receipt = format!("{day} {}", by.fingerprint);
    let round = Round {
        chapter,
        receipt: &receipt,
        by,
        unknown: &[],
        standings: &standings,
        proposals: None,
        opted_out: &[],
    };
    match Ledger::open(path).unwrap().commit(&round).unwrap() {
        Committed::Recorded(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

fn told(ledger: &Ledger, since: Option<Moment>) -> String {
    let line = |past: groundswell_ledger::Past| {
        format!(
            "{} by {:?}, breaks {:?}: {} members, {:?}, {} unconfirmed, {} higher, {} lower, {} arrived, {} gone",
            past.period,
            past.plugin.unwrap_or_default(),
            past.breaks,
            past.members,
            past.tiers,
            past.unconfirmed,
            past.higher,
            past.lower,
            past.arrived,
            past.gone
        )
    };
    ledger.past("d", since).unwrap().into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_past_tells_who_rose_and_where_it_is_by_another_measure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let same = |member, tier| (member, tier, tier);
    assert_eq!(
        run(&path, "2020-01-20", FIRST, &[same("ada", "member"), same("bob", "micro"), same("cy", "member")])
            .broken,
        None
    );
    // Of a month the newest run counts, whoever it scores.
    run(&path, "2020-02-10", FIRST, &[same("ada", "member"), same("bob", "member"), same("eve", "micro")]);
    assert_eq!(
        run(
            &path,
            "2020-02-20",
            FIRST,
            &[("ada", "member", "micro"), same("bob", "member"), same("dee", "staff")]
        )
        .broken,
        None
    );
    let broken = run(
        &path,
        "2020-04-20",
        SECOND,
        &[same("ada", "micro"), same("bob", "member"), same("dee", "member")],
    )
    .broken
    .unwrap();
    assert_eq!((broken.period.as_str(), broken.plugin.as_str()), ("2020-02", "regulars 0.1.0"));
    let ledger = Ledger::look(&path).unwrap();
    insta::assert_snapshot!(told(&ledger, None), @r#"
    2020-01 by "regulars 0.1.0", breaks None: 3 members, {"member": 2, "micro": 1}, 0 unconfirmed, 0 higher, 0 lower, 3 arrived, 0 gone
    2020-02 by "regulars 0.1.0", breaks Some(false): 3 members, {"member": 2, "staff": 1}, 1 unconfirmed, 0 higher, 1 lower, 1 arrived, 1 gone
    2020-04 by "regulars 0.2.0", breaks Some(true): 3 members, {"member": 2, "micro": 1}, 0 unconfirmed, 1 higher, 0 lower, 0 arrived, 0 gone
    "#);
    let later = told(&ledger, Some("2020-03-01".parse().unwrap()));
    assert_eq!(later.lines().count(), 1);
    assert!(later.contains("1 higher"), "{later}");
    assert_eq!(ledger.definitions().unwrap(), ["d"]);
    assert_eq!(ledger.past("another", None).unwrap(), []);
    // Both tiers are told of a member, and what said so.
    let stood: Vec<String> = ledger
        .tiers("ada")
        .unwrap()
        .into_iter()
        .map(|one| {
            format!(
                "{} {} said {} by {} {}",
                one.period,
                one.tier,
                one.said.unwrap_or_default(),
                one.plugin.unwrap_or_default(),
                one.fingerprint.unwrap_or_default()
            )
        })
        .collect();
    insta::assert_snapshot!(stood.join("\n"), @r"
    2020-01 member said member by regulars 0.1.0 f1
    2020-02 member said micro by regulars 0.1.0 f1
    2020-04 micro said micro by regulars 0.2.0 f2
    ");
    drop(ledger);
    // Whoever edits what was said, or what said so, is found.
    for edit in [
        "UPDATE receipts SET fingerprint = 'f1'",
        "UPDATE receipts SET plugin = NULL",
        "UPDATE history SET said = NULL",
        "UPDATE history SET said = 'micro' WHERE member = 'bob'",
    ] {
        let copy = folder.path().join("edited.sqlite");
        std::fs::copy(&path, &copy).unwrap();
        let sound = || Ledger::verify(&copy, &[], &mut |_, _| ()).unwrap().is_sound();
        assert!(sound());
        rusqlite::Connection::open(&copy).unwrap().execute_batch(edit).unwrap();
        assert!(!sound(), "{edit}");
    }
}

#[test]
fn two_pasts_are_compared_member_by_member() {
    let folder = tempfile::tempdir().unwrap();
    let (recorded, anew) = (folder.path().join("recorded.sqlite"), folder.path().join("anew.sqlite"));
    let same = |member, tier| (member, tier, tier);
    run(
        &recorded,
        "2020-01-20",
        FIRST,
        &[
            same("ada", "member"),
            same("bob", "micro"),
            same("cy", "member"),
            same("dee", "staff"),
            same("eve", "micro"),
        ],
    );
    run(
        &anew,
        "2020-01-20",
        SECOND,
        &[
            same("ada", "micro"),
            same("bob", "member"),
            same("dee", "member"),
            same("eve", "micro"),
            same("flo", "micro"),
            same("gus", "micro"),
        ],
    );
    let (recorded, anew) = (Ledger::look(&recorded).unwrap(), Ledger::look(&anew).unwrap());
    let numbers = |compared: Compared| {
        (compared.same, compared.higher, compared.lower, compared.aside, compared.missing, compared.more)
    };
    assert_eq!(numbers(recorded.compared(&anew, "d", "2020-01").unwrap()), (1, 1, 1, 1, 1, 2));
    assert_eq!(numbers(anew.compared(&recorded, "d", "2020-01").unwrap()), (1, 1, 1, 1, 2, 1));
    assert_eq!(numbers(recorded.compared(&recorded, "d", "2020-01").unwrap()), (5, 0, 0, 0, 0, 0));
    assert_eq!(recorded.compared(&anew, "d", "2020-02").unwrap(), Compared::default());
}
