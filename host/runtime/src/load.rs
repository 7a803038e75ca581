//! What a file is, before anything in it runs.

use std::fmt;

use groundswell_contract::{IS_DRAFT, STAMP_SECTION, Stamp, VERSION, digest};
use wasmparser_engine::{Encoding, Parser, Payload};

use crate::text::{Figure, shown};
use crate::{Limits, LoadError, PluginId};

/// A component that carries a stamp for this contract, and which parts it exports.
pub(crate) struct Stamped {
    pub(crate) id: PluginId,
    pub(crate) contract: String,
    pub(crate) scoring: bool,
    pub(crate) rewards: bool,
}

/// Why a file is not a plugin for this host.
#[derive(Debug)]
pub(crate) enum LoadProblem {
    TooLarge {
        bytes: u64,
        most: usize,
    },
    NotWasm,
    CoreModule,
    Malformed(String),
    NoStamp,
    BadStamp(String),
    Contract {
        speaks: String,
    },
    Draft {
        built_for: Option<String>,
    },
    Mismatch(Vec<String>),
    TooManyFunctions {
        most: usize,
    },
    FunctionTooLarge {
        bytes: u64,
        most: usize,
    },
    #[cfg(feature = "compiler")]
    Compile(String),
    #[cfg(not(feature = "compiler"))]
    NoCompiler,
    NotPrecompiled(String),
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BUILD: &str = "build the plugin with `groundswell plugin build FOLDER`";
        match self {
            Self::TooLarge { bytes, most } => write!(
                f,
                "the file has {} bytes, {} are allowed; build it without debug information, or raise \
                 `component-bytes`",
                Figure(*bytes),
                Figure(*most)
            ),
            Self::NotWasm => write!(f, "this is not WebAssembly; {BUILD}"),
            Self::CoreModule => write!(f, "this is a core module, not a component; {BUILD}"),
            Self::Malformed(what) => {
                write!(f, "the component is damaged or cut off: {what}; copy it again, or build it anew")
            }
            Self::NoStamp => write!(
                f,
                "the component has no `{STAMP_SECTION}` section, so nobody can say which contract it speaks; {BUILD}"
            ),
            Self::BadStamp(what) => write!(f, "the component's stamp is wrong: {what}; {BUILD}"),
            Self::Contract { speaks } => write!(
                f,
                "it speaks contract {}, this host speaks {VERSION}; upgrade {}",
                shown(speaks, 32),
                if newer(speaks) {
                    "the host, or rebuild the plugin for it"
                } else {
                    "the plugin: rebuild it"
                }
            ),
            Self::Draft { built_for } => write!(
                f,
                "it was built for another draft of contract {VERSION} ({}, this host has {}); rebuild it",
                built_for.as_deref().map_or("unnamed".to_owned(), |digest| shown(digest, 13)),
                shown(digest(), 13)
            ),
            Self::Mismatch(lines) => {
                f.write_str("it does not fit the contract:")?;
                lines.iter().try_for_each(|line| write!(f, "\n  - {}", shown(line, 400)))
            }
            Self::TooManyFunctions { most } => write!(
                f,
                "it has more than {} functions; leave out what it does not need, or raise `component-functions`",
                Figure(*most)
            ),
            Self::FunctionTooLarge { bytes, most } => write!(
                f,
                "one of its functions has {} bytes of code, {} are allowed; split it, or raise `function-bytes`",
                Figure(*bytes),
                Figure(*most)
            ),
            #[cfg(not(feature = "compiler"))]
            Self::NoCompiler => f.write_str(
                "this host has no compiler; precompile the plugin with a host that has one, or build this one with \
                 the feature `compiler`",
            ),
            Self::NotPrecompiled(what) => write!(
                f,
                "this is no precompiled plugin for this host: {}; precompile it with the same version, mode and limits",
                shown(what, 300)
            ),
            #[cfg(feature = "compiler")]
            Self::Compile(what) => write!(f, "it cannot be compiled: {}", shown(what, 600)),
        }
    }
}

fn newer(version: &str) -> bool {
    let parts = |version: &str| -> Vec<u64> {
        version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
    };
    parts(version) > parts(VERSION)
}

