//! What attacks share: an honest metric, whose functions they replace.

use groundswell_plugin::{Community, Input, MetricDescription, Network, Problem, Settings};

use crate::name;

/// The part of an attacker that attacks nothing.
#[derive(Clone, Copy, Debug)]
pub struct Honest;

impl Attack for Honest {}

/// An honest metric, unless a function is replaced.
pub trait Attack: 'static {
    /// One input, no setting.
    fn describe() -> MetricDescription {
        honest_description()
    }

    /// Two networks.
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn networks(_settings: &Settings) -> Result<Vec<Network>, Problem> {
        Ok(honest_networks())
    }

    /// See [`honest_values`].
    ///
    /// # Errors
    ///
    /// The attacker's own.
    fn measure(_settings: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        Ok(honest_values(community))
    }
}

/// The honest metric's description, under the attacker's name.
pub fn honest_description() -> MetricDescription {
    MetricDescription::new("Answers, and what followers and thanks add to them.", "points")
        .name(name())
        .input(Input::raw("answers", "Answers help."))
        .input(Input::category("role", "Staff is paid.").optional())
}

/// Follows, and thanks that fade.
pub fn honest_networks() -> Vec<Network> {
    vec![Network::of_follows(), Network::of_verbs(["thank"]).half_life(90)]
}

/// Answers, twice for staff; half of it more for every follower, and the weight of thanks. NaN without answers.
pub fn honest_values(community: &Community) -> Vec<f64> {
    let mut values = community.numbers("answers");
    for (value, role) in values.iter_mut().zip(community.words("role")) {
        *value *= if role.as_deref() == Some("staff") { 2.0 } else { 1.0 };
    }
    for network in 0..2 {
        for ties in community.ties(network) {
            for (&member, weight) in ties.target.iter().zip(&ties.weight) {
                if let Some(value) = values.get_mut(member as usize) {
                    *value += if network == 0 { 0.5 } else { *weight };
                }
            }
        }
    }
    values
}
