//! Whom members help, and who trusts them.

use super::{BASE, GRAPH, MetricFamily, MetricGroup, VERB, optional, ties};
use crate::metrics::fact::{Count, Fact, Restart, Side, Ties};
use crate::metrics::metric::Metric;
use crate::metrics::parameter::{MetricParameter, ParameterKind};

const TRUST: MetricFamily = MetricFamily {
    group: MetricGroup::Trust,
    needs: &["activities.actor and activities.recipient"],
    edges: "what members do towards themselves does not count; a pair that comes again counts once; without actor or \
            recipient an activity counts for nobody",
    ..BASE
};

const HELP: MetricParameter = optional(
    "verb",
    Some("answer"),
    ParameterKind::Verb,
    "what counts as help. Communities that chat may want `reply`",
);
const PRAISE: MetricParameter = optional(
    "verb",
    Some("endorse"),
    ParameterKind::Verb,
    "whose weight says how much is thought of the recipient",
);

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "accepted-answers",
        name: "accepted-answers",
        unit: "answers",
        summary: "How many of the member's answers were accepted.",
        formula: "received(verb=accept)",
        source: "count of events",
        edges: "accepting oneself does not count; an unknown actor is somebody else",
        needs: &["activities.recipient"],
        build: |_| Metric::Count(Side::Received, Count::of("accept").others()),
        ..TRUST
    },
    MetricFamily {
        id: "acceptance-rate",
        name: "acceptance-rate",
        unit: "share, 0 to 1",
        summary: "Which share of the member's answers was accepted.",
        formula: "activities `accept` received from others / activities `answer` given to others, both in the \
                  window, at most 1 (an answer from before the window can be accepted in it); an answer \
                  without a recipient is one to others; no value without answers",
        source: "acceptance share, as question-and-answer sites show it",
        edges: "answers to oneself and accepting oneself do not count; unknown is somebody else",
        build: |_| Metric::AcceptanceRate,
        ..TRUST
    },
    MetricFamily {
        id: "members-helped[(verb=V)]",
        name: "members-helped",
        parameters: &[HELP],
        unit: "members",
        summary: "How many different members the member answered.",
        formula: "distinct recipients, other than the member, of activities V given",
        source: "out-degree of the help network; Zhang, Ackerman, Adamic: Expertise networks in online \
                 communities, WWW 2007",
        build: |parameters| Metric::Others(Ties::verb(&parameters.text("verb")), Side::Given),
        ..TRUST
    },
    MetricFamily {
        id: "newcomers-helped[(verb=V, days=D)]",
        name: "newcomers-helped",
        parameters: &[
            HELP,
            optional(
                "days",
                Some("30d"),
                ParameterKind::Days,
                "how old an account may be to be a newcomer's",
            ),
        ],
        unit: "members",
        summary: "How many different newcomers the member answered.",
        formula: "distinct recipients, other than the member, of activities V given when the recipient's account was at most \
                  `days` old: since joined_at, or else since their first activity, given or received",
        source: "newcomer support; Kraut, Resnick: Building successful online communities, 2012, chapter 5",
        window: "V in the window, first activities at any time",
        build: |parameters| {
            Metric::Fact(Fact::Newcomers { verb: parameters.text("verb"), days: parameters.days("days") })
        },
        ..TRUST
    },
    MetricFamily {
        id: "thanks-per-answer",
        name: "thanks-per-answer",
        unit: "thanks per answer",
        summary: "How often the member is thanked for an answer.",
        formula: "activities `thank` received from others / activities `answer` given to others; no value without answers",
        source: "ratio of counts",
        edges: "answers to oneself and thanks to oneself do not count; unknown is somebody else",
        build: |_| Metric::ThanksPerAnswer,
        ..TRUST
    },
    MetricFamily {
        id: "supporters(verb=V)",
        name: "supporters",
        parameters: &[VERB],
        unit: "members",
        summary: "From how many different members something came.",
        formula: "distinct actors, other than the member, of activities V received",
        source: "in-degree",
        build: |parameters| Metric::Others(Ties::verb(&parameters.text("verb")), Side::Received),
        ..TRUST
    },
    MetricFamily {
        id: "endorsements",
        name: "endorsements",
        unit: "endorsements",
        summary: "How often the member was endorsed.",
        formula: "received(verb=endorse); weights, and so their signs, do not count",
        source: "count of events",
        edges: "endorsing oneself does not count; equal rows without ids all count; an unknown actor is somebody else",
        needs: &["activities.recipient"],
        build: |_| Metric::Count(Side::Received, Count::of("endorse").others()),
        ..TRUST
    },
    MetricFamily {
        id: "signed-trust[(verb=V)]",
        name: "signed-trust",
        parameters: &[PRAISE],
        unit: "the unit of the column weight",
        summary: "How well others speak of the member, what is bad being taken off.",
        formula: "Σ over others of the weight of their newest V towards the member",
        source: "net signed in-degree; Leskovec, Huttenlocher, Kleinberg: Signed networks in social media, CHI 2010",
        edges: "V towards oneself does not count; who says something again replaces it; an unknown actor does not count",
        build: |parameters| Metric::SignedTrust(parameters.text("verb")),
        ..TRUST
    },
    MetricFamily {
        id: "positive-share(verb=V)",
        name: "positive-share",
        parameters: &[VERB],
        unit: "share, 0 to 1",
        summary: "Which share of what others said of the member is good.",
        formula: "V received from others with a weight above 0 / those with a weight other than 0; no value without any",
        source: "share of supporting votes; West, Paskov, Leskovec, Potts: Exploiting social network structure for \
                 person-to-person sentiment analysis, TACL 2014",
        edges: "V towards oneself does not count; equal rows without ids all count; an unknown actor is somebody else",
        needs: &["activities.recipient"],
        build: |parameters| Metric::Fact(Fact::Positive(parameters.text("verb"))),
        ..TRUST
    },
    MetricFamily {
        id: "eigentrust[(verb=V, restart=A, pre-trusted=R)]",
        name: "eigentrust",
        parameters: &[
            PRAISE,
            optional(
                "restart",
                Some("0.15"),
                ParameterKind::Share,
                "how much of all trust begins anew at every step",
            ),
            optional(
                "pre-trusted",
                None,
                ParameterKind::Word,
                "the role of those with whom it begins; with everybody alike where nothing is said",
            ),
        ],
        unit: "share of all trust, 0 to 1",
        summary: "How far the community trusts the member, the trust of those who are trusted counting for more.",
        formula: "t = (1 − a) Cᵀ t + a p with c_ij = max(s_ij, 0) / Σ_k max(s_ik, 0), s_ij the sum of weights of V from i to j, \
                  and p the same share for each of the pre-trusted; who thinks well of nobody trusts as p does. Over all \
                  members with a V given or received; 0 for others. To 1e-10 of the whole",
        source: "Kamvar, Schlosser, Garcia-Molina: The EigenTrust algorithm for reputation management in P2P networks, WWW 2003",
        edges: "V towards oneself does not count; weights of a pair add up; an unknown actor or recipient does not count",
        build: |parameters| {
            let restart =
                Restart { share: parameters.share("restart"), role: parameters.word("pre-trusted") };
            Metric::EigenTrust(parameters.text("verb"), restart)
        },
        ..TRUST
    },
    MetricFamily {
        id: "reciprocity(graph=G)",
        name: "reciprocity",
        parameters: &[GRAPH],
        unit: "share, 0 to 1",
        summary: "Which share of those to whom the member has a tie have one to the member.",
        formula: "others to whom there is a tie and from whom there is one / others to whom there is one; no value without any",
        source: "Garlaschelli, Loffredo: Patterns of link reciprocity in directed networks, Physical Review Letters 93, 2004",
        needs: &["follows", "activities.actor and activities.recipient"],
        build: |parameters| Metric::Reciprocity(ties(parameters)),
        ..TRUST
    },
    MetricFamily {
        id: "h-index[(verb=V)]",
        name: "h-index",
        parameters: &[optional("verb", Some("like"), ParameterKind::Verb, "what speaks for an object")],
        unit: "objects",
        summary: "How many of the member's objects received at least as many likes each.",
        formula: "the largest h such that h objects have at least h activities V from others to the member each; objects are \
                  told apart by 64 bits of the hash of their ids",
        source: "Hirsch: An index to quantify an individual's scientific research output, PNAS 102, 2005",
        edges: "V towards oneself does not count; equal rows without ids all count; an unknown actor is somebody else; without \
                an object V does not count",
        needs: &["activities.recipient and activities.object"],
        build: |parameters| Metric::Fact(Fact::HIndex(parameters.text("verb"))),
        ..TRUST
    },
    MetricFamily {
        id: "site-reputation[(question-like=N)]",
        name: "site-reputation",
        parameters: &[optional(
            "question-like",
            Some("10"),
            ParameterKind::Choice(&["10", "5"]),
            "what a like of a question brings: 10, or 5 as before November 2019",
        )],
        unit: "points",
        summary: "What a Stack Exchange site would show as the member's reputation, where votes are all there is.",
        formula: "1 + Σ over days (UTC) of min(200, 10 per like received (or N, of object_kind `question`) − 2 per dislike received) \
                  + 15 per `accept` received + 2 per `accept` given + weights of `bounty` received − weights of `bounty` \
                  given; at least 1. The site's own numbers also know suggested edits, votes given down, and bonuses",
        source: "the points of Stack Exchange's sites, as their help pages give them",
        window: "the run's window; `all` for what the site shows",
        edges: "what members do towards themselves does not count; equal rows without ids all count; an unknown actor is \
                somebody else",
        needs: &["activities.recipient"],
        build: |parameters| {
            Metric::Fact(Fact::Reputation { question_like: parameters.number("question-like").unwrap_or(10) })
        },
        ..TRUST
    },
];
