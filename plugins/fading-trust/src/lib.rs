//! A metric: EigenTrust whose endorsements fade with their age, beginning with those who are trusted already.
//!
//! The README beside this crate says the same to communities, with a worked example.

mod graph;

use groundswell_plugin::{
    Community, Input, Metric, MetricDescription, Network, Problem, Setting, Settings, log,
};

use crate::graph::Graph;

/// The metric.
#[derive(Clone, Copy, Debug)]
pub struct FadingTrust;

/// What the values may be away from the true ones, all differences added up.
const TOLERANCE: f64 = 1e-12;

impl Metric for FadingTrust {
    fn describe() -> MetricDescription {
        MetricDescription::new(
            "How far the community trusts the member now: the trust of the trusted counts for more, and that of long ago for \
             less.",
            "share of all trust, 0 to 1",
        )
        .input(Input::category("role", "Says who is trusted from the start.").optional())
        .setting(Setting::text("verb", "endorse", "The activity by which members say whom they trust."))
        .setting(
            Setting::integer("half-life", 180, "After so many days an activity weighs half as much. 0: it never fades.")
                .between(0.0, 36_500.0),
        )
        .setting(
            Setting::number("restart", 0.15, "The share of all trust that begins anew at every step.")
                .between(0.01, 1.0),
        )
        .setting(Setting::text(
            "pre-trusted",
            "",
            "The role of those with whom trust begins; empty for everybody alike.",
        ))
    }

    fn networks(settings: &Settings) -> Result<Vec<Network>, Problem> {
        let verbs = Network::of_verbs([settings.text("verb").to_owned()]);
        Ok(vec![match u32::try_from(settings.integer("half-life")).unwrap_or(0) {
            0 => verbs,
            days => verbs.half_life(days),
        }])
    }

    fn measure(settings: &Settings, community: &Community) -> Result<Vec<f64>, Problem> {
        let graph = Graph::of(community);
        let begins = begins(settings.text("pre-trusted"), community, &graph)?;
        Ok(graph.trust(&begins, settings.number("restart"), TOLERANCE))
    }
}

/// The share of trust that each member begins with; nothing where nobody has any.
fn begins(role: &str, community: &Community, graph: &Graph) -> Result<Vec<f64>, Problem> {
    let mut chosen: Vec<bool> = graph.tied().to_vec();
    if !role.is_empty() {
        let (codes, words) = community.category("role");
        if !words.iter().any(|word| word == role) {
            let has = if words.is_empty() {
                "nobody has a role here".to_owned()
            } else {
                format!("roles are {}", words.join(", "))
            };
            return Err(Problem::InvalidSetting(format!(
                "`pre-trusted` is \"{role}\", and no member has that role: {has}"
            )));
        }
        let has = |code: &u32| words.get(*code as usize).is_some_and(|word| word == role);
        chosen.iter_mut().zip(&codes).for_each(|(chosen, code)| *chosen &= has(code));
    }
    let count = chosen.iter().filter(|chosen| **chosen).count();
    if count == 0 {
        log::warn("nobody who is trusted from the start gave or received any trust: everybody has 0");
    }
    let share = if count == 0 { 0.0 } else { 1.0 / count as f64 };
    Ok(chosen.into_iter().map(|chosen| if chosen { share } else { 0.0 }).collect())
}

groundswell_plugin::export!(metric: FadingTrust);
