//! Rows of node numbers, one after the other: compressed sparse rows.

use std::ops::Range;

/// Edges, more or less, that are looked at between two questions whether to go on: some milliseconds.
pub(crate) const ASKED: usize = 1 << 18;

/// For each node a row of others, ascending, none twice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    /// Where each row begins, and at the end where the last one ends.
    pub(crate) starts: Vec<u32>,
    pub(crate) nodes: Vec<u32>,
}

impl Rows {
    pub(crate) fn count(&self) -> u32 {
        (self.starts.len() - 1) as u32
    }

    /// Where the row of `node` lies among all.
    #[inline]
    pub(crate) fn range(&self, node: u32) -> Range<usize> {
        self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize
    }

    #[inline]
    pub(crate) fn row(&self, node: u32) -> &[u32] {
        &self.nodes[self.range(node)]
    }

    pub(crate) fn length(&self, node: u32) -> u32 {
        self.starts[node as usize + 1] - self.starts[node as usize]
    }

    /// The nodes in pieces that cost about as much as `each` edges, whatever the number of threads.
    pub(crate) fn pieces(&self, each: usize) -> Vec<Range<u32>> {
        let (mut pieces, mut first) = (Vec::new(), 0);
        while first < self.count() {
            // A node costs as much as an edge.
            let cost = |node: u32| self.starts[node as usize] as usize + node as usize;
            let end = cost(first).saturating_add(each);
            let mut last = first + 1;
            while last < self.count() && cost(last + 1) <= end {
                last += 1;
            }
            pieces.push(first..last);
            first = last;
        }
        pieces
    }

    /// The same edges the other way round: the row of each node has those whose rows have it. `ask` is called now and then;
    /// its error ends it.
    pub(crate) fn reversed<E>(&self, mut ask: impl FnMut() -> Result<(), E>) -> Result<Self, E> {
        let mut starts = starts(self.count(), self.nodes.iter().copied());
        let mut nodes = vec![0; self.nodes.len()];
        for piece in self.pieces(ASKED) {
            ask()?;
            for node in piece {
                for &other in self.row(node) {
                    let at = &mut starts[other as usize];
                    nodes[*at as usize] = node;
                    *at += 1;
                }
            }
        }
        rewind(&mut starts);
        Ok(Self { starts, nodes })
    }
}

/// Where each row begins, of rows as long as their nodes are named often.
pub(crate) fn starts(count: u32, named: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0_u32; count as usize + 1];
    named.for_each(|node| starts[node as usize + 1] += 1);
    for node in 0..count as usize {
        starts[node + 1] += starts[node];
    }
    starts
}

/// Puts back starts that were moved to the ends of their rows while these were filled.
pub(crate) fn rewind(starts: &mut [u32]) {
    let last = starts.len() - 1;
    starts.copy_within(..last, 1);
    starts[0] = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        Rows { starts: vec![0, 2, 2, 5, 6], nodes: vec![1, 2, 0, 1, 3, 2] }
    }

    #[test]
    fn reversing_twice_is_nothing() {
        let rows = rows();
        let go_on = || Ok::<(), ()>(());
        let reversed = rows.reversed(go_on).unwrap();
        assert_eq!(reversed, Rows { starts: vec![0, 1, 3, 5, 6], nodes: vec![2, 0, 2, 0, 3, 2] });
        assert_eq!(reversed.reversed(go_on).unwrap(), rows);
        assert_eq!(rows.reversed(|| Err(3)), Err(3));
    }

    #[test]
    fn pieces_hold_every_node_once_and_a_large_row_stands_alone() {
        assert_eq!(rows().pieces(3), [0..1, 1..2, 2..3, 3..4]);
        assert_eq!(rows().pieces(4), [0..2, 2..3, 3..4]);
        assert_eq!(rows().pieces(6), [0..2, 2..4]);
        assert_eq!(Rows { starts: vec![0], nodes: vec![] }.pieces(1), []);
    }
}
