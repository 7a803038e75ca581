//! PageRank.

use crate::solve::{Restart, System};
use crate::{Error, Graph, Work};

/// PageRank: the share of time that somebody spends at each node who follows edges at random and, with a probability of
/// 1 − damping at every step, begins again elsewhere.
///
/// After Page, Brin, Motwani and Winograd, "The PageRank citation ranking", 1999; the personal kind after Haveliwala,
/// "Topic-sensitive PageRank", 2002. With α for the damping, v for the restart vector and W_u for what goes out of u,
///
/// > x_v = (1 − α) v_v + α ( Σ over u → v of x_u w_uv / W_u  +  v_v Σ over dangling u of x_u )
///
/// A node is dangling where no edge leads on from it; whoever is there begins again by the restart vector.
///
/// - **Unit**: a share; all of a graph add up to 1.
/// - **Direction**: along edges: from follower to followed.
/// - **Weights**: an edge counts as 1, or, [weighted](Self::weighted), as its weight where that is above 0 and not at all
///   else.
/// - **Isolated nodes** have what the restart vector gives them; edges from a node to itself do not exist here.
///
/// # Cost
///
/// Some tens of sweeps over the edges; 36 bytes a node, and 8 more where a restart vector is given.
///
/// # Example
///
/// Worked out by hand, with a damping of ½ over four nodes: x₃ = ⅛, as nobody points to 3; x₀ = ⅛ + x₂⁄2, since all that 2
/// hands on goes to 0; x₁ = ⅛ + x₀⁄4; x₂ = ⅛ + x₀⁄4 + x₁⁄2 + x₃⁄2. Put into each other, 13⁄16 x₂ = 19⁄64.
///
/// ```
/// use groundswell_network::{Graph, PageRank, Work};
///
/// let graph = Graph::from_pairs(4, &[(0, 1), (0, 2), (1, 2), (2, 0), (3, 2)])?;
/// let ranked = PageRank::new().damping(0.5).of(&graph, &Work::new())?;
/// for (value, of_104) in ranked.values.iter().zip([32.0, 21.0, 38.0, 13.0]) {
///     assert!((value - of_104 / 104.0).abs() < 1e-10);
/// }
/// assert!(ranked.converged && ranked.bound <= 1e-10);
/// # Ok::<(), groundswell_network::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PageRank<'a> {
    damping: f64,
    tolerance: f64,
    max_iterations: u32,
    weighted: bool,
    restart: Option<&'a [f64]>,
}

impl Default for PageRank<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// What [`PageRank`] and [`EigenTrust`](crate::EigenTrust) say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// Of each node its share, 0…1; together 1, rounding aside.
    pub values: Vec<f64>,
    /// How many sweeps over all edges it took.
    pub iterations: u32,
    /// What the values are away from the true ones at the most, all differences added up and rounding aside.
    pub bound: f64,
    /// Whether `bound` is within the tolerance. False where the iterations allowed did not suffice.
    pub converged: bool,
}

impl<'a> PageRank<'a> {
    /// A damping of 0.85, a tolerance of 10⁻¹⁰, up to 10,000 iterations, not weighted, beginning again anywhere.
    pub const fn new() -> Self {
        Self { damping: 0.85, tolerance: 1e-10, max_iterations: 10_000, weighted: false, restart: None }
    }

    /// The probability of following an edge, from 0 to below 1.
    #[must_use]
    pub const fn damping(mut self, damping: f64) -> Self {
        self.damping = damping;
        self
    }

    /// What the values may be away from the true ones, all differences added up: above 0. Below 10⁻¹⁴ rounding has the
    /// last word.
    #[must_use]
    pub const fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// How many sweeps over all edges are made at the most; at least one is.
    #[must_use]
    pub const fn max_iterations(mut self, max_iterations: u32) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// Whether an edge is followed in proportion to its weight.
    #[must_use]
    pub const fn weighted(mut self, weighted: bool) -> Self {
        self.weighted = weighted;
        self
    }

    /// Where to begin again: for each node a number from 0 on, in proportion to which it is chosen.
    ///
    /// Nodes that cannot be reached from any with a number above 0 have a PageRank of 0.
    ///
    /// ```
    /// use groundswell_network::{Graph, PageRank, Work};
    ///
    /// // 0 and 1 point to each other, 2 to 0; beginning at 0 alone, with α = ½: x₀ = ½ + x₁⁄2, x₁ = x₀⁄2.
    /// let graph = Graph::from_pairs(3, &[(0, 1), (1, 0), (2, 0)])?;
    /// let personal = PageRank::new().damping(0.5).restart(&[7.0, 0.0, 0.0]).of(&graph, &Work::new())?;
    /// assert!((personal.values[0] - 2.0 / 3.0).abs() < 1e-10);
    /// assert_eq!(personal.values[2], 0.0);
    /// # Ok::<(), groundswell_network::Error>(())
    /// ```
    #[must_use]
    pub const fn restart(mut self, restart: &'a [f64]) -> Self {
        self.restart = Some(restart);
        self
    }

    /// The PageRank of every node. Of a graph without nodes there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a setting outside of its range, [`Error::Length`] for a restart vector that is not as long as
    /// there are nodes, [`Error::Stopped`].
    pub fn of(&self, graph: &Graph, work: &Work<'_>) -> Result<Ranked, Error> {
        range("damping", self.damping, (0.0..1.0).contains(&self.damping), "from 0 to below 1")?;
        range("tolerance", self.tolerance, self.tolerance > 0.0, "above 0")?;
        let restart = match self.restart {
            Some(restart) => distribution(graph, restart)?,
            None => Restart::Anywhere(1.0 / f64::from(graph.nodes())),
        };
        let weights = graph.weights.as_ref().filter(|_| self.weighted);
        let total = match weights {
            Some(_) => positive(graph),
            None => (0..graph.nodes()).map(|node| f64::from(graph.out.length(node))).collect(),
        };
        System {
            into: &graph.into,
            weights: weights.map(|weights| &*weights.into),
            total,
            restart,
            follow: self.damping,
            tolerance: self.tolerance,
            most_sweeps: self.max_iterations.max(1),
        }
        .solve(work)
    }
}

/// Of each node, the weights above 0 that go out, added up.
fn positive(graph: &Graph) -> Vec<f64> {
    let of = |node| graph.out_edges(node).fold(0.0, |sum, (_, weight)| sum + weight.max(0.0));
    (0..graph.nodes()).map(of).collect()
}

/// The vector, divided by its sum.
fn distribution(graph: &Graph, restart: &[f64]) -> Result<Restart, Error> {
    let expected = graph.nodes() as usize;
    if restart.len() != expected {
        return Err(Error::Length { what: "the restart vector", found: restart.len(), expected, of: "node" });
    }
    if let Some(&wrong) = restart.iter().find(|share| !(share.is_finite() && **share >= 0.0)) {
        return Err(Error::Setting {
            name: "a value of the restart vector",
            value: wrong,
            range: "a number from 0 on",
        });
    }
    let sum = restart.iter().fold(0.0, |sum, share| sum + share);
    range(
        "the sum of the restart vector",
        sum,
        sum.is_finite() && (sum > 0.0 || restart.is_empty()),
        "above 0",
    )?;
    Ok(Restart::Distribution(restart.iter().map(|share| share / sum).collect()))
}

pub(crate) fn range(name: &'static str, value: f64, fine: bool, range: &'static str) -> Result<(), Error> {
    if fine { Ok(()) } else { Err(Error::Setting { name, value, range }) }
}
