//! Components: what hangs together.

use crate::{Error, Graph, Work};

/// How many nodes are looked at between two checks whether to stop.
const CHECKED: usize = 1 << 16;
/// No number of a node, component or place.
const NONE: u32 = u32::MAX;

/// Which nodes hang together. Each is in one component, isolated ones in one of their own.
///
/// Components are numbered from 0, in the order of the lowest node in each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Components {
    /// The component of each node.
    pub of_node: Vec<u32>,
    /// How many nodes are in each component.
    pub sizes: Vec<u32>,
}

/// The weak components: two nodes are in the same one where edges lead from one to the other, whichever way they point.
///
/// Weights are not looked at. It takes time in proportion to nodes and edges, on one thread.
///
/// # Errors
///
/// [`Error::Stopped`].
///
/// ```
/// use groundswell_network::{Graph, Work, weak_components};
///
/// let graph = Graph::from_pairs(5, &[(2, 0), (2, 4), (1, 3)])?;
/// let found = weak_components(&graph, &Work::new())?;
/// assert_eq!((found.of_node, found.sizes), (vec![0, 1, 0, 1, 0], vec![3, 2]));
/// # Ok::<(), groundswell_network::Error>(())
/// ```
pub fn weak_components(graph: &Graph, work: &Work<'_>) -> Result<Components, Error> {
    let mut of_node = vec![NONE; graph.nodes() as usize];
    let (mut sizes, mut queue, mut seen) = (Vec::new(), Vec::new(), 0);
    for first in 0..graph.nodes() {
        if of_node[first as usize] != NONE {
            continue;
        }
        let component = sizes.len() as u32;
        of_node[first as usize] = component;
        queue.push(first);
        let mut size = 0;
        while let Some(node) = queue.pop() {
            if usize::is_multiple_of(seen, CHECKED) {
                work.check()?;
            }
            (seen, size) = (seen + 1, size + 1);
            for &other in graph.out.row(node).iter().chain(graph.into.row(node)) {
                if of_node[other as usize] == NONE {
                    of_node[other as usize] = component;
                    queue.push(other);
                }
            }
        }
        sizes.push(size);
    }
    Ok(Components { of_node, sizes })
}

/// The strong components: two nodes are in the same one where edges lead, the way they point, from each to the other.
///
/// After Tarjan, "Depth-first search and linear graph algorithms", 1972, without recursion. Weights are not looked at. It
/// takes time in proportion to nodes and edges, on one thread.
///
/// # Errors
///
/// [`Error::Stopped`].
///
/// ```
/// use groundswell_network::{Graph, Work, strong_components};
///
/// // Round from 0 by 1 to 2 and back; 3 is pointed to and leads nowhere.
/// let graph = Graph::from_pairs(4, &[(0, 1), (1, 2), (2, 0), (2, 3)])?;
/// let found = strong_components(&graph, &Work::new())?;
/// assert_eq!((found.of_node, found.sizes), (vec![0, 0, 0, 1], vec![3, 1]));
/// # Ok::<(), groundswell_network::Error>(())
/// ```
pub fn strong_components(graph: &Graph, work: &Work<'_>) -> Result<Components, Error> {
    let nodes = graph.nodes() as usize;
    // When each node was first met, and the earliest of those on the stack that it leads to.
    let (mut met, mut earliest, mut time) = (vec![NONE; nodes], vec![NONE; nodes], 0);
    let mut of_node = vec![NONE; nodes];
    // Nodes without a component yet, and the way to the node that is looked at, each with how far its row has been read.
    let (mut stack, mut way) = (Vec::new(), Vec::<(u32, usize)>::new());
    let mut components = 0;
    for first in 0..graph.nodes() {
        if met[first as usize] != NONE {
            continue;
        }
        way.push((first, 0));
        while let Some((node, read)) = way.last_mut() {
            let at = *node as usize;
            if *read == 0 {
                if (time as usize).is_multiple_of(CHECKED) {
                    work.check()?;
                }
                (met[at], earliest[at]) = (time, time);
                time += 1;
                stack.push(*node);
            }
            let row = graph.out.row(*node);
            let mut deeper = None;
            while let Some(&other) = row.get(*read) {
                *read += 1;
                if met[other as usize] == NONE {
                    deeper = Some(other);
                    break;
                }
                if of_node[other as usize] == NONE {
                    earliest[at] = earliest[at].min(met[other as usize]);
                }
            }
            // A node without a row is not read a second time either.
            *read = (*read).max(1);
            if let Some(other) = deeper {
                way.push((other, 0));
                continue;
            }
            let node = *node;
            way.pop();
            if let Some((before, _)) = way.last() {
                earliest[*before as usize] = earliest[*before as usize].min(earliest[at]);
            }
            if earliest[at] == met[at] {
                while let Some(member) = stack.pop() {
                    of_node[member as usize] = components;
                    if member == node {
                        break;
                    }
                }
                components += 1;
            }
        }
    }
    Ok(numbered(of_node, components))
}

/// The components, numbered in the order of the lowest node in each.
fn numbered(mut of_node: Vec<u32>, count: u32) -> Components {
    let (mut number, mut sizes) = (vec![NONE; count as usize], Vec::new());
    for component in &mut of_node {
        let known = &mut number[*component as usize];
        if *known == NONE {
            *known = sizes.len() as u32;
            sizes.push(0);
        }
        sizes[*known as usize] += 1;
        *component = *known;
    }
    Components { of_node, sizes }
}
