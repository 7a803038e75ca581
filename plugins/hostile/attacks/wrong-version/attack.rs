//! Says that it is another version than its stamp says.

use groundswell_plugin::Description;
use hostile::{Attack, honest_description};

#[derive(Default)]
struct WrongVersion;

impl Attack for WrongVersion {
    const NAME: &'static str = "wrong-version";

    fn describe() -> Description {
        honest_description(Self::NAME).version("99.0.0")
    }
}

hostile::export!(definition: WrongVersion);
