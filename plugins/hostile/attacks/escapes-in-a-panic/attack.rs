//! Panics with commands for the terminal in its last words.

use groundswell_plugin::{Members, Problem};

use crate::Attack;

#[derive(Default)]
struct EscapesInAPanic;

impl Attack for EscapesInAPanic {
    #[expect(clippy::panic, reason = "that is the attack")]
    fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
        panic!("\u{1b}[2J\u{202e}all is well\u{7}")
    }
}

crate::attack!(definition: EscapesInAPanic);
