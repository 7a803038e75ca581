//! A graph: who points to whom, and how strongly.

use std::convert::Infallible;

use crate::degree;
use crate::rows::{ASKED, Rows, rewind, starts};
use crate::{Direction, Error, Undirected, Work};

/// How many edges a graph takes, repeated ones among them: the undirected graph has each twice, and numbers them by `u32`.
pub const MOST_EDGES: usize = u32::MAX as usize / 2;

/// A directed graph over nodes numbered from 0. It does not change.
///
/// # Edges
///
/// Rows with the same two nodes in the same order are one edge; its weight is the sum of theirs. Where no weights are
/// given each row weighs 1, so that an edge weighs as much as it has rows. Weights may be any finite numbers, 0 and
/// negative ones among them: the edge is there all the same, except where an algorithm says that it asks for weights
/// above 0. Rows from a node to itself are left out and counted.
///
/// # Determinism
///
/// The order of the rows makes no difference: the weights of one edge are added from the smallest to the largest. Sums of
/// whole numbers below 2⁵³ are exact.
///
/// # Cost
///
/// Making one takes time in proportion to nodes and rows, and keeping it 8 bytes a node and 8 an edge; 24 an edge where
/// weights differ from 1. While it is made, another 12 a row.
///
/// # Example
///
/// ```
/// use groundswell_network::Graph;
///
/// let graph = Graph::from_edges(3, &[(0, 1, 2.5), (1, 0, 1.0), (0, 1, -0.5), (2, 2, 9.0)])?;
/// assert_eq!((graph.edges(), graph.repeated(), graph.self_loops()), (2, 1, 1));
/// assert_eq!(graph.out_edges(0).collect::<Vec<_>>(), [(1, 2.0)]);
/// assert_eq!(graph.in_neighbours(0), [1]);
/// assert!(graph.out_neighbours(2).is_empty());
/// # Ok::<(), groundswell_network::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub(crate) out: Rows,
    pub(crate) into: Rows,
    /// Beside `out.nodes` and `into.nodes`; `None` where all weights are 1.
    pub(crate) weights: Option<Weights>,
    repeated: usize,
    self_loops: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weights {
    pub(crate) out: Vec<f64>,
    pub(crate) into: Vec<f64>,
}

impl Graph {
    /// A graph whose edges all weigh 1, or as much as they have rows.
    ///
    /// # Errors
    ///
    /// [`Error::Node`] and [`Error::TooManyEdges`].
    pub fn from_pairs(nodes: u32, pairs: &[(u32, u32)]) -> Result<Self, Error> {
        let (from, to): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
        Self::from_columns(nodes, &from, &to, None)
    }

    /// A graph of rows `(from, to, weight)`.
    ///
    /// # Errors
    ///
    /// [`Error::Node`], [`Error::Weight`] and [`Error::TooManyEdges`].
    pub fn from_edges(nodes: u32, edges: &[(u32, u32, f64)]) -> Result<Self, Error> {
        let (from, to): (Vec<u32>, Vec<u32>) = edges.iter().map(|&(from, to, _)| (from, to)).unzip();
        let weights: Vec<f64> = edges.iter().map(|&(.., weight)| weight).collect();
        Self::from_columns(nodes, &from, &to, Some(&weights))
    }

    /// A graph of columns that are equally long, as data engines have them; without weights each row weighs 1.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] where the columns are not equally long, [`Error::Node`] where one names a node that is not below
    /// `nodes`, [`Error::Weight`] for a weight that is infinite or NaN, and [`Error::TooManyEdges`] beyond [`MOST_EDGES`].
    pub fn from_columns(
        nodes: u32,
        from: &[u32],
        to: &[u32],
        weights: Option<&[f64]>,
    ) -> Result<Self, Error> {
        Self::from_columns_with(nodes, from, to, weights, &Work::new())
    }

