//! Describes itself in ten megabytes.

use groundswell_plugin::Description;

use crate::{Attack, honest_description};

#[derive(Default)]
struct HugeSummary;

impl Attack for HugeSummary {
    fn describe() -> Description {
        let mut description = honest_description();
        description.summary = "very ".repeat(2 << 20).into();
        description
    }
}

crate::attack!(definition: HugeSummary);
