//! Whom a community takes for granted: small communities worked by hand, and the planted one.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use groundswell::ledger::{Act, Decision, Selection, State};
use groundswell::{AppreciateOptions, Appreciation, LeavingReason, RunOptions};

use crate::community::Community;
use crate::planted::{PROGRAMME, files, host, open, planted};

const AS_OF: &str = "2024-12-29T00:00:00Z";

/// A moment so many weeks and hours before as-of.
fn ago(weeks: i64, hours: i64) -> String {
    let as_of: jiff::Timestamp = AS_OF.parse().unwrap();
    let moment = as_of - jiff::SignedDuration::from_hours(weeks * 168 + hours);
    moment.to_string()
}

/// Who is a micro-influencer is a matter of audience here: 10 to 100.
const BAND: &str = "\n[definitions.band]\nplugin = \"audience-band\"\n\
    settings = { nano-from = 1, micro-from = 10, micro-to = 100, macro-to = 1000, least-engagement = 0.0 }\n";
pub(crate) const OF_BAND: &str =
    "\n[programme]\nplugin = \"regulars\"\ndefinition = \"band\"\nperiod = \"month\"\n";

/// A small community by hand. Ada is as ever. Nobody thanked Bob since September. Cyd was there three times a week and is gone
/// for eight weeks. Dee came ten weeks ago. Eve's and Fay's audiences are given; Zoe opted out.
pub(crate) fn small(rest: &str, audiences: [u32; 3]) -> Community {
    let community = Community::new(&[]);
    let mut rows = "actor,verb,at,recipient\n".to_owned();
    let mut add = |actor: &str, verb: &str, at: String, recipient: &str| {
        rows.push_str(&format!("{actor},{verb},{at},{recipient}\n"));
    };
    for week in 0..60 {
        for member in ["ada", "bob", "eve", "fay", "zoe"] {
            add(member, "post", ago(week, 5), "");
            add(member, "post", ago(week, 30), "");
        }
        if week >= 8 {
            (1..4).for_each(|day| add("cyd", "post", ago(week, day * 24), ""));
        }
        if week < 10 {
            add("dee", "post", ago(week, 7), "");
        }
    }
    for (member, day) in [
        ("ada", "2024-12-20"),
        ("bob", "2024-09-01"),
        ("cyd", "2024-12-15"),
        ("dee", "2024-12-16"),
        ("zoe", "2024-12-01"),
    ] {
        add("eve", "thank", day.to_owned(), member);
    }
    // To thank oneself is no thanks, and Zoe's may count or not.
    add("bob", "thank", "2024-12-27".to_owned(), "bob");
    add("fay", "accept", "2024-08-08".to_owned(), "bob");
    add("zoe", "accept", "2024-12-26".to_owned(), "eve");
    add("eve", "thank", "2024-12-25".to_owned(), "fay");
    community.write("activities.csv", rows.as_bytes());
    members(&community, audiences);
    write(&community, AS_OF, "", rest);
    community
}

/// The audiences of Dee, Eve and Fay.
pub(crate) fn members(community: &Community, [dee, eve, fay]: [u32; 3]) {
    let rows = format!(
        "id,external_followers,opted_out\nada,50,false\nbob,40,false\ncyd,30,false\ndee,{dee},false\neve,{eve},false\n\
         fay,{fay},false\nzoe,60,true\n"
    );
    community.write("members.csv", rows.as_bytes());
}

pub(crate) fn write(community: &Community, as_of: &str, lines: &str, rest: &str) {
    let toml = format!(
        "[community]\nname = \"small\"\nas-of = {as_of}\n{lines}\n[sources.tables]\nmembers = \"members.csv\"\n\
         activities = \"activities.csv\"\n{BAND}{rest}"
    );
    community.write("community.toml", toml.as_bytes());
}

fn appreciated(community: &Community, options: &AppreciateOptions) -> Appreciation {
    open(community).appreciate(options, &RunOptions::default()).unwrap()
}

fn told(found: &Appreciation) -> String {
    found
        .contacts()
        .map(|one| format!("{} {}: {}\n  {}\n", one.list, one.member, one.evidence, one.next_step))
        .collect()
}

