//! Says that it is another plugin than its stamp says.

use groundswell_plugin::Description;
use hostile::{Attack, honest_description};

#[derive(Default)]
struct WrongName;

impl Attack for WrongName {
    const NAME: &'static str = "wrong-name";

    fn describe() -> Description {
        honest_description("good")
    }
}

hostile::export!(definition: WrongName);
