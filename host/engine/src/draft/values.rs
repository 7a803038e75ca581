//! What the values of a column look like.

use std::collections::BTreeMap;

use crate::sources::by_pattern;
use crate::time::{self, UnixUnit};
use crate::verb::{VERBS, is_verb};

/// Words for nothing.
const NOTHING: [&str; 10] = ["NA", "N/A", "n/a", "NULL", "null", "None", "none", "nan", "NaN", "\\N"];
/// So many values in the hundred that are times make a column one of times.
const SHARE: usize = 90;
/// Unix seconds before this one, in March 1973, are small numbers rather than times.
const FIRST_SECOND: i64 = 100_000_000;

/// Ways to write a time that no table can have, and that a map can name. Where two fit, the first is taken.
const PATTERNS: [&str; 24] = [
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S UTC",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y, %H:%M",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y, %H:%M",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S %z",
];

/// How the times of a column seem to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Times {
    /// As in any table.
    Plain,
    /// As a pattern says; and the other one that fits as well.
    Pattern(&'static str, Option<&'static str>),
    /// Years alone.
    Years,
}

/// How the values of a column are written, if they are times.
pub(super) fn times<'v>(values: impl Iterator<Item = &'v str>) -> Option<Times> {
    let values: Vec<&str> = values.filter(|value| is_something(value)).collect();
    let most = |is: &dyn Fn(&str) -> bool| {
        let count = values.iter().filter(|value| is(value)).count();
        count > 0 && count * 100 >= values.len() * SHARE
    };
    let year =
        |value: &str| value.len() == 4 && value.parse().is_ok_and(|year: u16| (1900..2100).contains(&year));
    if most(&year) {
        return Some(Times::Years);
    }
    if most(&is_plain) {
        return Some(Times::Plain);
    }
    if most(&|value| value.len() == 8 && by_pattern("%Y%m%d", value).is_some()) {
        return Some(Times::Pattern("%Y%m%d", None));
    }
    // Most columns are none of times; the first values tell.
    let first = |pattern: &str| values.iter().take(10).any(|value| by_pattern(pattern, value).is_some());
    let fits = |pattern: &&str| first(pattern) && most(&|value| by_pattern(pattern, value).is_some());
    let mut fitting = PATTERNS.into_iter().filter(fits);
    let first = fitting.next()?;
    Some(Times::Pattern(first, fitting.next()))
}

/// Whether a table can have this time, and it is not just any small number.
fn is_plain(value: &str) -> bool {
    match time::read(value) {
        Ok((at, Some(UnixUnit::Seconds))) => at >= FIRST_SECOND * 1_000_000_000,
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Whether a value is more than a word for nothing.
pub(super) fn is_something(value: &str) -> bool {
    !value.is_empty() && !NOTHING.contains(&value)
}

/// The words for nothing among the values, each once.
pub(super) fn words_for_nothing<'v>(values: impl Iterator<Item = &'v str>) -> Vec<&'static str> {
    let mut found = [false; NOTHING.len()];
    for value in values {
        NOTHING
            .iter()
            .zip(&mut found)
            .filter(|(word, _)| **word == value)
            .for_each(|(_, found)| *found = true);
    }
    NOTHING.into_iter().zip(found).filter(|(_, found)| *found).map(|(word, _)| word).collect()
}

/// Whether most values are numbers.
pub(super) fn are_numbers<'v>(values: impl Iterator<Item = &'v str>) -> bool {
    let (mut all, mut numbers) = (0, 0);
    for value in values.filter(|value| is_something(value)) {
        all += 1;
        numbers += usize::from(value.parse::<f64>().is_ok_and(f64::is_finite));
    }
    numbers > 0 && numbers * 100 >= all * SHARE
}

/// What a value means as a verb, and whether that is sure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) value: String,
    pub(super) verb: String,
    pub(super) sure: bool,
}

/// What other people call the verbs.
const OTHER_WORDS: [(&str, &[&str]); 18] = [
    (
        "post",
        &[
            "posted",
            "message",
            "msg",
            "create",
            "created",
            "topic",
            "thread",
            "tweet",
            "status",
            "publish",
            "published",
        ],
    ),
    ("ask", &["asked", "question"]),
    ("reply", &["replied", "comment", "commented", "response", "respond", "responded"]),
    ("answer", &["answered", "solution", "solved"]),
    ("accept", &["accepted"]),
    ("quote", &["quoted"]),
    (
        "like",
        &[
            "liked",
            "upvote",
            "upvoted",
            "up",
            "plus",
            "favorite",
            "favourite",
            "fav",
            "star",
            "starred",
            "heart",
        ],
    ),
    ("dislike", &["disliked", "downvote", "downvoted", "down"]),
    ("thank", &["thanked", "thanks", "thankyou"]),
    ("endorse", &["endorsed", "endorsement", "vouch", "vouched", "kudos", "trust"]),
    ("mention", &["mentioned"]),
    ("recommend", &["recommended", "recommendation"]),
    ("advise", &["advised", "advice"]),
    ("volunteer", &["volunteered", "volunteering"]),
    ("attend", &["attended", "attendance", "rsvp", "checkin"]),
    ("review", &["reviewed", "rated", "rating"]),
    ("share", &["shared", "retweet", "repost", "reposted", "forward", "forwarded", "boost"]),
    ("invite", &["invited", "invitation"]),
];

