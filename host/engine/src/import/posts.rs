use std::collections::HashMap;

use jiff::Timestamp;

/// What must be known of every post before votes and comments can be read: whose it is and what it hangs on.
///
/// Memory follows the posts of the dump (about 120 bytes each), not its votes and comments.
#[derive(Default)]
pub(super) struct Posts {
    by_id: HashMap<i64, Post>,
    tags: Vec<String>,
    tag_ids: HashMap<String, u32>,
}

#[derive(Clone, Copy)]
pub(super) struct Post {
    pub(super) kind: PostKind,
    pub(super) owner: Option<i64>,
    /// The question an answer belongs to.
    pub(super) parent: Option<i64>,
    /// The answer a question's owner accepted.
    pub(super) accepted: Option<i64>,
    pub(super) at: Option<Timestamp>,
    tag: Option<u32>,
    /// Its row was met in the second reading; another row with its id is a double.
    pub(super) met: bool,
    /// An `accept` was written for it.
    pub(super) dated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PostKind {
    Question,
    Answer,
    /// Tag wikis, nominations and the like: pages, not contributions to a conversation.
    Page,
}

impl PostKind {
    /// The value for `object_kind`; none for pages.
    pub(super) fn object_kind(self) -> Option<&'static str> {
        match self {
            Self::Question => Some("question"),
            Self::Answer => Some("answer"),
            Self::Page => None,
        }
    }
}

impl Post {
    pub(super) fn new(kind: PostKind, owner: Option<i64>, at: Option<Timestamp>) -> Self {
        Self { kind, owner, parent: None, accepted: None, at, tag: None, met: false, dated: false }
    }
}

impl Posts {
    /// Adds a post unless its id is known already.
    pub(super) fn add(&mut self, id: i64, mut post: Post, tags: Option<&str>) {
        if self.by_id.contains_key(&id) {
            return;
        }
        post.tag = tags.and_then(first_tag).map(|tag| match self.tag_ids.get(tag) {
            Some(&known) => known,
            None => {
                let new = u32::try_from(self.tags.len()).unwrap_or(u32::MAX);
                self.tags.push(tag.to_owned());
                self.tag_ids.insert(tag.to_owned(), new);
                new
            }
        });
        self.by_id.insert(id, post);
    }

    pub(super) fn get(&self, id: i64) -> Option<&Post> {
        self.by_id.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: i64) -> Option<&mut Post> {
        self.by_id.get_mut(&id)
    }

    /// The question a post is or belongs to, if it is in the dump.
    pub(super) fn question(&self, id: i64) -> Option<&Post> {
        let post = self.by_id.get(&id)?;
        let question = match post.kind {
            PostKind::Question => post,
            PostKind::Answer => self.by_id.get(&post.parent?)?,
            PostKind::Page => return None,
        };
        (question.kind == PostKind::Question).then_some(question)
    }

    /// The first tag of the question a post is or belongs to.
    pub(super) fn topic(&self, id: i64) -> Option<&str> {
        let tag = self.question(id)?.tag?;
        self.tags.get(tag as usize).map(String::as_str)
    }

    /// Questions with an accepted answer, by the question's id.
    pub(super) fn accepted(&self) -> Vec<(i64, i64)> {
        let mut pairs: Vec<_> = self
            .by_id
            .iter()
            .filter(|(_, post)| post.kind == PostKind::Question)
            .filter_map(|(&id, post)| Some((id, post.accepted?)))
            .collect();
        pairs.sort_unstable();
        pairs
    }
}

/// The first of `<hops><ipa>` or, in newer dumps, `|hops|ipa|`. A tag is a short word; what is none is no topic.
fn first_tag(tags: &str) -> Option<&str> {
    let tag = tags.split(['<', '>', '|']).find(|tag| !tag.is_empty())?;
    let word = tag.len() <= 100 && tag.chars().all(|c| c.is_alphanumeric() || "-.+#_".contains(c));
    word.then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::first_tag;

    #[test]
    fn the_first_tag_is_found_in_old_and_new_dumps_and_sentences_are_no_tags() {
        assert_eq!(first_tag("<hops><ipa>"), Some("hops"));
        assert_eq!(first_tag("|c++|c#|"), Some("c++"));
        assert_eq!(first_tag("<node.js>"), Some("node.js"));
        assert_eq!(first_tag("<not a tag>"), None);
        assert_eq!(first_tag(&"x".repeat(101)), None);
        assert_eq!(first_tag(""), None);
    }
}
