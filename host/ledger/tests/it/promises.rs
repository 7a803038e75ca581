//! Sequences that once broke a promise.

use groundswell_ledger::{
    Act, Calendar, Chapter, Decision, Error, Kind, LARGEST, Ledger, Period, Share, State, Verdict,
};
use jiff::tz::TimeZone;

use crate::town::{Town, award, noon, terms};

fn badge() -> Town {
    let mut town = Town::with([terms("badge", Kind::Badge, |it| it.revocable = true)]);
    town.programme.max_revoked = Share::ALL;
    town
}

#[test]
fn the_same_run_again_takes_nothing_back_though_a_source_is_missing_still() {
    let town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    for _ in 0..3 {
        let outcome = town.run_with("2020-02-20", &[], &["answers"], "without").unwrap();
        assert!(outcome.moves.is_empty() && outcome.withheld.is_some());
    }
    // Under another name, and a month later, it is missed still.
    assert!(town.run_with("2020-03-20", &[], &["answers"], "later").unwrap().moves.is_empty());
    // Once it is back, it is as it was.
    assert_eq!(town.run("2020-04-20", &[]).moves.len(), 1);
    town.verify();
    // Or a person lets it be missing.
    let town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    town.run_with("2020-02-20", &[], &["answers"], "without").unwrap();
    town.ledger().approve_terms(&town.programme, noon("2020-02-20"), "mo", "it is gone").unwrap();
    town.verify();
    assert_eq!(town.run_with("2020-02-21", &[], &["answers"], "without 2").unwrap().moves.len(), 1);
    town.verify();
}

#[test]
fn what_a_person_keeps_or_gives_stays_through_later_runs() {
    let mut town = badge();
    town.programme.max_revoked = Share::NONE;
    let both = [("ada", "badge", 1, 1.0), ("bob", "badge", 1, 1.0)];
    town.run("2020-01-20", &both);
    town.run("2020-02-20", &both[1..]);
    let kept = town.act("ada", "badge", Act::Reject).unwrap();
    assert_eq!(kept.iter().map(|change| change.to).collect::<Vec<_>>(), [State::Granted, State::Pinned]);
    town.programme.max_revoked = Share::ALL;
    assert!(town.run("2020-02-20", &both[1..]).moves.is_empty());
    assert!(town.run("2020-03-20", &both[1..]).moves.is_empty());
    // Given by hand, it is not taken by rules.
    town.run("2020-03-21", &[("cem", "other", 1, 1.0), both[1]]);
    town.act("cem", "badge", Act::Grant(1)).unwrap();
    assert!(town.run("2020-04-20", &both[1..]).moves.is_empty());
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 granted 1
    ada badge pinned 1 pinned 0
    bob badge  1 granted 1
    cem badge  1 granted 1
    cem badge pinned 1 pinned 0
    ");
    town.verify();
}

#[test]
fn more_than_may_go_do_not_go_one_by_one() {
    let mut town = badge();
    town.programme.max_revoked = Share::TENTH;
    let ids: Vec<String> = (0..20).map(|id| format!("m{id:02}")).collect();
    let wishes: Vec<_> = ids.iter().map(|id| (id.as_str(), "badge", 1, 1.0)).collect();
    town.run("2020-01-20", &wishes);
    // Three of twenty wait; one more is no tenth by itself, and does not go ahead of them.
    town.run("2020-02-20", &wishes[3..]);
    town.run("2020-03-20", &wishes[4..]);
    assert!(town.told().lines().take(4).all(|line| line.contains("revoking")), "{}", town.told());
}

#[test]
fn nobody_can_try_out_who_was_forgotten() {
    let town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0), ("bob", "badge", 1, 1.0)]);
    let salts = || -> Vec<Vec<u8>> {
        let connection = rusqlite::Connection::open(town.path()).unwrap();
        let mut query = connection.prepare("SELECT salt FROM salts").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let before = salts();
    Ledger::forget(&town.path(), &["ada".to_owned()]).unwrap();
    let after = salts();
    // The salt of the hash that has her in it is gone, and so is every copy of it.
    assert_eq!((before.len(), after.len()), (1, 1));
    let bytes = std::fs::read(town.path()).unwrap();
    assert!(!bytes.windows(32).any(|window| window == before[0]));
    assert!(bytes.windows(32).any(|window| window == after[0]));
    town.verify();
}

