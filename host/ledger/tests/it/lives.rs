//! The life of each kind: taken back, given again, run out.

use groundswell_ledger::{Act, Kind, Ledger, Share, State, Verdict};

use crate::town::{Town, terms};

/// A badge that can be taken back, however few have it.
fn badge() -> Town {
    let mut town = Town::with([terms("badge", Kind::Badge, |it| it.revocable = true)]);
    town.programme.max_revoked = Share::ALL;
    town
}

#[test]
fn a_badge_is_taken_back_and_given_again_by_a_later_run_as_another_occurrence() {
    let town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    town.run("2020-02-20", &[]);
    // The same run again, now with the badge: it is not a later one.
    let again = town.run_with("2020-02-20", &[("ada", "badge", 1, 1.0)], &[], "another").unwrap();
    assert_eq!(again.verdicts, [Verdict::Closed(State::Revoked)]);
    assert_eq!(town.run("2020-03-20", &[("ada", "badge", 1, 1.0)]).verdicts, [Verdict::Given]);
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 revoked 1
    ada badge  2 granted 1
    ");
    town.verify();
}

#[test]
fn a_badge_that_is_not_revocable_stays_until_a_person_takes_it() {
    let town = Town::with([terms("badge", Kind::Badge, |_| ())]);
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0)]);
    assert!(town.run("2020-02-20", &[]).moves.is_empty());
    town.act("ada", "badge", Act::Revoke).unwrap();
    insta::assert_snapshot!(town.told(), @"ada badge  1 revoked 1");
}

#[test]
fn an_older_run_takes_nothing_back() {
    let town = badge();
    town.run("2020-02-20", &[("ada", "badge", 1, 1.0)]);
    assert!(town.run("2020-01-20", &[]).moves.is_empty());
    town.verify();
}

#[test]
fn nothing_is_taken_back_by_a_run_whose_data_lacks_what_was_there_before() {
    let town = badge();
    town.run_with("2020-01-20", &[("ada", "badge", 1, 1.0)], &["followers"], "first").unwrap();
    let outcome = town.run_with("2020-02-20", &[], &["followers", "answers"], "second").unwrap();
    assert!(outcome.moves.is_empty());
    insta::assert_snapshot!(outcome.withheld.unwrap(), @"nothing is taken back: the data does not have what answers is made from, which the run before had, or did not ask for. Bring it; or let it be missing with `groundswell rewards plan --approve`");
    // It is missed for as long as it is missing; what was never there is not.
    let third = town.run_with("2020-03-20", &[], &["followers", "answers"], "third").unwrap();
    assert!(third.moves.is_empty() && third.withheld.is_some());
    assert_eq!(town.run_with("2020-04-20", &[], &["followers"], "fourth").unwrap().moves.len(), 1);
    town.verify();
}

#[test]
fn more_than_may_go_at_once_wait_for_a_person() {
    let mut town = badge();
    town.programme.max_revoked = Share::TENTH;
    let ids: Vec<String> = (0..20).map(|id| format!("m{id:02}")).collect();
    let wishes: Vec<_> = ids.iter().map(|id| (id.as_str(), "badge", 1, 1.0)).collect();
    town.run("2020-01-20", &wishes);
    // Two of twenty are a tenth, and go.
    town.run("2020-02-20", &wishes[2..]);
    // Two of eighteen are more.
    let outcome = town.run("2020-03-20", &wishes[4..]);
    assert!(outcome.moves.iter().all(|change| change.to == State::Revoking) && outcome.moves.len() == 2);
    town.act("m02", "badge", Act::Approve).unwrap();
    town.act("m03", "badge", Act::Reject).unwrap();
    let told = town.told();
    insta::assert_snapshot!(told.lines().take(5).collect::<Vec<_>>().join("\n"), @r"
    m00 badge  1 revoked 1
    m01 badge  1 revoked 1
    m02 badge  1 revoked 1
    m03 badge  1 granted 1
    m03 badge pinned 1 pinned 0
    ");
    // Whoever is proposed again keeps it without anybody's doing.
    town.run("2020-04-20", &wishes[6..]);
    let back = town.run("2020-05-20", &wishes[4..]);
    assert!(back.moves.iter().any(|change| change.member == "m04" && change.to == State::Granted));
    town.verify();
}

#[test]
fn whoever_is_pinned_keeps_it() {
    let town = badge();
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0), ("bob", "badge", 1, 1.0)]);
    town.act("ada", "badge", Act::Pin).unwrap();
    town.run("2020-02-20", &[]);
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 granted 1
    ada badge pinned 1 pinned 0
    bob badge  1 revoked 1
    ");
    town.verify();
}

