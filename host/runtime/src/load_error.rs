//! Why a file is no plugin for this host.

use std::fmt;

use groundswell_contract::{STAMP_SECTION, VERSION, digest};
use semver::Version;

use crate::PluginId;
use crate::text::{Figure, shown};

/// Characters of a message that a file has a say in.
const MOST: usize = 300;
/// Lines about what does not fit the contract.
const LINES: usize = 20;

/// A file that is not a plugin for this host. Nothing in it has run.
#[derive(Debug)]
pub struct LoadError {
    /// The file, or what the caller named the bytes.
    pub(crate) file: String,
    /// The plugin, once its stamp has been read.
    pub(crate) plugin: Option<PluginId>,
    pub(crate) problem: Box<LoadProblem>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.plugin {
            None => write!(f, "{}: {}", self.file, self.problem),
            Some(plugin) => write!(f, "plugin {plugin} ({}): {}", self.file, self.problem),
        }
    }
}

impl std::error::Error for LoadError {}

impl LoadError {
    /// What kind of problem it is.
    pub fn kind(&self) -> LoadErrorKind {
        self.problem.kind()
    }

    /// The file, or what the caller named the bytes.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The plugin, where its stamp can be read.
    pub fn plugin(&self) -> Option<&PluginId> {
        self.plugin.as_ref()
    }

    /// Whether the file is no component at all, plugin or not: another kind of file, or a core module.
    pub fn is_no_component(&self) -> bool {
        self.kind() == LoadErrorKind::NotAComponent
    }
}

/// What kind of problem a [`LoadError`] is, for programs; its text is for people, and may change.
///
/// ```
/// use groundswell_runtime::{Error, Limits, LoadErrorKind, Runtime};
///
/// let runtime = Runtime::new(Limits::new())?;
/// let Err(Error::Load(error)) = runtime.load_bytes("notes.txt", b"not a plugin") else { unreachable!() };
/// assert_eq!((error.kind(), error.file()), (LoadErrorKind::NotAComponent, "notes.txt"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// Not WebAssembly, or a core module that has yet to be made a component.
    NotAComponent,
    /// Damaged or cut off.
    Damaged,
    /// Without a stamp, or with one that no builder makes.
    Stamp,
    /// Built for another version of the contract.
    Contract,
    /// Built for this contract, and yet with imports or exports that are not in it.
    Mismatch,
    /// Larger, or more to compile, than the limits allow.
    Limit,
    /// Not valid, or written in what a host refuses: threads, exceptions, garbage collection, and the like.
    Compile,
    /// To be compiled, by a host without a compiler.
    NoCompiler,
    /// Not precompiled, or for another host, mode or limits.
    NotPrecompiled,
}

/// Why a file is not a plugin for this host.
#[derive(Debug)]
pub(crate) enum LoadProblem {
    TooLarge {
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
    Mismatch(Mismatches),
    Excess(Excess),
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
            Self::TooLarge { most } => write!(
                f,
                "the file has more than {} bytes; build it without debug information, or raise `component-bytes`",
                Figure(*most)
            ),
            Self::NotWasm => write!(f, "this is not WebAssembly; {BUILD}"),
            Self::CoreModule => write!(f, "this is a core module, not a component; {BUILD}"),
            Self::Malformed(what) => {
                write!(f, "the component is damaged or cut off: {}; copy it again, or build it anew", shown(what, MOST))
            }
            Self::NoStamp => write!(
                f,
                "the component has no `{STAMP_SECTION}` section, so nobody can say which contract it speaks; {BUILD}"
            ),
            Self::BadStamp(what) => write!(f, "the component's stamp is wrong: {}; {BUILD}", shown(what, MOST)),
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
            Self::Mismatch(Mismatches { lines, more }) => {
                write!(f, "it does not fit the contract; mend what follows, and {BUILD}:")?;
                lines.iter().try_for_each(|line| write!(f, "\n  - {}", shown(line, MOST)))?;
                if *more == 0 { Ok(()) } else { write!(f, "\n  and {} more", Figure(*more)) }
            }
            Self::Excess(excess) => excess.fmt(f),
            #[cfg(not(feature = "compiler"))]
            Self::NoCompiler => f.write_str(
                "this host has no compiler; precompile the plugin with a host that has one, or build this one with \
                 the feature `compiler`",
            ),
            Self::NotPrecompiled(what) => write!(
                f,
                "this is no precompiled plugin for this host: {}; precompile it with the same version, mode and limits",
                shown(what, MOST)
            ),
            #[cfg(feature = "compiler")]
            Self::Compile(what) => write!(f, "it cannot be compiled: {}; {BUILD}", shown(what, MOST)),
        }
    }
}

