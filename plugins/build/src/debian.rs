//! Debian's own compiler, which builds std for the target from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::run;
use crate::route::{Compiler, Route};

/// What has to be installed.
pub(crate) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];
/// Where the packages put their programs. Named in full: rustup's come first on many a search path.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
/// Where `rust-web-src` puts the library's sources; a link.
const SOURCES: &str = "/usr/lib/rustlib/src/rust";

/// Debian's compiler, its packages installed if this process may. The error is a reason for people.
pub(crate) fn compiler(on_step: &dyn Fn(&str)) -> Result<Compiler, String> {
    let missing = missing()?;
    if !missing.is_empty() {
        install(&missing, on_step)?;
    }
    let mut library = vec![PathBuf::from(SOURCES)];
    library.extend(Path::new(SOURCES).canonicalize());
    for file in [CARGO, RUSTC] {
        if !Path::new(file).exists() {
            return Err(format!("the packages are installed, but {file} is not there"));
        }
    }
    Ok(Compiler { route: Route::Debian, cargo: CARGO.into(), rustc: RUSTC.into(), library })
}

/// The packages that are not installed.
fn missing() -> Result<Vec<&'static str>, String> {
    if !Path::new("/usr/bin/dpkg-query").exists() {
        return Err("this is no Debian system".to_owned());
    }
    Ok(PACKAGES
        .into_iter()
        .filter(|package| {
            let mut query = Command::new("/usr/bin/dpkg-query");
            let status = run(query.args(["--show", "--showformat", "${db:Status-Status}", package]));
            !status.is_ok_and(|status| status == "installed")
        })
        .collect())
}

fn install(missing: &[&str], on_step: &dyn Fn(&str)) -> Result<(), String> {
    let wanted = missing.join(" ");
    if run(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() != "0") {
        return Err(format!("{wanted} are not installed, and only root may install packages"));
    }
    on_step(&format!("installing Debian's packages {wanted} (about 150 MB to download)"));
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(["-q", "-y"]).env("DEBIAN_FRONTEND", "noninteractive");
        // Another apt at work is waited for; a mirror that does not answer is not.
        for option in ["DPkg::Lock::Timeout=300", "Acquire::Retries=1", "Acquire::http::Timeout=30"] {
            apt.args(["-o", option]);
        }
        run(apt.args(arguments))
    };
    // Old lists offer old packages; without a network the lists at hand may still do.
    if let Err(reason) = apt(&["update"]) {
        on_step(&format!("the lists of packages stay as they are: {reason}"));
    }
    apt(&[&["install", "--no-install-recommends"], missing].concat()).map(drop)
}
