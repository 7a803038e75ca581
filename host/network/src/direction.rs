//! Which way edges are followed.

/// Which of a node's edges are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Those that begin at it: whom it follows.
    Out,
    /// Those that end at it: who follows it.
    In,
    /// All of them, whichever way they point.
    Both,
}
