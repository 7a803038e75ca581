//! Where members belong, and why.

/// What the host made of all scores, cut to the batch at hand: one element a row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranking {
    /// What `score` answered.
    pub score: Vec<f64>,
    /// 1 + members of the population with a higher score; equal scores share a rank.
    pub rank: Vec<u32>,
    /// (members below + half of those equal) / members, from 0 to 1.
    pub percentile: Vec<f64>,
}

impl Ranking {
    /// A ranking by hand: for tests, where no host makes it.
    pub fn new(score: Vec<f64>, rank: Vec<u32>, percentile: Vec<f64>) -> Self {
        Self { score, rank, percentile }
    }
}

/// Why a member is where they are, or gets what they get: a place among the description's reasons, and the
/// input whose value the sentence speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason {
    /// Place among the description's reasons.
    pub text: u32,
    /// Place among the description's inputs: what fills `{value}`.
    pub input: Option<u32>,
}

impl Reason {
    /// A sentence without `{value}`.
    pub fn new(text: u32) -> Self {
        Self { text, input: None }
    }

    /// A sentence whose `{value}` is the member's raw value of `input`.
    pub fn about(text: u32, input: u32) -> Self {
        Self { text, input: Some(input) }
    }
}

/// Where the members of a batch belong: one tier a row, and up to eight reasons each.
///
/// ```
/// use groundswell_plugin::{Placements, Reason};
///
/// let mut placements = Placements::with_capacity(2);
/// placements.place(0);
/// placements.place(1).because(Reason::about(0, 2));
/// assert_eq!(placements.tiers(), [0, 1]);
/// assert_eq!(placements.reasons(), [(1, Reason::about(0, 2))]);
///
/// // Without reasons, an iterator does.
/// let placements: Placements = [0, 1].into_iter().collect();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placements {
    tiers: Vec<u32>,
    reasons: Vec<(u32, Reason)>,
}

impl Placements {
    /// No rows yet, room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        Self { tiers: Vec::with_capacity(rows), reasons: Vec::new() }
    }

    /// Places the next row in a tier, named by its place in the description.
    pub fn place(&mut self, tier: u32) -> &mut Self {
        self.tiers.push(tier);
        self
    }

    /// Gives a reason for the row placed last. Before the first row there is nobody to give it for, and it is
    /// dropped.
    pub fn because(&mut self, reason: Reason) -> &mut Self {
        if let Some(last) = self.tiers.len().checked_sub(1) {
            self.reasons.push((last as u32, reason));
        }
        self
    }

    /// The tiers, one a row.
    pub fn tiers(&self) -> &[u32] {
        &self.tiers
    }

    /// The reasons with their rows, in row order.
    pub fn reasons(&self) -> &[(u32, Reason)] {
        &self.reasons
    }

    pub(crate) fn into_parts(self) -> (Vec<u32>, Vec<(u32, Reason)>) {
        (self.tiers, self.reasons)
    }
}

impl FromIterator<u32> for Placements {
    fn from_iter<I: IntoIterator<Item = u32>>(tiers: I) -> Self {
        Self { tiers: tiers.into_iter().collect(), reasons: Vec::new() }
    }
}
