//! The graph algorithms behind the network metrics: who is followed, trusted, central, or surrounded by people who praise
//! each other.
//!
//! A graph is nodes numbered from 0 and edges with weights; what they stand for is the caller's business. There are no
//! files, no members and no data engine here.
//!
//! ```
//! use groundswell_network::{Direction, Graph, PageRank, Work, core_numbers};
//!
//! // Who follows whom: 0 and 2 each other, 1 and 3 follow 2, and 0 follows 1 too.
//! let graph = Graph::from_pairs(4, &[(0, 1), (0, 2), (1, 2), (2, 0), (3, 2)])?;
//! assert_eq!(graph.degrees(Direction::In), [1, 1, 3, 0]);
//!
//! let work = Work::new().threads(2);
//! let ranked = PageRank::new().of(&graph, &work)?;
//! assert!(ranked.values[2] > ranked.values[0]);
//! assert_eq!(core_numbers(&graph.undirected(), &work)?, [2, 2, 2, 1]);
//! # Ok::<(), groundswell_network::Error>(())
//! ```
//!
//! # Map
//!
//! - [`Graph`], [`Undirected`]: made once, asked often. [`Work`]: threads, and when to give up.
//! - [`Graph::degrees`], [`Graph::strengths`], [`reach`], [`joint_reach`]: how many.
//! - [`PageRank`], [`EigenTrust`]: whom those point to that are pointed to.
//! - [`core_numbers`], [`triangles`], [`reciprocity()`], [`returns`]: how tightly people are knit.
//! - [`weak_components`], [`strong_components`], [`Betweenness`]: who holds what together.
//!
//! # What a graph is here
//!
//! Every algorithm works on the simple graph: rows that name the same two nodes in the same order are one edge, whose
//! weight is the sum of theirs, and an edge from a node to itself is left out and counted ([`Graph::self_loops`]). Isolated
//! nodes stay. Each function says what it does about direction and weights.
//!
//! # Determinism
//!
//! The same graph and settings give the same bits, at any number of threads, in whatever order the edges came, and on any
//! CPU. Each number is computed by one thread in an order that only the graph decides; where many are added up, they are
//! in pieces that only the graph decides; and no operation is used but those that IEEE 754 fixes to the last bit.
//!
//! That is why this crate stands here beside kept libraries: of those looked at, the parallel PageRanks of `graph` 0.3 and
//! `webgraph-algo` 0.7 read what other threads are writing, `rustworkx-core` 0.18 adds up betweenness in the order in
//! which threads finish, and `petgraph` 0.8 goes through all pairs of nodes in every iteration of PageRank.
#![expect(
    clippy::indexing_slicing,
    reason = "a graph's node numbers are checked where it is made, and what they index is as long as it has nodes"
)]

mod betweenness;
mod components;
mod core;
mod degree;
mod direction;
mod error;
mod graph;
mod rank;
mod reach;
mod reciprocity;
mod ring;
mod rows;
mod solve;
mod team;
mod triangles;
mod trust;
mod undirected;
mod work;

pub use betweenness::{Between, Betweenness};
pub use components::{Components, strong_components, weak_components};
pub use core::core_numbers;
pub use direction::Direction;
pub use error::Error;
pub use graph::{Graph, MOST_EDGES};
pub use rank::{PageRank, Ranked};
pub use reach::{joint_reach, reach};
pub use reciprocity::{Reciprocity, reciprocity};
pub use ring::{Returns, returns};
pub use triangles::{Triangles, triangles};
pub use trust::EigenTrust;
pub use undirected::Undirected;
pub use work::Work;
