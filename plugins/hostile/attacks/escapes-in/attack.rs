//! Hides commands for the terminal, and controls that turn text around, in a text that people are shown.

use crate::{Forgery, OneText};

struct EscapesIn;

impl Forgery for EscapesIn {
    fn of(honest: &str) -> String {
        format!("{honest}\u{1b}[2J\u{1b}[31m\u{202e}\u{7}boss")
    }
}

crate::attack!(definition: OneText<EscapesIn>, rewards: OneText<EscapesIn>);
