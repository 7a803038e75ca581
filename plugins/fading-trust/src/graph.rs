//! Who trusts whom, and how far.

use groundswell_plugin::Community;

/// Who trusts whom: ties with weights above 0, by who trusts.
pub(crate) struct Graph {
    source: Vec<u32>,
    target: Vec<u32>,
    /// What the source hands on of its trust by this tie; of each source all add up to 1.
    share: Vec<f64>,
    /// Whether a member has any tie, of whatever weight.
    tied: Vec<bool>,
    /// Whether a member trusts anybody.
    trusting: Vec<bool>,
}

impl Graph {
    pub(crate) fn of(community: &Community) -> Self {
        let members = community.members();
        let (mut source, mut target, mut share) = (Vec::new(), Vec::new(), Vec::new());
        let mut tied = vec![false; members];
        let mut all = vec![0.0_f64; members];
        for ties in community.ties(0) {
            for ((&from, &to), &weight) in ties.source.iter().zip(&ties.target).zip(&ties.weight) {
                for end in [from, to] {
                    if let Some(tied) = tied.get_mut(end as usize) {
                        *tied = true;
                    }
                }
                if weight > 0.0 {
                    source.push(from);
                    target.push(to);
                    share.push(weight);
                    if let Some(all) = all.get_mut(from as usize) {
                        *all += weight;
                    }
                }
            }
        }
        for (share, &from) in share.iter_mut().zip(&source) {
            *share /= all.get(from as usize).copied().unwrap_or(1.0);
        }
        let trusting = all.iter().map(|all| *all > 0.0).collect();
        Self { source, target, share, tied, trusting }
    }

    pub(crate) fn tied(&self) -> &[bool] {
        &self.tied
    }

    /// The solution of t = (1 − a) Cᵀ t + a p, to so much of the whole; who trusts nobody trusts as `begins` does.
    pub(crate) fn trust(&self, begins: &[f64], restart: f64, tolerance: f64) -> Vec<f64> {
        let mut trust = begins.to_vec();
        let mut next = vec![0.0_f64; trust.len()];
        // A step shrinks what is wrong by 1 − a: what is still wrong is at most so many times the last change.
        let remains = (1.0 - restart) / restart;
        loop {
            next.fill(0.0);
            for ((&from, &to), share) in self.source.iter().zip(&self.target).zip(&self.share) {
                let handed = trust.get(from as usize).copied().unwrap_or(0.0) * share;
                if let Some(next) = next.get_mut(to as usize) {
                    *next += handed;
                }
            }
            let idle: f64 = trust
                .iter()
                .zip(&self.trusting)
                .filter(|(_, trusting)| !**trusting)
                .map(|(trust, _)| trust)
                .sum();
            let anew = (1.0 - restart) * idle + restart;
            let mut change = 0.0;
            for ((next, &begins), &before) in next.iter_mut().zip(begins).zip(&trust) {
                *next = (1.0 - restart) * *next + anew * begins;
                change += (*next - before).abs();
            }
            std::mem::swap(&mut trust, &mut next);
            // Beyond the last digits nothing gets better.
            if change * remains <= tolerance || change <= f64::EPSILON {
                return trust;
            }
        }
    }
}
