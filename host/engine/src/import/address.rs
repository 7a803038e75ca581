//! What the addresses of a SourceCred graph say: `["sourcecred", "github", "USERLIKE", "USER", "octocat"]`.

/// The longest id that a table holds, in bytes.
const LONGEST: usize = 1_024;

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// Somebody's account.
    Member {
        /// Whether it is a program's.
        bot: bool,
    },
    /// A like, or another reaction, which is a node of its own.
    Reaction,
    /// Something that members made, of this kind: `issue`, `comment`, `message`, …
    Content(Box<str>),
}

/// What is to be known of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// The plugin, and what the address says besides.
    pub(super) id: Box<str>,
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// A member made something.
    Authors,
    /// A member takes care of something from its beginning to its end.
    Champions,
    /// A member began a topic, whose first post says so as well.
    AuthorsTopic,
    /// Something hangs on something else: a comment on an issue, a post on the one it replies to.
    Parent,
    /// A member reacted to something.
    Reacts,
    /// A member added a reaction.
    Adds,
    /// A reaction is to something.
    About,
    /// Something refers to a member or to something else.
    References,
    /// Something mentions a member.
    Mentions,
    /// Something praises a member.
    Props,
    /// How things hang together, whoever made them.
    Structure,
    /// A plugin's own.
    Unknown,
}

/// A part of an address as kinds are compared: `ADDS_REACTION` and `addsReaction` are one.
fn plain(part: &str) -> String {
    part.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The node at an address; `None` where it has no kind, or no table can hold its id.
pub(super) fn node(parts: &[&str]) -> Option<Node> {
    let [_, plugin, kind, rest @ ..] = parts else { return None };
    let kind_plain = plain(kind);
    let (kind, tail) = match kind_plain.as_str() {
        "userlike" | "member" => {
            let (subkind, tail) = rest.split_first()?;
            (NodeKind::Member { bot: plain(subkind) == "bot" }, tail)
        }
        "user" | "identity" => (NodeKind::Member { bot: false }, rest),
        "like" | "reaction" => (NodeKind::Reaction, rest),
        _ => (NodeKind::Content(kind_plain.into()), rest),
    };
    let of_member = matches!(kind, NodeKind::Member { .. });
    let words: Vec<&str> = if of_member { [&[*plugin], tail].concat() } else { parts.get(1..)?.to_vec() };
    let id = words.join("/");
    let nameless = of_member && tail.iter().all(|part| part.trim().is_empty());
    (is_id(&id) && !nameless).then(|| Node { kind, id: id.into() })
}

/// Whether a table can hold an id.
fn is_id(id: &str) -> bool {
    !id.trim().is_empty() && id.trim() == id && id.len() <= LONGEST && !id.chars().any(char::is_control)
}

/// What an edge at an address says.
pub(super) fn edge(parts: &[&str]) -> EdgeKind {
    let [_, _, kind, rest @ ..] = parts else { return EdgeKind::Unknown };
    match plain(kind).as_str() {
        "authors" if rest.first().is_some_and(|part| *part == "topic") => EdgeKind::AuthorsTopic,
        "authors" | "contributestoentry" => EdgeKind::Authors,
        "champions" => EdgeKind::Champions,
        "hasparent" | "replyto" => EdgeKind::Parent,
        "reacts" => EdgeKind::Reacts,
        "addsreaction" | "createslike" => EdgeKind::Adds,
        "reactsto" | "likes" => EdgeKind::About,
        "references" => EdgeKind::References,
        "mentions" => EdgeKind::Mentions,
        "props" => EdgeKind::Props,
        "mergedas"
        | "correspondstocommit"
        | "correspondstocommittype"
        | "topiccontainspost"
        | "topichaslikedpost"
        | "dependson"
        | "contributesto" => EdgeKind::Structure,
        _ => EdgeKind::Unknown,
    }
}

/// The id of what an edge becomes: the same for the same address, and without the accounts in it.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_known_by_their_addresses() {
        let member = |parts: &[&str]| match node(parts) {
            Some(Node { kind: NodeKind::Member { bot }, id }) => format!("{id} {bot}"),
            other => format!("{other:?}"),
        };
        assert_eq!(member(&["sourcecred", "github", "USERLIKE", "USER", "octocat"]), "github/octocat false");
        assert_eq!(member(&["sourcecred", "github", "USERLIKE", "BOT", "robot"]), "github/robot true");
        assert_eq!(member(&["sourcecred", "discord", "MEMBER", "user", "7"]), "discord/7 false");
        assert_eq!(
            member(&["sourcecred", "discourse", "user", "https://a.example", "ada"]),
            "discourse/https://a.example/ada false"
        );
        assert_eq!(member(&["sourcecred", "core", "IDENTITY", "x1"]), "core/x1 false");
        for odd in [
            &["sourcecred"][..],
            &["a", "b", "USERLIKE"],
            &["a", "b", "user", " "],
            &["a", "b", "user", "x\0"],
        ] {
            assert_eq!(node(odd), None, "{odd:?}");
        }
        assert_eq!(node(&["a", "b", "user", &"x".repeat(1_100)]), None);
    }

    #[test]
    fn contributions_keep_their_addresses() {
        let found = node(&["sourcecred", "github", "COMMENT", "ISSUE", "o", "r", "1", "2"]).unwrap();
        assert_eq!(
            (found.kind, &*found.id),
            (NodeKind::Content("comment".into()), "github/COMMENT/ISSUE/o/r/1/2")
        );
        let found = node(&["sourcecred", "discourse", "like", "https://a.example", "ada", "1"]).unwrap();
        assert_eq!(found.kind, NodeKind::Reaction);
    }

    #[test]
    fn edges_are_known_by_the_third_part_however_it_is_written() {
        for (parts, kind) in [
            (&["sourcecred", "github", "AUTHORS", "5"][..], EdgeKind::Authors),
            (&["sourcecred", "discourse", "authors", "topic"], EdgeKind::AuthorsTopic),
            (&["sourcecred", "discourse", "createsLike"], EdgeKind::Adds),
            (&["sourcecred", "discord", "ADDS_REACTION"], EdgeKind::Adds),
            (&["sourcecred", "discord", "PROPS"], EdgeKind::Props),
            (&["sourcecred", "github", "CORRESPONDS_TO_COMMIT_TYPE", "4"], EdgeKind::Structure),
            (&["sourcecred", "initiatives", "champions"], EdgeKind::Champions),
            (&["sourcecred", "initiatives", "contributesToEntry"], EdgeKind::Authors),
            (&["sourcecred", "initiatives", "contributesTo"], EdgeKind::Structure),
            (&["ours", "forge", "authors", "thing"], EdgeKind::Authors),
            (&["ours", "forge", "blesses"], EdgeKind::Unknown),
            (&["ours"], EdgeKind::Unknown),
        ] {
            assert_eq!(edge(parts), kind, "{parts:?}");
        }
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }
}
