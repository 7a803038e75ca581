//! Asks for the same ties again and again, so that the host is busy with it.

use crate::Attack;
use groundswell_plugin::bindings::metric::groundswell::plugin::network;
use groundswell_plugin::{Community, Problem, Settings};

struct AskForever;

impl Attack for AskForever {
    fn measure(_: &Settings, _: &Community) -> Result<Vec<f64>, Problem> {
        loop {
            std::hint::black_box(network::ties_from(0, 0).weight);
        }
    }
}

crate::attack!(AskForever);
