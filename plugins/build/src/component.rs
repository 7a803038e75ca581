//! From a core module to a component that keeps to the contract.

use groundswell_contract::{Stamp, VERSION};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::narrow::narrow;
use crate::sections::{Encoding, split};
use crate::{BuildError, stamp};

/// What a host offers a plugin. `types` has no functions, but every component that uses its types imports it.
const OFFERED: [&str; 2] = ["log", "types"];
/// What a plugin may export, and of which it exports at least one; the last of them alone.
const EXPORTS: [&str; 3] = ["scoring", "rewards", METRIC];
/// What a metric exports, and what a host offers to metrics besides.
const METRIC: &str = "measuring";
const NETWORK: &str = "network";

/// Makes a component of a core module that was compiled against the contract, checks its imports and
/// exports, validates it and stamps it with this contract, `name` and `version`.
///
/// Every custom section but the module's own description of its interfaces is left out: no names, no
/// debug information, no record of tools.
///
/// # Errors
///
/// - [`BuildError::Format`]: the bytes are not a core module.
/// - [`BuildError::Import`]: the module wants something that no host offers.
/// - [`BuildError::Export`]: it exports neither `scoring`, `rewards` nor `measuring`, something else, or another version.
/// - [`BuildError::Encode`]: the encoder or the validator refuses it.
pub fn componentize(module: &[u8], name: &str, version: &str) -> Result<Vec<u8>, BuildError> {
    let check = Check { name, version };
    let module = strip(module, name)?;
    check.module_imports(&module)?;
    let component = check.encode(&module)?;
    check.interfaces(&component)?;
    stamp(&component, &Stamp::new(name, version))
}

/// Makes a plugin of a component that another language's tool has made: leaves out what it exports beside the contract
/// and every custom section, checks, validates and stamps it.
pub(crate) fn finish_script(component: &[u8], name: &str, version: &str) -> Result<Vec<u8>, BuildError> {
    let check = Check { name, version };
    let encode = |reason| BuildError::Encode { name: name.to_owned(), version: version.to_owned(), reason };
    let component = narrow(component, |export| ours(export).is_some()).map_err(encode)?;
    let features = wasmparser::WasmFeatures::default();
    let validated = wasmparser::Validator::new_with_features(features).validate_all(&component);
    validated.map_err(|error| encode(error.to_string()))?;
    check.interfaces(&component)?;
    stamp(&component, &Stamp::new(name, version))
}

/// The same without the checks of imports and exports.
pub(crate) fn componentize_unchecked(
    module: &[u8],
    name: &str,
    version: &str,
) -> Result<Vec<u8>, BuildError> {
    let module = strip(module, name)?;
    let component = Check { name, version }.encode(&module)?;
    stamp(&component, &Stamp::new(name, version))
}

/// Leaves out every custom section that the encoder does not need.
fn strip(module: &[u8], name: &str) -> Result<Vec<u8>, BuildError> {
    let format = |reason| BuildError::Format { name: name.to_owned(), expected: "core module", reason };
    let (encoding, sections) = split(module).map_err(format)?;
    if encoding == Encoding::Component {
        return Err(format("it is a component already".to_owned()));
    }
    let mut stripped = module.get(..8).unwrap_or_default().to_vec();
    for section in sections {
        if section.custom.is_none_or(|(section, _)| section.starts_with("component-type")) {
            stripped.extend_from_slice(module.get(section.range).unwrap_or_default());
        }
    }
    Ok(stripped)
}

/// Whom the errors name.
struct Check<'a> {
    name: &'a str,
    version: &'a str,
}