    /// As [`from_columns`](Self::from_columns), for those who may have to stop it: a hundred million rows take seconds. It
    /// runs on one thread, whatever `work` allows.
    ///
    /// # Errors
    ///
    /// As there, and [`Error::Stopped`].
    pub fn from_columns_with(
        nodes: u32,
        from: &[u32],
        to: &[u32],
        weights: Option<&[f64]>,
        work: &Work<'_>,
    ) -> Result<Self, Error> {
        check(nodes, from, to, weights)?;
        let count = from.len() as u32;
        let apart = |row: &u32| from[*row as usize] != to[*row as usize];
        let parts =
            || (0..count).step_by(ASKED).map(|first| (first..count.min(first + ASKED as u32)).filter(apart));
        // Ordered by where they end and then, keeping that order, by where they begin.
        let ends = starts(nodes, parts().flatten().map(|row| to[row as usize]));
        let by_end = placed(&ends, to, parts(), work)?;
        let sources = starts(nodes, parts().flatten().map(|row| from[row as usize]));
        let order = placed(&sources, from, by_end.chunks(ASKED).map(|part| part.iter().copied()), work)?;
        drop((ends, by_end));

        let rows = Rows { starts: sources, nodes: order };
        let mut out = Rows { starts: vec![0], nodes: Vec::with_capacity(rows.nodes.len()) };
        let mut summed = Vec::with_capacity(rows.nodes.len());
        let mut same = Vec::new();
        for piece in rows.pieces(ASKED) {
            work.check()?;
            for node in piece {
                for edge in rows.row(node).chunk_by(|&one, &other| to[one as usize] == to[other as usize]) {
                    out.nodes.push(to[edge[0] as usize]);
                    summed.push(match weights {
                        None => edge.len() as f64,
                        Some(weights) => {
                            same.clear();
                            same.extend(edge.iter().map(|&row| weights[row as usize]));
                            sum(&mut same)
                        }
                    });
                }
                out.starts.push(out.nodes.len() as u32);
            }
        }
        let repeated = rows.nodes.len() - out.nodes.len();
        let self_loops = from.len() - rows.nodes.len();
        drop(rows);
        let weights = summed.iter().any(|&weight| weight != 1.0).then_some(summed);
        Self::turned(out, weights, repeated, self_loops, || work.check())
    }

    /// The graph of these rows, with what follows from them: the same edges from their other ends. `ask` is called now and
    /// then; its error ends it.
    fn turned<E>(
        out: Rows,
        weights: Option<Vec<f64>>,
        repeated: usize,
        self_loops: usize,
        mut ask: impl FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let into = out.reversed(&mut ask)?;
        let weights = match weights {
            Some(weights) => Some(Weights { into: turned(&out, &into, &weights, ask)?, out: weights }),
            None => None,
        };
        Ok(Self { out, into, weights, repeated, self_loops })
    }

    /// Each pair of neighbours as an edge in both directions.
    pub(crate) fn both_ways(rows: &Rows) -> Self {
        Self { out: rows.clone(), into: rows.clone(), weights: None, repeated: 0, self_loops: 0 }
    }

    /// How many nodes there are, isolated ones among them.
    pub fn nodes(&self) -> u32 {
        self.out.count()
    }

    /// How many edges there are: ordered pairs of two different nodes.
    pub fn edges(&self) -> usize {
        self.out.nodes.len()
    }

    /// How many rows repeated the two nodes of another.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// How many rows were left out as they led from a node to itself.
    pub fn self_loops(&self) -> usize {
        self.self_loops
    }

    /// The nodes to which `node` points, ascending.
    ///
    /// # Panics
    ///
    /// Where there is no such node; so do the other functions that are asked about one node.
    pub fn out_neighbours(&self, node: u32) -> &[u32] {
        self.out.row(node)
    }

    /// The nodes that point to `node`, ascending.
    pub fn in_neighbours(&self, node: u32) -> &[u32] {
        self.into.row(node)
    }

    /// The nodes to which `node` points, ascending, with the weights of the edges.
    pub fn out_edges(&self, node: u32) -> impl Iterator<Item = (u32, f64)> {
        edges(&self.out, self.weights.as_ref().map(|weights| &*weights.out), node)
    }

    /// The nodes that point to `node`, ascending, with the weights of the edges.
    pub fn in_edges(&self, node: u32) -> impl Iterator<Item = (u32, f64)> {
        edges(&self.into, self.weights.as_ref().map(|weights| &*weights.into), node)
    }

    /// Whether `from` points to `to`.
    pub fn has_edge(&self, from: u32, to: u32) -> bool {
        self.out.row(from).binary_search(&to).is_ok()
    }

