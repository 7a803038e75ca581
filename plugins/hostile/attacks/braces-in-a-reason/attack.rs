//! Declares a reason with a placeholder that no host knows.

use groundswell_plugin::Description;
use hostile::{Attack, honest_description};

#[derive(Default)]
struct BracesInAReason;

impl Attack for BracesInAReason {
    const NAME: &'static str = "braces-in-a-reason";

    fn describe() -> Description {
        honest_description(Self::NAME).reason("id", "Member {id} did it.")
    }
}

hostile::export!(definition: BracesInAReason);