impl Check<'_> {
    fn encode(&self, module: &[u8]) -> Result<Vec<u8>, BuildError> {
        let encode = || -> Result<Vec<u8>, _> {
            ComponentEncoder::default().debug_names(false).validate(true).module(module)?.encode()
        };
        // Not `anyhow` in our signature: the chain of reasons in one line is all that anybody needs.
        encode().map_err(|error| BuildError::Encode {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            reason: format!("{error:#}"),
        })
    }

    /// Looks at the core module's imports before the encoder does, whose messages do not say what to do.
    fn module_imports(&self, module: &[u8]) -> Result<(), BuildError> {
        for payload in Parser::new(0).parse_all(module) {
            let Payload::ImportSection(imports) = payload.map_err(|error| self.malformed(&error))? else {
                continue;
            };
            for import in imports.into_imports() {
                let import = import.map_err(|error| self.malformed(&error))?;
                // Intrinsics of an exported resource come from `[export]groundswell:plugin/…`.
                let module = import.module.strip_prefix("[export]").unwrap_or(import.module);
                if !module.starts_with("groundswell:plugin/") {
                    let import = format!("{}.{}", import.module, import.name);
                    return Err(self.import(import, why(module)));
                }
            }
        }
        Ok(())
    }

    /// Looks at what the finished component imports and exports.
    fn interfaces(&self, component: &[u8]) -> Result<(), BuildError> {
        let (imports, exports) = interfaces(component).map_err(|error| self.malformed(&error))?;
        for import in imports {
            if has_wasi(&import) {
                continue;
            }
            let Some((interface, version)) = ours(&import) else {
                let why = why(&import);
                return Err(self.import(import, why));
            };
            if version != VERSION {
                return Err(self.import(import.clone(), &other_version(version)));
            }
            let is_metric = exports.iter().any(|export| ours(export).is_some_and(|(name, _)| name == METRIC));
            if interface == NETWORK && !is_metric {
                return Err(
                    self.import(import.clone(), "hosts offer it to metrics alone, which export `measuring`")
                );
            }
            if !OFFERED.contains(&interface) && interface != NETWORK {
                return Err(
                    self.import(import.clone(), "the contract has no such interface for plugins to call")
                );
            }
        }
        if exports.is_empty() {
            return Err(self.export(
                "exports nothing of the contract; implement a definition, reward rules or a metric and hand them to \
                 the export macro of groundswell-plugin"
                    .into(),
            ));
        }
        if exports.len() > 1
            && let Some(metric) =
                exports.iter().find(|export| ours(export).is_some_and(|(name, _)| name == METRIC))
        {
            return Err(
                self.export(format!("exports `{metric}` beside others: make the metric a plugin of its own"))
            );
        }
        for export in exports {
            match ours(&export) {
                Some((interface, VERSION)) if EXPORTS.contains(&interface) => {}
                Some((interface, version)) if EXPORTS.contains(&interface) => {
                    return Err(self.export(format!("exports `{export}`: {}", other_version(version))));
                }
                _ => {
                    return Err(self.export(format!(
                        "exports `{export}`, which no host asks for; a plugin exports `scoring`, `rewards` or both, or \
                         `measuring`"
                    )));
                }
            }
        }
        Ok(())
    }

    fn import(&self, import: String, why: &str) -> BuildError {
        BuildError::Import {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            import,
            why: why.to_owned(),
        }
    }

    fn export(&self, what: String) -> BuildError {
        BuildError::Export { name: self.name.to_owned(), version: self.version.to_owned(), what }
    }

    fn malformed(&self, error: &wasmparser::BinaryReaderError) -> BuildError {
        BuildError::Format { name: self.name.to_owned(), expected: "core module", reason: error.to_string() }
    }
}

/// The names of everything that the outermost component imports and exports.
fn interfaces(component: &[u8]) -> Result<(Vec<String>, Vec<String>), wasmparser::BinaryReaderError> {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

/// Whether an import is of the WASI that hosts have for interpreters; of a Rust module it is never one.
fn has_wasi(name: &str) -> bool {
    name.starts_with("wasi:") && !name.starts_with("wasi:http/")
}

/// Interface and version of a name like `groundswell:plugin/log@0.1.0`.
fn ours(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("groundswell:plugin/")?.split_once('@')
}

fn other_version(version: &str) -> String {
    format!(
        "the plugin is written for contract {version}, this builder stamps {VERSION}; use the groundswell-plugin \
         and the builder of one release"
    )
}

/// Where a foreign import usually comes from, and the way out.
fn why(module: &str) -> &'static str {
    if module.contains("wbindgen") {
        "a dependency expects a JavaScript host, often by a feature named `js`, `wasm_js` or `wasmbind` (getrandom, \
         uuid, chrono); `cargo tree --target wasm32-unknown-unknown -i wasm-bindgen` shows which. Turn the feature \
         off: a plugin has no clock and no randomness"
    } else if module.starts_with("wasi") {
        "it is part of WASI (files, clocks, randomness, environment), and a plugin has none of these; take what \
         you need as an input or a setting"
    } else if module == "env" {
        "a function is declared `extern` and never defined, often by a dependency with C code; a plugin can link \
         Rust only"
    } else {
        "a plugin can call the contract's `log` and nothing else"
    }
}
