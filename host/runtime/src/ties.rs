//! Ties between members, as metrics look at them.

use std::sync::Arc;

use crate::Error;
use crate::text::Figure;

/// A network's ties, one a place in every column: which members, how often, how strongly. Cloning shares them.
///
/// ```
/// use groundswell_runtime::Ties;
///
/// // Member 0 thanked member 2 three times, and 2 thanked 0 once.
/// let ties = Ties::new([0, 2], [2, 0], [3, 1], [3.0, 1.0])?;
/// assert_eq!(ties.len(), 2);
/// # Ok::<(), groundswell_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ties {
    pub(crate) source: Arc<[u32]>,
    pub(crate) target: Arc<[u32]>,
    pub(crate) count: Arc<[u32]>,
    pub(crate) weight: Arc<[f64]>,
}

impl Ties {
    /// Ties from members `source` to members `target`, each of which stands for `count` activities with so much `weight`
    /// together. −0 becomes 0.
    ///
    /// # Errors
    ///
    /// [`Error::Ties`] for columns of different lengths, ties that do not ascend by source and then target or stand there
    /// twice, ties of a member to themselves, a count of 0, and weights that are not finite.
    pub fn new(
        source: impl Into<Arc<[u32]>>,
        target: impl Into<Arc<[u32]>>,
        count: impl Into<Arc<[u32]>>,
        weight: impl Into<Arc<[f64]>>,
    ) -> Result<Self, Error> {
        let mut ties =
            Self { source: source.into(), target: target.into(), count: count.into(), weight: weight.into() };
        let negative_zero = |weight: &f64| *weight == 0.0 && weight.is_sign_negative();
        if ties.weight.iter().any(negative_zero) {
            ties.weight = ties.weight.iter().map(|weight| weight + 0.0).collect();
        }
        match ties.objection() {
            Some(what) => Err(Error::Ties(what)),
            None => Ok(ties),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    fn ends(&self) -> impl Iterator<Item = (u32, u32)> {
        self.source.iter().copied().zip(self.target.iter().copied())
    }

    fn objection(&self) -> Option<String> {
        let lengths = [self.source.len(), self.target.len(), self.count.len(), self.weight.len()];
        if lengths.iter().any(|length| *length != self.len()) {
            return Some(format!(
                "their columns have {}, {}, {} and {} places",
                Figure(lengths[0]),
                Figure(lengths[1]),
                Figure(lengths[2]),
                Figure(lengths[3])
            ));
        }
        let place =
            |what: &str, place: Option<usize>| place.map(|place| format!("tie {} {what}", Figure(place)));
        let order = self.ends().zip(self.ends().skip(1)).position(|(one, next)| one >= next);
        place("is of a member to themselves", self.ends().position(|(source, target)| source == target))
            .or_else(|| {
                place(
                    "does not come after the one before it, by source and then target",
                    order.map(|at| at + 1),
                )
            })
            .or_else(|| place("stands for no activity", self.count.iter().position(|count| *count == 0)))
            .or_else(|| {
                place(
                    "has a weight that is not finite",
                    self.weight.iter().position(|weight| !weight.is_finite()),
                )
            })
    }

    /// The first place that names a member beyond these, if one does.
    pub(crate) fn beyond(&self, members: usize) -> Option<usize> {
        self.ends().position(|(source, target)| source.max(target) as usize >= members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_network_is_refused() {
        let told = |ends: &[(u32, u32)], count: &[u32], weight: &[f64]| {
            let (source, target): (Vec<u32>, Vec<u32>) = ends.iter().copied().unzip();
            Ties::new(source, target, count, weight)
                .map_or_else(|error| error.to_string(), |ties| ties.len().to_string())
        };
        assert_eq!(told(&[(0, 1), (0, 2), (1, 0)], &[1, 2, 3], &[1.0, -2.0, 0.5]), "3");
        insta::assert_snapshot!(told(&[(0, 1)], &[1, 2], &[1.0]), @"the ties cannot be used: their columns have 1, 1, 2 and 1 places");
        insta::assert_snapshot!(told(&[(0, 1), (0, 1)], &[1, 1], &[1.0, 1.0]), @"the ties cannot be used: tie 1 does not come after the one before it, by source and then target");
        insta::assert_snapshot!(told(&[(1, 1)], &[1], &[1.0]), @"the ties cannot be used: tie 0 is of a member to themselves");
        insta::assert_snapshot!(told(&[(0, 1)], &[0], &[1.0]), @"the ties cannot be used: tie 0 stands for no activity");
        insta::assert_snapshot!(told(&[(0, 1)], &[1], &[f64::NAN]), @"the ties cannot be used: tie 0 has a weight that is not finite");
    }

    #[test]
    fn zero_is_never_negative() {
        let ties = Ties::new([0], [1], [1], [-0.0]).unwrap();
        assert!(ties.weight[0].is_sign_positive());
    }
}
