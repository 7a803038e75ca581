//! Hides a message in the bits of NaNs, where members have no value.

use crate::{Attack, honest_values};
use groundswell_plugin::{Community, Problem, Settings};

struct OddNans;

impl Attack for OddNans {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let hidden = |(place, value): (usize, f64)| {
            if value.is_nan() { f64::from_bits(0xfff8_0000_0000_0000 | place as u64) } else { value }
        };
        Ok(honest_values(community).into_iter().enumerate().map(hidden).collect())
    }
}

crate::attack!(OddNans);
