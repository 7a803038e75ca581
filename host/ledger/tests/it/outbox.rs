//! What waits to be told to the platform, and of whom nothing is told any more.

use groundswell_ledger::{Kind, Ledger, Parcel, State};

use crate::town::{Town, Wish, terms};

const BADGE: Wish<'static> = ("ada", "badge", 1, 1.0);
const CHEER: Wish<'static> = ("ada", "cheer", 1, 1.0);

fn town() -> Town {
    let told = |id: &str, kind| {
        terms(id, kind, |it| (it.deliver, it.revocable) = (vec!["platform".to_owned()], kind == Kind::Badge))
    };
    let mut town = Town::with([told("badge", Kind::Badge), told("cheer", Kind::Shoutout)]);
    town.programme.max_revoked = groundswell_ledger::Share::ALL;
    town
}

/// What is due, whose time has come whenever that is.
fn due(town: &Town) -> Vec<Parcel> {
    town.ledger().due("platform", i64::MAX, 100).unwrap()
}

fn told(town: &Town) -> Vec<String> {
    let of = |parcel: Parcel| {
        let holding = parcel.holding;
        format!("{} {} {}", holding.member.unwrap_or_default(), holding.award, holding.state)
    };
    due(town).into_iter().map(of).collect()
}

#[test]
fn what_waits_of_who_opted_out_is_withdrawn_by_the_run_that_says_so_and_never_told() {
    let mut town = town();
    town.run("2020-01-20", &[BADGE, CHEER, ("bob", "cheer", 1, 1.0)]);
    assert_eq!(told(&town), ["ada badge granted", "bob cheer granted"], "the first of each member");
    // Somebody who is merely not scored has earned what they have.
    town.run("2020-01-21", &[BADGE, CHEER]);
    assert_eq!(told(&town).len(), 2);
    town.gone = vec!["ada", "nobody who is known"];
    let outcome = town.run("2020-01-22", &[("bob", "cheer", 1, 1.0)]);
    assert_eq!(outcome.withdrawn, 3, "two that gave, and the one that takes back what nobody was told of");
    assert_eq!(told(&town), ["bob cheer granted"]);
    town.verify();
    let ledger = town.ledger();
    assert_eq!(ledger.waiting("platform").unwrap().waiting, 1);
    assert_eq!((ledger.strays(&["platform"]).unwrap(), ledger.dead_letters().unwrap()), (vec![], vec![]));
    // Neither by hand nor by coming back is anything old told.
    assert_eq!(town.ledger().retry(None).unwrap(), 0);
    town.gone = vec!["zoe"];
    town.run("2020-02-20", &[BADGE, CHEER]);
    assert_eq!(told(&town), ["bob cheer granted", "ada badge granted"]);
    assert_eq!(due(&town)[1].holding.occurrence, 2, "a badge of its own");
    town.verify();
}

#[test]
fn a_badge_that_the_platform_may_show_is_taken_off_there() {
    for shown in [true, false] {
        let mut town = town();
        town.run("2020-01-20", &[BADGE]);
        let id = due(&town)[0].id;
        if shown {
            town.ledger().delivered(id).unwrap();
        } else {
            // It may have been taken, and the answer got lost.
            town.ledger().dead(id, "no answer").unwrap();
            town.ledger().retry(None).unwrap();
        }
        town.gone = vec!["ada"];
        let outcome = town.run("2020-01-22", &[]);
        assert_eq!(outcome.withdrawn, u64::from(!shown));
        assert_eq!(told(&town), ["ada badge revoked"]);
        assert_eq!(due(&town)[0].holding.reason, "not scored any more", "it says no more of them");
        town.verify();
    }
}

#[test]
fn what_may_have_been_sent_counts_as_told() {
    let mut town = town();
    town.run("2020-01-20", &[BADGE]);
    // On its way when whoever delivers is killed: nobody knows what became of it.
    let id = due(&town)[0].id;
    town.ledger().trying([id]).unwrap();
    town.gone = vec!["ada"];
    assert_eq!(town.run("2020-01-22", &[]).withdrawn, 1);
    assert_eq!(told(&town), ["ada badge revoked"]);
    town.verify();
}

#[test]
fn what_is_spent_is_told_where_the_points_were() {
    for shown in [true, false] {
        let mut town =
            Town::with([terms("stars", Kind::Points, |it| it.deliver = vec!["platform".to_owned()])]);
        town.run("2020-01-20", &[("ada", "stars", 100, 1.0), ("bob", "stars", 100, 1.0)]);
        let parcels = due(&town);
        for parcel in parcels.iter().filter(|one| shown || one.holding.member.as_deref() == Some("bob")) {
            town.ledger().delivered(parcel.id).unwrap();
        }
        town.act("ada", "stars", groundswell_ledger::Act::Spend(60)).unwrap();
        town.gone = vec!["ada"];
        town.run("2020-01-22", &[("bob", "stars", 100, 1.0)]);
        let expected: &[&str] = if shown { &["ada stars spent"] } else { &[] };
        assert_eq!(told(&town), expected);
        town.verify();
    }
}