/// What does not fit the contract, a line each up to [`LINES`]. Beyond, nothing is written: a component names as much as its
/// size allows.
#[derive(Debug, Default)]
pub(crate) struct Mismatches {
    lines: Vec<String>,
    more: usize,
}

impl Mismatches {
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(crate) fn push(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() < LINES {
            self.lines.push(line());
        } else {
            self.more += 1;
        }
    }
}

impl From<String> for Mismatches {
    fn from(line: String) -> Self {
        Self { lines: vec![line], more: 0 }
    }
}

/// More of something than is allowed.
#[derive(Debug)]
pub(crate) struct Excess {
    /// The limit's name.
    pub(crate) limit: &'static str,
    /// What has it.
    pub(crate) subject: &'static str,
    pub(crate) requested: u64,
    pub(crate) allowed: u64,
    pub(crate) unit: &'static str,
    pub(crate) way_out: &'static str,
    /// Whether nobody can raise it.
    pub(crate) fixed: bool,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, subject, requested, allowed, unit, way_out, fixed } = self;
        let verb = if *allowed == 1 { "is" } else { "are" };
        let (requested, allowed) = (Figure(*requested), Figure(*allowed));
        write!(f, "{subject} has {requested} {unit}, {allowed} {verb} allowed; {way_out}")?;
        if *fixed {
            write!(f, " (`{limit}` is the same for every host)")
        } else {
            write!(f, ", or raise `{limit}`")
        }
    }
}

impl LoadProblem {
    fn kind(&self) -> LoadErrorKind {
        match self {
            Self::TooLarge { .. } | Self::Excess(_) => LoadErrorKind::Limit,
            Self::NotWasm | Self::CoreModule => LoadErrorKind::NotAComponent,
            Self::Malformed(_) => LoadErrorKind::Damaged,
            Self::NoStamp | Self::BadStamp(_) => LoadErrorKind::Stamp,
            Self::Contract { .. } | Self::Draft { .. } => LoadErrorKind::Contract,
            Self::Mismatch(_) => LoadErrorKind::Mismatch,
            #[cfg(feature = "compiler")]
            Self::Compile(_) => LoadErrorKind::Compile,
            #[cfg(not(feature = "compiler"))]
            Self::NoCompiler => LoadErrorKind::NoCompiler,
            Self::NotPrecompiled(_) => LoadErrorKind::NotPrecompiled,
        }
    }
}

/// Whether a contract's version is later than this host's. What is no version is not.
fn newer(version: &str) -> bool {
    let [version, own] = [version, VERSION].map(Version::parse);
    version.is_ok_and(|version| own.is_ok_and(|own| version > own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_are_compared_as_semantic_versions() {
        let own = Version::parse(VERSION).unwrap();
        let later = |version: Version| newer(&version.to_string());
        assert!(later(Version { patch: own.patch + 1, ..own.clone() }));
        assert!(later(Version { minor: own.minor + 10, ..own.clone() }));
        assert!(!later(own.clone()));
        // A version's own drafts come before it.
        assert!(!later(Version { pre: semver::Prerelease::new("rc.1").unwrap(), ..own }));
        assert!(!newer("9") && !newer("later") && !newer("99999999999999999999.0.0") && !newer(""));
    }
}
