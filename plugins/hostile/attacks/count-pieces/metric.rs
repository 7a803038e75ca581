//! Measures by how much is handed out at a time.

use crate::{Attack, honest_values};
use groundswell_plugin::{Community, Problem, Settings};

struct CountPieces;

impl Attack for CountPieces {
    fn measure(_: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let pieces = community.ties(0).count() as f64;
        Ok(honest_values(community).into_iter().map(|value| value + pieces).collect())
    }
}

crate::attack!(CountPieces);
