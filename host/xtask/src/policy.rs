//! The policy on dependencies: deny.toml for other people's crates, [`arrows`] for ours.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::metadata::Graph;
use crate::step::{Failure, Step, cargo};
use crate::{arrows, bench, licence};

/// What the benchmark may come under besides: Rhai and Extism bring it, and nobody gets the benchmark but with its source.
const MORE_FOR_THE_BENCHMARK: [&str; 2] = ["MPL-2.0", "MPL-2.0+"];

/// deny.toml, as far as xtask can stand in for cargo-deny. What it cannot do must not stand there: a check that
/// passes over a rule is worse than none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    #[expect(dead_code, reason = "read so that other values are refused")]
    graph: Features,
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Features {
    #[expect(dead_code, reason = "read so that other values are refused")]
    all_features: Yes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Licences {
    allow: Vec<String>,
    #[expect(dead_code, reason = "read so that other values are refused")]
    unused_allowed_license: Allow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bans {
    #[expect(dead_code, reason = "read so that other values are refused")]
    multiple_versions: Allow,
    #[expect(dead_code, reason = "read so that other values are refused")]
    wildcards: Deny,
    #[expect(dead_code, reason = "read so that other values are refused")]
    allow_wildcard_paths: Yes,
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    #[serde(rename = "crate", deserialize_with = "every_version")]
    name: String,
    reason: String,
}

/// The one value that is understood, for keys of which cargo-deny knows more.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Allow {
    Allow,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deny {
    Deny,
}

#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        value.then_some(Self).ok_or("xtask understands `true` alone; install cargo-deny, or teach xtask")
    }
}

/// A crate's bare name: a ban of some versions takes cargo-deny.
fn every_version<'de, D: serde::Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let name = String::deserialize(value)?;
    if name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)) {
        return Ok(name);
    }
    let problem = format!("xtask understands bans of every version alone, by name; `{name}` says more");
    Err(serde::de::Error::custom(problem))
}

pub(crate) fn check(step: &Step) -> Result<(), Failure> {
    let mut metadata = cargo(["metadata", "--all-features", "--locked", "--format-version", "1"]);
    let json = step.output(&mut metadata)?;
    let graph = Graph::read(&json).map_err(|error| step.failed(&format!("{error:#}")))?;
    let mut wrong = arrows::wrong(&graph);
    wrong.extend(benchmark(step)?);
    if has_cargo_deny() {
        println!("licences and bans by cargo-deny");
        step.run(&mut cargo(["deny", "--locked", "check", "bans", "licenses"]))?;
    } else {
        println!("licences and bans by xtask itself, since cargo-deny is not installed");
        let policy = read().map_err(|error| step.failed(&format!("{error:#}")))?;
        wrong.extend(banned(&graph, &policy));
    }
    if wrong.is_empty() {
        println!("{} crates keep to the policy", graph.packages.len());
        return Ok(());
    }
    Err(step.failed(&format!("\n  {}", wrong.join("\n  "))))
}

/// The benchmark is a workspace of its own: the same rules, but for its licences.
fn benchmark(step: &Step) -> Result<Vec<String>, Failure> {
    let mut metadata = cargo(["metadata", "--all-features", "--locked", "--format-version", "1"]);
    let json = step.output(metadata.args(["--manifest-path", bench::MANIFEST]))?;
    let graph = Graph::read(&json).map_err(|error| step.failed(&format!("{error:#}")))?;
    let mut policy = read().map_err(|error| step.failed(&format!("{error:#}")))?;
    policy.licenses.allow.extend(MORE_FOR_THE_BENCHMARK.map(str::to_owned));
    Ok(banned(&graph, &policy))
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
    for (id, package) in &graph.packages {
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
        if graph.own.contains(id) {
            let any = package.dependencies.iter().filter(|asked| asked.req == "*" && asked.path.is_none());
            wrong.extend(any.map(|asked| {
                format!("{name} takes any version of {}; say which in the workspace's Cargo.toml", asked.name)
            }));
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
    fn a_dependency_on_any_version_is_refused_unless_it_is_a_path() {
        let metadata = serde_json::json!({
            "packages": [{ "id": "a", "name": "a", "version": "1.0.0", "license": "MIT", "dependencies": [
                { "name": "b", "req": "*", "path": null },
                { "name": "c", "req": "*", "path": "/c" },
                { "name": "d", "req": "^1", "path": null },
            ] }],
            "workspace_members": ["a"],
            "resolve": { "nodes": [] },
        });
        let graph = Graph::read(metadata.to_string().as_bytes()).unwrap();
        assert_snapshot!(banned(&graph, &policy()).join("\n"), @"a takes any version of b; say which in the workspace's Cargo.toml");
    }

    #[test]
    fn a_rule_of_deny_toml_that_only_cargo_deny_understands_is_refused() {
        let text = include_str!("../../../deny.toml");
        let refused = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            let error = toml::from_str::<Policy>(&text.replacen(from, to, 1)).err().unwrap();
            error.message().to_owned()
        };
        assert_snapshot!(refused("[bans]", "[advisories]\nyanked = \"deny\"\n[bans]"), @"unknown field `advisories`, expected one of `graph`, `licenses`, `bans`");
        assert_snapshot!(refused("[bans]", "[bans]\nskip = []"), @"unknown field `skip`, expected one of `multiple-versions`, `wildcards`, `allow-wildcard-paths`, `deny`");
        assert_snapshot!(refused("multiple-versions = \"allow\"", "multiple-versions = \"deny\""), @"unknown variant `deny`, expected `allow`");
        assert_snapshot!(refused("all-features = true", "all-features = false"), @"xtask understands `true` alone; install cargo-deny, or teach xtask");
        assert_snapshot!(refused("\"native-tls\"", "\"native-tls@0.1\""), @"xtask understands bans of every version alone, by name; `native-tls@0.1` says more");
    }

    #[test]
    fn a_plugin_knows_of_other_peoples_crates_those_on_its_list_alone() {
        let graph = graph(
            &[
                ("regulars", "MIT", &["groundswell-plugin", "libm", "rand", "dev:insta"]),
                ("groundswell-plugin", "MIT", &["wit-bindgen"]),
                ("wit-bindgen", "MIT", &[]),
                ("libm", "MIT", &[]),
                ("rand", "MIT", &[]),
                ("insta", "MIT", &[]),
            ],
            &["regulars", "groundswell-plugin"],
        );
        assert_snapshot!(arrows::wrong(&graph).join("\n"), @r#"regulars runs in the sandbox and depends on rand; of other people's crates it may know ["libm"] alone"#);
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
