//! Declares a reason with a placeholder that no host knows.

use groundswell_plugin::Description;
use crate::{Attack, honest_description};

#[derive(Default)]
struct BracesInAReason;

impl Attack for BracesInAReason {
    fn describe() -> Description {
        honest_description().reason("id", "Member {id} did it.")
    }
}

crate::attack!(definition: BracesInAReason);