/// Reads preamble, stamp, imports and exports, and refuses what this host cannot run.
pub(crate) fn inspect(file: &str, bytes: &[u8], limits: &Limits) -> Result<Stamped, LoadError> {
    let refuse = |problem| LoadError { file: file.to_owned(), plugin: None, problem };
    if bytes.len() > limits.component_bytes {
        let problem = LoadProblem::TooLarge { bytes: bytes.len() as u64, most: limits.component_bytes };
        return Err(refuse(problem));
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(refuse(LoadProblem::NotWasm));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(refuse(LoadProblem::CoreModule));
    }
    let outline = outline(bytes).map_err(|error| refuse(LoadProblem::Malformed(error.to_string())))?;
    let stamp = match outline.stamps.as_slice() {
        [] => return Err(refuse(LoadProblem::NoStamp)),
        [stamp] => {
            Stamp::from_json(stamp).map_err(|error| refuse(LoadProblem::BadStamp(error.to_string())))?
        }
        more => {
            return Err(refuse(LoadProblem::BadStamp(format!("there are {} of them", more.len()))));
        }
    };
    let id = PluginId { name: stamp.name, version: stamp.version };
    let refuse = |problem| LoadError { file: file.to_owned(), plugin: Some(id.clone()), problem };
    if stamp.contract != VERSION {
        return Err(refuse(LoadProblem::Contract { speaks: stamp.contract }));
    }
    if IS_DRAFT && stamp.contract_digest.as_deref() != Some(digest()) {
        return Err(refuse(LoadProblem::Draft { built_for: stamp.contract_digest }));
    }
    let interface = |name: &str| format!("groundswell:plugin/{name}@{VERSION}");
    let offered = [interface("types"), interface("log")];
    let known = [interface("scoring"), interface("rewards")];
    let mut lines = Vec::new();
    for import in outline.imports.iter().filter(|import| !offered.contains(import)) {
        let why = if import.starts_with("wasi:") {
            "a plugin has no files, clock, randomness or network"
        } else {
            "a host offers `log` and nothing else"
        };
        lines.push(format!("it imports `{import}`: {why}"));
    }
    for export in outline.exports.iter().filter(|export| !known.contains(export)) {
        let why = if export.starts_with("groundswell:plugin/") {
            format!("its stamp says contract {VERSION}")
        } else {
            format!("a plugin exports `{}`, `{}` or both", known[0], known[1])
        };
        lines.push(format!("it exports `{export}`: {why}"));
    }
    let [scoring, rewards] = known.each_ref().map(|name| outline.exports.contains(name));
    if !scoring && !rewards {
        lines.push(format!("it exports neither `{}` nor `{}`", known[0], known[1]));
    }
    if !lines.is_empty() {
        return Err(refuse(LoadProblem::Mismatch(lines)));
    }
    if outline.functions > limits.component_functions {
        return Err(refuse(LoadProblem::TooManyFunctions { most: limits.component_functions }));
    }
    if outline.largest_function > limits.function_bytes as u64 {
        let (bytes, most) = (outline.largest_function, limits.function_bytes);
        return Err(refuse(LoadProblem::FunctionTooLarge { bytes, most }));
    }
    Ok(Stamped { id, contract: stamp.contract, scoring, rewards })
}

/// The outermost component's own imports, exports and stamps, and how much there is to compile in all of it.
#[derive(Default)]
struct Outline<'b> {
    imports: Vec<String>,
    exports: Vec<String>,
    stamps: Vec<&'b [u8]>,
    functions: usize,
    largest_function: u64,
}

fn outline(bytes: &[u8]) -> Result<Outline<'_>, wasmparser_engine::BinaryReaderError> {
    let mut outline = Outline::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } => {
                depth += 1;
                debug_assert!(depth > 1 || encoding == Encoding::Component);
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    outline.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    outline.exports.push(export?.name.name.to_owned());
                }
            }
            Payload::CodeSectionStart { count, .. } => outline.functions += count as usize,
            Payload::CodeSectionEntry(body) => {
                let size = body.range().len() as u64;
                outline.largest_function = outline.largest_function.max(size);
            }
            Payload::CustomSection(section) if depth == 1 && section.name() == STAMP_SECTION => {
                outline.stamps.push(section.data());
            }
            _ => {}
        }
    }
    Ok(outline)
}
