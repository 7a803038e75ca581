//! The verbs of activities.

use crate::nearest::nearest;

/// The verbs that every community shares, after W3C Activity Streams where it has the word.
pub(crate) const VERBS: [&str; 20] = [
    "post",
    "ask",
    "reply",
    "answer",
    "accept",
    "quote",
    "like",
    "dislike",
    "thank",
    "endorse",
    "mention",
    "vote",
    "recommend",
    "advise",
    "volunteer",
    "attend",
    "review",
    "share",
    "invite",
    "bounty",
];

/// Whether a text is one of the [`VERBS`], or a community's own: `x-` and words of lowercase letters and digits
/// with single hyphens between them.
pub(crate) fn is_verb(text: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    VERBS.contains(&text) || text.strip_prefix("x-").is_some_and(|own| own.split('-').all(word))
}

/// What to write instead of a text that is no verb.
pub(crate) fn way_out(text: &str) -> String {
    match nearest(text, VERBS) {
        Some(meant) => format!("is `{meant}` meant?"),
        None => "a community's own verbs are x- and lowercase words, such as `x-high-five`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_communitys_own_verbs_begin_with_x() {
        assert!(is_verb("answer") && is_verb("x-hug") && is_verb("x-high-5"));
        for text in ["", "x", "x-", "x-Hug", "x-high--five", "x-five-", "x_five", "hug", "Answer"] {
            assert!(!is_verb(text), "{text}");
        }
        assert_eq!(way_out("anwser"), "is `answer` meant?");
        assert_eq!(
            way_out("x-Hug"),
            "a community's own verbs are x- and lowercase words, such as `x-high-five`"
        );
    }
}
