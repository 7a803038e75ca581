//! What a plugin's folder says of itself.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::BuildError;
use crate::cargo::{clean, keeps_rustup_toolchain};
use crate::route::Compiler;
use crate::script::Language;

/// A plugin's manifest, as Cargo reads it: with what it inherits from its workspace.
pub(crate) struct Manifest {
    /// The folder, absolute.
    pub(crate) folder: PathBuf,
    /// The package's name.
    pub(crate) name: String,
    /// The package's version.
    pub(crate) version: String,
    /// The root of its workspace, which is its own folder where it has none.
    pub(crate) workspace: PathBuf,
    /// Where its workspace would build.
    pub(crate) target_dir: PathBuf,
    /// Folders and names of the crates outside the workspace that it depends on by path.
    pub(crate) neighbours: Vec<(PathBuf, String)>,
    /// The name of its library, where that is a `cdylib`.
    pub(crate) library: Option<String>,
    /// The examples that are.
    pub(crate) examples: Vec<String>,
    speaks_the_contract: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    crate_types: Vec<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    path: Option<PathBuf>,
}

/// Makes sure that the folder can be read at all, before a compiler is looked for.
pub(crate) fn folder(folder: &Path) -> Result<PathBuf, BuildError> {
    let Ok(absolute) = folder.canonicalize() else {
        return Err(BuildError::NoFolder { folder: folder.to_owned() });
    };
    if !absolute.is_dir() {
        return Err(BuildError::NotAFolder { file: folder.to_owned() });
    }
    if !absolute.join("Cargo.toml").is_file() && Language::of(&absolute).is_none() {
        return Err(BuildError::NoManifest { folder: folder.to_owned() });
    }
    Ok(absolute)
}

/// Reads the manifest in a folder that [`folder`] has answered.
pub(crate) fn read(folder: PathBuf, compiler: &Compiler) -> Result<Manifest, BuildError> {
    let path = folder.join("Cargo.toml");
    let mut cargo = clean(&compiler.cargo, &folder, keeps_rustup_toolchain(&folder));
    cargo.args(["metadata", "--no-deps", "--format-version=1", "--manifest-path"]).arg(&path);
    for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"] {
        // Only here: it says where the author wants builds, and the plugin's go into a folder below.
        cargo.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let output = cargo.output().map_err(|source| BuildError::Start {
        program: compiler.cargo.to_string_lossy().into_owned(),
        source,
    })?;
    let refused = |output| BuildError::Manifest { manifest: path.clone(), output };
    if !output.status.success() {
        return Err(refused(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .map_err(|error| refused(format!("its metadata cannot be read: {error}")))?;

    let here =
        |package: &Package| package.manifest_path.canonicalize().is_ok_and(|manifest| manifest == path);
    let Some(package) = metadata.packages.iter().find(|package| here(package)) else {
        let folders = metadata.packages.iter().filter_map(|package| package.manifest_path.parent());
        let members = folders.map(|folder| folder.display().to_string()).collect();
        return Err(BuildError::NotAPackage { manifest: path, members });
    };
    let is = |target: &Target, kind: &str| target.kind.iter().any(|name| name == kind);
    let makes_cdylib = |target: &&Target| target.crate_types.iter().any(|name| name == "cdylib");
    let (examples, libraries): (Vec<&Target>, Vec<&Target>) =
        package.targets.iter().filter(makes_cdylib).partition(|target| is(target, "example"));
    let neighbours = package.dependencies.iter().filter_map(|dependency| {
        let path = dependency.path.as_ref()?;
        (!path.starts_with(&metadata.workspace_root)).then(|| (path.clone(), dependency.name.clone()))
    });
    Ok(Manifest {
        name: package.name.clone(),
        version: package.version.clone(),
        neighbours: neighbours.collect(),
        library: libraries.first().map(|library| library.name.clone()),
        examples: examples.into_iter().map(|example| example.name.clone()).collect(),
        speaks_the_contract: package
            .dependencies
            .iter()
            .any(|dependency| dependency.name == "groundswell-plugin" || dependency.name == "wit-bindgen"),
        workspace: metadata.workspace_root,
        target_dir: metadata.target_directory,
        folder,
    })
}

impl Manifest {
    /// The file.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }

    /// Refuses a crate that cannot speak the contract. Bindings made by hand do as well as the SDK's.
    pub(crate) fn check_dependency(&self) -> Result<(), BuildError> {
        if self.speaks_the_contract {
            return Ok(());
        }
        Err(BuildError::NoDependency { manifest: self.path() })
    }
}

/// Refuses a name that is no plugin's, before the host does.
pub(crate) fn check_name(name: &str) -> Result<(), BuildError> {
    let suggestion = kebab_case(name);
    if suggestion == name {
        return Ok(());
    }
    Err(BuildError::Name { name: name.to_owned(), suggestion })
}

/// The nearest name in kebab-case: words of lower-case letters and digits that begin with a letter, joined by `-`.
fn kebab_case(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut kebab = words.collect::<Vec<_>>().join("-");
    if !kebab.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        kebab.insert_str(0, "plugin-");
    }
    kebab.truncate(64);
    kebab.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_case_names_pass() {
        for name in ["regulars", "first-plugin", "top-10", "x2"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn other_names_are_refused_with_one_that_would_do() {
        for (name, suggestion) in [
            ("my_plugin", "my-plugin"),
            ("Regulars", "regulars"),
            ("a--b", "a-b"),
            ("2nd", "plugin-2nd"),
            ("-x-", "x"),
        ] {
            let error = check_name(name).unwrap_err();
            assert!(
                matches!(&error, BuildError::Name { suggestion: given, .. } if given == suggestion),
                "{error}"
            );
        }
        assert!(check_name(&"x".repeat(64)).is_ok());
        assert!(check_name(&"x".repeat(65)).is_err());
    }
}
