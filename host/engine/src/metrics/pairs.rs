//! Ties between members, each with how often and how strongly it was made.

/// One tie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// How often it was made.
    pub(crate) count: u64,
    /// The sum of weights, in the order of time.
    pub(crate) weight: f64,
    /// The newest weight.
    pub(crate) newest: f64,
}

/// Ties, each once, by `from` and then by `to`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(pub(crate) Vec<Pair>);

impl Pairs {
    /// How many different members each has ties to.
    pub(super) fn outward(&self, members: usize) -> Vec<u64> {
        self.counted(members, |pair| pair.from)
    }

    /// How many different members have ties to each.
    pub(super) fn inward(&self, members: usize) -> Vec<u64> {
        self.counted(members, |pair| pair.to)
    }

    /// By member, how many of the ties to others have one that leads back, and how many there are.
    pub(super) fn answered(&self, members: usize) -> Vec<(u32, u32)> {
        let mut answered = vec![(0, 0); members];
        // Where the ties of each member begin, and at the end where the last one's end.
        let mut starts = vec![0_usize; members + 1];
        for pair in &self.0 {
            let from = pair.from as usize;
            if let (Some((_, all)), Some(end)) = (answered.get_mut(from), starts.get_mut(from + 1)) {
                *all += 1;
                *end += 1;
            }
        }
        let mut begin = 0;
        for start in &mut starts {
            begin += *start;
            *start = begin;
        }
        let ends: Vec<u32> = self.0.iter().map(|pair| pair.to).collect();
        // Those who ask after ties to one member come in ascending order: where one has looked, the next goes on.
        let mut next = starts.clone();
        for pair in &self.0 {
            let to = pair.to as usize;
            let (Some(next), Some(end)) = (next.get_mut(to), starts.get(to + 1)) else { continue };
            let ties = ends.get(*next..*end).unwrap_or_default();
            let before = ties.iter().take_while(|end| **end < pair.from).count();
            *next += before;
            if ties.get(before) == Some(&pair.from)
                && let Some((back, _)) = answered.get_mut(pair.from as usize)
            {
                *back += 1;
            }
        }
        answered
    }

    fn counted(&self, members: usize, end: impl Fn(&Pair) -> u32) -> Vec<u64> {
        let mut counts = vec![0; members];
        for pair in &self.0 {
            if let Some(count) = counts.get_mut(end(pair) as usize) {
                *count += 1;
            }
        }
        counts
    }
}

/// Gathers ties in memory that follows the number of different ones.
#[derive(Debug, Default)]
pub(super) struct PairLog {
    settled: Vec<Pair>,
    /// As they came.
    new: Vec<(u64, f64)>,
}

impl PairLog {
    /// Fewer are not worth being settled.
    const FEW: usize = 1 << 18;

    pub(super) fn push(&mut self, from: u32, to: u32, weight: f64) {
        self.new.push((u64::from(from) << 32 | u64::from(to), weight));
        if self.new.len() >= Self::FEW.max(self.settled.len()) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        // Stable, so that weights are added in the order of time.
        self.new.sort_by_key(|(key, _)| *key);
        let mut fresh: Vec<Pair> = Vec::new();
        for group in self.new.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(key, _)) = group.first() else { continue };
            let mut pair =
                Pair { from: (key >> 32) as u32, to: key as u32, count: 0, weight: 0.0, newest: 0.0 };
            for (_, weight) in group {
                pair.count += 1;
                pair.weight += weight;
                pair.newest = *weight;
            }
            fresh.push(pair);
        }
        self.new.clear();
        if self.settled.is_empty() {
            self.settled = fresh;
            return;
        }
        let mut merged = Vec::with_capacity(self.settled.len() + fresh.len());
        let (mut old, mut new) = (self.settled.iter().peekable(), fresh.into_iter().peekable());
        while let (Some(a), Some(b)) = (old.peek(), new.peek()) {
            match (a.from, a.to).cmp(&(b.from, b.to)) {
                std::cmp::Ordering::Less => merged.extend(old.next().copied()),
                std::cmp::Ordering::Greater => merged.extend(new.next()),
                std::cmp::Ordering::Equal => {
                    merged.push(Pair { count: a.count + b.count, weight: a.weight + b.weight, ..*b });
                    old.next();
                    new.next();
                }
            }
        }
        merged.extend(old.copied());
        merged.extend(new);
        self.settled = merged;
    }

    pub(super) fn finish(mut self) -> Pairs {
        self.settle();
        Pairs(self.settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_that_comes_again_is_the_same_tie() {
        let mut log = PairLog::default();
        log.push(1, 2, 1.0);
        log.push(0, 9, -2.0);
        log.settle();
        log.push(1, 2, 5.0);
        log.push(1, 0, 1.0);
        log.push(1, 2, 3.0);
        let pairs = log.finish();
        let tie = |from, to, count, weight, newest| Pair { from, to, count, weight, newest };
        assert_eq!(pairs.0, [tie(0, 9, 1, -2.0, -2.0), tie(1, 0, 1, 1.0, 1.0), tie(1, 2, 3, 9.0, 3.0)]);
        assert_eq!((pairs.outward(3), pairs.inward(3)), (vec![1, 2, 0], vec![1, 0, 1]));
    }

    #[test]
    fn ties_that_lead_back_are_found_however_many_others_there_are() {
        let mut log = PairLog::default();
        let ties = [(0, 1), (0, 3), (1, 0), (1, 2), (2, 1), (2, 3), (3, 0), (3, 1), (4, 0)];
        ties.iter().rev().for_each(|(from, to)| log.push(*from, *to, 1.0));
        let back = |from, to| ties.contains(&(to, from));
        let expected = (0..6).map(|member| {
            let of_one = || ties.iter().filter(|(from, _)| *from == member);
            (of_one().filter(|(from, to)| back(*from, *to)).count() as u32, of_one().count() as u32)
        });
        assert_eq!(log.finish().answered(6), expected.collect::<Vec<_>>());
    }
}