#[test]
fn a_small_community_is_told_whom_it_takes_for_granted() {
    let community = small("", [50, 5, 45]);
    let found = appreciated(&community, &AppreciateOptions::default());
    assert_eq!((found.members, found.ledger, found.test.tested, found.test.untested), (5, false, 1, 4));
    // Dee came too late, and the others are so even that there is nothing to be told.
    // Ada, Bob, Eve and Fay twice a week, Dee once, and what is done once; Zoe's counts for others.
    assert_eq!(found.everybody.per_week, 95.0 / 8.0);
    insta::assert_snapshot!(told(&found), @r"
    overlooked bob: nothing in 90 days; last thanked: 2024-09-01; last accepted answer: 2024-08-08; shoutouts and badges are unknown
      thank them in public: name something that they did for others, and whom it helped
    falling cyd: 0 activities in the last 8 weeks, 0 a week, after 3 a week in the 44 weeks before; by chance alone in one of 14950; p-value adjusted for all who were tested: below 0.0001
      ask how they are, in private, and ask for nothing
    leaving ada: score 2, in the lowest 10 % of the way from the tier's lowest, 2, to its highest, 5
      tell them what they are valued for, and ask what they need: their letter says what counts
    leaving dee: score 2, in the lowest 10 % of the way from the tier's lowest, 2, to its highest, 5
      tell them what they are valued for, and ask what they need: their letter says what counts
    leaving fay: score 2.22, in the lowest 10 % of the way from the tier's lowest, 2, to its highest, 5
      tell them what they are valued for, and ask what they need: their letter says what counts
    ");
    insta::assert_snapshot!(found.notes.join("\n"), @"there is no programme, and so no ledger: shoutouts, badges and circles, and who is new, are unknown");
    let cyd = &found.falling[0];
    assert_eq!((cyd.activities, cyd.activities_before, cyd.weeks_before), (0, 3 * 44, 44));
    assert!((cyd.chance - 1.0 / 14_950.0).abs() < 1e-15 && (cyd.adjusted - 1.0 / 14_950.0).abs() < 1e-15);
    // Of ten weeks two were as ever; four are as empty as others were, which is less rare.
    let weeks = |weeks| appreciated(&community, &AppreciateOptions::default().weeks(weeks).days(3650));
    let (longer, shorter) = (weeks(10), weeks(4));
    assert_eq!((longer.falling[0].activities, longer.falling[0].chance), (6, 22.0 / 65_780.0));
    assert_eq!((shorter.falling[0].activities, shorter.falling[0].chance), (0, 6.0 / 325.0));
    assert_eq!((longer.falling.len(), shorter.falling.len(), shorter.overlooked.len()), (1, 1, 0));
}

#[test]
fn the_ledger_says_who_got_what_who_is_new_and_who_is_gone() {
    let community = small(OF_BAND, [5, 50, 45]);
    write(&community, "2024-11-29T00:00:00Z", "", OF_BAND);
    open(&community).run(&RunOptions::default()).unwrap();
    // In December Dee's audience is larger, and Eve's smaller.
    members(&community, [50, 5, 45]);
    write(&community, AS_OF, "", OF_BAND);
    let before = files(&community.path(".groundswell"));
    let found = appreciated(&community, &AppreciateOptions::default().days(20));
    assert_eq!(files(&community.path(".groundswell")), before, "nothing is written");
    assert!(found.ledger && found.earlier_periods);
    insta::assert_snapshot!(told(&found), @r"
    overlooked bob: nothing in 20 days; last thanked: 2024-09-01; last accepted answer: 2024-08-08; last shoutout: 2024-11-29; last badge: 2024-11-29
      thank them in public: name something that they did for others, and whom it helped
    falling cyd: 0 activities in the last 8 weeks, 0 a week, after 3 a week in the 44 weeks before; by chance alone in one of 14950; p-value adjusted for all who were tested: below 0.0001
      ask how they are, in private, and ask for nothing
    leaving eve: was Micro-influencer in the last period, and is Nano now
      thank them for what they did, and tell them how to come back: their letter says what counts
    leaving ada: score 2, in the lowest 10 % of the way from the tier's lowest, 2, to its highest, 5
      tell them what they are valued for, and ask what they need: their letter says what counts
    leaving dee: score 2, in the lowest 10 % of the way from the tier's lowest, 2, to its highest, 5
      tell them what they are valued for, and ask what they need: their letter says what counts
    leaving fay: score 2.22, in the lowest 10 % of the way from the tier's lowest, 2, to its highest, 5
      tell them what they are valued for, and ask what they need: their letter says what counts
    arrived dee: Micro-influencer for the first time; was Nano in 2024-11
      welcome them in person, tell them why, and ask what they would like to do
    ");
    // Shoutouts and badges of November are thanks, too.
    assert!(appreciated(&community, &AppreciateOptions::default()).overlooked.is_empty());
    // As it was in November, nobody knows of December, or of anything before.
    write(&community, "2024-11-29T00:00:00Z", "", OF_BAND);
    let then = appreciated(&community, &AppreciateOptions::default());
    assert_eq!((then.arrived.len(), then.ledger, then.earlier_periods), (0, true, false));
    assert!(then.notes.last().unwrap().contains("no earlier period"), "{:?}", then.notes);
    // Once December is recorded, a person is asked about circles and badges, and agrees about one of them.
    write(&community, AS_OF, "", OF_BAND);
    open(&community).run(&RunOptions::default()).unwrap();
    let agreed = Decision::new("eve", "micro-influencer-circle", Act::Approve, "mo", "it is over");
    open(&community).rewards().unwrap().decide(&agreed, false).unwrap();
    let found = appreciated(&community, &AppreciateOptions::default());
    let eve = found.leaving.iter().find(|one| one.member == "eve").unwrap();
    let names: Vec<&str> = eve
        .reasons
        .iter()
        .map(|reason| match reason {
            LeavingReason::NoLonger { .. } => "no longer",
            LeavingReason::Leaving { .. } => "leaving",
            LeavingReason::Revoking { .. } => "revoking",
            _ => "near the edge",
        })
        .collect();
    let rewards = open(&community).rewards().unwrap();
    let mut selection = Selection::default();
    selection.member = Some("eve".to_owned());
    selection.states = vec![State::Leaving, State::Revoking];
    let held: Vec<State> = rewards.list(&selection).unwrap().iter().map(|one| one.state).collect();
    let wanted = held.iter().map(|state| if *state == State::Leaving { "leaving" } else { "revoking" });
    assert_eq!(names, ["no longer"].into_iter().chain(wanted).collect::<Vec<_>>());
    assert_eq!(held, [State::Revoking, State::Leaving]);
}

#[test]
fn a_shoutout_of_a_person_is_thanks() {
    let community = small(OF_BAND, [5, 5, 5]);
    let config = std::fs::read_to_string(community.path("community.toml")).unwrap();
    let without = "[[programme.award]]\naward = \"first-shoutout\"\napproval = \"person\"\n[[programme.award]]\n\
                   award = \"micro-influencer-badge\"\nenabled = false\n";
    community.write("community.toml", format!("{config}\n{without}").as_bytes());
    open(&community).run(&RunOptions::default()).unwrap();
    let overlooked = || -> Vec<String> {
        let found = appreciated(&community, &AppreciateOptions::default());
        found.overlooked.into_iter().map(|one| one.member).collect()
    };
    assert_eq!(overlooked(), ["bob"]);
    let decision = Decision::new("bob", "first-shoutout", Act::Approve, "mo", "well deserved");
    open(&community).rewards().unwrap().decide(&decision, false).unwrap();
    assert_eq!(overlooked(), [""; 0]);
}

#[test]
fn thanks_of_those_who_count_for_nobody_do_not_count() {
    let community = small("", [5, 50, 5]);
    let lists = |lines: &str| -> Vec<String> {
        write(&community, AS_OF, lines, "");
        let found = appreciated(&community, &AppreciateOptions::default().days(90));
        found.overlooked.into_iter().map(|one| one.member).collect()
    };
    assert_eq!(lists(""), ["bob"]);
    assert_eq!(lists("count-left-out = false"), ["eve", "bob"], "only Zoe had accepted an answer of Eve's");
}

#[test]
fn what_the_data_does_not_have_is_unknown_and_nobody_is_blamed_for_it() {
    let community = small("", [5, 5, 5]);
    let rows = std::fs::read_to_string(community.path("activities.csv")).unwrap();
    let without = |verbs: &[&str]| -> (usize, String) {
        let kept = rows.lines().filter(|row| !verbs.iter().any(|verb| row.contains(verb)));
        let kept: Vec<&str> = kept.collect();
        community.write("activities.csv", kept.join("\n").as_bytes());
        let found = appreciated(&community, &AppreciateOptions::default());
        let told = found.overlooked.iter().map(|one| format!("{}: {}\n", one.member, one.evidence));
        (found.overlooked.len(), told.collect::<String>() + &found.notes.join("\n"))
    };
    let (many, told) = without(&[",thank,"]);
    assert_eq!(many, 3);
    insta::assert_snapshot!(told, @r"
    ada: nothing in 90 days; last thanked: unknown; last accepted answer: never; shoutouts and badges are unknown
    cyd: nothing in 90 days; last thanked: unknown; last accepted answer: never; shoutouts and badges are unknown
    bob: nothing in 90 days; last thanked: unknown; last accepted answer: 2024-08-08; shoutouts and badges are unknown
    the data has no activity `thank`: who was thanked by it is unknown
    there is no programme, and so no ledger: shoutouts, badges and circles, and who is new, are unknown
    ");
    let (many, told) = without(&[",thank,", ",accept,"]);
    assert_eq!(many, 0);
    insta::assert_snapshot!(told, @r"
    the data has no activity `thank`: who was thanked by it is unknown
    the data has no activity `accept`: who was thanked by it is unknown
    nothing is known that would be thanks: who is overlooked is unknown
    there is no programme, and so no ledger: shoutouts, badges and circles, and who is new, are unknown
    ");
}

#[test]
fn the_planted_community_has_the_same_lists_at_any_number_of_threads() {
    let written = planted(600, "window = \"30d\"", PROGRAMME);
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let at = |as_of: &str| {
        let text = text.replace("[community]", &format!("[community]\nas-of = {as_of}"));
        written.write("community.toml", text.as_bytes());
    };
    at("2024-11-15");
    open(&written).run(&RunOptions::default()).unwrap();
    at("2024-12-15");
    let community = open(&written);
    let options = AppreciateOptions::default().days(30).margin(0.2);
    let ask = |threads: usize| {
        community.appreciate(&options, &RunOptions::default().threads(threads).partitions(threads)).unwrap()
    };
    let found = ask(1);
    assert_eq!(found, ask(4));
    let run = community.run(&RunOptions::default().dry_run(true)).unwrap();
    let micro = |tier: &str| tier == "micro-influencer";
    let micros: BTreeSet<&str> = run.members().filter(|one| micro(one.tier)).map(|one| one.member).collect();
    assert_eq!(found.members, micros.len() as u64);
    // Who arrived and who is gone, asked of the ledger member by member.
    let rewards = community.rewards().unwrap();
    let (mut arrived, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for one in run.members() {
        let stood = rewards.tiers(one.member).unwrap();
        if micro(one.tier) && !stood.iter().any(|stood| micro(&stood.tier)) {
            arrived.insert(one.member);
        }
        let last = stood.iter().find(|stood| stood.period == "2024-11");
        if !micro(one.tier) && last.is_some_and(|stood| micro(&stood.tier)) {
            gone.insert(one.member);
        }
    }
    assert!(!arrived.is_empty() && !gone.is_empty(), "{arrived:?} {gone:?}");
    assert_eq!(found.arrived.iter().map(|one| one.member.as_str()).collect::<BTreeSet<_>>(), arrived);
    let no_longer =
        found.leaving.iter().filter(|one| matches!(one.reasons[0], LeavingReason::NoLonger { .. }));
    assert_eq!(no_longer.map(|one| one.member.as_str()).collect::<BTreeSet<_>>(), gone);
    // Who is near to the edge has one of the lowest scores, and everybody who has is told.
    let scores: Vec<f64> = run.members().filter(|one| micro(one.tier)).map(|one| one.score).collect();
    let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let near: BTreeSet<&str> = run
        .members()
        .filter(|one| micro(one.tier) && one.score <= lowest + 0.2 * (highest - lowest))
        .map(|one| one.member)
        .collect();
    let edge = |reason: &LeavingReason| matches!(reason, LeavingReason::NearEdge { .. });
    let told = found.leaving.iter().filter(|one| one.reasons.iter().any(edge));
    assert_eq!(told.map(|one| one.member.as_str()).collect::<BTreeSet<_>>(), near);
    assert!(!near.is_empty() && near.len() < micros.len());
    // Nobody is in the lists of micro-influencers who is none.
    for one in found.contacts().filter(|one| one.list != "leaving") {
        assert!(micros.contains(one.member), "{one:?}");
    }
}

#[test]
fn planted_members_who_stop_are_told_and_steady_ones_are_not() {
    let written = planted(600, "window = \"all\"", "");
    let all = appreciated(&written, &AppreciateOptions::default());
    let falling = |found: &Appreciation| -> BTreeSet<String> {
        found.falling.iter().map(|one| one.member.clone()).collect()
    };
    assert!(all.members > 10 && all.test.tested == all.members);
    assert_eq!(falling(&all), BTreeSet::new());
    // Two micro-influencers do nothing more after the first of November.
    let run = open(&written).run(&RunOptions::default().dry_run(true)).unwrap();
    let stopped: BTreeSet<String> = run
        .members()
        .filter(|one| one.tier == "micro-influencer")
        .take(2)
        .map(|one| one.member.to_owned())
        .collect();
    let rows = std::fs::read_to_string(written.path("activities.csv")).unwrap();
    let header: Vec<&str> = rows.lines().next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (actor, at) = (column("actor"), column("at"));
    let kept = rows.lines().filter(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        !(stopped.contains(cells[actor]) && cells[at] > "2024-11-01")
    });
    let kept: Vec<&str> = kept.collect();
    written.write("activities.csv", kept.join("\n").as_bytes());
    assert_eq!(falling(&appreciated(&written, &AppreciateOptions::default())), stopped);
}

#[test]
fn what_cannot_be_looked_for_is_told_with_the_way_out() {
    let community = small("\n[definitions.voices]\nplugin = \"thought-leader\"\n", [5, 5, 5]);
    let opened = host().open(community.path("community.toml")).unwrap();
    let told = |options: AppreciateOptions, definition: &str| {
        let error = opened.appreciate(&options, &RunOptions::default().definition(definition)).unwrap_err();
        community.normalised(&error.to_string())
    };
    let usual = AppreciateOptions::default;
    let all = [
        told(usual().days(0), "band"),
        told(usual().weeks(7), "band"),
        told(usual().weeks(52), "band"),
        told(usual().margin(f64::NAN), "band"),
        told(usual(), "voices"),
        community.normalised(&opened.appreciate(&usual(), &RunOptions::default()).unwrap_err().to_string()),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    cannot look for whom to appreciate: days without thanks must be from 1 to 36500, not 0
    cannot look for whom to appreciate: weeks that are compared with the rest of 52 must be an even number from 4 to 12, not 7
    cannot look for whom to appreciate: weeks that are compared with the rest of 52 must be an even number from 4 to 12, not 52
    cannot look for whom to appreciate: the margin must be a share from 0 to 1, not NaN
    [folder]/community.toml:13:14: no tier of the definition `voices` is known as that of micro-influencers; choose another definition, or let its plugin say `known` of the tier that means it
    [folder]/community.toml:9:2: several definitions could run; ask for one of `band` and `voices`, or name it in [programme]
    ");
}

#[test]
fn who_was_in_tiers_that_the_definition_no_longer_has_is_not_called_new() {
    let written = crate::planted::planted(300, "", crate::planted::PROGRAMME);
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let at = |as_of: &str, plugin: &str| {
        let text = text.replace("[community]", &format!("[community]\nas-of = {as_of}")).replace(
            "[definitions.regulars]\nplugin = \"regulars\"",
            &format!("[definitions.regulars]\nplugin = \"{plugin}\""),
        );
        written.write("community.toml", text.as_bytes());
        let community = crate::planted::open(&written);
        community.run(&RunOptions::default()).unwrap();
        community.appreciate(&AppreciateOptions::default(), &RunOptions::default()).unwrap()
    };
    at("2024-11-15", "regulars");
    let now = at("2024-12-15", "orbit");
    let unknown = now.notes.iter().find(|note| note.contains("whether they are new is unknown")).unwrap();
    assert!(unknown.contains("in tiers that the definition does not have any more"), "{unknown}");
    // Who had no tier before is new all the same.
    assert!(now.arrived.iter().all(|one| one.before.is_none()), "{:?}", now.arrived);
}
