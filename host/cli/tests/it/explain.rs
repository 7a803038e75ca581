use crate::shell::{Planted, groundswell, repository};

#[test]
fn an_explanation_gives_every_input_and_adds_up() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["m0002"]).done(), @r"
    m0002: rank 77 of 474, score 46.18, percentile 83.9
    tier: Regular. Among the best scores for activity and trust.
      - Helped 11 different members.
      - Share of weeks active: 0.47.
      - Received 7 likes.
    next tier: Micro-influencer. Among the very best scores, earned by activity and by trust, with a modest audience. It has 20 members, scores from 94.43.

     input                                      value  scaled  percentile  contribution  why
     base                                                                          3.12  the score at the medians
     answers@log1p                         11 answers    2.48        82.7         +8.35  Whoever answers questions keeps the community going.
     members-helped@log1p                  11 members    2.48        83.3         +8.47  Helping many different members says more than writing a lot to a few.
     weeks-active-share@raw        0.47 share, 0 to 1    0.47        83.2         +4.36  Regulars are there week after week, not once.
     received(verb=thank)@log1p          4 activities    1.61        85.5        +10.45  A thank-you says that the help was worth it.
     received(verb=endorse)@log1p        1 activities    0.69        83.5         +5.17  An endorsement is a member's word for another.
     likes-received@log1p                     7 likes    2.08        88.1         +6.07  Likes are how most members say that they agree or trust.
     acceptance-rate@raw           0.55 share, 0 to 1    0.55        76.1         +0.19  An accepted answer is one that solved the asker's problem.
     audience@raw                         8 followers       8        37.9         +0.00  A modest audience is what sets this group apart: it moves no score, but has a floor and a ceiling.
     audience@percentile                  8 followers    0.38        37.9         +0.00  Tells an audience that is large for this very community.
     role@category                             member  member                     +0.00  Staff are active by duty, so they stand beside the ladder.
     score                                                                        46.18
    ");
    let json = planted.explain(&["m0002", "--format", "json"]).json();
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let contributions = json["inputs"].as_array().unwrap().iter().map(|input| number(&input["contribution"]));
    let sum = number(&json["base"]) + contributions.sum::<f64>();
    assert!((sum - number(&json["score"])).abs() < 1e-9, "{json}");
    assert!(!planted.path(".groundswell").exists(), "an explanation writes nothing");
}

#[test]
fn an_explanation_is_that_of_the_run() {
    let planted = Planted::new();
    let computed = planted.explain(&["m0314", "--format", "json"]).json();
    let run = planted.score(&["--format", "json"]).json();
    let stored = planted.explain(&["m0314", "--format", "json"]).json();
    assert_eq!(computed, stored);
    let member =
        run["members"].as_array().unwrap().iter().find(|member| member["member"] == "m0314").unwrap();
    for key in ["score", "rank", "percentile", "reasons"] {
        assert_eq!(member[key], stored[key], "{key}");
    }
}

#[test]
fn whoever_cannot_be_explained_is_told_why() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["M-0002"]).stopped(2), @"x `M-0002` is not in the population: no member up to as-of has this id; did you mean `m0002`?");
    insta::assert_snapshot!(planted.explain(&["nobody at all"]).stopped(2), @"x `nobody at all` is not in the population: no member up to as-of has this id");
    insta::assert_snapshot!(planted.explain(&["m0000"]).stopped(2), @r#"x `m0000` is not in the population: they have no activity, given or received, in the window; `population = "all"` scores them"#);
}

#[test]
fn a_mistyped_option_is_no_member_and_a_negative_id_is() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["--formta"]).stopped(2), @r"
    error: unexpected argument '--formta' found

      tip: a similar argument exists: '--format'

    Usage: groundswell explain --format <FORMAT> <COMMUNITY> <MEMBER>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(planted.explain(&["--", "--formta"]).stopped(2), @"x `--formta` is not in the population: no member up to as-of has this id");
    let beer = repository("examples/communities/beer/community.toml");
    insta::assert_snapshot!(groundswell(&["explain", beer.to_str().unwrap(), "-1"]).stopped(2), @"x `-1` is not in the population: their role is one of exclude-roles");
}

