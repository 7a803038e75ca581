//! What a shell sees of a definition's past.

use crate::shell::{Answer, Planted};

/// A community that looks from a day, with other settings where there are any.
fn look(planted: &Planted, as_of: &str, settings: &str) {
    let text = String::from_utf8(
        groundswell_planted::FILES.iter().find(|(name, _)| *name == "community.toml").unwrap().1.to_vec(),
    )
    .unwrap();
    let text = text
        .replace("[community]", &format!("[community]\nas-of = {as_of}"))
        .replace("window = \"365d\"", "window = \"60d\"")
        .replace("[definitions.regulars]", &format!("[definitions.regulars]\n{settings}"));
    std::fs::write(planted.path("community.toml"), text).unwrap();
}

fn three_months() -> Planted {
    let planted = Planted::new();
    look(&planted, "2024-10-15", "");
    planted.score(&[]).done();
    look(&planted, "2024-11-15", "");
    planted.score(&[]).done();
    look(&planted, "2024-12-15", "settings = { micro-influencer-share = 0.15, regular-share = 0.4 }");
    let told = planted.score(&[]).done();
    assert!(told.contains("not by the same measure"), "{told}");
    planted
}

fn history(planted: &Planted, more: &[&str]) -> Answer {
    planted.command("history", more).output().unwrap().into()
}

#[test]
fn the_past_is_shown_as_it_was_recorded_and_by_what_is_said_now() {
    let planted = three_months();
    insta::assert_snapshot!(history(&planted, &[]).done(), @"");
    insta::assert_snapshot!(history(&planted, &["--anew", "--since", "2024-11-01"]).done(), @"");
    let json = history(&planted, &["--anew", "--format", "json"]).json();
    let breaks: Vec<_> = json["recorded"].as_array().unwrap().iter().map(|past| past["breaks"].as_bool()).collect();
    assert_eq!(breaks, [None, Some(false), Some(true)]);
    let anew = json["anew"].as_array().unwrap();
    assert_eq!(anew.len(), 3);
    assert_eq!(anew[2]["compared"]["same"], anew[2]["period"]["members"]);
}

#[test]
fn a_members_past_is_shown_beside_what_it_would_have_been() {
    let planted = three_months();
    let json = history(&planted, &["--anew", "--since", "2024-09-01", "--format", "json"]).json();
    assert_eq!(json["anew"][0]["compared"]["more"], json["anew"][0]["period"]["members"]);
    insta::assert_snapshot!(history(&planted, &["--member", "m0007", "--anew", "--since", "2024-09-01"]).done(), @"");
    insta::assert_snapshot!(history(&planted, &["--member", "m0007"]).done(), @"");
}

#[test]
fn what_history_cannot_show_it_says_with_the_way_out() {
    let planted = Planted::new();
    let told = [
        history(&planted, &["--definition", "regular"]).stopped(2),
        history(&planted, &["--member", "nobody"]).stopped(2),
        history(&planted, &["--anew"]).stopped(2),
        history(&planted, &["--since", "yesterday"]).stopped(2),
    ];
    insta::assert_snapshot!(told.join("\n\n"), @"");
    insta::assert_snapshot!(history(&planted, &[]).done(), @"");
}
