//! Who is meant by `@name` in a comment.
//!
//! A site lets a comment call on those who take part in the post's conversation: its owner and those who commented
//! before. A mention is resolved among them only, by the site's own rule: the name without its spaces starts with what
//! stands after the `@`, in any case of letters, three letters at least.

use std::collections::HashMap;

const UNKNOWN: &str = "mention of a name that no participant bears";
const AMBIGUOUS: &str = "mention of a name that several participants bear";

/// Names and conversations, kept while comments are read and written nowhere.
///
/// Memory follows the members and the distinct pairs of post and commenter.
#[derive(Default)]
pub(super) struct Mentions {
    names: HashMap<i64, Box<str>>,
    commenters: HashMap<i64, Vec<i64>>,
}

impl Mentions {
    pub(super) fn name(&mut self, member: i64, name: &str) {
        self.names.insert(member, squeezed(name).into());
    }

    /// Remembers that `member` commented on `post`.
    pub(super) fn takes_part(&mut self, post: i64, member: i64) {
        let commenters = self.commenters.entry(post).or_default();
        if !commenters.contains(&member) {
            commenters.push(member);
        }
    }

    /// The members that `text` calls on, each once and never its author; for every mention that cannot be resolved,
    /// why not.
    pub(super) fn resolve(
        &self,
        text: &str,
        post: i64,
        owner: Option<i64>,
        author: Option<i64>,
    ) -> Vec<Result<i64, &'static str>> {
        let mut found = Vec::new();
        for token in tokens(text) {
            let result = self.participant(&squeezed(token), post, owner, author);
            if result.is_err() || !found.contains(&result) {
                found.push(result);
            }
        }
        found
    }

    fn participant(
        &self,
        token: &str,
        post: i64,
        owner: Option<i64>,
        author: Option<i64>,
    ) -> Result<i64, &'static str> {
        let commenters = self.commenters.get(&post).into_iter().flatten().copied();
        let mut bearers: Vec<i64> = owner
            .into_iter()
            .chain(commenters)
            .filter(|member| Some(*member) != author)
            .filter(|member| self.names.get(member).is_some_and(|name| means(token, name)))
            .collect();
        bearers.sort_unstable();
        bearers.dedup();
        match bearers.as_slice() {
            [one] => Ok(*one),
            [] => Err(UNKNOWN),
            _ => Err(AMBIGUOUS),
        }
    }
}

/// What stands after each `@` that begins a word, without the punctuation that ends the word.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | ',' | ';' | '"'))
        .filter_map(|word| word.strip_prefix('@'))
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '_'))
        .filter(|word| !word.is_empty())
}

/// A name without spaces and in small letters, as mentions are compared.
fn squeezed(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn means(token: &str, name: &str) -> bool {
    if token == name {
        return true;
    }
    // Names given by the site (`user123`) share their beginning: only the whole name means anybody.
    let given = name.strip_prefix("user").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    !given && token.chars().count() >= 3 && name.starts_with(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation() -> Mentions {
        let mut mentions = Mentions::default();
        mentions.name(1, "Ann Lee");
        mentions.name(2, "anna");
        mentions.name(3, "user3");
        mentions.name(4, "Bob");
        for member in [2, 3, 4] {
            mentions.takes_part(10, member);
        }
        mentions
    }

    #[test]
    fn a_mention_means_the_one_participant_whose_name_starts_so() {
        let mentions = conversation();
        let found = mentions.resolve("@AnnLee: see (@bob), not a@bob.example", 10, Some(1), Some(3));
        assert_eq!(found, [Ok(1), Ok(4)]);
    }

    #[test]
    fn a_mention_that_fits_nobody_or_several_is_not_guessed() {
        let mentions = conversation();
        assert_eq!(mentions.resolve("@ann", 10, Some(1), None), [Err(AMBIGUOUS)]);
        assert_eq!(mentions.resolve("@zoe @user @user33", 10, Some(1), None), [Err(UNKNOWN); 3]);
        assert_eq!(mentions.resolve("@bob", 11, Some(1), None), [Err(UNKNOWN)], "not in that conversation");
        assert_eq!(mentions.resolve("@ @, @@", 10, Some(1), None), []);
    }

    #[test]
    fn nobody_mentions_themselves_and_nobody_is_mentioned_twice() {
        let mentions = conversation();
        assert_eq!(mentions.resolve("@user3 @user3!", 10, Some(1), Some(4)), [Ok(3)]);
        assert_eq!(mentions.resolve("@bob", 10, Some(1), Some(4)), [Err(UNKNOWN)]);
    }
}
