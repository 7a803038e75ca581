use crate::shell::{Planted, command};

#[test]
fn the_planted_community_is_told_whom_it_takes_for_granted() {
    let planted = Planted::new();
    let ask = |more: &[&str]| -> crate::shell::Answer {
        planted.command("appreciate", more).output().unwrap().into()
    };
    insta::assert_snapshot!(ask(&["--days", "5"]).done(), @r"
    planted: 20 micro-influencers as of 2024-12-29T20:03:20Z, by regulars

    overlooked (4): nobody thanked them for 5 days
      m0500: nothing in 5 days; last thanked: 2024-12-18; last accepted answer: 2024-12-19; shoutouts and badges are unknown
      m0445: nothing in 5 days; last thanked: 2024-12-23; last accepted answer: 2024-12-23; shoutouts and badges are unknown
      m0010: nothing in 5 days; last thanked: 2024-12-23; last accepted answer: 2024-12-23; shoutouts and badges are unknown
      m0293: nothing in 5 days; last thanked: 2024-12-24; last accepted answer: 2024-12-23; shoutouts and badges are unknown
        next: thank them in public: name something that they did for others, and whom it helped

    falling (0): active less than their own past lets expect: 20 tested, 0 too short a time, too seldom or too evenly

    leaving (2): about to leave the tier, or just gone
      m0217: score 94.43, in the lowest 10 % of the way from the tier's lowest, 94.43, to its highest, 99.01
      m0052: score 94.48, in the lowest 10 % of the way from the tier's lowest, 94.43, to its highest, 99.01
        next: tell them what they are valued for, and ask what they need: their letter says what counts

    arrived (unknown): micro-influencers for the first time

    everybody together: 182.2 activities a week in the last 8 weeks, 182.9 in the 44 before
    falling by: exact randomisation test over fortnights of the member's own year, one-sided (Fisher 1935, Pitman 1937), adjusted for the number of members who are tested (Benjamini, Hochberg 1995); of those who are told no more than 5 % are false alarms, as long as one fortnight says little about the next
    the ledger is empty, since no run was recorded: shoutouts, badges and circles, and who is new, are unknown
    ");
    let json = ask(&["--days", "5", "--format", "json"]).json();
    let csv = ask(&["--days", "5", "--format", "csv"]).done();
    let listed =
        ["overlooked", "falling", "leaving", "arrived"].map(|list| json[list].as_array().unwrap().len());
    assert_eq!(csv.lines().count(), 1 + listed.iter().sum::<usize>());
    assert_eq!(csv.lines().next(), Some("member,why,evidence,next_step"));
    assert!(!planted.path(".groundswell").exists(), "nothing is written");
    insta::assert_snapshot!(ask(&["--weeks", "7"]).stopped(2), @"x cannot look for whom to appreciate: weeks that are compared with the rest of 52 must be an even number from 4 to 12, not 7");
}

#[test]
fn a_contact_list_is_no_formula() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let ids = ["=1+1", "-1", "@sum(a1)", "+49", "ada"];
    let rows: String = ids.iter().map(|id| format!("\"{id}\",post,2024-05-01,\n")).collect();
    write("activities.csv", &format!("actor,verb,at,recipient\n{rows}zed,thank,2020-05-01,=1+1\n"));
    let rows: String = ids.iter().map(|id| format!("\"{id}\",50\n")).collect();
    write("members.csv", &format!("id,external_followers\n{rows}"));
    write(
        "community.toml",
        "[community]\nname = \"odd\"\n[sources.tables]\nactivities = \"activities.csv\"\nmembers = \"members.csv\"\n\
         [definitions.band]\nplugin = \"audience-band\"\n\
         settings = { nano-from = 1, micro-from = 10, micro-to = 100, macro-to = 1000, least-engagement = 0.0 }\n",
    );
    let config = folder.path().join("community.toml");
    let told = command(&["appreciate", config.to_str().unwrap(), "--format", "csv"]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let members: Vec<&str> = told.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(members, ["'+49", "'-1", "'@sum(a1)", "ada", "'=1+1"]);
}
