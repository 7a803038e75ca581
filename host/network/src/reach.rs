//! Reach: how many different people a few steps lead to.

use crate::{Direction, Error, Graph, Work};

/// Edges that one thread takes at a time; where a hop more is made each may stand for many.
const PIECE: usize = 256;

/// Of each node, how many others can be reached from it over at most `hops` edges.
///
/// Each is counted once, by however many ways it is reached; the node itself is not. Where an edge leads from a follower to
/// whom they follow, what somebody says reaches others against the edges: [`Direction::In`] is their audience, at one hop
/// the followers and at two their followers as well. [`Direction::Both`] goes either way at every hop. Weights are not
/// looked at. Isolated nodes reach 0, as everybody does over 0 hops.
///
/// # Cost
///
/// At one hop the edges; at two, of each node the edges of all its neighbours. Each thread keeps 4 bytes a node.
///
/// # Errors
///
/// [`Error::Stopped`].
///
/// # Example
///
/// ```
/// use groundswell_network::{Direction, Graph, Work, reach};
///
/// // 1 and 2 follow 0; 3 follows both of them, and 0 follows 3.
/// let graph = Graph::from_pairs(4, &[(1, 0), (2, 0), (3, 1), (3, 2), (0, 3)])?;
/// let work = Work::new();
/// assert_eq!(reach(&graph, Direction::In, 1, &work)?, [2, 1, 1, 1]);
/// // 3 is reached by 1 and by 2, and counts once.
/// assert_eq!(reach(&graph, Direction::In, 2, &work)?, [3, 2, 2, 3]);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
pub fn reach(graph: &Graph, direction: Direction, hops: u32, work: &Work<'_>) -> Result<Vec<u32>, Error> {
    if hops == 1 {
        return work.check().map(|()| graph.degrees(direction));
    }
    let pieces = if direction == Direction::Out { &graph.out } else { &graph.into }.pieces(PIECE);
    let reached = work.map(
        pieces.len(),
        || Search::new(graph, direction),
        |search, piece| {
            let found = |node| search.from(&[node], node + 1, hops);
            pieces[piece].clone().map(found).collect::<Vec<u32>>()
        },
    )?;
    Ok(reached.concat())
}

/// How many others can be reached over at most `hops` edges from any of `members`: what they reach together, where those
/// whom several of them reach count once and they themselves do not.
///
/// ```
/// use groundswell_network::{Direction, Graph, joint_reach};
///
/// // 2 follows both 0 and 1, 3 follows 1, and 0 follows 1: their followers add up to 4, and are 2 different others.
/// let graph = Graph::from_pairs(4, &[(2, 0), (2, 1), (3, 1), (0, 1)])?;
/// assert_eq!(joint_reach(&graph, Direction::In, 1, &[0, 1])?, 2);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Node`] for a member that is not in the graph.
pub fn joint_reach(graph: &Graph, direction: Direction, hops: u32, members: &[u32]) -> Result<u32, Error> {
    let nodes = graph.nodes();
    if let Some(row) = members.iter().position(|&node| node >= nodes) {
        return Err(Error::Node { row, node: members[row], nodes });
    }
    Ok(Search::new(graph, direction).from(members, 1, hops))
}

/// A search by breadth, again and again over the same graph.
struct Search<'a> {
    graph: &'a Graph,
    direction: Direction,
    /// The number of the last search that met a node.
    met: Vec<u32>,
    /// Whom this search has met, in that order; those of the last hop are only counted.
    queue: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph, direction: Direction) -> Self {
        Self { graph, direction, met: vec![0; graph.nodes() as usize], queue: Vec::new() }
    }

    /// How many are met beside `members`. Searches have different numbers above 0.
    fn from(&mut self, members: &[u32], search: u32, hops: u32) -> u32 {
        self.queue.clear();
        for &node in members {
            if std::mem::replace(&mut self.met[node as usize], search) != search {
                self.queue.push(node);
            }
        }
        let (mut found, mut first) = (0, 0);
        for hop in 1..=hops {
            let last = self.queue.len();
            for at in first..last {
                let node = self.queue[at];
                if self.direction != Direction::In {
                    found += self.meet(self.graph.out.row(node), search, hop < hops);
                }
                if self.direction != Direction::Out {
                    found += self.meet(self.graph.into.row(node), search, hop < hops);
                }
            }
            if self.queue.len() == last {
                break;
            }
            first = last;
        }
        found
    }

    fn meet(&mut self, nodes: &[u32], search: u32, go_on: bool) -> u32 {
        let mut found = 0;
        for &node in nodes {
            let met = &mut self.met[node as usize];
            if *met != search {
                *met = search;
                found += 1;
                if go_on {
                    self.queue.push(node);
                }
            }
        }
        found
    }
}
