//! Keeps every tie it is handed, over and over, until somebody stops it.

use crate::Attack;
use groundswell_plugin::{Community, Problem, Settings, Ties};

struct GrowWhileMeasuring;

impl Attack for GrowWhileMeasuring {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let mut kept: Vec<Ties> = Vec::new();
        loop {
            kept.extend(community.ties(0));
            std::hint::black_box(&kept);
        }
    }
}

crate::attack!(GrowWhileMeasuring);
