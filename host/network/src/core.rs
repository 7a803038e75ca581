//! Cores: how deep inside of the network somebody is.

use crate::{Error, Undirected, Work};

/// How many nodes are looked at between two checks whether to stop.
const CHECKED: usize = 1 << 16;

/// The core number of each node: the largest k such that it is in a group whose members have at least k neighbours each
/// inside of that group.
///
/// After Seidman, "Network structure and minimum degree", 1983; computed as by Batagelj and Zaveršnik, "An O(m) algorithm
/// for cores decomposition of networks", 2003, in time in proportion to the edges, on one thread.
///
/// - **Unit**: neighbours; 0 for isolated nodes.
/// - **Direction and weights** are not looked at: two nodes with an edge between them are neighbours once, also where they
///   point to each other. Where mutual edges count twice, core numbers come out higher.
///
/// # Errors
///
/// [`Error::Stopped`].
///
/// # Example
///
/// A triangle with a tail: 3 has one neighbour; without it 0, 1 and 2 have two each.
///
/// ```
/// use groundswell_network::{Graph, Work, core_numbers};
///
/// let graph = Graph::from_pairs(5, &[(0, 1), (1, 2), (2, 0), (2, 3), (3, 2)])?;
/// assert_eq!(core_numbers(&graph.undirected(), &Work::new())?, [2, 2, 2, 1, 0]);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
pub fn core_numbers(graph: &Undirected, work: &Work<'_>) -> Result<Vec<u32>, Error> {
    let nodes = graph.nodes() as usize;
    // What is left of each degree; in the end the core number.
    let mut left: Vec<u32> = (0..graph.nodes()).map(|node| graph.rows.length(node)).collect();
    let most = left.iter().max().map_or(0, |&most| most as usize);
    // Nodes ordered by what is left of them, and where those of each degree begin.
    let mut begins = vec![0_u32; most + 2];
    left.iter().for_each(|&degree| begins[degree as usize + 1] += 1);
    for degree in 0..=most {
        begins[degree + 1] += begins[degree];
    }
    let (mut ordered, mut place, mut next) = (vec![0_u32; nodes], vec![0_u32; nodes], begins.clone());
    for (node, &degree) in left.iter().enumerate() {
        let at = &mut next[degree as usize];
        (ordered[*at as usize], place[node]) = (node as u32, *at);
        *at += 1;
    }
    for at in 0..nodes {
        if at.is_multiple_of(CHECKED) {
            work.check()?;
        }
        let node = ordered[at];
        let core = left[node as usize];
        for &other in graph.rows.row(node) {
            let degree = left[other as usize];
            if degree > core {
                // It changes places with the first of its degree, which then is the last of the degree below.
                let first = &mut begins[degree as usize];
                let (here, there) = (place[other as usize], *first);
                let moved = ordered[there as usize];
                ordered.swap(here as usize, there as usize);
                (place[other as usize], place[moved as usize]) = (there, here);
                *first += 1;
                left[other as usize] -= 1;
            }
        }
    }
    Ok(left)
}
