//! Programmes: what a community says of awards, and what people decide.

#![expect(clippy::unwrap_used, reason = "tests")]

use groundswell::ledger::{Act, Decision, Kind, Selection, State};
use groundswell::{Community as Opened, RunOptions};

use crate::community::Community;
use crate::planted::{PROGRAMME, open, planted};

fn with(terms: &str) -> Community {
    planted(300, "", &format!("{PROGRAMME}\n{terms}"))
}

fn run(written: &Community) -> groundswell::Run {
    open(written).run(&RunOptions::default()).unwrap()
}

fn states(community: &Opened, award: &str) -> Vec<State> {
    let mut selection = Selection::default();
    selection.award = Some(award.to_owned());
    community.rewards().unwrap().list(&selection).unwrap().iter().map(|one| one.state).collect()
}

fn sound(community: &Opened) {
    assert_eq!(community.verify_ledger(&[], &mut |_, _| ()).unwrap().findings, [""; 0]);
}

#[test]
fn budgets_approval_and_roles_hold_awards_and_people_let_them_go() {
    let written = with(
        "[[programme.award]]\naward = \"first-shoutout\"\nbudget = 2\n\
         [[programme.award]]\naward = \"training-invitation\"\napproval = \"person\"\n\
         [[programme.award]]\naward = \"micro-influencer-circle\"\nenabled = false\n\
         [[programme.award]]\naward = \"micro-influencer-badge\"\nnot-for = [\"member\"]\n",
    );
    let community = open(&written);
    // What is planned is what is done.
    let planned = community.run(&RunOptions::default().dry_run(true)).unwrap();
    let done = community.run(&RunOptions::default()).unwrap();
    assert_eq!(planned.changes(), done.changes());
    let of = |award: &str| done.awards().iter().filter(|one| one.award == award).count();
    let micros = of("first-shoutout");
    assert!(micros > 3);
    let shoutouts = states(&community, "first-shoutout");
    assert_eq!(shoutouts.iter().filter(|state| **state == State::Granted).count(), 2);
    assert_eq!(shoutouts.iter().filter(|state| **state == State::Held).count(), micros - 2);
    assert_eq!(states(&community, "training-invitation"), vec![State::Pending; micros]);
    assert_eq!(states(&community, "micro-influencer-circle"), []);
    let usage: Vec<_> = done.budgets().iter().filter(|usage| usage.budget.is_some()).collect();
    assert_eq!((usage.len(), usage[0].after), (1, 2));
    // Those two have the highest scores.
    let given: Vec<&str> = done
        .awards()
        .iter()
        .filter(|one| one.award == "first-shoutout" && one.new)
        .map(|one| one.member.as_str())
        .collect();
    let score = |member: &str| done.member(member).unwrap().score;
    let least = given.iter().map(|member| score(member)).fold(f64::INFINITY, f64::min);
    for held in done.awards().iter().filter(|one| one.award == "first-shoutout" && !one.new) {
        assert!(score(&held.member) <= least);
    }
    let rewards = community.rewards().unwrap();
    let mut waiting = Selection::default();
    waiting.states = vec![State::Pending];
    let member = rewards.list(&waiting).unwrap()[0].member.clone().unwrap();
    let decision = Decision::new(&member, "training-invitation", Act::Approve, "mo", "well deserved");
    rewards.decide(&decision, true).unwrap();
    assert_eq!(rewards.list(&waiting).unwrap().len(), micros);
    rewards.decide(&decision, false).unwrap();
    assert_eq!(rewards.list(&waiting).unwrap().len(), micros - 1);
    let story = rewards.story(&member).unwrap();
    assert!(story.iter().any(|one| one.actor == "person mo" && one.reason == "well deserved"));
    assert!(story.iter().any(|one| one.actor == "plugin regulars 0.1.0" && one.kind == Kind::Training));
    assert!(!rewards.tiers(&member).unwrap().is_empty());
    sound(&community);
}

