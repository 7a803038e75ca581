//! Finding a compiler for the target.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::cargo::{clean, keeps_rustup_toolchain, run};
use crate::{BuildError, debian};

/// The target that plugins are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The variable that forces a route.
const VARIABLE: &str = "GROUNDSWELL_WASM_ROUTE";

/// A way to WebAssembly: for Rust, to the target `wasm32-unknown-unknown`; for others, to a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// The active toolchain has the target.
    Toolchain,
    /// `rustup target add` gets it for the active toolchain.
    Rustup,
    /// Debian's own compiler builds std for it, from the packages
    /// `rustc-web cargo-web rust-web-src lld`. Installs them where it runs as root.
    Debian,
    /// A plugin in JavaScript: componentize-js, by npm. It cannot be forced, as there is no other.
    Node,
    /// A plugin in Python: componentize-py, by pip. It cannot be forced, as there is no other.
    Python,
}

impl Route {
    /// Those of Rust, in the order in which they are tried.
    const ALL: [Self; 3] = [Self::Toolchain, Self::Rustup, Self::Debian];

    /// As the variable `GROUNDSWELL_WASM_ROUTE` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Toolchain => "toolchain",
            Self::Rustup => "rustup",
            Self::Debian => "debian",
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    /// Where its intermediate files go: the first two share a compiler.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Toolchain | Self::Rustup => "toolchain",
            Self::Debian => "debian",
            Self::Node | Self::Python => "scripts",
        }
    }

    /// The route that the environment forces, if it does.
    fn from_environment() -> Result<Option<Self>, BuildError> {
        match std::env::var(VARIABLE) {
            Err(std::env::VarError::NotPresent) => Ok(None),
            Ok(value) if value.is_empty() => Ok(None),
            Ok(value) => value.parse().map(Some),
            Err(std::env::VarError::NotUnicode(value)) => value.to_string_lossy().parse().map(Some),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toolchain => "the active toolchain",
            Self::Rustup => "the active toolchain with the target added by rustup",
            Self::Debian => "Debian's packages",
            Self::Node => "componentize-js",
            Self::Python => "componentize-py",
        })
    }
}

impl FromStr for Route {
    type Err = BuildError;

    fn from_str(value: &str) -> Result<Self, BuildError> {
        Self::ALL
            .into_iter()
            .find(|route| route.name() == value)
            .ok_or_else(|| BuildError::UnknownRoute { place: VARIABLE.to_owned(), value: value.to_owned() })
    }
}

/// A compiler for the target, and where it keeps its library's sources.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    pub(crate) route: Route,
    pub(crate) cargo: OsString,
    pub(crate) rustc: OsString,
    /// Paths that must not show in a plugin's bytes.
    pub(crate) library: Vec<PathBuf>,
}

/// Makes sure that plugins can be compiled here, getting the target where it is missing. `route` forces one.
/// `on_step` hears in whole lines what is done.
///
/// Answers the route that the builder will take.
///
/// # Errors
///
/// [`BuildError::NoTarget`] with what stood in the way of each route, and [`BuildError::UnknownRoute`] where the
/// variable `GROUNDSWELL_WASM_ROUTE` forces one that does not exist.
pub fn prepare(route: Option<Route>, on_step: impl Fn(&str)) -> Result<Route, BuildError> {
    Ok(find(Path::new("."), route, &on_step)?.route)
}

/// Finds a compiler for the plugin in `folder`, whose own choice of toolchain counts.
pub(crate) fn find(
    folder: &Path,
    forced: Option<Route>,
    on_step: &dyn Fn(&str),
) -> Result<Compiler, BuildError> {
    let forced = forced.map_or_else(Route::from_environment, |route| Ok(Some(route)))?;
    let mut tried = Vec::new();
    for route in Route::ALL.into_iter().filter(|route| forced.is_none_or(|forced| forced == *route)) {
        let found = match route {
            Route::Toolchain => toolchain(folder, route),
            Route::Rustup => rustup(folder, on_step),
            Route::Debian => debian::compiler(on_step),
            Route::Node | Route::Python => Err("it compiles no Rust".to_owned()),
        };
        match found {
            Ok(compiler) => return Ok(compiler),
            Err(reason) => tried.push(format!("{route}: {reason}")),
        }
    }
    Err(BuildError::NoTarget { tried })
}

/// The active toolchain, if it has the target. The error is a reason for people.
fn toolchain(folder: &Path, route: Route) -> Result<Compiler, String> {
    let mut rustc = clean("rustc".as_ref(), folder, keeps_rustup_toolchain(folder));
    rustc.args(["--print", "sysroot", "--print", "target-libdir", "--target", TARGET]);
    let printed = run(&mut rustc)?;
    let mut lines = printed.lines();
    let (sysroot, library) = match (lines.next(), lines.next()) {
        (Some(sysroot), Some(library)) => (PathBuf::from(sysroot), PathBuf::from(library)),
        _ => return Err(format!("rustc does not say where it keeps the target: {printed}")),
    };
    let has_core = std::fs::read_dir(&library).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    });
    if !has_core {
        return Err(format!("it has no {}", library.display()));
    }
    Ok(Compiler { route, cargo: "cargo".into(), rustc: "rustc".into(), library: vec![sysroot] })
}

/// The active toolchain, after rustup has added the target. The error is a reason for people.
fn rustup(folder: &Path, on_step: &dyn Fn(&str)) -> Result<Compiler, String> {
    on_step("adding the target wasm32-unknown-unknown with rustup");
    let mut rustup = clean("rustup".as_ref(), folder, keeps_rustup_toolchain(folder));
    run(rustup.args(["target", "add", TARGET]))?;
    toolchain(folder, Route::Rustup)
}
