//! Declares the same input twice.

use groundswell_plugin::{Description, Input};
use hostile::{Attack, honest_description};

#[derive(Default)]
struct DuplicateInputs;

impl Attack for DuplicateInputs {
    const NAME: &'static str = "duplicate-inputs";

    fn describe() -> Description {
        honest_description(Self::NAME).input(Input::raw("answers", "Again."))
    }
}

hostile::export!(definition: DuplicateInputs);