#[test]
fn other_settings_within_a_period_record_nothing_until_they_are_approved() {
    let written = with("");
    let first = run(&written);
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    assert!(text.contains("[programme]"));
    // Nobody gets a badge any more.
    written.write("community.toml", format!("{text}\n[programme.settings]\nbadge = false\n").as_bytes());
    let community = open(&written);
    let second = community.run(&RunOptions::default()).unwrap();
    assert!(second.info().notes.iter().any(|note| note.contains("--approve")), "{:?}", second.info().notes);
    let badges = states(&community, "micro-influencer-badge");
    assert!(badges.iter().all(|state| *state == State::Granted) && !badges.is_empty());
    // It says what would be: all of them are more than may go without a person.
    assert!(second.changes().iter().any(|change| change.to == State::Revoking));
    // What is approved is what was looked at.
    let options = RunOptions::default();
    let refused = community.approve_terms(Some("0123456789ab"), "mo", "voted on", &options).unwrap_err();
    assert!(refused.to_string().contains("look at `groundswell rewards plan` again"), "{refused}");
    let terms = community.terms().unwrap();
    let period = community.approve_terms(Some(&terms[..12]), "mo", "voted on", &options).unwrap();
    assert_eq!(Some(period), first.info().period);
    community.run(&RunOptions::default()).unwrap();
    assert!(states(&community, "micro-influencer-badge").iter().all(|state| *state == State::Revoking));
    sound(&community);
}

#[test]
fn a_tier_counts_once_enough_runs_in_a_row_say_so() {
    let programme = PROGRAMME.replace("[programme]", "[programme]\nconfirm-runs = 2");
    let written = planted(300, "window = \"60d\"", &programme);
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let at = |as_of: &str| {
        written.write(
            "community.toml",
            text.replace("[community]", &format!("[community]\nas-of = {as_of}")).as_bytes(),
        );
        run(&written)
    };
    let runs = ["2024-10-15", "2024-11-15", "2024-12-15"].map(at);
    let rewards = open(&written).rewards().unwrap();
    let counted = |member: &str, month: &str| {
        let stood = rewards.tiers(member).unwrap().into_iter().find(|stood| stood.period == month);
        stood.unwrap().tier
    };
    let (mut kept, mut confirmed) = (0, 0);
    for last in runs[2].members() {
        let [Some(first), Some(second)] = [0, 1].map(|run: usize| runs[run].member(last.member)) else {
            continue;
        };
        // Whoever is seen for the first time is where they are said to be.
        assert_eq!(counted(last.member, "2024-10"), first.tier);
        let settled = counted(last.member, "2024-11");
        assert_eq!(settled, first.tier, "{}", last.member);
        kept += u32::from(second.tier != first.tier);
        let expected = if last.tier == second.tier { last.tier } else { &settled };
        assert_eq!(counted(last.member, "2024-12"), expected, "{}", last.member);
        confirmed += u32::from(expected != first.tier);
    }
    assert!(kept > 3 && confirmed > 0, "{kept} {confirmed}");
    // The same run again decides the same.
    let again = at("2024-12-15");
    assert_eq!(again.info().receipt, runs[2].info().receipt);
    sound(&open(&written));
}

#[test]
fn validation_says_what_is_wrong_with_terms_and_targets() {
    let written = with(
        "[[programme.award]]\naward = \"nope\"\n[programme.targets.platform]\nwebhook = \"ftp://example.org\"\nkey-env = \"K\"\n",
    );
    let found = open(&written).validate(&RunOptions::default()).unwrap();
    let told: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|problem| problem.contains("have no award `nope`")), "{told:?}");
    assert!(told.iter().any(|problem| problem.contains("ftp")), "{told:?}");
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn where_there_is_no_ledger_a_decision_makes_none() {
    let written = with("");
    let rewards = open(&written).rewards().unwrap();
    let decision = Decision::new("m0010", "micro-influencer-badge", Act::Grant(1), "mo", "so");
    assert!(rewards.decide(&decision, false).unwrap_err().to_string().contains("m0010"));
    assert!(!written.path(".groundswell/ledger.sqlite").exists());
}

