//! Says that it is another version than its stamp says.

use groundswell_plugin::Description;
use crate::{Attack, honest_description};

#[derive(Default)]
struct WrongVersion;

impl Attack for WrongVersion {
    fn describe() -> Description {
        honest_description().version("99.0.0")
    }
}

crate::attack!(definition: WrongVersion);
