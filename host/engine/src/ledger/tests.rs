use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const DAY: i64 = 86_400_000_000_000;

/// Periods of ten days, so that their keys are easily read.
fn chapter(period: i64) -> (String, i64) {
    (format!("p{period}"), period * 10 * DAY)
}

fn entry<'a>(member: &'a str, award: &'a str, period: &'a str) -> Entry<'a> {
    Entry { member, award, period, kind: "badge", amount: 1, reason: "because" }
}

fn commit(
    ledger: &mut Ledger,
    day: i64,
    receipt: &str,
    standings: &[(&str, &str, Option<u8>)],
    awards: &[Entry<'_>],
) -> Outcome {
    let (period, start) = chapter(day / 10);
    let chapter = Chapter { definition: "d", period: &period, start };
    let standings = standings.iter().map(|&(member, tier, rung)| Standing { member, tier, rung });
    let commit = Commit { chapter: &chapter, as_of: day * DAY, receipt, decided_by: None, standings, awards };
    ledger.commit(commit).unwrap()
}

fn before(ledger: &Ledger, period: i64, member: &str) -> Option<(Option<String>, Option<u8>)> {
    let (period, start) = chapter(period);
    let history = ledger.history(&Chapter { definition: "d", period: &period, start }).unwrap();
    history.0.get(member).map(|before| (before.previous.clone(), before.best))
}

fn awards(ledger: &Ledger) -> i64 {
    let connection = ledger.connection.as_ref().unwrap();
    connection.query_row("SELECT count(*) FROM awards", [], |row| row.get(0)).unwrap()
}

fn open() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

#[test]
fn a_ledger_that_is_no_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    std::fs::create_dir(&path).unwrap();
    for error in [Ledger::open(&path).unwrap_err(), Ledger::look(&path).unwrap_err()] {
        assert!(error.to_string().ends_with("it is not a file; move it away"), "{error}");
    }
}

#[test]
fn the_same_run_twice_records_everything_once() {
    let (folder, mut ledger) = open();
    let bytes = || std::fs::read(folder.path().join("ledger.sqlite")).unwrap();
    let entries = [entry("ada", "badge", ""), entry("ada", "circle", "p1")];
    let first = commit(&mut ledger, 12, "r", &[("ada", "micro", Some(2))], &entries);
    assert_eq!(first, Outcome::Recorded(vec![true, true]));
    let before = bytes();
    let second = commit(&mut ledger, 12, "r", &[("ada", "micro", Some(2))], &entries);
    assert_eq!(second, Outcome::Recorded(vec![false, false]));
    assert!(before == bytes(), "a row was written again");
    assert_eq!(awards(&ledger), 2);
    assert_eq!(
        ledger.new_ones(&[entry("ada", "badge", ""), entry("ada", "circle", "p2")]).unwrap(),
        [false, true]
    );
}

#[test]
fn only_earlier_periods_are_history() {
    let (_folder, mut ledger) = open();
    commit(&mut ledger, 12, "r1", &[("ada", "micro", Some(2)), ("bob", "member", Some(1))], &[]);
    assert_eq!(before(&ledger, 1, "ada"), None);
    assert_eq!(before(&ledger, 2, "ada"), Some((Some("micro".into()), Some(2))));
    // Bob is not scored in the newest run; what he reached before stays.
    commit(&mut ledger, 25, "r2", &[("ada", "celebrity", None)], &[]);
    assert_eq!(before(&ledger, 3, "ada"), Some((Some("celebrity".into()), Some(2))));
    assert_eq!(before(&ledger, 3, "bob"), Some((None, Some(1))));
    assert_eq!(before(&ledger, 2, "ada"), Some((Some("micro".into()), Some(2))));
}

#[test]
fn the_newest_as_of_wins_within_a_period() {
    let (_folder, mut ledger) = open();
    commit(&mut ledger, 18, "late", &[("ada", "micro", Some(2))], &[]);
    commit(&mut ledger, 11, "early", &[("ada", "member", Some(1)), ("bob", "member", Some(1))], &[]);
    assert_eq!(before(&ledger, 2, "ada"), Some((Some("micro".into()), Some(2))));
    assert_eq!(before(&ledger, 2, "bob"), Some((None, Some(1))));
    commit(&mut ledger, 18, "again", &[("ada", "member", Some(1))], &[]);
    assert_eq!(before(&ledger, 2, "ada"), Some((Some("member".into()), Some(1))));
}

#[test]
fn a_decision_by_a_history_that_has_changed_records_nothing() {
    let (_folder, mut ledger) = open();
    let (period, start) = chapter(2);
    let chapter = Chapter { definition: "d", period: &period, start };
    let digest = ledger.history(&chapter).unwrap().digest();
    commit(&mut ledger, 12, "other", &[("ada", "micro", Some(2))], &[]);
    let decided = |digest: &str, ledger: &mut Ledger| {
        let awards = [entry("ada", "badge", "")];
        let standings = [Standing { member: "ada", tier: "micro", rung: Some(2) }].into_iter();
        let commit = Commit {
            chapter: &chapter,
            as_of: 25 * DAY,
            receipt: "mine",
            decided_by: Some(digest),
            standings,
            awards: &awards,
        };
        ledger.commit(commit).unwrap()
    };
    assert_eq!(decided(&digest, &mut ledger), Outcome::HistoryChanged);
    assert_eq!(awards(&ledger), 0);
    let digest = ledger.history(&chapter).unwrap().digest();
    assert_eq!(decided(&digest, &mut ledger), Outcome::Recorded(vec![true]));
    // A run of its own period does not change the history that it decides by.
    assert_eq!(decided(&digest, &mut ledger), Outcome::Recorded(vec![false]));
}