#[test]
fn what_is_wrong_with_a_programme_is_told_with_the_way_out() {
    let told = |terms: &str| {
        let written = with(terms);
        let error = written.path("community.toml");
        let opened = groundswell::Config::read(&error).map_err(|error| error.to_string());
        let told = match opened {
            Err(error) => error,
            Ok(_) => open(&written).run(&RunOptions::default()).unwrap_err().to_string(),
        };
        let folder = written.path("");
        let folder = folder.display().to_string();
        told.replace(folder.trim_end_matches('/'), "[folder]")
    };
    let award = |lines: &str| told(&format!("[[programme.award]]\naward = \"first-shoutout\"\n{lines}\n"));
    let all = [
        told("[[programme.award]]\naward = \"first-shoutouts\"\n"),
        told("[[programme.award]]\nbudget = 3\n"),
        award("budget = -1"),
        award("budget = \"many\""),
        award("approval = \"yes\""),
        award("cool-down = 90"),
        award("cool-down = \"0d\""),
        award("expires = \"30d\""),
        award("deliver = [\"platform\"]"),
        award("colour = \"red\""),
        award("[[programme.award]]\naward = \"first-shoutout\""),
        told("[[programme.award]]\naward = \"micro-influencer-badge\"\ntext = \"x\"\n"),
        told("[programme.targets.platform]\nwebhook = \"https://example.org\"\n"),
        told("[programme.targets.platform]\nkey-env = \"KEY\"\n"),
        told(
            "[programme.targets.platform]\nwebhook = \"https://example.org\"\nkey-env = \"K\"\nkey-file = \"k\"\n",
        ),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
            [folder]/community.toml:20:9: the reward rules regulars have no award `first-shoutouts`; did you mean "first-shoutout"?
            [folder]/community.toml:19:1: [[programme.award]] lacks `award`; write, for example, award = "micro-influencer-badge"
            [folder]/community.toml:21:10: `budget` must be from 0 to 4294967295; such as 20
            [folder]/community.toml:21:10: `budget` in [[programme.award]] must be a number of awards or points a period, not text; such as 20
            [folder]/community.toml:21:12: `approval` cannot be "yes"; it is one of "automatic", "person"
            [folder]/community.toml:21:13: `cool-down` in [[programme.award]] must be text, not a whole number; such as "90d"
            [folder]/community.toml:21:13: `cool-down` cannot be "0d"; write a number of days from "1d" to "36500d", such as "90d"
            [folder]/community.toml:21:11: `first-shoutout` is a shoutout, and only trainings and points expire; leave `expires` out
            [folder]/community.toml:21:12: there is no [programme.targets.platform]; add it, with webhook = "https://…" and key-env = "…", or with file = "awards.jsonl"; there is none yet
            [folder]/community.toml:21:1: [[programme.award]] has no key `colour`; [[programme.award]] has the keys `award`, `enabled`, `approval`, `budget`, `per-member`, `per-member-within`, `cool-down`, `not-for`, `expires`, `grace`, `deliver` and `text`
            [folder]/community.toml:22:9: there are two [[programme.award]] for `first-shoutout`; make one of them
            [folder]/community.toml:21:8: `micro-influencer-badge` is a badge, and only shoutouts have a text; leave `text` out
            [folder]/community.toml:19:1: a webhook needs a key, by which the receiver knows who sends; write key-env = "GROUNDSWELL_WEBHOOK_KEY", or key-file = "webhook.key"
            [folder]/community.toml:19:1: a target is a webhook or a file; write webhook = "https://example.org/awards", or file = "awards.jsonl"
            [folder]/community.toml:19:1: a key cannot be in two places; keep one of key-file and key-env
            "#);
}

#[test]
fn what_a_programme_would_have_done_to_the_past_is_told_period_by_period() {
    let written = with(
        "[[programme.award]]\naward = \"first-shoutout\"\nbudget = 1\n\
         [[programme.award]]\naward = \"training-invitation\"\nper-member = 1\n",
    );
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    written.write("community.toml", text.replace("[community]", "[community]\nwindow = \"90d\"").as_bytes());
    let community = open(&written);
    let since = "2024-08-10".parse().unwrap();
    let simulation = community.simulate(since, &RunOptions::default()).unwrap();
    let periods: Vec<&str> = simulation.periods.iter().map(|period| period.period.as_str()).collect();
    assert_eq!(periods, ["2024-08", "2024-09", "2024-10", "2024-11", "2024-12"]);
    // Nothing of it is in the state, and it is the same once more.
    assert!(
        !written.path(".groundswell/ledger.sqlite").exists() && !written.path(".groundswell/runs").exists()
    );
    let again = community.simulate(since, &RunOptions::default().threads(1)).unwrap();
    assert_eq!(serde_json::to_value(&simulation).unwrap(), serde_json::to_value(&again).unwrap());
    let shoutouts = simulation.fairness.iter().find(|one| one.award == "first-shoutout").unwrap();
    let given: u64 = simulation
        .periods
        .iter()
        .filter_map(|period| period.changes.get("first-shoutout")?.get(&State::Granted))
        .sum();
    // One a period, and whoever has one does not get another.
    assert_eq!((given, shoutouts.received), (5, 5));
    assert!(shoutouts.qualified > 5 && shoutouts.gini.is_some_and(|gini| gini > 0.3));
    let badges = simulation.fairness.iter().find(|one| one.award == "micro-influencer-badge").unwrap();
    assert_eq!(badges.qualified, badges.received);
    assert!(badges.tenure_received.is_some() && badges.newcomers.is_some());
    // Month by month it is what the programme does.
    let mut months =
        text.replace("[community]", "[community]\nwindow = \"90d\"\nas-of = 2024-08-31T23:59:59.999999999Z");
    written.write("community.toml", months.as_bytes());
    let first = run(&written);
    let changed: u64 = simulation.periods[0].changes.values().flat_map(|states| states.values()).sum();
    assert_eq!(first.changes().len() as u64, changed);
    months = months.replace("2024-08-31", "2024-09-30");
    written.write("community.toml", months.as_bytes());
    let second: u64 = simulation.periods[1].changes.values().flat_map(|states| states.values()).sum();
    assert_eq!(run(&written).changes().len() as u64, second);
}

#[test]
fn the_first_run_says_that_what_has_to_be_confirmed_counts_at_once() {
    let text = |runs: u32| format!("{PROGRAMME}confirm-runs = {runs}\n");
    let written = planted(300, "as-of = 2024-06-30T00:00:00Z", &text(3));
    let first = run(&written).info().notes.clone();
    insta::assert_snapshot!(first.join("\n"), @"this is the first run of those that `confirm-runs` = 3 asks: whoever is seen for the first time is where they are said to be, so that all tiers of this run count at once; from the next run on one counts once 3 in a row say so");
    // The same again says the same, and a later one has somebody to ask.
    assert_eq!(run(&written).info().notes, first);
    let toml = std::fs::read_to_string(written.path("community.toml")).unwrap();
    written.write("community.toml", toml.replace("2024-06-30", "2024-07-30").as_bytes());
    assert_eq!(run(&written).info().notes, [""; 0]);
    // Where one run is enough there is nothing to say.
    assert_eq!(run(&planted(300, "", &text(1))).info().notes, [""; 0]);
}

#[test]
fn whom_and_what_nobody_knows_is_not_said_to_have_nothing() {
    let written = with("[[programme.award]]\naward = \"first-shoutout\"\nenabled = false\n");
    let community = open(&written);
    run(&written);
    let rewards = community.rewards().unwrap();
    let asked = |member: Option<&str>, award: Option<&str>| {
        let mut selection = Selection::default();
        (selection.member, selection.award) = (member.map(str::to_owned), award.map(str::to_owned));
        rewards.refuse_unknown(&selection).map_err(|error| error.to_string())
    };
    let all = rewards.list(&Selection::default()).unwrap();
    let somebody = all[0].member.as_deref();
    // Somebody without awards was scored all the same, and an award that is off is one.
    let without = (0..300).map(|id| format!("m{id:04}")).find(|id| {
        all.iter().all(|one| one.member.as_ref() != Some(id)) && !rewards.tiers(id).unwrap().is_empty()
    });
    for known in [somebody, without.as_deref()] {
        assert_eq!(asked(known, Some("first-shoutout")), Ok(()));
    }
    let told = [
        asked(Some(&format!("{}x", somebody.unwrap())), None),
        asked(Some("nobody-at-all"), None),
        asked(somebody, Some("first-shoutot")),
        asked(None, Some("bogus")),
    ];
    insta::assert_snapshot!(told.map(Result::unwrap_err).join("\n"), @r"
    nothing is recorded of m0119x; did you mean `m0119`?
    nothing is recorded of nobody-at-all
    there is no award `first-shoutot`: did you mean `first-shoutout`?
    there is no award `bogus`: awards are `first-shoutout`, `micro-influencer-badge`, `micro-influencer-circle` and `training-invitation`
    ");
}
