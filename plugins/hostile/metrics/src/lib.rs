//! The attackers that are metrics: an honest one whose every function an attack may replace.
//!
//! Each attack is a folder under `plugins/hostile/attacks` with a file `metric.rs`; its first line says what it tries.
//! They are one module, as those of `plugins/hostile` are, for a metric exports nothing beside.

mod honest;
#[path = "../../src/role.rs"]
mod role;

use groundswell_plugin::{Community, Metric, MetricDescription, Network, Problem, Settings};

pub use honest::{Attack, Honest, honest_description, honest_networks, honest_values};
pub use role::{ROLE, name, variant};

include!(concat!(env!("OUT_DIR"), "/attacks.rs"));

/// Makes an attack of a folder's type.
#[macro_export]
macro_rules! attack {
    ($attack:ty) => {
        pub(crate) const ATTACK: $crate::Played = $crate::Played::of::<$attack>();
    };
}

/// The functions of an attack.
#[derive(Clone, Copy, Debug)]
pub struct Played {
    describe: fn() -> MetricDescription,
    networks: fn(&Settings) -> Result<Vec<Network>, Problem>,
    measure: fn(&Settings, &Community) -> Result<Vec<f64>, Problem>,
}

impl Played {
    /// That of these functions.
    pub const fn of<A: Attack>() -> Self {
        Self { describe: A::describe, networks: A::networks, measure: A::measure }
    }
}

/// The metric: the attack that is played.
#[derive(Clone, Copy, Debug)]
pub struct Chosen;

impl Chosen {
    fn played() -> &'static Played {
        role::played().unwrap_or(const { &Played::of::<Honest>() })
    }
}

impl Metric for Chosen {
    fn describe() -> MetricDescription {
        (Self::played().describe)()
    }

    fn networks(settings: &Settings) -> Result<Vec<Network>, Problem> {
        (Self::played().networks)(settings)
    }

    fn measure(settings: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        (Self::played().measure)(settings, community)
    }
}

groundswell_plugin::export!(metric: Chosen);
