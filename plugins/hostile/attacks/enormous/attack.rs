//! Fills one text with a hundred kilobytes.

use crate::{Forgery, OneText};

struct Enormous;

impl Forgery for Enormous {
    fn of(_: &str) -> String {
        "very ".repeat(20_000)
    }
}

crate::attack!(definition: OneText<Enormous>, rewards: OneText<Enormous>);
