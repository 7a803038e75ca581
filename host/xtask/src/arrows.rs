//! Which of our own crates may know which. Arrows point one way.

use crate::metadata::Graph;

/// Each crate with the crates of this workspace that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("groundswell-contract", &[]),
    ("groundswell-ledger", &[]),
    ("groundswell-network", &[]),
    ("groundswell-delivery", &[]),
    ("groundswell-runtime", &["groundswell-contract"]),
    (
        "groundswell",
        &[
            "groundswell-contract",
            "groundswell-delivery",
            "groundswell-ledger",
            "groundswell-network",
            "groundswell-runtime",
        ],
    ),
    (
        "groundswell-cli",
        &[
            "groundswell",
            "groundswell-attack",
            "groundswell-planted",
            "groundswell-plugin-build",
            "groundswell-plugins",
        ],
    ),
    (
        "groundswell-fuzz",
        &["groundswell", "groundswell-contract", "groundswell-plugin-build", "groundswell-runtime"],
    ),
    ("groundswell-fuzz-guests", &["groundswell-plugin"]),
    ("xtask", &["groundswell-contract", "groundswell-plugin-build"]),
    ("groundswell-plugin", &[]),
    ("groundswell-plugin-test", &["groundswell-plugin"]),
    ("groundswell-plugin-build", &["groundswell-contract"]),
    ("groundswell-plugins", &["groundswell-plugin-build"]),
    ("regulars", &["groundswell-plugin"]),
    ("trust-levels", &["groundswell-plugin"]),
    ("thought-leader", &["groundswell-plugin"]),
    ("trust-rank", &["groundswell-plugin"]),
    ("orbit", &["groundswell-plugin"]),
    ("word-of-mouth", &["groundswell-plugin"]),
    ("audience-band", &["groundswell-plugin"]),
    ("fading-trust", &["groundswell-plugin"]),
    ("hostile", &["groundswell-plugin"]),
    ("hostile-metrics", &["groundswell-plugin"]),
    ("groundswell-attackers", &["groundswell-contract", "groundswell-plugin-build"]),
    ("groundswell-attack", &["groundswell-attackers", "groundswell-runtime"]),
    ("embed", &["groundswell", "groundswell-plugins"]),
    ("embed-arrow", &["groundswell-runtime", "groundswell-plugins"]),
    ("embed-datafusion", &["groundswell", "groundswell-plugins"]),
    ("groundswell-planted", &[]),
];

/// Crates that run in the sandbox, each with the foreign crates that it may depend on itself. A plugin knows the
/// SDK alone; beside it, what is pure arithmetic.
const FOREIGN: &[(&str, &[&str])] = &[
    ("groundswell-plugin", &["libm", "wit-bindgen"]),
    ("regulars", &["libm"]),
    ("trust-levels", &[]),
    ("thought-leader", &[]),
    ("trust-rank", &[]),
    ("orbit", &[]),
    ("word-of-mouth", &[]),
    ("audience-band", &[]),
    ("fading-trust", &[]),
    ("hostile", &[]),
    ("hostile-metrics", &[]),
];

/// What a crate must not reach by any way, and why.
const UNREACHABLE: &[(&str, &str, &str)] = &[
    ("groundswell-runtime", "datafusion", "a vendor who brings data as Arrow builds the runtime in minutes"),
    ("groundswell-ledger", "wasmtime", "whoever looks into a ledger needs no host"),
    ("groundswell-ledger", "arrow-array", "whoever looks into a ledger needs no host"),
    ("groundswell-delivery", "wasmtime", "who hands awards over needs no host"),
    ("groundswell-delivery", "arrow-array", "who hands awards over needs no host"),
    ("groundswell-delivery", "tokio", "a delivery blocks, and brings no runtime along"),
    ("groundswell-attackers", "wasmtime", "anybody's tests may attack with them"),
    ("groundswell-plugin", "wasmtime", "a plugin knows the contract, not the host"),
    ("groundswell-plugin", "arrow-array", "a plugin knows the contract, not the host"),
    ("groundswell-plugin-build", "wasmtime", "an author builds plugins without building a host"),
    ("groundswell-plugin-build", "datafusion", "an author builds plugins without building a host"),
];

/// Every arrow that points the wrong way, in one line each.
pub(crate) fn wrong(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for id in &graph.own {
        let name = graph.name(id);
        let Some((_, allowed)) = ALLOWED.iter().find(|(crate_name, _)| *crate_name == name) else {
            wrong.push(format!(
                "{name} is new here; say in host/xtask/src/arrows.rs which of our crates it may know"
            ));
            continue;
        };
        let foreign = FOREIGN.iter().find(|(plugin, _)| *plugin == name).map(|(_, foreign)| *foreign);
        for dependency in graph.arrows.get(id).into_iter().flatten() {
            let own = graph.own.contains(dependency);
            let dependency = graph.name(dependency);
            if own && !allowed.contains(&dependency) {
                wrong.push(format!("{name} depends on {dependency}; it may know {allowed:?} alone"));
            }
            if let Some(foreign) = foreign.filter(|foreign| !own && !foreign.contains(&dependency)) {
                wrong.push(format!(
                    "{name} runs in the sandbox and depends on {dependency}; of other people's crates it may know \
                     {foreign:?} alone"
                ));
            }
        }
        for (_, to, why) in UNREACHABLE.iter().filter(|(from, ..)| *from == name) {
            wrong.extend(graph.way(id, to).map(|way| format!("{}: {why}", way.join(" → "))));
        }
    }
    wrong
}
