//! EigenTrust.

use crate::rank::range;
use crate::{Error, Graph, PageRank, Ranked, Work};

/// EigenTrust: how far everybody together trusts each node, where the trust of those who are trusted counts for more.
///
/// After Kamvar, Schlosser and Garcia-Molina, "The EigenTrust algorithm for reputation management in P2P networks", 2003.
/// The weight s_ij of the edge from i to j is how well i speaks of j. What i thinks of j is c_ij = max(s_ij, 0) / Σ over k
/// of max(s_ik, 0), and p_j where i speaks well of nobody. Trust is the solution of
///
/// > t = (1 − a) Cᵀ t + a p
///
/// with a for the restart and p for the pre-trusted, each with the same share; without any, p is everybody's. The restart
/// is what keeps rings of nodes that praise each other from holding on to what trust comes their way.
///
/// - **Unit**: a share; all of a graph add up to 1.
/// - **Direction**: along edges, from who trusts to who is trusted.
/// - **Weights**: those above 0; others count as no edge.
/// - **Isolated nodes** have what p gives them; praise of oneself does not exist here.
///
/// # Example
///
/// Worked out by hand: 0 speaks of 1 and 2 as 3 to 1; 1 speaks well of 0 and badly of 2; 2 of nobody, so that its trust
/// goes to the pre-trusted 0. With a = ½: t₁ = ⅜ t₀, t₂ = ⅛ t₀, t₀ = ½ (t₁ + t₂) + ½.
///
/// ```
/// use groundswell_network::{EigenTrust, Graph, Work};
///
/// let graph = Graph::from_edges(3, &[(0, 1, 3.0), (0, 2, 1.0), (1, 0, 2.0), (1, 2, -5.0)])?;
/// let trust = EigenTrust::new().restart(0.5).pre_trusted(&[0]).of(&graph, &Work::new())?;
/// for (value, expected) in trust.values.iter().zip([2.0 / 3.0, 1.0 / 4.0, 1.0 / 12.0]) {
///     assert!((value - expected).abs() < 1e-10);
/// }
/// # Ok::<(), groundswell_network::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EigenTrust<'a> {
    restart: f64,
    tolerance: f64,
    max_iterations: u32,
    pre_trusted: &'a [u32],
}

impl Default for EigenTrust<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> EigenTrust<'a> {
    /// A restart of 0.15, a tolerance of 10⁻¹⁰, up to 10,000 iterations, nobody pre-trusted.
    pub const fn new() -> Self {
        Self { restart: 0.15, tolerance: 1e-10, max_iterations: 10_000, pre_trusted: &[] }
    }

    /// How much of all trust comes from the pre-trusted at every step: above 0, up to 1.
    #[must_use]
    pub const fn restart(mut self, restart: f64) -> Self {
        self.restart = restart;
        self
    }

    /// What the values may be away from the true ones, all differences added up: above 0.
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

    /// Who is trusted to begin with; nobody named means everybody alike. Named twice is named once.
    #[must_use]
    pub const fn pre_trusted(mut self, nodes: &'a [u32]) -> Self {
        self.pre_trusted = nodes;
        self
    }

    /// The trust in every node. Of a graph without nodes there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a setting outside of its range, [`Error::Node`] for a pre-trusted node that is not there,
    /// [`Error::Stopped`].
    pub fn of(&self, graph: &Graph, work: &Work<'_>) -> Result<Ranked, Error> {
        range("restart", self.restart, self.restart > 0.0 && self.restart <= 1.0, "above 0 and up to 1")?;
        let nodes = graph.nodes();
        let mut trusted = vec![0.0; nodes as usize];
        for (row, &node) in self.pre_trusted.iter().enumerate() {
            *trusted.get_mut(node as usize).ok_or(Error::Node { row, node, nodes })? = 1.0;
        }
        // The same walk: who speaks well of nobody is a dangling node.
        let rank = PageRank::new()
            .damping(1.0 - self.restart)
            .tolerance(self.tolerance)
            .max_iterations(self.max_iterations)
            .weighted(true);
        if self.pre_trusted.is_empty() {
            rank.of(graph, work)
        } else {
            rank.restart(&trusted).of(graph, work)
        }
    }
}
