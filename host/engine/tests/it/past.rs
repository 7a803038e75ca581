//! The past of a definition: as it was recorded, and by what is said now.

#![expect(clippy::unwrap_used, reason = "tests")]

use groundswell::RunOptions;

use crate::community::Community;
use crate::planted::{PROGRAMME, open, planted};

/// Three months of a community, whose definition became another one before the third.
fn changed() -> (Community, String) {
    let written = planted(300, "window = \"60d\"", PROGRAMME);
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let at = |as_of: &str, settings: &str| {
        let text = text.replace("[community]", &format!("[community]\nas-of = {as_of}")).replace(
            "plugin = \"regulars\"\n\n[programme]",
            &format!("plugin = \"regulars\"\n{settings}\n[programme]"),
        );
        written.write("community.toml", text.as_bytes());
        open(&written).run(&RunOptions::default()).unwrap().info().notes.clone()
    };
    let other = "settings = { micro-influencer-share = 0.15, regular-share = 0.4 }";
    let broken = |notes: &[String]| {
        notes.iter().filter(|note| note.contains("same measure")).cloned().collect::<Vec<_>>()
    };
    assert!(broken(&at("2024-10-15", "")).is_empty());
    assert!(broken(&at("2024-11-15", "")).is_empty());
    let told = broken(&at("2024-12-15", other));
    (written, told.join("\n"))
}

#[test]
fn where_a_definition_became_another_one_it_is_marked_and_told() {
    let (written, told) = changed();
    insta::assert_snapshot!(told, @"the definition `regulars` is another one than in 2024-11, though its plugin is still called regulars 0.1.0. Tiers before and after are not by the same measure; `groundswell history` shows where that is so");
    let community = open(&written);
    let rewards = community.rewards().unwrap();
    let past = rewards.past("regulars", None).unwrap();
    let breaks: Vec<_> = past.iter().map(|past| (past.period.as_str(), past.breaks)).collect();
    assert_eq!(breaks, [("2024-10", None), ("2024-11", Some(false)), ("2024-12", Some(true))]);
    assert!(past.iter().all(|past| past.plugin.as_deref() == Some("regulars 0.1.0")));
    // Who was scored is in one of the tiers, and who rose or fell was there before.
    for (before, now) in past.iter().zip(&past[1..]) {
        assert_eq!(now.members, now.tiers.values().sum::<u64>());
        assert_eq!(before.members - now.gone, now.members - now.arrived);
        assert!(now.higher + now.lower <= now.members - now.arrived);
    }
    let member = community.run(&RunOptions::default().dry_run(true)).unwrap();
    let micro =
        member.members().find(|one| rewards.tiers(one.member).unwrap().len() == 3).unwrap().member.to_owned();
    let letter = community.letter(&micro, None, &RunOptions::default()).unwrap();
    assert!(letter.text.contains("What tiers are told by has changed since"), "{}", letter.text);
    let letter = community.letter(&micro, Some("de"), &RunOptions::default()).unwrap();
    assert!(letter.text.contains("Wonach Stufen vergeben werden, hat sich"), "{}", letter.text);
}

#[test]
fn the_past_by_what_is_said_now_is_by_one_measure_and_beside_what_was_recorded() {
    let (written, _) = changed();
    let community = open(&written);
    let state = |path: &str| std::fs::read(written.path(".groundswell").join(path)).unwrap();
    let before = state("ledger.sqlite");
    let relived = community.relive("2024-10-01".parse().unwrap(), &RunOptions::default()).unwrap();
    let periods = relived.periods().unwrap();
    let keys: Vec<_> = periods.iter().map(|past| (past.period.as_str(), past.breaks)).collect();
    assert_eq!(keys, [("2024-10", None), ("2024-11", Some(false)), ("2024-12", Some(false))]);
    // The newest period was recorded by the same definition at the same moment.
    let newest = relived.compared("2024-12").unwrap();
    assert_eq!(
        (newest.same, newest.higher + newest.lower + newest.aside + newest.missing + newest.more),
        (periods[2].members, 0)
    );
    // Those before were not: other settings, and another moment of the month.
    let earlier = relived.compared("2024-11").unwrap();
    assert!(earlier.higher + earlier.lower > 0, "{earlier:?}");
    assert_eq!(
        earlier.same + earlier.higher + earlier.lower + earlier.aside + earlier.more,
        periods[1].members
    );
    let run = community.run(&RunOptions::default().dry_run(true)).unwrap();
    for one in run.members() {
        let stood = relived.tiers(one.member).unwrap();
        assert_eq!(stood.last().unwrap().tier, one.tier);
    }
    assert!(before == state("ledger.sqlite"));
}

#[test]
fn a_run_tells_both_tiers_where_the_new_one_does_not_count_yet() {
    let programme = PROGRAMME.replace("[programme]", "[programme]\nconfirm-runs = 2");
    let written = planted(300, "window = \"60d\"", &programme);
    let text = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let at = |as_of: &str| {
        let text = text.replace("[community]", &format!("[community]\nas-of = {as_of}"));
        written.write("community.toml", text.as_bytes());
        open(&written).run(&RunOptions::default()).unwrap()
    };
    let runs = ["2024-10-15", "2024-11-15"].map(at);
    let community = open(&written);
    let rewards = community.rewards().unwrap();
    let json = serde_json::to_value(&runs[1]).unwrap();
    let (mut both, mut one) = (0, 0);
    for (member, told) in runs[1].members().zip(json["members"].as_array().unwrap()) {
        let before = runs[0].member(member.member).map_or(member.tier, |before| before.tier);
        assert_eq!(member.counts, before);
        let stood = rewards.tiers(member.member).unwrap().pop().unwrap();
        assert_eq!((stood.said.as_deref(), stood.tier.as_str()), (Some(member.tier), member.counts));
        if member.counts == member.tier {
            assert!(told.get("counts").is_none());
            one += 1;
        } else {
            assert_eq!(told["counts"], member.counts);
            both += 1;
            if both == 1 {
                let letter = community.letter(member.member, None, &RunOptions::default()).unwrap();
                let counts =
                    format!("For awards you count as \"{}\" for now", member.counts_title().unwrap());
                assert!(letter.text.contains(&counts), "{}", letter.text);
            }
        }
    }
    assert!(both > 3 && one > 3, "{both} {one}");
    let past = rewards.past("regulars", None).unwrap();
    assert_eq!((past[0].unconfirmed, past[1].unconfirmed), (0, both));
}
