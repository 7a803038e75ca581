//! What levels ask for.

/// How many levels there are above the first, which asks for nothing.
pub(crate) const LEVELS: usize = 4;

/// One thing that levels ask for: an input of the same place, four settings, and two reasons.
#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) metric: &'static str,
    /// Why it is looked at.
    pub(crate) why: &'static str,
    /// The settings of levels 1 to 4, with what they do and their defaults.
    pub(crate) settings: [(&'static str, &'static str, i64); LEVELS],
    /// Id and text where there is enough of it for the last level.
    pub(crate) enough: (&'static str, &'static str),
    /// Id and text where there is too little for the next.
    pub(crate) lacking: (&'static str, &'static str),
}

/// In the order in which they are explained.
pub(crate) const REQUIREMENTS: [Requirement; 6] = [
    Requirement {
        metric: "days-active",
        why: "Whoever comes back on many days gets to know a community.",
        settings: [
            ("level-1-days-active", "Level 1 asks for at least so many days with an activity of theirs.", 2),
            ("level-2-days-active", "Level 2 asks for at least so many days with an activity of theirs.", 10),
            ("level-3-days-active", "Level 3 asks for at least so many days with an activity of theirs.", 30),
            ("level-4-days-active", "Level 4 asks for at least so many days with an activity of theirs.", 60),
        ],
        enough: ("active", "Active on {value} days."),
        lacking: ("few-days", "For the next level, be active on more days: so far {value}."),
    },
    Requirement {
        metric: "tenure-days",
        why: "It takes time to know how things are done.",
        settings: [
            ("level-1-tenure-days", "Level 1 asks for at least so many days since they joined.", 1),
            ("level-2-tenure-days", "Level 2 asks for at least so many days since they joined.", 15),
            ("level-3-tenure-days", "Level 3 asks for at least so many days since they joined.", 100),
            ("level-4-tenure-days", "Level 4 asks for at least so many days since they joined.", 365),
        ],
        enough: ("tenure", "There for {value} days."),
        lacking: ("new-here", "For the next level, time has to pass: so far {value} days."),
    },
    Requirement {
        metric: "topics",
        why: "Whoever takes part in many topics is at home in more than a corner.",
        settings: [
            ("level-1-topics", "Level 1 asks for at least so many different topics of their activities.", 1),
            ("level-2-topics", "Level 2 asks for at least so many different topics of their activities.", 3),
            ("level-3-topics", "Level 3 asks for at least so many different topics of their activities.", 10),
            ("level-4-topics", "Level 4 asks for at least so many different topics of their activities.", 20),
        ],
        enough: ("topics", "Took part in {value} topics."),
        lacking: ("few-topics", "For the next level, take part in more topics: so far {value}."),
    },
    Requirement {
        metric: "given(verb=like)",
        why: "Likes given are attention for others.",
        settings: [
            ("level-1-likes-given", "Level 1 asks for at least so many likes given.", 0),
            ("level-2-likes-given", "Level 2 asks for at least so many likes given.", 1),
            ("level-3-likes-given", "Level 3 asks for at least so many likes given.", 30),
            ("level-4-likes-given", "Level 4 asks for at least so many likes given.", 60),
        ],
        enough: ("likes-given", "Gave {value} likes."),
        lacking: ("few-likes-given", "For the next level, like more of what you find good: so far {value}."),
    },
    Requirement {
        metric: "likes-received",
        why: "Likes received say that others find it good.",
        settings: [
            ("level-1-likes-received", "Level 1 asks for at least so many likes received.", 0),
            ("level-2-likes-received", "Level 2 asks for at least so many likes received.", 1),
            ("level-3-likes-received", "Level 3 asks for at least so many likes received.", 20),
            ("level-4-likes-received", "Level 4 asks for at least so many likes received.", 40),
        ],
        enough: ("likes-received", "Received {value} likes."),
        lacking: (
            "few-likes-received",
            "For the next level, others have to like more of what you give: so far {value}.",
        ),
    },
    Requirement {
        metric: "answers",
        why: "Answers are what others come for.",
        settings: [
            ("level-1-answers", "Level 1 asks for at least so many questions answered.", 0),
            ("level-2-answers", "Level 2 asks for at least so many questions answered.", 0),
            ("level-3-answers", "Level 3 asks for at least so many questions answered.", 5),
            ("level-4-answers", "Level 4 asks for at least so many questions answered.", 25),
        ],
        enough: ("answers", "Answered {value} questions."),
        lacking: ("few-answers", "For the next level, answer more questions: so far {value}."),
    },
];