#[test]
fn nobody_flickers_in_and_out_of_a_circle() {
    let mut town = Town::with([terms("circle", Kind::Circle, |it| {
        it.revocable = true;
        it.grace = 2;
    })]);
    town.programme.max_revoked = Share::ALL;
    let ada = [("ada", "circle", 1, 1.0)];
    let state = |day: &str, wishes: &[crate::town::Wish<'_>]| {
        town.run(day, wishes);
        town.verify();
        town.told().lines().last().unwrap_or_default().to_owned()
    };
    let told = [
        state("2020-01-20", &ada),
        state("2020-02-20", &[]),
        state("2020-02-25", &[]),
        state("2020-03-20", &ada),
        state("2020-04-20", &[]),
        state("2020-05-20", &[]),
        state("2020-06-20", &[]),
        state("2020-07-20", &ada),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    ada circle  1 joined 1
    ada circle  1 leaving 1 (24241)
    ada circle  1 leaving 1 (24241)
    ada circle  1 joined 1
    ada circle  1 leaving 1 (24243)
    ada circle  1 leaving 1 (24243)
    ada circle  1 left 1
    ada circle  2 joined 1
    ");
}

#[test]
fn a_training_is_invited_accepted_and_completed_or_runs_out() {
    let town = Town::with([terms("course", Kind::Training, |it| it.expires = Some(30))]);
    let wishes = [("ada", "course", 1, 1.0), ("bob", "course", 1, 1.0), ("cem", "course", 1, 1.0)];
    town.run("2020-01-20", &wishes);
    town.act("ada", "course", Act::Record(State::Accepted)).unwrap();
    town.act("ada", "course", Act::Record(State::Completed)).unwrap();
    town.act("bob", "course", Act::Record(State::Accepted)).unwrap();
    let back = town.act("ada", "course", Act::Record(State::Accepted)).unwrap_err();
    insta::assert_snapshot!(back, @"`course` of ada is completed, and no training goes from there to accepted");
    town.run("2020-03-20", &wishes);
    // Once, and never again by itself.
    assert!(town.run("2020-04-20", &wishes).moves.is_empty());
    insta::assert_snapshot!(town.told(), @r"
    ada course  1 completed 1
    bob course  1 accepted 1
    cem course  1 expired 1
    ");
    town.verify();
}

#[test]
fn points_are_spent_from_the_oldest_and_run_out() {
    let town = Town::with([terms("stars", Kind::Points, |it| {
        it.each_period = true;
        it.expires = Some(100);
    })]);
    let wishes = [("ada", "stars", 10, 1.0)];
    town.run("2020-01-20", &wishes);
    town.run("2020-02-20", &wishes);
    town.act("ada", "stars", Act::Spend(12)).unwrap();
    insta::assert_snapshot!(town.act("ada", "stars", Act::Spend(9)).unwrap_err(), @"ada cannot spend 9 points of `stars`: the balance is 8");
    // January's are spent to the last when their time is over; of February's eight are left in June.
    town.run("2020-05-10", &[]);
    town.run("2020-06-10", &[]);
    insta::assert_snapshot!(town.told(), @r"
    ada stars 2020-01 1 expired 0
    ada stars 2020-02 1 expired 8
    ada stars spent 1 spent 12
    ");
    assert_eq!(town.ledger().balances(None, None).unwrap()[0].balance, 0);
    town.verify();
}

#[test]
fn a_tier_counts_for_rewards_once_enough_runs_agree() {
    let mut town = Town::with([terms("badge", Kind::Badge, |_| ())]);
    town.runs = 3;
    let ada = [("ada", "badge", 1, 1.0)];
    let counts = |town: &Town, day: &str| {
        let as_of = crate::town::noon(day);
        let chapter =
            groundswell_ledger::Chapter { definition: "d", period: "2020-01", start: 0, as_of, runs: 3 };
        let history = town.ledger().history(&chapter).unwrap();
        ["member", "micro"].map(|said| history.of("ada").unwrap().counts(said, 3).to_owned())
    };
    town.run("2020-01-10", &ada);
    town.said = "member";
    town.run("2020-01-11", &ada);
    // Two of three say so.
    assert_eq!(counts(&town, "2020-01-12"), ["micro", "micro"]);
    town.run("2020-01-12", &ada);
    assert_eq!(counts(&town, "2020-01-13"), ["member", "micro"]);
}

#[test]
fn only_earlier_runs_are_told_of_and_only_where_more_than_one_has_to_agree() {
    let mut town = Town::with([terms("badge", Kind::Badge, |_| ())]);
    town.runs = 2;
    town.run("2020-01-10", &[("ada", "badge", 1, 1.0)]);
    let as_of = crate::town::noon("2020-01-20");
    let chapter =
        groundswell_ledger::Chapter { definition: "d", period: "2020-01", start: 0, as_of, runs: 2 };
    let history = town.ledger().history(&chapter).unwrap();
    let before = history.of("ada").unwrap();
    assert_eq!((before.counts("member", 2), before.counts("micro", 2)), ("micro", "micro"));
    // The run itself is no earlier one.
    let own = groundswell_ledger::Chapter { as_of: crate::town::noon("2020-01-10"), ..chapter };
    assert!(town.ledger().history(&own).unwrap().of("ada").is_none());
    // Where one run is enough, nothing of it is told.
    let alone = groundswell_ledger::Chapter { runs: 1, ..chapter };
    assert_ne!(town.ledger().history(&alone).unwrap().digest(), history.digest());
}

#[test]
fn several_runs_of_a_period_take_back_no_more_than_one_may() {
    let mut town = badge();
    town.programme.max_revoked = Share::TENTH;
    let ids: Vec<String> = (0..20).map(|id| format!("m{id:02}")).collect();
    let wishes: Vec<_> = ids.iter().map(|id| (id.as_str(), "badge", 1, 1.0)).collect();
    town.run("2020-01-20", &wishes);
    let states = |day: &str, without: &[&str]| -> Vec<State> {
        let wishes: Vec<_> = wishes.iter().filter(|wish| !without.contains(&wish.0)).copied().collect();
        town.run(day, &wishes).moves.iter().map(|change| change.to).collect()
    };
    // Two of twenty are a tenth: one at a time as well as together.
    assert_eq!(states("2020-02-10", &["m00"]), [State::Revoked]);
    assert_eq!(states("2020-02-11", &["m00", "m01"]), [State::Revoked]);
    // A third is more, of the twenty who had it in this month.
    assert_eq!(states("2020-02-12", &["m00", "m01", "m02"]), [State::Revoking]);
    // Who has it again has not lost it.
    assert_eq!(states("2020-02-13", &["m00", "m02"]), [State::Granted]);
    town.act("m02", "badge", Act::Reject).unwrap();
    assert_eq!(states("2020-02-14", &["m00", "m03"]), [State::Revoked]);
    // What a person takes is that person's doing.
    town.act("m04", "badge", Act::Revoke).unwrap();
    assert_eq!(states("2020-02-15", &["m00", "m03", "m04"]), [State::Revoked; 0]);
    // In the next month it is counted anew: one of seventeen is no tenth, and two are.
    assert_eq!(states("2020-03-10", &["m00", "m03", "m04", "m05"]), [State::Revoked]);
    assert_eq!(states("2020-03-11", &["m00", "m03", "m04", "m05", "m06"]), [State::Revoking]);
    town.verify();
}

#[test]
fn many_who_would_leave_a_circle_are_counted_where_the_grace_begins_and_not_where_it_ends() {
    let mut town = Town::with([terms("circle", Kind::Circle, |it| it.revocable = true)]);
    town.programme.max_revoked = Share::TENTH;
    let ids: Vec<String> = (0..20).map(|id| format!("m{id:02}")).collect();
    let wishes: Vec<_> = ids.iter().map(|id| (id.as_str(), "circle", 1, 1.0)).collect();
    town.run("2020-01-20", &wishes);
    let states = |day: &str, wishes: &[crate::town::Wish<'_>]| -> Vec<State> {
        town.run(day, wishes).moves.iter().map(|change| change.to).collect()
    };
    // Two of twenty may, and a third may not.
    assert_eq!(states("2020-02-10", &wishes[2..]), [State::Leaving; 2]);
    assert_eq!(states("2020-02-11", &wishes[3..]), [State::Revoking]);
    town.act("m02", "circle", Act::Reject).unwrap();
    // Where the grace ends they were counted before, and one more may begin to leave beside them.
    assert_eq!(states("2020-03-10", &wishes[4..]), [State::Left, State::Left, State::Leaving]);
    assert_eq!(states("2020-03-11", &wishes[5..]), [State::Revoking]);
    // Once a person agrees, the grace begins, and ends as any other.
    town.act("m04", "circle", Act::Approve).unwrap();
    assert_eq!(states("2020-03-12", &wishes[5..]), [State::Left; 0]);
    assert_eq!(states("2020-04-10", &wishes[5..]), [State::Left, State::Left]);
    insta::assert_snapshot!(town.told().lines().take(7).collect::<Vec<_>>().join("\n"), @r"
    m00 circle  1 left 1
    m01 circle  1 left 1
    m02 circle  1 joined 1
    m02 circle pinned 1 pinned 0
    m03 circle  1 left 1
    m04 circle  1 left 1
    m05 circle  1 joined 1
    ");
    town.verify();
    // All of them at once wait for a person.
    let mut town = Town::with([terms("circle", Kind::Circle, |it| it.revocable = true)]);
    town.programme.max_revoked = Share::TENTH;
    town.run("2020-01-20", &wishes);
    let all = town.run("2020-02-10", &[]);
    assert!(all.moves.len() == 20 && all.moves.iter().all(|change| change.to == State::Revoking));
    town.verify();
}

#[test]
fn whatever_rules_take_back_let_lapse_or_let_run_out_says_why() {
    let mut town = Town::with([
        terms("badge", Kind::Badge, |it| it.revocable = true),
        terms("circle", Kind::Circle, |it| it.revocable = true),
        terms("course", Kind::Training, |it| it.expires = Some(30)),
        terms("stars", Kind::Points, |it| {
            it.each_period = true;
            it.expires = Some(1);
        }),
        terms("cheer", Kind::Shoutout, |it| {
            it.each_period = true;
            it.budget = Some(1);
        }),
        terms("medal", Kind::Badge, |it| {
            it.approval = true;
            it.revocable = true;
        }),
    ]);
    town.programme.max_revoked = Share::ALL;
    let wishes = |member| {
        ["badge", "circle", "course", "stars", "cheer", "medal"].map(|award| (member, award, 1, 1.0))
    };
    town.run("2020-01-20", &[wishes("ada"), wishes("bob"), wishes("cem")].concat());
    // Ada is there and proposed nothing, Bob is not there; Cem would lose it as the third.
    let there = [vec![("ada", "other", 1, 1.0)], wishes("cem").to_vec()].concat();
    town.run("2020-03-20", &there);
    town.run("2020-04-20", &there);
    town.programme.max_revoked = Share::TENTH;
    town.run("2020-04-21", &[("ada", "other", 1, 1.0), ("cem", "other", 1, 1.0)]);
    let ledger = Ledger::look(&town.path()).unwrap();
    let told: Vec<String> = ["ada", "bob", "cem"]
        .iter()
        .flat_map(|member| ledger.story(member).unwrap())
        .filter(|one| one.reason != "so")
        .map(|one| {
            format!(
                "{} {} {} {}: {}",
                one.member.unwrap_or_default(),
                one.award,
                one.period,
                one.state,
                one.reason
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    ada badge  revoked: no longer proposed
    ada circle  leaving: no longer proposed: the grace is 1 period
    ada course  expired: not accepted within 30 days
    ada stars 2020-01 expired: not spent within 1 day
    ada medal  lapsed: no longer proposed while it waited for a person
    ada circle  left: no longer proposed, and the grace is over
    bob badge  revoked: not scored any more
    bob circle  leaving: not scored any more: the grace is 1 period
    bob course  expired: not accepted within 30 days
    bob stars 2020-01 expired: not spent within 1 day
    bob cheer 2020-01 lapsed: the period ended while it was held
    bob medal  lapsed: not scored any more while it waited for a person
    bob circle  left: not scored any more, and the grace is over
    cem course  expired: not accepted within 30 days
    cem stars 2020-01 expired: not spent within 1 day
    cem cheer 2020-01 lapsed: the period ended while it was held
    cem stars 2020-03 expired: not spent within 1 day
    cem badge  revoking: no longer proposed, and more than 10% would lose it in this period
    cem circle  revoking: no longer proposed, and more than 10% would lose it in this period
    cem stars 2020-04 expired: not spent within 1 day
    cem medal  lapsed: no longer proposed while it waited for a person
    ");
    town.verify();
}
