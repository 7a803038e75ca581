//! What a file is, before anything in it runs.

use groundswell_contract::{IS_DRAFT, Stamp, VERSION, digest};
use wasmparser_engine::Parser;

use crate::load_error::{LoadError, LoadProblem, Mismatches};
use crate::outline::outline;
use crate::text::{is_kebab, shown};
use crate::{Limits, PluginId, wasi};

/// Characters that are shown of a name of an import or export.
const NAME: usize = 120;

/// A component that carries a stamp for this contract, and which parts it exports.
pub(crate) struct Stamped {
    pub(crate) id: PluginId,
    pub(crate) contract: String,
    pub(crate) scoring: bool,
    pub(crate) rewards: bool,
    pub(crate) measuring: bool,
}

/// Reads preamble, stamp, imports and exports, and refuses what this host cannot run.
pub(crate) fn inspect(file: &str, bytes: &[u8], limits: &Limits) -> Result<Stamped, LoadError> {
    let refuse = |problem| LoadError { file: file.to_owned(), plugin: None, problem: Box::new(problem) };
    if bytes.len() > limits.component_bytes {
        return Err(refuse(LoadProblem::TooLarge { most: limits.component_bytes }));
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(refuse(LoadProblem::NotWasm));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(refuse(LoadProblem::CoreModule));
    }
    let outline = outline(bytes).map_err(|error| refuse(LoadProblem::Malformed(error.to_string())))?;
    if let Some(excess) = outline.bottomless() {
        return Err(refuse(LoadProblem::Excess(excess)));
    }
    let bad = |what| refuse(LoadProblem::BadStamp(what));
    let stamp = match outline.stamps.as_slice() {
        [] => return Err(refuse(LoadProblem::NoStamp)),
        [stamp] => Stamp::from_json(stamp).map_err(|error| bad(error.to_string()))?,
        more => return Err(bad(format!("there are {} of them", more.len()))),
    };
    check(&stamp).map_err(bad)?;
    let id = PluginId { name: stamp.name, version: stamp.version };
    let refuse =
        |problem| LoadError { file: file.to_owned(), plugin: Some(id.clone()), problem: Box::new(problem) };
    if stamp.contract != VERSION {
        return Err(refuse(LoadProblem::Contract { speaks: stamp.contract }));
    }
    if IS_DRAFT && stamp.contract_digest.as_deref() != Some(digest()) {
        return Err(refuse(LoadProblem::Draft { built_for: stamp.contract_digest }));
    }
    let is_in = |names: &[String], name: &str| names.iter().any(|known| known == name);
    let interface = |name: &str| format!("groundswell:plugin/{name}@{VERSION}");
    let offered = [interface("types"), interface("log")];
    let network = interface("network");
    let known = [interface("scoring"), interface("rewards"), interface("measuring")];
    let [scoring, rewards, measuring] = known.each_ref().map(|name| outline.exports.contains(&name.as_str()));
    let mut lines = Mismatches::default();
    for import in outline.imports.iter() {
        let of_metrics = **import == *network;
        if is_in(&offered, import) || wasi::known(import).is_some() || (of_metrics && measuring) {
            continue;
        }
        lines.push(|| {
            let why = if import.starts_with("wasi:") {
                wasi::refusal(import)
            } else if of_metrics {
                "a host offers it to metrics alone"
            } else {
                "a host offers `log` and nothing else"
            };
            format!("it imports `{}`: {why}", shown(import, NAME))
        });
    }
    for export in outline.exports.iter().filter(|export| !is_in(&known, export)) {
        lines.push(|| {
            let why = if export.starts_with("groundswell:plugin/") {
                format!("its stamp says contract {VERSION}")
            } else {
                format!("a plugin exports `{}`, `{}` or both, or `{}`", known[0], known[1], known[2])
            };
            format!("it exports `{}`: {why}", shown(export, NAME))
        });
    }
    if !scoring && !rewards && !measuring {
        lines.push(|| format!("it exports neither `{}` nor `{}` nor `{}`", known[0], known[1], known[2]));
    }
    if measuring && (scoring || rewards) {
        lines.push(|| format!("it exports `{}` beside others: a metric is a plugin of its own", known[2]));
    }
    if outline.higher_order {
        lines.push(|| "it takes components or modules to instantiate: a host has none to give".to_owned());
    }
    if !lines.is_empty() {
        return Err(refuse(LoadProblem::Mismatch(lines)));
    }
    if let Some(excess) = outline.excess(limits) {
        return Err(refuse(LoadProblem::Excess(excess)));
    }
    Ok(Stamped { id, contract: stamp.contract, scoring, rewards, measuring })
}

/// Refuses a stamp that could not be a plugin's: messages and results carry name and version everywhere.
fn check(stamp: &Stamp) -> Result<(), String> {
    let Stamp { name, version, .. } = stamp;
    if !is_kebab(name) {
        return Err(format!("the name `{}` is not kebab-case of at most 64 bytes", shown(name, 80)));
    }
    if version.len() > 64 || semver::Version::parse(version).is_err() {
        return Err(format!(
            "the version `{}` is not a semantic version, as `1.0.0` is, of at most 64 bytes",
            shown(version, 80)
        ));
    }
    Ok(())
}
