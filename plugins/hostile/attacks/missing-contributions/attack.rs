//! Leaves an input out of the explanation.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};
use hostile::{Attack, honest_score};

#[derive(Default)]
struct MissingContributions;

impl Attack for MissingContributions {
    const NAME: &'static str = "missing-contributions";

    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        explained.columns.pop();
        Ok(explained)
    }
}

hostile::export!(definition: MissingContributions);
