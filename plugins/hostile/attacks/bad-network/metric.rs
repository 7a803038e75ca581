//! Looks at a network that cannot be.

use crate::{Attack, variant};
use groundswell_plugin::{Network, Problem, Settings};

struct BadNetwork;

impl Attack for BadNetwork {
    fn networks(_: &Settings) -> Result<Vec<Network>, Problem> {
        let thanks = || Network::of_verbs(["thank"]);
        Ok(match variant() {
            "too-many" => vec![thanks(); 9],
            "no-verbs" => vec![Network::of_verbs([""; 0])],
            "many-verbs" => vec![Network::of_verbs((0..33).map(|number| format!("x-{number}")))],
            "verb-twice" => vec![Network::of_verbs(["thank", "like", "thank"])],
            "verb-with-escapes" => vec![Network::of_verbs(["thank\u{1b}[2J\u{202e}"])],
            "no-half-life" => vec![thanks().half_life(0)],
            "endless-half-life" => vec![thanks().half_life(u32::MAX)],
            _ => vec![Network::of_follows().half_life(30)],
        })
    }
}

crate::attack!(BadNetwork);