    /// The undirected graph: neighbours are those with an edge between them, whichever way it points.
    pub fn undirected(&self) -> Undirected {
        Undirected::of(self)
    }

    /// The edges between nodes that `keep` names; the others stay as isolated nodes, and the numbers stay.
    ///
    /// ```
    /// use groundswell_network::Graph;
    ///
    /// let graph = Graph::from_pairs(3, &[(0, 1), (1, 2), (2, 0)])?;
    /// assert_eq!(graph.among(|node| node != 1).edges(), 1);
    /// # Ok::<(), groundswell_network::Error>(())
    /// ```
    pub fn among(&self, keep: impl Fn(u32) -> bool) -> Self {
        let mut out = Rows { starts: vec![0], nodes: Vec::new() };
        let mut weights = Vec::new();
        for node in 0..self.nodes() {
            if keep(node) {
                for (other, weight) in self.out_edges(node).filter(|&(other, _)| keep(other)) {
                    out.nodes.push(other);
                    weights.push(weight);
                }
            }
            out.starts.push(out.nodes.len() as u32);
        }
        let weights = self.weights.as_ref().map(|_| weights);
        let Ok(graph) = Self::turned(out, weights, 0, 0, || Ok::<(), Infallible>(()));
        graph
    }

    /// How many neighbours each node has.
    ///
    /// Numbers of different nodes: repeated rows count once, those from a node to itself not at all. In
    /// [both](Direction::Both) directions, two nodes that point to each other are neighbours once. 0 for isolated nodes.
    ///
    /// ```
    /// use groundswell_network::{Direction, Graph};
    ///
    /// let graph = Graph::from_pairs(4, &[(0, 1), (1, 0), (0, 2), (0, 2)])?;
    /// assert_eq!(graph.degrees(Direction::Out), [2, 1, 0, 0]);
    /// assert_eq!(graph.degrees(Direction::In), [1, 1, 1, 0]);
    /// assert_eq!(graph.degrees(Direction::Both), [2, 1, 1, 0]);
    /// # Ok::<(), groundswell_network::Error>(())
    /// ```
    pub fn degrees(&self, direction: Direction) -> Vec<u32> {
        degree::degrees(self, direction)
    }

    /// The weights of each node's edges, added up.
    ///
    /// In the unit of the weights; where none were given, in rows. Repeated rows count each, those from a node to itself
    /// not at all; negative weights subtract. In [both](Direction::Both) directions, what comes in plus what goes out. 0
    /// for isolated nodes. Added in the order of the neighbours' numbers. After Barrat, Barthélemy, Pastor-Satorras and
    /// Vespignani, "The architecture of complex weighted networks", 2004.
    ///
    /// ```
    /// use groundswell_network::{Direction, Graph};
    ///
    /// let graph = Graph::from_edges(3, &[(0, 1, 2.0), (0, 1, 3.0), (1, 0, -1.0)])?;
    /// assert_eq!(graph.strengths(Direction::Out), [5.0, -1.0, 0.0]);
    /// assert_eq!(graph.strengths(Direction::Both), [4.0, 4.0, 0.0]);
    /// # Ok::<(), groundswell_network::Error>(())
    /// ```
    pub fn strengths(&self, direction: Direction) -> Vec<f64> {
        degree::strengths(self, direction)
    }
}

fn check(nodes: u32, from: &[u32], to: &[u32], weights: Option<&[f64]>) -> Result<(), Error> {
    let length = |what, found| {
        let expected = from.len();
        if found == expected {
            Ok(())
        } else {
            Err(Error::Length { what, found, expected, of: "edge that begins somewhere" })
        }
    };
    length("the column of ends", to.len())?;
    length("the column of weights", weights.map_or(from.len(), <[f64]>::len))?;
    if from.len() > MOST_EDGES {
        return Err(Error::TooManyEdges { rows: from.len() });
    }
    for column in [from, to] {
        if let Some(row) = column.iter().position(|&node| node >= nodes) {
            return Err(Error::Node { row, node: column[row], nodes });
        }
    }
    let wrong = weights.and_then(|weights| {
        let row = weights.iter().position(|weight| !weight.is_finite())?;
        Some(Error::Weight { row, weight: weights[row] })
    });
    wrong.map_or(Ok(()), Err)
}

