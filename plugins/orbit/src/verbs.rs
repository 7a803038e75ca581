//! What members do, and how much of love each of it is.

/// One verb of love, which is an input, a setting and a reason of the same place.
#[derive(Debug)]
pub(crate) struct Verb {
    pub(crate) metric: &'static str,
    /// Why it is looked at.
    pub(crate) why: &'static str,
    pub(crate) setting: &'static str,
    /// What the setting does.
    pub(crate) summary: &'static str,
    /// From 0 to 10.
    pub(crate) weight: f64,
    /// The reason's id and text.
    pub(crate) reason: (&'static str, &'static str),
}

/// In the order in which they are explained.
pub(crate) const VERBS: [Verb; 12] = [
    Verb {
        metric: "decayed-activity(half-life=90d, verb=answer)",
        why: "Whoever answers questions keeps the community going.",
        setting: "weight-answer",
        summary: "How much of love one activity `answer` is.",
        weight: 5.0,
        reason: ("answer", "Answers, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=post)",
        why: "Posts give others something to talk about.",
        setting: "weight-post",
        summary: "How much of love one activity `post` is.",
        weight: 3.0,
        reason: ("post", "Posts, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=reply)",
        why: "Replies keep conversations going.",
        setting: "weight-reply",
        summary: "How much of love one activity `reply` is.",
        weight: 2.0,
        reason: ("reply", "Replies, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=ask)",
        why: "A question is the beginning of most help.",
        setting: "weight-ask",
        summary: "How much of love one activity `ask` is.",
        weight: 2.0,
        reason: ("ask", "Questions, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=volunteer)",
        why: "Giving one's time is among the most that a member can do.",
        setting: "weight-volunteer",
        summary: "How much of love one activity `volunteer` is.",
        weight: 8.0,
        reason: ("volunteer", "Volunteering, what is recent counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=recommend)",
        why: "Recommending is staking one's own name.",
        setting: "weight-recommend",
        summary: "How much of love one activity `recommend` is.",
        weight: 5.0,
        reason: ("recommend", "Recommendations, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=advise)",
        why: "Advice to whoever asks is help and word of mouth at once.",
        setting: "weight-advise",
        summary: "How much of love one activity `advise` is.",
        weight: 5.0,
        reason: ("advise", "Advice given, what is recent counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=review)",
        why: "A review takes time, and serves everybody after.",
        setting: "weight-review",
        summary: "How much of love one activity `review` is.",
        weight: 4.0,
        reason: ("review", "Reviews, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=attend)",
        why: "Whoever comes to events comes for the people.",
        setting: "weight-attend",
        summary: "How much of love one activity `attend` is.",
        weight: 4.0,
        reason: ("attend", "Events attended, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=invite)",
        why: "Whoever invites others wants them here.",
        setting: "weight-invite",
        summary: "How much of love one activity `invite` is.",
        weight: 5.0,
        reason: ("invite", "Invitations, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=share)",
        why: "Sharing carries what is said here further.",
        setting: "weight-share",
        summary: "How much of love one activity `share` is.",
        weight: 2.0,
        reason: ("share", "Things shared, recent ones counting for more: {value}."),
    },
    Verb {
        metric: "decayed-activity(half-life=90d, verb=like)",
        why: "A like is a little love.",
        setting: "weight-like",
        summary: "How much of love one activity `like` is.",
        weight: 0.2,
        reason: ("like", "Likes given, recent ones counting for more: {value}."),
    },
];
