//! Describes itself in ten megabytes.

use groundswell_plugin::Description;
use hostile::{Attack, honest_description};

#[derive(Default)]
struct HugeSummary;

impl Attack for HugeSummary {
    const NAME: &'static str = "huge-summary";

    fn describe() -> Description {
        let mut description = honest_description(Self::NAME);
        description.summary = "very ".repeat(2 << 20).into();
        description
    }
}

hostile::export!(definition: HugeSummary);
