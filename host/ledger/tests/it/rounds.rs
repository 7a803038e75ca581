//! What becomes of proposals: budgets, caps, cool-downs, approval, and once only.

use groundswell_ledger::{Act, Bar, Calendar, Hold, Kind, Ledger, Moment, Period, Selection, State, Verdict};
use jiff::tz::TimeZone;

use crate::town::{Town, award, noon, terms};

#[test]
fn the_same_run_twice_records_everything_once() {
    let town =
        Town::with([award("badge", Kind::Badge), terms("cheer", Kind::Shoutout, |it| it.each_period = true)]);
    let wishes = [("ada", "badge", 1, 1.0), ("ada", "cheer", 1, 1.0)];
    let first = town.run("2020-05-20", &wishes);
    assert_eq!(first.verdicts, [Verdict::Given, Verdict::Given]);
    let bytes = std::fs::read(town.path()).unwrap();
    let second = town.run("2020-05-20", &wishes);
    assert_eq!(second.verdicts, [Verdict::Has, Verdict::Has]);
    assert!(second.moves.is_empty());
    assert!(bytes == std::fs::read(town.path()).unwrap(), "a row was written again");
    // In the next month there is another cheer and no other badge.
    town.run("2020-06-20", &wishes);
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 granted 1
    ada cheer 2020-05 1 granted 1
    ada cheer 2020-06 1 granted 1
    ");
    town.verify();
}

