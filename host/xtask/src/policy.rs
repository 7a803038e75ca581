//! The policy on dependencies: deny.toml for other people's crates, [`arrows`] for ours.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::metadata::Graph;
use crate::step::{Failure, Step, cargo};
use crate::{arrows, licence};

/// The part of deny.toml that is read here. cargo-deny reads more.
#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

pub(crate) fn check(step: &Step) -> Result<(), Failure> {
    let json = step.output(&mut cargo(["metadata", "--locked", "--format-version", "1"]))?;
    let graph = Graph::read(&json).map_err(|error| step.failed(&format!("{error:#}")))?;
    let policy = read().map_err(|error| step.failed(&format!("{error:#}")))?;
    let mut wrong = arrows::wrong(&graph);
    if has_cargo_deny() {
        println!("licences and bans by cargo-deny");
        step.run(&mut cargo(["deny", "--locked", "check", "bans", "licenses"]))?;
    } else {
        println!("licences and bans by xtask itself, since cargo-deny is not installed");
        wrong.extend(banned(&graph, &policy));
    }
    if wrong.is_empty() {
        println!("{} crates keep to the policy", graph.packages.len());
        return Ok(());
    }
    Err(step.failed(&format!("\n  {}", wrong.join("\n  "))))
}

fn read() -> Result<Policy> {
    let text = std::fs::read_to_string("deny.toml").context("deny.toml")?;
    toml::from_str(&text).context("deny.toml")
}

fn has_cargo_deny() -> bool {
    let mut deny = Command::new("cargo-deny");
    deny.arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Every crate that deny.toml forbids, in one line each.
fn banned(graph: &Graph, policy: &Policy) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in graph.packages.values() {
        let (name, version) = (&package.name, &package.version);
        if let Some(ban) = policy.bans.deny.iter().find(|ban| ban.name == *name) {
            let ways = graph.own.iter().filter_map(|own| graph.way(own, name)).map(|way| way.join(" → "));
            let way = ways.min_by_key(String::len).unwrap_or_else(|| "tests".to_owned());
            wrong.push(format!("{name} {version} is banned ({}); it comes by {way}", ban.reason));
        }
        let licence = package.license.as_deref().unwrap_or("no licence");
        if !licence::is_met(licence, &policy.licenses.allow) {
            wrong.push(format!("{name} {version} comes under `{licence}`, which deny.toml does not allow"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    /// `cargo metadata` in little: id and name are one, `dev:` marks a development dependency.
    fn graph(packages: &[(&str, &str, &[&str])], own: &[&str]) -> Graph {
        let package = |(name, licence, _): &(&str, &str, &[&str])| serde_json::json!({ "id": name, "name": name, "version": "1.0.0", "license": licence });
        let dependency = |to: &&str| match to.strip_prefix("dev:") {
            Some(to) => serde_json::json!({ "pkg": to, "dep_kinds": [{ "kind": "dev" }] }),
            None => serde_json::json!({ "pkg": to, "dep_kinds": [{ "kind": null }] }),
        };
        let node = |(name, _, to): &(&str, &str, &[&str])| serde_json::json!({ "id": name, "deps": to.iter().map(dependency).collect::<Vec<_>>() });
        let metadata = serde_json::json!({
            "packages": packages.iter().map(package).collect::<Vec<_>>(),
            "workspace_members": own,
            "resolve": { "nodes": packages.iter().map(node).collect::<Vec<_>>() },
        });
        Graph::read(metadata.to_string().as_bytes()).unwrap()
    }

    fn policy() -> Policy {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deny.toml")).unwrap();
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn a_banned_crate_is_named_with_the_reason_and_the_way_it_came() {
        let graph = graph(
            &[
                ("groundswell-contract", "MIT", &["http"]),
                ("http", "MIT/Apache-2.0", &["openssl"]),
                ("openssl", "Apache-2.0", &[]),
            ],
            &["groundswell-contract"],
        );
        assert_snapshot!(banned(&graph, &policy()).join("\n"), @"openssl 1.0.0 is banned (a C library from the system: a bare checkout must build; where TLS is needed, rustls); it comes by groundswell-contract → http → openssl");
    }

    #[test]
    fn a_licence_that_is_not_on_the_list_is_named() {
        let graph = graph(&[("a", "MIT OR GPL-3.0", &[]), ("b", "MIT AND GPL-3.0", &[])], &[]);
        assert_snapshot!(banned(&graph, &policy()).join("\n"), @"b 1.0.0 comes under `MIT AND GPL-3.0`, which deny.toml does not allow");
    }

    #[test]
    fn arrows_that_point_the_wrong_way_are_named() {
        let graph = graph(
            &[
                ("groundswell-contract", "MIT", &[]),
                ("groundswell-plugin", "MIT", &["groundswell-runtime"]),
                (
                    "groundswell-runtime",
                    "MIT",
                    &["groundswell-contract", "wasmtime", "dev:groundswell-plugins"],
                ),
                ("groundswell-plugins", "MIT", &["datafusion"]),
                ("wasmtime", "MIT", &[]),
                ("datafusion", "MIT", &[]),
                ("server", "MIT", &[]),
            ],
            &[
                "groundswell-contract",
                "groundswell-plugin",
                "groundswell-runtime",
                "groundswell-plugins",
                "server",
            ],
        );
        assert_snapshot!(arrows::wrong(&graph).join("\n"), @r"
        groundswell-plugin depends on groundswell-runtime; it may know [] alone
        groundswell-plugin → groundswell-runtime → wasmtime: a plugin knows the contract, not the host
        server is new here; say in host/xtask/src/arrows.rs which of our crates it may know
        ");
    }

    #[test]
    fn the_runtime_reaches_no_data_engine_by_any_way() {
        let graph = graph(
            &[
                ("groundswell-runtime", "MIT", &["columns"]),
                ("columns", "MIT", &["datafusion"]),
                ("datafusion", "MIT", &["columns"]),
            ],
            &["groundswell-runtime"],
        );
        assert_snapshot!(arrows::wrong(&graph).join("\n"), @"groundswell-runtime → columns → datafusion: a vendor who brings data as Arrow builds the runtime in minutes");
    }
}