#[test]
fn a_letter_says_the_same_in_plain_words_and_two_languages() {
    let planted = Planted::new();
    insta::assert_snapshot!(planted.explain(&["m0002", "--letter"]).done(), @r#"
    Dear m0002,

    this letter says where you stand in planted on 29 December 2024, and why.

    You are in the tier "Regular": Among the best scores for activity and trust.
    Your score is 46.18, which is rank 77 of 474.
    - Helped 11 different members.
    - Share of weeks active: 0.47.
    - Received 7 likes.

    What counted most

    - thanks you received: 4, more than about 85% of members have. That adds 10.45 to your score.
    - different members you helped: 11, more than about 83% of members have. That adds 8.47 to your score.
    - answers you gave: 11, more than about 82% of members have. That adds 8.35 to your score.
    - likes you received: 7, more than about 88% of members have. That adds 6.07 to your score.
    - endorsements you received: 1, more than about 83% of members have. That adds 5.17 to your score.

    What has changed

    Nothing is on record of earlier periods, so this letter cannot say what has changed.

    What comes next

    The next tier is "Micro-influencer": Among the very best scores, earned by activity and by trust, with a modest audience. Members in it now: 20; the lowest score among them is 94.43, though the score may not be all that is looked at.
    What raises your score, and what you have least of beside others:
    - share of your answers that were accepted: 55% so far
    - answers you gave: 11 so far
    - share of weeks in which you were active: 47% so far

    If you see it differently

    Tell those who look after planted. They record your appeal, a person looks at it again, and you learn who decided and why. You can ask to see everything that is held about you. If you would rather not be looked at, say so: whoever opts out is neither scored nor named, and loses nothing else.
    "#);
    insta::assert_snapshot!(planted.explain(&["m0002", "--letter", "--language", "de"]).done(), @r"
    Hallo m0002,

    dieser Brief sagt dir, wo du in planted am 29. Dezember 2024 stehst und warum.

    Du gehörst zur Stufe „Regular“. Wer darin ist, steht auf Englisch in der Definition: „Among the best scores for activity and trust.“
    Deine Punktzahl ist 46,18, das ist Rang 77 von 474.
    - Begründung im Wortlaut der Definition: „Helped 11 different members.“
    - Begründung im Wortlaut der Definition: „Share of weeks active: 0.47.“
    - Begründung im Wortlaut der Definition: „Received 7 likes.“

    Was am meisten gezählt hat

    - Danksagungen an dich: 4, mehr als bei etwa 85 % der Mitglieder. Das hebt deine Punktzahl um 10,45.
    - verschiedene Mitglieder, denen du geholfen hast: 11, mehr als bei etwa 83 % der Mitglieder. Das hebt deine Punktzahl um 8,47.
    - Antworten, die du gegeben hast: 11, mehr als bei etwa 82 % der Mitglieder. Das hebt deine Punktzahl um 8,35.
    - Likes, die du bekommen hast: 7, mehr als bei etwa 88 % der Mitglieder. Das hebt deine Punktzahl um 6,07.
    - Fürsprachen für dich: 1, mehr als bei etwa 83 % der Mitglieder. Das hebt deine Punktzahl um 5,17.

    Was sich geändert hat

    Aus früheren Zeiträumen ist nichts verzeichnet. Was sich geändert hat, kann dieser Brief deshalb nicht sagen.

    Wie es weitergeht

    Die nächste Stufe ist „Micro-influencer“, in den Worten der Definition: „Among the very best scores, earned by activity and by trust, with a modest audience.“ Mitglieder, die jetzt darin sind: 20; die niedrigste Punktzahl unter ihnen ist 94,43, doch die Punktzahl muss nicht alles sein, worauf geachtet wird.
    Was deine Punktzahl hebt und wovon du im Vergleich am wenigsten hast:
    - Anteil deiner Antworten, die angenommen wurden: bisher 55 %
    - Antworten, die du gegeben hast: bisher 11
    - Anteil der Wochen, in denen du aktiv warst: bisher 47 %

    Wenn du das anders siehst

    Sag es denen, die sich um planted kümmern. Sie nehmen deinen Einspruch auf, ein Mensch sieht noch einmal hin, und du erfährst, wer entschieden hat und warum. Du kannst alles sehen, was über dich gespeichert ist. Wenn du lieber nicht betrachtet werden möchtest, sag auch das: Wer widerspricht, wird weder bewertet noch genannt und verliert sonst nichts.
    ");
    let json = planted.explain(&["m0002", "--letter", "--format", "json"]).json();
    assert_eq!(json["text"], planted.explain(&["m0002", "--letter", "--language", "en"]).done());
    assert_eq!((&json["language"], &json["template"]), (&"en".into(), &serde_json::Value::Null));
    insta::assert_snapshot!(planted.explain(&["m0002", "--letter", "--language", "fr"]).stopped(2), @r#"x the letter in `fr`: there is no template in that language; `de` and `en` come along, and for another write letters = "letters" in [community], and put fr.txt into that folder beside it"#);
    insta::assert_snapshot!(planted.explain(&["m0000", "--letter"]).stopped(2), @r#"x `m0000` is not in the population: they have no activity, given or received, in the window; `population = "all"` scores them"#);
}
