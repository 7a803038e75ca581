//! Leaves a member out of one input's contributions.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use hostile::{Attack, honest_score};

#[derive(Default)]
struct ShortContributions;

impl Attack for ShortContributions {
    const NAME: &'static str = "short-contributions";

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        if let Some(column) = explained.columns.last_mut() {
            column.pop();
        }
        Ok(explained)
    }
}

hostile::export!(definition: ShortContributions);