#[test]
fn an_older_run_gives_nothing_that_is_had_once_at_a_time_and_nothing_that_is_held() {
    let town = Town::with([
        terms("cheer", Kind::Shoutout, |it| it.budget = Some(1)),
        terms("monthly", Kind::Shoutout, |it| it.each_period = true),
    ]);
    let wishes = [("ada", "cheer", 1, 2.0), ("bob", "cheer", 1, 1.0)];
    town.run("2020-05-20", &wishes);
    let late = [("bob", "cheer", 1, 1.0), ("cem", "cheer", 1, 1.0), ("bob", "monthly", 1, 1.0)];
    let outcome = town.run("2020-04-20", &late);
    // What belongs to a month is that month's, whenever it is run.
    assert_eq!(outcome.verdicts, [Verdict::Late, Verdict::Late, Verdict::Given]);
    town.verify();
    // A definition's name decides on nothing of that.
    let mut other = badge();
    other.run("2020-05-20", &[("ada", "badge", 1, 1.0)]);
    other.definition = "renamed";
    assert!(other.run("2020-04-20", &[]).moves.is_empty());
    other.verify();
}

#[test]
fn other_periods_are_other_terms() {
    let mut town = Town::with([terms("cheer", Kind::Shoutout, |it| it.each_period = true)]);
    town.run("2020-05-20", &[("ada", "cheer", 1, 1.0)]);
    for (period, zone) in [(Period::Quarter, "UTC"), (Period::Week, "UTC"), (Period::Month, "Asia/Tokyo")] {
        town.programme.calendar = Calendar::new(period, TimeZone::get(zone).unwrap());
        // As the engine has it: whatever decides is in the terms.
        town.programme.terms = format!("terms of {period:?} in {zone}");
        let outcome = town.run("2020-05-25", &[("ada", "cheer", 1, 1.0)]);
        assert!(outcome.unapproved, "{period:?} {zone}");
    }
    town.ledger().approve_terms(&town.programme, noon("2020-05-25"), "mo", "moved").unwrap();
    assert!(!town.run("2020-05-25", &[("ada", "cheer", 1, 1.0)]).unapproved);
    town.verify();
}