#[test]
fn looking_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::look(&path).unwrap();
    assert_eq!(ledger.new_ones(&[entry("ada", "badge", "")]).unwrap(), [true]);
    assert_eq!(before(&ledger, 2, "ada"), None);
    assert!(!path.exists());
}

#[test]
fn a_file_that_is_no_ledger_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let told = |error: Error| error.to_string().replace(&path.display().to_string(), "LEDGER");
    insta::assert_snapshot!(told(Ledger::open(&path).unwrap_err()), @"cannot read the ledger LEDGER: it is not a ledger of this project; move it away");
    std::fs::write(&path, "not a database, but long enough to be taken for one. ".repeat(40)).unwrap();
    insta::assert_snapshot!(told(Ledger::open(&path).unwrap_err()), @"cannot write the ledger LEDGER: it is damaged (file is not a database): restore a backup of it. Without one, move it away; the next run then begins a new ledger, and every award is given a second time");
}

#[test]
fn two_writers_at_once_give_every_award_once() {
    let (folder, ledger) = open();
    drop(ledger);
    let path = folder.path().join("ledger.sqlite");
    let members: Vec<String> = (0..200).map(|member| format!("m{member}")).collect();
    let new: usize = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (path, members) = (&path, &members);
                scope.spawn(move || {
                    let mut ledger = Ledger::open(path).unwrap();
                    let mut new = 0;
                    for part in members.chunks(20) {
                        let entries: Vec<_> = part.iter().map(|member| entry(member, "badge", "")).collect();
                        match commit(&mut ledger, 12, &format!("r{writer}"), &[], &entries) {
                            Outcome::Recorded(given) => new += given.into_iter().filter(|&new| new).count(),
                            Outcome::HistoryChanged => panic!("nothing was decided"),
                        }
                    }
                    new
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert_eq!(new, members.len());
    assert_eq!(awards(&Ledger::open(&path).unwrap()), members.len() as i64);
}

/// A run in a model of the ledger: its day, and the rung of each of a few members.
fn runs() -> impl Strategy<Value = Vec<(i64, BTreeMap<u8, Option<u8>>)>> {
    let members = prop::collection::btree_map(0_u8..4, prop::option::of(0_u8..4), 0..4);
    prop::collection::vec((0_i64..40, members), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_order_of_runs_leaves_what_the_rules_say(runs in runs()) {
        let (_folder, mut ledger) = open();
        let mut model: BTreeMap<(i64, u8), (i64, usize, Option<u8>)> = BTreeMap::new();
        let mut newest: BTreeMap<i64, (i64, usize)> = BTreeMap::new();
        let mut given: BTreeSet<(u8, i64)> = BTreeSet::new();
        for (number, (day, members)) in runs.iter().enumerate() {
            let names: Vec<(String, String, Option<u8>)> = members
                .iter()
                .map(|(member, rung)| (format!("m{member}"), format!("t{number}"), *rung))
                .collect();
            let standings: Vec<_> =
                names.iter().map(|(member, tier, rung)| (member.as_str(), tier.as_str(), *rung)).collect();
            let (period, _) = chapter(day / 10);
            let entries: Vec<_> = names.iter().map(|(member, ..)| entry(member, "circle", &period)).collect();
            let outcome = commit(&mut ledger, *day, &format!("r{number}"), &standings, &entries);
            let expected = members.keys().map(|member| given.insert((*member, day / 10))).collect();
            prop_assert_eq!(outcome, Outcome::Recorded(expected));
            for (member, rung) in members {
                let there = model.entry((day / 10, *member)).or_insert((*day, number, *rung));
                if *day >= there.0 {
                    *there = (*day, number, *rung);
                }
            }
            let there = newest.entry(day / 10).or_insert((*day, number));
            if *day >= there.0 {
                *there = (*day, number);
            }
        }
        prop_assert_eq!(awards(&ledger), given.len() as i64);
        for period in 0..5_i64 {
            let last = newest.range(..period).next_back().map(|(_, (_, number))| *number);
            for member in 0..4_u8 {
                let earlier: Vec<_> = model.range((0, 0)..(period, 0)).filter(|((_, who), _)| *who == member).collect();
                let best = earlier.iter().filter_map(|(_, (_, _, rung))| *rung).max();
                let previous = earlier
                    .iter()
                    .find(|(_, (_, number, _))| Some(*number) == last)
                    .map(|(_, (_, number, _))| format!("t{number}"));
                let expected = (previous.is_some() || best.is_some()).then_some((previous, best));
                prop_assert_eq!(before(&ledger, period, &format!("m{member}")), expected);
            }
        }
    }
}
