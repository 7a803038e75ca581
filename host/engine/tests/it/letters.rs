//! Letters to members, in two languages and in a community's own words.

#![expect(clippy::unwrap_used, reason = "tests")]

use groundswell::RunOptions;

use crate::appreciate::{OF_BAND, members, small, write};
use crate::community::Community;
use crate::planted::open;

fn letter(community: &Community, member: &str, language: Option<&str>) -> Result<String, String> {
    let letter = open(community).letter(member, language, &RunOptions::default());
    letter.map(|letter| letter.text).map_err(|error| community.normalised(&error.to_string()))
}

/// In November Dee was none of them, and Eve was; in December it is the other way round.
fn december() -> Community {
    let community = small(OF_BAND, [5, 50, 45]);
    write(&community, "2024-11-29T00:00:00Z", "", OF_BAND);
    open(&community).run(&RunOptions::default()).unwrap();
    members(&community, [50, 5, 1234]);
    write(&community, "2024-12-29T00:00:00Z", "", OF_BAND);
    open(&community).run(&RunOptions::default()).unwrap();
    community
}

#[test]
fn a_letter_says_in_the_members_language_where_they_stand_and_what_has_changed() {
    let community = december();
    insta::assert_snapshot!(letter(&community, "dee", None).unwrap(), @r#"
    Dear dee,

    this letter says where you stand in small on 29 December 2024, and why.

    You are in the tier "Micro-influencer": Has a modest audience, which responds.
    Your score is 2, which is rank 4 of 6.
    - Has an audience of 50.
    - Activities received for each follower: 0.02.

    What counted most

    Nothing moves your score away from that of somebody in the middle.

    What has changed

    On 29 November 2024 you were in the tier "Nano". You have risen since.
    In this period:
    - Thank you, in front of everybody: given to you (Became a micro-influencer for the first time.)
    - Micro-influencer: given to you (Is a micro-influencer: active, and trusted by others.)
    - Invitation to training: you are invited (Has helped 0 members, and could help more.)
    - The micro-influencers' circle: you are in it (Belongs among the micro-influencers.)

    What comes next

    The next tier is "Macro-influencer": Has a large audience, which responds. Members in it now: 0.
    What raises your score, and what you have least of beside others:
    - what others did towards you, for each follower: 0.02 so far

    If you see it differently

    Tell those who look after small. They record your appeal, a person looks at it again, and you learn who decided and why. You can ask to see everything that is held about you. If you would rather not be looked at, say so: whoever opts out is neither scored nor named, and loses nothing else.
    "#);
    insta::assert_snapshot!(letter(&community, "eve", Some("de")).unwrap(), @r"
    Hallo eve,

    dieser Brief sagt dir, wo du in small am 29. Dezember 2024 stehst und warum.

    Du gehörst zur Stufe „Nano“. Wer darin ist, steht auf Englisch in der Definition: „Has an audience between that of most members and micro.“
    Deine Punktzahl ist 12,89, das ist Rang 1 von 6.
    - Begründung im Wortlaut der Definition: „Has an audience of 5.“
    - Begründung im Wortlaut der Definition: „Activities received for each follower: 0.2.“
    - Begründung im Wortlaut der Definition: „For the next tier, a larger audience is needed.“

    Was am meisten gezählt hat

    - was andere dir gegenüber getan haben, je Follower: 0,2, mehr als bei etwa 91 % der Mitglieder. Das hebt deine Punktzahl um 11,6.
    - Menschen, die dir hier und anderswo folgen: 5, mehr als bei etwa 8 % der Mitglieder. Das senkt deine Punktzahl um 0,71.

    Was sich geändert hat

    Am 29. November 2024 warst du in der Stufe „Micro-influencer“, die über deiner jetzigen liegt.
    In diesem Zeitraum:
    - „Micro-influencer“: wird vielleicht zurückgenommen; ein Mensch entscheidet
    - „The micro-influencers' circle“: wird vielleicht zurückgenommen; ein Mensch entscheidet

    Wie es weitergeht

    Die nächste Stufe ist „Micro-influencer“, in den Worten der Definition: „Has a modest audience, which responds.“ Mitglieder, die jetzt darin sind: 4; die niedrigste Punktzahl unter ihnen ist 2, doch die Punktzahl muss nicht alles sein, worauf geachtet wird.

    Wenn du das anders siehst

    Sag es denen, die sich um small kümmern. Sie nehmen deinen Einspruch auf, ein Mensch sieht noch einmal hin, und du erfährst, wer entschieden hat und warum. Du kannst alles sehen, was über dich gespeichert ist. Wenn du lieber nicht betrachtet werden möchtest, sag auch das: Wer widerspricht, wird weder bewertet noch genannt und verliert sonst nichts.
    ");
    // Fay has left the ladder, with an audience of thousands.
    let fay = letter(&community, "fay", Some("de")).unwrap();
    assert!(fay.contains("1.234"), "{fay}");
    let told = open(&community).letter("fay", Some("de"), &RunOptions::default()).unwrap();
    assert_eq!((told.member.as_str(), told.language.as_str(), told.template), ("fay", "de", None));
}

#[test]
fn without_a_ledger_a_letter_says_that_it_cannot_know_what_has_changed() {
    let community = small("", [5, 50, 45]);
    let told = letter(&community, "ada", None).unwrap();
    assert!(told.contains("Nothing is on record of earlier periods"), "{told}");
    assert!(told.contains("\"Micro-influencer\""), "{told}");
    // With a programme that has not run yet it is the same.
    write(&community, "2024-12-29T00:00:00Z", "", OF_BAND);
    assert_eq!(letter(&community, "ada", None).unwrap(), told);
    assert!(!community.path(".groundswell").exists(), "a letter writes nothing");
}

#[test]
fn a_community_writes_in_its_own_words_and_languages() {
    let community = small("", [5, 50, 45]);
    write(&community, "2024-12-29T00:00:00Z", "letters = \"letters\"\nlanguage = \"fr\"", "");
    assert_eq!(
        letter(&community, "ada", None).unwrap_err(),
        "the letter in fr: [folder]/letters is no folder: make it, or leave `letters` out"
    );
    std::fs::create_dir(community.path("letters")).unwrap();
    let refused = letter(&community, "ada", None).unwrap_err();
    // What comes along serves where the folder has nothing of that language.
    assert!(letter(&community, "ada", Some("de")).unwrap().starts_with("Hallo ada,"));
    let own = "[letter]\nHi {member}! {tier}, {value_of_it}\n";
    community.write("letters/en.txt", own.as_bytes());
    let unknown = letter(&community, "ada", Some("en")).unwrap_err();
    community.write("letters/en.txt", b"[letter]\nHi {member}: {tier}.\n\n{counted}\n[style]\ndecimal = ;\n");
    let told = letter(&community, "ada", Some("en")).unwrap();
    let told_of = open(&community).letter("ada", Some("en"), &RunOptions::default()).unwrap();
    assert!(told_of.template.unwrap().ends_with("letters/en.txt"));
    community.write("letters/fr.txt", b"[letter]\nBonjour {member}\n");
    let lacking = letter(&community, "ada", None).unwrap_err();
    community.write("letters/fr.txt", &[0xff, 0xfe]);
    let unreadable = letter(&community, "ada", None).unwrap_err();
    let hostile = letter(&community, "ada", Some("../../etc/passwd")).unwrap_err();
    insta::assert_snapshot!(
        [refused, unknown, told, lacking, unreadable, hostile].join("\n"),
        @r#"
        the letter in `fr`: there is no template in that language; `de` and `en` come along, and for another put fr.txt into [folder]/letters
        the letter [folder]/letters/en.txt, line 2: in [letter], there is no placeholder {value_of_it}; there are {member}, {community}, {date}, {tier}, {summary}, {score}, {rank}, {of}, {reasons}, {counted}, {changed}, {awards}, {next}
        Hi ada: Micro-influencer.

        - what others did towards you, for each follower: 0;02, more than about 16% of members have. That takes 0;22 off your score.

        the letter [folder]/letters/fr.txt: it lacks the section [reason]; the English template that comes along has all of them
        the letter [folder]/letters/fr.txt: it is not UTF-8: save it so
        the letter in `../../etc/passwd`: there is no template in that language; `de` and `en` come along, and for another a language is written as "en", "de" or "pt-br"
        "#
    );
}

#[test]
fn what_stands_in_data_cannot_change_what_a_letter_says() {
    let community = small("", [5, 50, 45]);
    let rows = std::fs::read_to_string(community.path("members.csv")).unwrap();
    community.write("members.csv", rows.replace("ada,", "{tier}\u{202e},").as_bytes());
    let rows = std::fs::read_to_string(community.path("activities.csv")).unwrap();
    community.write("activities.csv", rows.replace("ada,", "{tier}\u{202e},").as_bytes());
    let told = letter(&community, "{tier}\u{202e}", None).unwrap();
    assert!(told.starts_with("Dear {tier}\\u{202e},\n"), "{told}");
}

#[test]
fn a_language_that_is_none_is_refused() {
    let told = |lines: &str| {
        let community = Community::new(&[]);
        write(&community, "2024-12-29T00:00:00Z", lines, "");
        community.normalised(&community.config().unwrap_err().to_string())
    };
    let all = [
        told("language = \"English\""),
        told("language = 3"),
        told("letters = \" \""),
        told("letter = \"x\""),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    [folder]/community.toml:4:12: `language` cannot be "English"; write a language's short name in lowercase, such as "en", "de" or "pt-br"
    [folder]/community.toml:4:12: `language` in [community] must be text, not a whole number; such as "de"
    [folder]/community.toml:4:11: `letters` is blank; name a folder with files such as en.txt, or leave `letters` out
    [folder]/community.toml:4:1: [community] has no key `letter`; did you mean `letters`?
    "#);
}