/// What a word means as a verb, if it is one of those that people use.
pub(super) fn verb_of(word: &str) -> Option<&'static str> {
    let plain = plain(word);
    let singular = plain.strip_suffix('s').unwrap_or(&plain);
    let own = VERBS.into_iter().find(|verb| *verb == plain || *verb == singular);
    own.or_else(|| {
        let known = |words: &[&str]| words.contains(&plain.as_str()) || words.contains(&singular);
        OTHER_WORDS.into_iter().find(|(_, words)| known(words)).map(|(verb, _)| verb)
    })
}

/// What the values of a column mean as verbs, by value; without those that are verbs as they stand. `None` where there are
/// too many for verbs, or they are sentences.
pub(super) fn verbs<'v>(values: impl Iterator<Item = &'v str>) -> Option<Vec<Meaning>> {
    const MOST: usize = 40;
    const LONGEST: usize = 40;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = 0;
    for value in values.filter(|value| is_something(value)) {
        *counts.entry(value).or_default() += 1;
        all += 1;
        if counts.len() > MOST || value.len() > LONGEST {
            return None;
        }
    }
    // What hardly ever comes twice is no kind of thing, unless it is one that is known.
    let known = counts.keys().filter(|value| is_verb(value) || verb_of(value).is_some()).count();
    if all == 0 || counts.len() > 3 && counts.len() * 2 > all && known * 2 < counts.len() {
        return None;
    }
    let signs = counts.keys().all(|value| SIGNS.iter().any(|(sign, _)| sign == value));
    let unclear = counts.keys().filter(|value| !is_verb(value));
    let meaning = |value: &&str| {
        let known = verb_of(value);
        let sign = SIGNS.iter().find(|(sign, _)| signs && sign == value).map(|(_, verb)| *verb);
        let verb = known.or(sign).map_or_else(|| own_verb(value), str::to_owned);
        Meaning { value: (*value).to_owned(), verb, sure: known.is_some() }
    };
    Some(unclear.map(meaning).collect())
}

/// What votes mean that say no more than for, against and neither.
const SIGNS: [(&str, &str); 4] =
    [("1", "endorse"), ("+1", "endorse"), ("-1", "x-oppose"), ("0", "x-neutral")];

/// A verb of the community's own, made of a word.
fn own_verb(word: &str) -> String {
    let word = word.strip_prefix('-').map_or_else(|| word.to_owned(), |rest| format!("minus {rest}"));
    let parts = word.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let joined = parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    let joined = joined.strip_prefix("x-").unwrap_or(&joined);
    if joined.is_empty() { "x-other".to_owned() } else { format!("x-{joined}") }
}

/// A word as words are compared: its letters and digits, in lowercase.
pub(super) fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_known_by_most_of_their_values() {
        let of = |values: &[&str]| times(values.iter().copied());
        assert_eq!(of(&["2020-01-01", "", "NA", "2020-01-02T10:00:00Z"]), Some(Times::Plain));
        assert_eq!(of(&["1590926400", "1590926400000"]), Some(Times::Plain));
        assert_eq!(of(&["20200531", "20200601"]), Some(Times::Pattern("%Y%m%d", None)));
        assert_eq!(of(&["31.05.2020 12:00"]), Some(Times::Pattern("%d.%m.%Y %H:%M", None)));
        assert_eq!(of(&["05/31/2020"]), Some(Times::Pattern("%m/%d/%Y", None)));
        assert_eq!(of(&["05/06/2020"]), Some(Times::Pattern("%m/%d/%Y", Some("%d/%m/%Y"))));
        assert_eq!(of(&["31/05/2020", "01/02/2020"]), Some(Times::Pattern("%d/%m/%Y", None)));
        assert_eq!(
            of(&["Sun May 31 12:00:00 +0000 2020"]),
            Some(Times::Pattern("%a %b %d %H:%M:%S %z %Y", None))
        );
        assert_eq!(of(&["2019", "2020"]), Some(Times::Years));
        for none in [&["1", "2"][..], &["ada"], &["2020-01-01", "ada"], &[], &["NA"]] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }

    #[test]
    fn values_become_verbs_where_they_are_kinds_of_things() {
        let of = |values: &[&str]| {
            let verbs = verbs(values.iter().copied())?;
            let told = verbs
                .iter()
                .map(|one| format!("{}={}{}", one.value, one.verb, if one.sure { "" } else { "?" }));
            Some(told.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(of(&["post", "like", "post"]).as_deref(), Some(""));
        assert_eq!(of(&["Question", "red", "blue", "green"]), None);
        assert_eq!(
            of(&["Question", "Comment", "green", "like"]).as_deref(),
            Some("Comment=reply Question=ask green=x-green?")
        );
        let kinds = ["Question", "Comments", "up-vote", "Hugs all", "-1", "äöü"];
        let twice = [kinds, kinds].concat();
        let told = "-1=x-minus-1? Comments=reply Hugs all=x-hugs-all? Question=ask up-vote=like äöü=x-other?";
        assert_eq!(of(&twice).as_deref(), Some(told));
        assert_eq!(of(&["a sentence that is longer than any name of a kind", "x"]), None);
        assert!(verbs(twice.iter().copied()).unwrap().iter().all(|one| is_verb(&one.verb)));
    }

    #[test]
    fn what_is_guessed_is_a_verb() {
        for (verb, words) in OTHER_WORDS {
            assert!(VERBS.contains(&verb), "{verb}");
            for word in words {
                assert_eq!(verb_of(word), Some(verb), "{word}");
            }
        }
    }
}
