//! Takes memory, a touched megabyte at a time, until somebody stops it.

use groundswell_plugin::{Members, Problem};
use crate::Attack;

#[derive(Default)]
struct AllocateForever;

impl Attack for AllocateForever {
    fn score(&self, _: &Members) -> Result<Vec<f64>, Problem> {
        let mut hoard = Vec::new();
        loop {
            hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
        }
    }
}

crate::attack!(definition: AllocateForever);