#[test]
fn nothing_is_recorded_where_all_who_opted_out_are_so_no_longer() {
    let mut town = town();
    // Where nobody ever had, nobody is missed.
    town.run("2020-01-20", &[BADGE]);
    town.gone = vec!["cem", "dee"];
    town.run("2020-02-20", &[BADGE]);
    town.gone.clear();
    let before = town.told();
    let refused = town.run_with("2020-03-20", &[BADGE, CHEER], &[], "r").unwrap_err();
    insta::assert_snapshot!(refused, @"by the data nobody has opted out any more, though by that of the run before somebody had: where the column `opted_out` of the table `members` got lost, bring it back; where they all came back, say so with `groundswell rewards plan --approve`");
    assert_eq!(town.told(), before);
    assert_eq!(town.ledger().knew_wishes().unwrap(), Some(true));
    // Older data may lack it, and one of them may be back.
    town.run("2020-02-10", &[BADGE]);
    town.gone = vec!["dee"];
    town.run("2020-03-20", &[BADGE]);
    // A person says that it is right.
    town.gone.clear();
    let at = crate::town::noon("2020-03-25");
    town.ledger().approve_terms(&town.programme, at, "mo", "all are back").unwrap();
    town.run("2020-03-25", &[BADGE, CHEER]);
    assert_ne!(town.told(), before);
    // Nor is who was forgotten missed.
    town.gone = vec!["ada"];
    town.run("2020-04-20", &[("bob", "cheer", 1, 1.0)]);
    Ledger::forget(&town.path(), &["ada".to_owned()]).unwrap();
    town.gone.clear();
    town.run("2020-05-20", &[("bob", "cheer", 1, 1.0)]);
    town.verify();
}

#[test]
fn older_data_does_not_withdraw_what_newer_data_gave() {
    let mut town = town();
    town.run("2020-02-20", &[CHEER]);
    town.gone = vec!["ada"];
    assert_eq!(town.run("2020-01-20", &[("bob", "cheer", 1, 1.0)]).withdrawn, 0);
    assert!(told(&town).contains(&"ada cheer granted".to_owned()));
}

#[test]
fn what_was_withdrawn_for_a_faulty_file_can_wait_again() {
    let mut town = town();
    town.run("2020-01-20", &[CHEER, ("bob", "cheer", 1, 1.0)]);
    town.gone = vec!["ada", "bob"];
    assert_eq!(town.run("2020-01-22", &[]).withdrawn, 2);
    assert_eq!(told(&town), [""; 0]);
    assert_eq!(town.ledger().reinstate().unwrap(), 2);
    assert_eq!(told(&town), ["ada cheer granted", "bob cheer granted"]);
    assert_eq!(town.ledger().reinstate().unwrap(), 0);
    town.verify();
}

#[test]
fn dead_letters_of_who_opted_out_are_withdrawn_too() {
    let town = town();
    town.run("2020-01-20", &[CHEER, ("bob", "cheer", 1, 1.0)]);
    for parcel in due(&town) {
        town.ledger().dead(parcel.id, "refused").unwrap();
    }
    assert_eq!(town.ledger().withdraw(&["ada".to_owned()]).unwrap(), 1);
    assert_eq!(town.ledger().withdraw(&["ada".to_owned()]).unwrap(), 0, "once");
    let left: Vec<_> =
        town.ledger().dead_letters().unwrap().into_iter().map(|one| one.holding.member).collect();
    assert_eq!(left, [Some("bob".to_owned())]);
    town.verify();
}

#[test]
fn a_plan_withdraws_nothing_and_what_is_not_approved_yet_withdraws_all_the_same() {
    let mut town = town();
    town.run("2020-01-20", &[CHEER]);
    town.gone = vec!["ada"];
    // The town plans each run before it is recorded, and has the plan withdraw nothing for it.
    town.programme.terms = "other terms".to_owned();
    let outcome = town.run("2020-01-21", &[]);
    assert!(outcome.unapproved);
    assert_eq!((outcome.withdrawn, told(&town).len()), (1, 0));
    town.verify();
}

#[test]
fn what_is_waited_for_is_told_with_the_newest_problem() {
    let town = town();
    town.run("2020-01-20", &[BADGE, CHEER, ("bob", "cheer", 1, 1.0)]);
    let waiting = || Ledger::look(&town.path()).unwrap().waiting("platform").unwrap();
    assert_eq!((waiting().waiting, waiting().next, waiting().problem), (3, Some(0), None));
    let ids: Vec<u64> = due(&town).iter().map(|parcel| parcel.id).collect();
    town.ledger().later(ids[1], 900, "busy").unwrap();
    // It waits for less, and was tried later.
    town.ledger().later(ids[0], 700, "away").unwrap();
    assert_eq!((waiting().next, waiting().problem.as_deref()), (Some(700), Some("away")));
    town.ledger().dead(ids[0], "given up").unwrap();
    // The cheer behind the badge may be tried at once.
    assert_eq!((waiting().next, waiting().problem.as_deref(), waiting().dead), (Some(0), Some("busy"), 1));
    assert_eq!(due(&town)[0].holding.state, State::Granted);
    for parcel in due(&town) {
        town.ledger().delivered(parcel.id).unwrap();
    }
    assert_eq!((waiting().waiting, waiting().next, waiting().problem), (0, None, None));
}