#[test]
fn whoever_is_not_scored_any_more_is_given_nothing_by_hand_either() {
    let town =
        Town::with([terms("badge", Kind::Badge, |it| it.approval = true), award("cheer", Kind::Shoutout)]);
    town.run("2020-05-20", &[("ada", "badge", 1, 1.0), ("bob", "badge", 1, 1.0)]);
    // Ada opts out: the next run does not see her, and what waited lapses.
    town.run("2020-05-21", &[("bob", "badge", 1, 1.0)]);
    let told = [
        town.act("ada", "badge", Act::Approve).unwrap_err(),
        town.act("ada", "cheer", Act::Grant(1)).unwrap_err(),
    ];
    insta::assert_snapshot!(told.map(|error| error.to_string()).join("\n"), @r"
    ada has no `badge` that waits for a person
    ada was not scored by the newest run, and may have opted out: nothing is given to them. Where they are back, run anew first
    ");
    town.act("bob", "cheer", Act::Grant(1)).unwrap();
    town.verify();
}

#[test]
fn what_waits_of_a_period_that_is_over_or_of_somebody_forgotten_reserves_nothing() {
    let monthly = |it: &mut groundswell_ledger::AwardTerms| {
        it.each_period = true;
        it.approval = true;
        it.budget = Some(1);
    };
    let town = Town::with([terms("cheer", Kind::Shoutout, monthly)]);
    town.run("2020-05-20", &[("ada", "cheer", 1, 2.0), ("bob", "cheer", 1, 1.0)]);
    assert_eq!(town.run("2020-06-20", &[("bob", "cheer", 1, 1.0)]).verdicts, [Verdict::Pending]);
    Ledger::forget(&town.path(), &["bob".to_owned()]).unwrap();
    assert_eq!(town.run("2020-06-21", &[("cem", "cheer", 1, 1.0)]).verdicts, [Verdict::Pending]);
    town.verify();
    // What waits counts against the member's own bound too.
    let town = Town::with([terms("cheer", Kind::Training, |it| {
        it.approval = true;
        it.each_period = true;
        it.cool_down = 60;
    })]);
    town.run("2020-05-31", &[("ada", "cheer", 1, 1.0)]);
    town.act("ada", "cheer", Act::Approve).unwrap();
    assert!(matches!(town.run("2020-06-01", &[("ada", "cheer", 1, 1.0)]).verdicts[0], Verdict::Held(_)));
}

#[test]
fn points_by_hand_are_beside_those_of_rules_and_none_are_too_many_to_be_added_up() {
    let town = Town::with([terms("stars", Kind::Points, |it| it.each_period = true)]);
    town.run("2020-05-10", &[("ada", "other", 1, 1.0)]);
    town.act("ada", "stars", Act::Grant(5)).unwrap();
    assert_eq!(town.run("2020-05-20", &[("ada", "stars", 10, 1.0)]).verdicts, [Verdict::Given]);
    assert_eq!(town.ledger().balances(None, None).unwrap()[0].balance, 15);
    let large = town.act("ada", "stars", Act::Grant(u64::MAX)).unwrap_err();
    let proposed =
        town.run_with("2020-06-20", &[("ada", "stars", LARGEST + 1, 1.0)], &[], "large").unwrap_err();
    insta::assert_snapshot!(format!("{large}\n{proposed}"), @r"
    18446744073709551615 points are too many: at most 4294967295 at a time
    `stars` of ada would be 4294967296 points, and no award is of more than 4294967295
    ");
    for _ in 0..3 {
        town.act("ada", "stars", Act::Grant(LARGEST)).unwrap();
    }
    town.run("2020-06-20", &[("ada", "stars", LARGEST, 1.0)]);
    town.verify();
}

#[test]
fn an_award_that_becomes_another_kind_is_refused_before_anything_is_written() {
    let mut town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    town.programme.awards[0].kind = Kind::Circle;
    let refused = town.run_with("2020-02-20", &[], &[], "other").unwrap_err();
    insta::assert_snapshot!(refused, @"`badge` is a badge in the ledger, and a circle in the reward rules: give that another id");
    town.verify();
}

#[test]
fn nobody_is_told_that_they_keep_what_they_were_not_told_to_lose() {
    let mut town = Town::with([
        terms("circle", Kind::Circle, |it| {
            it.revocable = true;
            it.deliver = vec!["platform".to_owned()];
        }),
        terms("course", Kind::Training, |it| {
            it.revocable = true;
            it.deliver = vec!["platform".to_owned()];
        }),
    ]);
    town.programme.max_revoked = Share::NONE;
    let wishes = [("ada", "circle", 1, 1.0), ("ada", "course", 1, 1.0)];
    town.run("2020-01-20", &wishes);
    town.act("ada", "course", Act::Record(State::Accepted)).unwrap();
    town.run("2020-02-20", &[("ada", "other", 1, 1.0)]);
    town.run("2020-02-25", &wishes);
    insta::assert_snapshot!(town.told(), @r"
    ada circle  1 joined 1
    ada course  1 accepted 1
    ");
    let due = town.ledger().due("platform", i64::MAX, 10).unwrap();
    // Of a member one at a time: the first of three.
    assert_eq!((due.len(), town.ledger().waiting("platform").unwrap().waiting), (1, 3));
    town.verify();
}

#[test]
fn a_tier_is_not_confirmed_by_runs_that_did_not_see_the_member() {
    let mut town = Town::with([award("badge", Kind::Badge)]);
    town.runs = 2;
    town.run("2020-01-10", &[("ada", "badge", 1, 1.0)]);
    town.run("2020-02-10", &[("bob", "badge", 1, 1.0)]);
    let chapter =
        Chapter { definition: "d", period: "2020-03", start: 0, as_of: noon("2020-03-10"), runs: 2 };
    let history = town.ledger().history(&chapter).unwrap();
    assert_eq!(history.of("ada").unwrap().counts("member", 2), "micro");
}

#[test]
fn an_appeal_is_heard_before_anything_else_is_given_and_once() {
    let town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    town.act("ada", "badge", Act::Revoke).unwrap();
    town.act("ada", "badge", Act::Appeal).unwrap();
    let refused = town.act("ada", "badge", Act::Grant(1)).unwrap_err();
    insta::assert_snapshot!(refused, @"ada has appealed: approve or reject that");
    town.act("ada", "badge", Act::Approve).unwrap();
    assert!(matches!(town.act("ada", "badge", Act::Appeal), Err(Error::Refused(_) | Error::Nothing { .. })));
    town.verify();
}

#[test]
fn roles_hold_for_what_was_held_before_too() {
    let mut town = Town::with([terms("cheer", Kind::Badge, |it| it.budget = Some(1))]);
    town.run("2020-05-20", &[("ada", "cheer", 1, 2.0), ("bob", "cheer", 1, 1.0)]);
    town.programme.awards[0].not_for = vec!["staff".to_owned()];
    town.role = Some("staff");
    town.run("2020-06-20", &[("bob", "other", 1, 1.0)]);
    assert!(town.told().contains("bob cheer  1 held"), "{}", town.told());
    let decision = Decision::new("bob", "cheer", Act::Approve, "mo", "so");
    town.ledger().act(&town.programme, &decision, false).unwrap();
    town.verify();
}
