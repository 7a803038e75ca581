//! Panics with a message, which should reach the log.

use groundswell_plugin::{Members, Problem};
use hostile::Attack;

#[derive(Default)]
struct Panics;

impl Attack for Panics {
    const NAME: &'static str = "panic";

    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        #[expect(clippy::panic, reason = "that is the attack")]
        {
            panic!("cannot bear {} members", members.len())
        }
    }
}

hostile::export!(definition: Panics);
