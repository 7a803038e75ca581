//! Spins or panics in place of an answer.

use crate::{Attack, honest_description, honest_networks, honest_values, variant};
use groundswell_plugin::{Community, MetricDescription, Network, Problem, Settings};

struct Strike;

#[expect(clippy::panic, reason = "that is the attack")]
fn at(moment: &str) {
    match variant().split_once("-in-") {
        Some(("spin", now)) if now == moment => loop {
            std::hint::black_box(());
        },
        Some(("panic", now)) if now == moment => panic!("cannot bear to {moment}"),
        _ => {}
    }
}

impl Attack for Strike {
    fn describe() -> MetricDescription {
        at("describe");
        honest_description()
    }

    fn networks(_: &Settings) -> Result<Vec<Network>, Problem> {
        at("networks");
        Ok(honest_networks())
    }

    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        at("measure");
        Ok(honest_values(community))
    }
}

crate::attack!(Strike);
