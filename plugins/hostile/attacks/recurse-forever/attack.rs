//! Calls itself until the stack ends.

use groundswell_plugin::{Members, Problem};
use crate::Attack;

#[expect(unconditional_recursion, reason = "that is the attack")]
#[inline(never)]
fn deeper(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 16]);
    deeper(depth + 1) + frame.iter().sum::<u64>()
}

#[derive(Default)]
struct RecurseForever;

impl Attack for RecurseForever {
    fn score(&self, members: &Members) -> Result<Vec<f64>, Problem> {
        Ok(vec![deeper(members.len() as u64) as f64; members.len()])
    }
}

crate::attack!(definition: RecurseForever);
