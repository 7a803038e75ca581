//! Declares a default that its own bounds forbid.

use groundswell_plugin::{Description, Setting};
use hostile::{Attack, honest_description};

#[derive(Default)]
struct DefaultOutOfBounds;

impl Attack for DefaultOutOfBounds {
    const NAME: &'static str = "default-out-of-bounds";

    fn describe() -> Description {
        let setting = Setting::number("mood", 11.0, "Out of bounds.").between(0.0, 10.0);
        honest_description(Self::NAME).setting(setting)
    }
}

hostile::export!(definition: DefaultOutOfBounds);