#[test]
fn a_short_budget_goes_by_score_then_to_who_waited_longest_then_by_id_and_the_rest_is_held() {
    let town = Town::with([
        terms("cheer", Kind::Shoutout, |it| {
            it.each_period = true;
            it.budget = Some(2);
        }),
        award("badge", Kind::Badge),
    ]);
    // Cem was given something before, Bob and Dee were not.
    town.run("2020-04-20", &[("cem", "badge", 1, 1.0)]);
    let wishes = [
        ("ada", "cheer", 1, 9.0),
        ("bob", "cheer", 1, 1.0),
        ("cem", "cheer", 1, 1.0),
        ("dee", "cheer", 1, 1.0),
    ];
    let outcome = town.run("2020-05-20", &wishes);
    let held = Verdict::Held(Hold::Budget);
    assert_eq!(outcome.verdicts, [Verdict::Given, Verdict::Given, held, held]);
    let budget = &outcome.budgets[0];
    assert_eq!((budget.budget, budget.before, budget.after), (Some(2), 0, 2));
    // A later run of the same month has nothing left; what is held is held still, and is not written again.
    let again = town.run("2020-05-25", &wishes);
    assert_eq!(again.verdicts[2..], [held, held]);
    assert!(again.moves.is_empty());
    // In the next month what was held lapses, and each has the same chance.
    let next = town.run("2020-06-20", &wishes);
    assert_eq!(next.verdicts[..2], [Verdict::Given, held]);
    insta::assert_snapshot!(town.told(), @r"
    ada cheer 2020-05 1 granted 1
    ada cheer 2020-06 1 granted 1
    bob cheer 2020-05 1 granted 1
    bob cheer 2020-06 1 held 1 (budget)
    cem badge  1 granted 1
    cem cheer 2020-05 1 lapsed 1
    cem cheer 2020-06 1 held 1 (budget)
    dee cheer 2020-05 1 lapsed 1
    dee cheer 2020-06 1 granted 1
    ");
    town.verify();
}

#[test]
fn what_is_held_is_given_once_there_is_room() {
    let town = Town::with([terms("badge", Kind::Badge, |it| it.budget = Some(1))]);
    let wishes = [("ada", "badge", 1, 2.0), ("bob", "badge", 1, 1.0)];
    town.run("2020-05-20", &wishes);
    let next = town.run("2020-06-20", &wishes);
    assert_eq!(next.verdicts, [Verdict::Has, Verdict::Given]);
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 granted 1
    bob badge  1 granted 1
    ");
    town.verify();
}

#[test]
fn what_was_earned_once_waits_for_room_though_it_is_not_proposed_again() {
    let once = |revocable| {
        let town = Town::with([terms("cheer", Kind::Badge, |it| {
            it.budget = Some(1);
            it.revocable = revocable;
        })]);
        town.run(
            "2020-05-20",
            &[("ada", "cheer", 1, 3.0), ("bob", "cheer", 1, 2.0), ("cem", "cheer", 1, 1.0)],
        );
        town
    };
    let there = [("bob", "other", 1, 1.0), ("cem", "other", 1, 1.0), ("ada", "cheer", 1, 1.0)];
    let town = once(false);
    // Bob and Cem are there still, and nobody proposes them anything; of equal scores the smaller id goes first.
    town.run("2020-06-20", &there);
    insta::assert_snapshot!(town.told(), @r"
    ada cheer  1 granted 1
    bob cheer  1 granted 1
    cem cheer  1 held 1 (budget)
    ");
    // Whoever is not there any more is not waited for.
    town.run("2020-07-20", &there[..1]);
    insta::assert_snapshot!(town.told(), @r"
    ada cheer  1 granted 1
    bob cheer  1 granted 1
    cem cheer  1 lapsed 1
    ");
    town.verify();
    // What one has only as long as it is proposed is not held beyond that.
    let town = once(true);
    town.run("2020-06-20", &there);
    insta::assert_snapshot!(town.told(), @r"
    ada cheer  1 granted 1
    bob cheer  1 lapsed 1
    cem cheer  1 lapsed 1
    ");
    town.verify();
}

#[test]
fn points_that_do_not_fit_are_held_and_smaller_ones_behind_them_are_given() {
    let town = Town::with([terms("stars", Kind::Points, |it| it.budget = Some(10))]);
    let outcome = town
        .run("2020-05-20", &[("ada", "stars", 8, 3.0), ("bob", "stars", 5, 2.0), ("cem", "stars", 2, 1.0)]);
    assert_eq!(outcome.verdicts, [Verdict::Given, Verdict::Held(Hold::Budget), Verdict::Given]);
    assert_eq!(outcome.budgets[0].after, 10);
}

#[test]
fn what_waits_for_a_person_reserves_its_budget() {
    let town = Town::with([terms("badge", Kind::Badge, |it| {
        it.budget = Some(1);
        it.approval = true;
    })]);
    let wishes = [("ada", "badge", 1, 2.0), ("bob", "badge", 1, 1.0)];
    let outcome = town.run("2020-05-20", &wishes);
    assert_eq!(outcome.verdicts, [Verdict::Pending, Verdict::Held(Hold::Budget)]);
    // It does so in the next period too.
    assert_eq!(town.run("2020-06-20", &wishes).verdicts, [Verdict::Pending, Verdict::Held(Hold::Budget)]);
    // Once it is rejected, there is room.
    town.act("ada", "badge", Act::Reject).unwrap();
    assert_eq!(
        town.run("2020-06-21", &wishes).verdicts,
        [Verdict::Closed(State::Rejected), Verdict::Pending]
    );
    town.act("bob", "badge", Act::Approve).unwrap();
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 rejected 1
    bob badge  1 granted 1
    ");
    town.verify();
}

#[test]
fn caps_and_cool_downs_hold_per_member() {
    let each = |change: fn(&mut groundswell_ledger::AwardTerms)| {
        Town::with([terms("cheer", Kind::Shoutout, |it| {
            it.each_period = true;
            change(it);
        })])
    };
    let wishes = [("ada", "cheer", 1, 1.0)];
    let town = each(|it| it.per_member = Some(2));
    let verdicts = ["2020-01-20", "2020-02-20", "2020-03-20"].map(|day| town.run(day, &wishes).verdicts[0]);
    assert_eq!(verdicts, [Verdict::Given, Verdict::Given, Verdict::Held(Hold::PerMember)]);
    let town = each(|it| {
        it.per_member = Some(1);
        it.per_member_within = Some(60);
    });
    let verdicts = ["2020-01-20", "2020-03-10", "2020-04-20"].map(|day| town.run(day, &wishes).verdicts[0]);
    assert_eq!(verdicts, [Verdict::Given, Verdict::Held(Hold::PerMember), Verdict::Given]);
    let town = each(|it| it.cool_down = 60);
    let verdicts = ["2020-01-20", "2020-03-10", "2020-04-20"].map(|day| town.run(day, &wishes).verdicts[0]);
    assert_eq!(verdicts, [Verdict::Given, Verdict::Held(Hold::CoolDown), Verdict::Given]);
    town.verify();
}

#[test]
fn who_may_not_have_it_is_told_and_nothing_is_recorded() {
    let town = Town::with([terms("off", Kind::Badge, |it| it.enabled = false), award("badge", Kind::Badge)]);
    town.run("2020-04-20", &[("ada", "off", 1, 1.0)]);
    town.act("ada", "*", Act::Exclude).unwrap();
    let outcome = town.run("2020-05-20", &[("ada", "off", 1, 1.0), ("ada", "badge", 1, 1.0)]);
    assert_eq!(outcome.verdicts, [Verdict::Barred(Bar::Off), Verdict::Barred(Bar::Excluded)]);
    town.act("ada", "*", Act::Release).unwrap();
    assert_eq!(town.run("2020-05-21", &[("ada", "badge", 1, 1.0)]).verdicts, [Verdict::Given]);
    insta::assert_snapshot!(town.told(), @r"
    ada * excluded 1 released 0
    ada badge  1 granted 1
    ");
    town.verify();
}

#[test]
fn other_terms_within_a_period_change_nothing_until_they_are_approved() {
    let mut town = Town::with([award("badge", Kind::Badge)]);
    town.run("2020-05-10", &[("ada", "badge", 1, 1.0)]);
    let before = town.told();
    town.programme.terms = "others".to_owned();
    let outcome = town.run("2020-05-20", &[("bob", "badge", 1, 1.0)]);
    assert!(outcome.unapproved && outcome.verdicts == [Verdict::Unapproved]);
    // It says all the same what would be.
    assert_eq!(outcome.moves.len(), 1);
    assert_eq!(town.told(), before);
    town.ledger().approve_terms(&town.programme, noon("2020-05-20"), "mo", "we agreed").unwrap();
    assert_eq!(town.run("2020-05-20", &[("bob", "badge", 1, 1.0)]).verdicts, [Verdict::Given]);
    // In another period nothing decided before.
    town.programme.terms = "third".to_owned();
    assert!(!town.run("2020-06-20", &[("bob", "badge", 1, 1.0)]).unapproved);
    town.verify();
}

#[test]
fn any_moment_can_be_asked_for() {
    let town = Town::with([
        terms("badge", Kind::Badge, |it| it.revocable = true),
        terms("stars", Kind::Points, |it| {
            it.each_period = true;
            it.expires = Some(40);
        }),
    ]);
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0), ("ada", "stars", 10, 1.0)]);
    town.act("ada", "stars", Act::Spend(4)).unwrap();
    town.run("2020-02-20", &[("ada", "badge", 1, 1.0), ("ada", "stars", 5, 1.0)]);
    town.run("2020-03-20", &[("ada", "badge", 1, 1.0)]);
    let ledger = Ledger::look(&town.path()).unwrap();
    let balance = |day: &str| {
        ledger
            .balances(Some("ada"), Some(Moment(noon(day))))
            .unwrap()
            .first()
            .map_or(0, |balance| balance.balance)
    };
    let days = ["2020-01-19", "2020-01-20", "2020-02-20", "2020-03-19", "2020-03-20"];
    // The six that were left of January's ten are gone in March.
    assert_eq!(days.map(balance), [0, 6, 11, 11, 5]);
    assert_eq!(ledger.balances(Some("ada"), None).unwrap()[0].balance, 5);
    let mut selection = Selection::default();
    selection.at = Some(Moment(noon("2020-01-20")));
    insta::assert_snapshot!(town.told_of(&selection), @r"
    ada badge  1 granted 1
    ada stars 2020-01 1 granted 10
    ada stars spent 1 spent 4
    ");
    town.verify();
}

#[test]
fn periods_end_where_the_clocks_of_the_community_say() {
    let mut town = Town::with([terms("cheer", Kind::Shoutout, |it| it.each_period = true)]);
    town.programme.calendar = Calendar::new(Period::Week, TimeZone::get("Europe/Berlin").unwrap());
    // The Sunday on which the clocks are set forward, and the Monday behind it.
    let verdicts = ["2021-03-28", "2021-03-29", "2021-12-31", "2022-01-02", "2022-01-03"]
        .map(|day| town.run(day, &[("ada", "cheer", 1, 1.0)]).verdicts[0]);
    assert_eq!(verdicts, [Verdict::Given, Verdict::Given, Verdict::Given, Verdict::Has, Verdict::Given]);
    insta::assert_snapshot!(town.told(), @r"
    ada cheer 2021-W12 1 granted 1
    ada cheer 2021-W13 1 granted 1
    ada cheer 2021-W52 1 granted 1
    ada cheer 2022-W01 1 granted 1
    ");
}
