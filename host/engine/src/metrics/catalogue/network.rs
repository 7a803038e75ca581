//! Where members stand among others.

use super::{BASE, GRAPH, MetricFamily, MetricGroup, optional, ties};
use crate::metrics::fact::Fact;
use crate::metrics::metric::{Metric, Way};
use crate::metrics::parameter::ParameterKind;

const NETWORK: MetricFamily = MetricFamily {
    group: MetricGroup::Network,
    parameters: &[GRAPH],
    window: "activities in the window; follows at as-of, whenever they began",
    edges: "ties to oneself do not count; a tie that comes again is one tie; without one of its ends it is none",
    needs: &["follows", "activities.actor and activities.recipient"],
    ..BASE
};

pub(super) const FAMILIES: &[MetricFamily] = &[
    MetricFamily {
        id: "in-degree(graph=G)",
        name: "in-degree",
        unit: "members",
        summary: "From how many others there is a tie to the member.",
        formula: "distinct others with a tie to the member",
        source: "Freeman: Centrality in social networks, Social Networks 1, 1978",
        build: |parameters| Metric::Degree(ties(parameters), Way::In),
        ..NETWORK
    },
    MetricFamily {
        id: "out-degree(graph=G)",
        name: "out-degree",
        unit: "members",
        summary: "To how many others there is a tie from the member.",
        formula: "distinct others to whom the member has a tie",
        source: "Freeman: Centrality in social networks, Social Networks 1, 1978",
        build: |parameters| Metric::Degree(ties(parameters), Way::Out),
        ..NETWORK
    },
    MetricFamily {
        id: "degree(graph=G)",
        name: "degree",
        unit: "members",
        summary: "With how many others the member has a tie, either way.",
        formula: "distinct others with a tie to the member or from the member",
        source: "Freeman: Centrality in social networks, Social Networks 1, 1978",
        build: |parameters| Metric::Degree(ties(parameters), Way::Both),
        ..NETWORK
    },
    MetricFamily {
        id: "strength(graph=G[, direction=D])",
        name: "strength",
        parameters: &[
            GRAPH,
            optional(
                "direction",
                Some("in"),
                ParameterKind::Choice(&["in", "out", "both"]),
                "which ties count",
            ),
        ],
        unit: "activities",
        summary: "How often ties with the member were made.",
        formula: "Σ over ties of how often each was made; a follow counts 1",
        source: "Barrat, Barthélemy, Pastor-Satorras, Vespignani: The architecture of complex weighted networks, PNAS 101, 2004",
        edges: "ties to oneself do not count; a tie that comes again counts again; without one of its ends it is none",
        build: |parameters| {
            let way = match parameters.text("direction").as_str() {
                "out" => Way::Out,
                "both" => Way::Both,
                _ => Way::In,
            };
            Metric::Strength(ties(parameters), way)
        },
        ..NETWORK
    },
    MetricFamily {
        id: "pagerank(graph=G[, damping=A, weighted=W, personal=R])",
        name: "pagerank",
        parameters: &[
            GRAPH,
            optional(
                "damping",
                Some("0.85"),
                ParameterKind::Share,
                "how likely a tie is followed rather than begun anew",
            ),
            optional(
                "weighted",
                Some("no"),
                ParameterKind::Choice(&["no", "yes"]),
                "whether a tie counts for as often as it was made",
            ),
            optional(
                "personal",
                None,
                ParameterKind::Word,
                "the role of those with whom it begins anew; with anybody where nothing is said",
            ),
        ],
        unit: "share, 0 to 1",
        summary: "How much attention ends up with the member, that of those who have much counting for more.",
        formula: "x = a Pᵀ x + (1 − a) v, P the shares of each member's ties, v where it begins anew, which is also where those \
                  without ties lead. Over all members with a tie, who add up to 1; 0 for others. To 1e-10 of the whole",
        source: "Page, Brin, Motwani, Winograd: The PageRank citation ranking, 1999; personal: Haveliwala: Topic-sensitive \
                 PageRank, WWW 2002",
        build: |parameters| Metric::PageRank {
            ties: ties(parameters),
            weighted: parameters.text("weighted") == "yes",
            damping: parameters.share("damping"),
            role: parameters.word("personal"),
        },
        ..NETWORK
    },
    MetricFamily {
        id: "core-number(graph=G)",
        name: "core-number",
        unit: "ties",
        summary: "How deep in the thick of the network the member is.",
        formula: "the largest k such that the member is among members who each have ties with at least k of them, whichever way \
                  the ties lead; two ties between the same two are one",
        source: "Seidman: Network structure and minimum degree, Social Networks 5, 1983; Batagelj, Zaveršnik: An O(m) algorithm \
                 for cores decomposition of networks, 2003",
        build: |parameters| Metric::Core(ties(parameters)),
        ..NETWORK
    },
    MetricFamily {
        id: "betweenness(graph=G[, samples=N])",
        name: "betweenness",
        parameters: &[
            GRAPH,
            optional(
                "samples",
                None,
                ParameterKind::Number,
                "from how many members, chosen by Floyd's sampling with the seed 0, shortest paths are looked at; from all where \
                 nothing is said and the network has at most 10,000 members, else from 1,000",
            ),
        ],
        unit: "pairs of members",
        summary: "On how many shortest ways between others the member lies.",
        formula: "Σ over ordered pairs s ≠ t of others of the share of shortest paths from s to t that lead through the member; of a \
                  sample of s, times members / sample, which is right on average with a relative standard error of about \
                  1/√sample for those on whom many paths depend",
        source: "Freeman: A set of measures of centrality based on betweenness, Sociometry 40, 1977; Brandes: A faster algorithm \
                 for betweenness centrality, 2001; sampled: Brandes, Pich: Centrality estimation in large networks, 2007",
        build: |parameters| Metric::Betweenness(ties(parameters), parameters.number("samples")),
        ..NETWORK
    },
    MetricFamily {
        id: "clustering(graph=G)",
        name: "clustering",
        unit: "share, 0 to 1",
        summary: "How many of the member's contacts know each other.",
        formula: "pairs of the member's contacts with a tie between them / pairs of contacts, whichever way the ties lead; no value \
                  with fewer than two contacts",
        source: "Watts, Strogatz: Collective dynamics of small-world networks, Nature 393, 1998",
        build: |parameters| Metric::Clustering(ties(parameters)),
        ..NETWORK
    },
    MetricFamily {
        id: "triangles(graph=G)",
        name: "triangles",
        unit: "triangles",
        summary: "How many pairs of the member's contacts know each other.",
        formula: "pairs of the member's contacts with a tie between them, whichever way the ties lead",
        source: "Watts, Strogatz: Collective dynamics of small-world networks, Nature 393, 1998",
        build: |parameters| Metric::Triangles(ties(parameters)),
        ..NETWORK
    },
    MetricFamily {
        id: "topic-bridging",
        name: "topic-bridging",
        parameters: &[],
        unit: "share, 0 to 1",
        summary: "How evenly the member's exchange with others is spread over topics.",
        formula: "1 − Σ over topics t of (k_t / k)², k_t the activities between the member and others in topic t, given and received, \
                  and k those in any; 0 in one topic alone, towards 1 in many; no value without any",
        source: "participation coefficient; Guimerà, Amaral: Functional cartography of complex metabolic networks, Nature 433, 2005",
        edges: "activities towards oneself do not count; equal rows without ids all count; without actor, recipient or topic an \
                activity does not count",
        window: "the run's window",
        needs: &["activities.actor and activities.recipient and activities.topic"],
        build: |_| Metric::Fact(Fact::TopicSpread),
        ..NETWORK
    },
];
