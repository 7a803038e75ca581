//! What people decide, and what they cannot.

use groundswell_ledger::{Act, Decision, Kind, Ledger, Selection, State};

use crate::town::{Town, award, terms};

fn town() -> Town {
    let town = Town::with([
        terms("badge", Kind::Badge, |it| it.approval = true),
        award("cheer", Kind::Shoutout),
        award("stars", Kind::Points),
    ]);
    town.run("2020-01-20", &[("ada", "badge", 1, 1.0), ("bob", "cheer", 1, 1.0)]);
    town
}

#[test]
fn a_person_can_give_what_no_rule_proposes() {
    let town = town();
    town.act("bob", "badge", Act::Grant(1)).unwrap();
    town.act("bob", "stars", Act::Grant(5)).unwrap();
    town.act("bob", "stars", Act::Grant(5)).unwrap();
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 pending 1
    bob badge  1 granted 1
    bob cheer  1 granted 1
    bob stars by-hand 1 granted 5
    bob stars by-hand 2 granted 5
    ");
    let story = town.ledger().story("bob").unwrap();
    assert!(story.iter().filter(|one| one.actor == "person mo" && one.reason == "because").count() == 3);
    town.verify();
}

#[test]
fn an_appeal_is_heard_and_upheld_as_another_occurrence() {
    let town = town();
    town.act("ada", "badge", Act::Reject).unwrap();
    town.act("ada", "badge", Act::Appeal).unwrap();
    town.act("ada", "badge", Act::Approve).unwrap();
    insta::assert_snapshot!(town.told(), @r"
    ada badge  1 upheld 1
    ada badge  2 granted 1
    bob cheer  1 granted 1
    ");
    town.act("ada", "badge", Act::Revoke).unwrap();
    town.act("ada", "badge", Act::Appeal).unwrap();
    town.act("ada", "badge", Act::Reject).unwrap();
    town.verify();
}

#[test]
fn what_cannot_be_is_refused_with_what_is() {
    let town = town();
    let refused = |member, award, act| town.act(member, award, act).unwrap_err().to_string();
    let told = [
        refused("ada", "badge", Act::Revoke),
        refused("bob", "cheer", Act::Revoke),
        refused("bob", "cheer", Act::Grant(1)),
        refused("bob", "cheer", Act::Grant(2)),
        refused("bob", "stars", Act::Grant(0)),
        refused("bob", "stars", Act::Spend(1)),
        refused("bob", "badges", Act::Grant(1)),
        refused("eve", "badge", Act::Grant(1)),
        refused("bob", "cheer", Act::Approve),
        refused("bob", "cheer", Act::Release),
        refused("bob", "cheer", Act::Record(State::Completed)),
        refused("bob", "cheer", Act::Record(State::Revoked)),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    ada has no `badge` now
    `cheer` of bob is granted, and no shoutout goes from there to revoked
    bob has `cheer` already: it is granted
    of `cheer` a member gets one, and no amount of it
    of `stars` a member gets at least 1 point
    bob cannot spend 1 points of `stars`: the balance is 0
    the programme has no award `badges` of which that can be said: its awards are badge, cheer, stars
    nobody has the id eve: no run has scored them, and they were never given anything
    bob has no `cheer` that waits for a person
    bob has no `cheer` that is pinned or excluded
    `cheer` of bob is granted, and no shoutout goes from there to completed
    revoked cannot be recorded: it is one of accepted, completed, left
    ");
    let nameless = Decision::new("ada", "badge", Act::Approve, " ", "so");
    let mut ledger = town.ledger();
    let without_reason = Decision { who: "mo", why: "", ..nameless };
    let long = "x".repeat(281);
    let wordy = Decision { who: "mo", why: &long, ..nameless };
    let turned = Decision { who: "mo\u{202e}om", why: "so", ..nameless };
    let unseen = Decision { who: "m\u{200d}o", why: "so", ..nameless };
    let turning = Decision { who: "mo", why: "no \u{2066}good", ..nameless };
    let told = [nameless, without_reason, wordy, turned, unseen, turning]
        .map(|decision| ledger.act(&town.programme, &decision, false).unwrap_err().to_string());
    insta::assert_snapshot!(told.join("\n"), @r"
    the name of whoever decides is missing
    the reason is missing
    the reason must be one line of at most 280 characters
    the name of whoever decides has the character \u{202e}, which cannot be seen or changes how others are shown: leave it out
    the name of whoever decides has the character \u{200d}, which cannot be seen or changes how others are shown: leave it out
    the reason has the character \u{2066}, which cannot be seen or changes how others are shown: leave it out
    ");
    // Letters that are joined are a reason as any other.
    let joined =
        Decision { who: "mo", why: "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}", ..nameless };
    ledger.act(&town.programme, &joined, true).unwrap();
    for (who, why) in [("mo\u{202e}om", "so"), ("mo", "so\u{200b}")] {
        let refused = ledger.approve_terms(&town.programme, crate::town::noon("2020-01-20"), who, why);
        assert!(matches!(refused, Err(groundswell_ledger::Error::Refused(_))));
    }
    town.verify();
}

#[test]
fn what_is_decided_about_what_was_seen_is_about_nothing_else() {
    let town = town();
    let list = |member: &str| {
        let mut selection = Selection::default();
        selection.member = Some(member.to_owned());
        selection.award = Some("badge".to_owned());
        town.ledger().holdings(&selection).unwrap().remove(0)
    };
    let waiting = list("ada");
    assert_eq!(waiting.state, State::Pending);
    let decide = |act, entry| {
        let decision = Decision::new("ada", "badge", act, "mo", "because").seen(entry);
        town.ledger().act(&town.programme, &decision, false)
    };
    // Two people look at the same list: what one decides is not undone by the other unseen.
    decide(Act::Reject, waiting.entry).unwrap();
    insta::assert_snapshot!(decide(Act::Approve, waiting.entry).unwrap_err(), @"entry 2 is not the newest about a `badge` of ada: something was recorded since, or it is about another one. Look again");
    insta::assert_snapshot!(decide(Act::Approve, 1).unwrap_err(), @"entry 1 is not the newest about a `badge` of ada: something was recorded since, or it is about another one. Look again");
    insta::assert_snapshot!(decide(Act::Pin, waiting.entry).unwrap_err(), @"an entry is named, and this is not decided about what is recorded already");
    let rejected = list("ada");
    assert_eq!(decide(Act::Appeal, rejected.entry).unwrap()[0].to, State::Appealed);
    town.verify();
}

#[test]
fn a_dry_run_says_what_would_be_and_leaves_the_bytes() {
    let town = town();
    let before = std::fs::read(town.path()).unwrap();
    let decision = Decision::new("ada", "badge", Act::Approve, "mo", "because");
    let moves = town.ledger().act(&town.programme, &decision, true).unwrap();
    assert_eq!(moves[0].to, State::Granted);
    assert!(before == std::fs::read(town.path()).unwrap());
    // Where there is no ledger, none is made.
    let nowhere = town.path().with_file_name("none.sqlite");
    assert!(Ledger::look(&nowhere).unwrap().act(&town.programme, &decision, true).is_err());
    assert!(!nowhere.exists());
}
