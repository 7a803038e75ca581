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
    insta::assert_snapshot!(history(&planted, &[]).done(), @r"
    regulars, as it was recorded:
     period   members  member  regular  unrated  micro-influencer  celebrity  staff  unconfirmed  higher  lower  arrived  gone  scored by
     2024-10      440     285       63       63                20          5      4            0       0      0      440     0  regulars 0.1.0
     2024-11      446     286       64       66                20          6      4            0       7      6       23    17  regulars 0.1.0
     2024-12      449     206      136       75                22          6      4            0      72      0       17    14  regulars 0.1.0, changed
    changed: the definition is another one than in the period before, and tiers on both sides are not by the same measure
    ");
    insta::assert_snapshot!(history(&planted, &["--anew", "--since", "2024-11-01"]).done(), @r"
    regulars, as it was recorded:
     period   members  member  regular  unrated  micro-influencer  celebrity  staff  unconfirmed  higher  lower  arrived  gone  scored by
     2024-11      446     286       64       66                20          6      4            0       7      6       23    17  regulars 0.1.0
     2024-12      449     206      136       75                22          6      4            0      72      0       17    14  regulars 0.1.0, changed
    changed: the definition is another one than in the period before, and tiers on both sides are not by the same measure

    regulars, every period by what community.toml says now:
     period   members  member  regular  unrated  micro-influencer  celebrity  staff  as recorded  higher now  lower now  other tier  not scored now  not then
     2024-11      450     215      130       74                21          6      4          309          67          0          61               9        13
     2024-12      449     206      136       75                22          6      4          449           0          0           0               0         0
    ");
    let json = history(&planted, &["--anew", "--format", "json"]).json();
    let breaks: Vec<_> =
        json["recorded"].as_array().unwrap().iter().map(|past| past["breaks"].as_bool()).collect();
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
    insta::assert_snapshot!(history(&planted, &["--member", "m0007", "--anew", "--since", "2024-09-01"]).done(), @r"
     period   definition  counts as  said to be  scored by                anew
     2024-09  regulars                                                    member
     2024-10  regulars    member     member      regulars 0.1.0           unrated
     2024-11  regulars    unrated    unrated     regulars 0.1.0           unrated
     2024-12  regulars    unrated    unrated     regulars 0.1.0, changed  unrated
    changed: the definition is another one than in the period before, and tiers on both sides are not by the same measure
    ");
    insta::assert_snapshot!(history(&planted, &["--member", "m0007"]).done(), @r"
     period   definition  counts as  said to be  scored by
     2024-10  regulars    member     member      regulars 0.1.0
     2024-11  regulars    unrated    unrated     regulars 0.1.0
     2024-12  regulars    unrated    unrated     regulars 0.1.0, changed
    changed: the definition is another one than in the period before, and tiers on both sides are not by the same measure
    ");
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
    insta::assert_snapshot!(told.join("\n\n"), @r"
    x there is no definition `regular`
      help: definitions are audience-band, orbit, regulars, thought-leader, trust-levels, trust-rank, word-of-mouth

    x nothing is recorded of nobody

    x nothing is recorded yet, so that it is not known where to begin
      help: say it: --since 2020-01-01

    error: invalid value 'yesterday' for '--since <DATE>': write it as 2020-05-31 or 2020-05-31T12:00:00Z, from 1678 to 2261

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(history(&planted, &[]).done(), @r"
    regulars, as it was recorded:
    nothing: `groundswell run` records
    ");
}
