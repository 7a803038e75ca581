//! Says that it is another plugin than its stamp says.

use groundswell_plugin::Description;
use crate::{Attack, honest_description};

#[derive(Default)]
struct WrongName;

impl Attack for WrongName {
    fn describe() -> Description {
        honest_description().name("good")
    }
}

crate::attack!(definition: WrongName);
