//! Explains everything by the base, and nothing by what members did.

use groundswell_plugin::{Contributions, Members, Problem, waterfall};

use crate::{Attack, honest_score};

#[derive(Default)]
struct AllInTheBase;

impl Attack for AllInTheBase {
    fn explain(&self, members: &Members) -> Result<Contributions, Problem> {
        let mut explained = waterfall(members, |members| Ok(honest_score(members)))?;
        explained.base = honest_score(members).first().copied().unwrap_or_default();
        explained.columns.iter_mut().flatten().for_each(|contribution| *contribution = 0.0);
        Ok(explained)
    }
}

crate::attack!(definition: AllInTheBase);