/// Rows, ordered by their node in `column`, where it is known where those of each node begin; those of one node in the
/// order in which they come. Before each part it is asked whether to stop.
fn placed<Part: Iterator<Item = u32>>(
    starts: &[u32],
    column: &[u32],
    parts: impl Iterator<Item = Part>,
    work: &Work<'_>,
) -> Result<Vec<u32>, Error> {
    let mut next = starts.to_vec();
    let mut order = vec![0; next.last().copied().unwrap_or(0) as usize];
    for part in parts {
        work.check()?;
        for row in part {
            let at = &mut next[column[row as usize] as usize];
            order[*at as usize] = row;
            *at += 1;
        }
    }
    Ok(order)
}

/// The sum, in an order that only the terms decide.
fn sum(terms: &mut [f64]) -> f64 {
    terms.sort_unstable_by(f64::total_cmp);
    // From 0 on, so that there is no negative 0.
    terms.iter().fold(0.0, |sum, term| sum + term)
}

/// The weights of `into`'s edges, given those of `out`'s. `ask` is called now and then; its error ends it.
fn turned<E>(
    out: &Rows,
    into: &Rows,
    weights: &[f64],
    mut ask: impl FnMut() -> Result<(), E>,
) -> Result<Vec<f64>, E> {
    let mut next = into.starts.clone();
    let mut turned = vec![0.0; weights.len()];
    for (nodes, weights) in out.nodes.chunks(ASKED).zip(weights.chunks(ASKED)) {
        ask()?;
        for (&other, &weight) in nodes.iter().zip(weights) {
            let at = &mut next[other as usize];
            turned[*at as usize] = weight;
            *at += 1;
        }
    }
    rewind(&mut next);
    debug_assert_eq!(next, into.starts);
    Ok(turned)
}

fn edges<'a>(rows: &'a Rows, weights: Option<&'a [f64]>, node: u32) -> impl Iterator<Item = (u32, f64)> {
    rows.range(node).map(move |at| (rows.nodes[at], weights.map_or(1.0, |weights| weights[at])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_graph_is_refused_with_the_row() {
        let told = |found: Result<Graph, Error>| found.unwrap_err().to_string();
        assert_eq!(
            told(Graph::from_pairs(2, &[(0, 1), (1, 2)])),
            "row 1 names node 2, and the graph has 2 nodes, numbered from 0"
        );
        assert_eq!(
            told(Graph::from_edges(2, &[(0, 1, f64::INFINITY)])),
            "the edge in row 0 weighs inf; weights are finite numbers"
        );
        assert_eq!(
            told(Graph::from_columns(2, &[0, 1], &[1], None)),
            "the column of ends has 1 values where 2 are needed, one for each edge that begins somewhere"
        );
        assert!(Graph::from_columns(2, &[0], &[1], Some(&[])).is_err());
        assert_eq!(Graph::from_pairs(0, &[]).unwrap().nodes(), 0);
    }

    #[test]
    fn weights_of_one_edge_add_up_to_the_same_in_any_order() {
        let weights = [0.1, 1e16, -1e16, 0.3, -0.0];
        let edges = |order: &[usize]| {
            let rows: Vec<_> = order.iter().map(|&at| (1, 0, weights[at])).collect();
            Graph::from_edges(2, &rows).unwrap()
        };
        assert_eq!(edges(&[0, 1, 2, 3, 4]), edges(&[4, 2, 3, 1, 0]));
        assert_eq!(Graph::from_edges(2, &[(0, 1, -0.0)]).unwrap().out_edges(0).next(), Some((1, 0.0)));
    }

    #[test]
    fn each_edge_weighs_the_same_from_both_ends() {
        let graph = Graph::from_edges(3, &[(0, 1, 2.0), (2, 1, 3.0), (1, 2, 4.0), (0, 2, 5.0)]).unwrap();
        assert_eq!(graph.in_edges(1).collect::<Vec<_>>(), [(0, 2.0), (2, 3.0)]);
        assert_eq!(graph.in_edges(2).collect::<Vec<_>>(), [(0, 5.0), (1, 4.0)]);
        let among = graph.among(|node| node > 0);
        assert_eq!(among.in_edges(2).collect::<Vec<_>>(), [(1, 4.0)]);
        assert_eq!(among.in_edges(1).collect::<Vec<_>>(), [(2, 3.0)]);
    }
}
