//! What can go wrong between a folder and a component.

use std::path::PathBuf;

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The folder does not exist.
    #[error(
        "there is no folder {}; give the one that holds the plugin's Cargo.toml, plugin.js or plugin.py",
        folder.display()
    )]
    NoFolder {
        /// As given.
        folder: PathBuf,
    },
    /// A file was given.
    #[error(
        "{} is a file, not a folder; give the folder that holds the plugin's Cargo.toml, plugin.js or plugin.py",
        file.display()
    )]
    #[non_exhaustive]
    NotAFolder {
        /// As given.
        file: PathBuf,
    },
    /// The folder holds no manifest.
    #[error(
        "{} has no Cargo.toml, plugin.js or plugin.py; give the folder of the plugin, or make one of it with \
         `cargo init --lib {}`",
        folder.display(), folder.display()
    )]
    NoManifest {
        /// As given.
        folder: PathBuf,
    },
    /// Cargo cannot read the manifest.
    #[error("cargo cannot read {}:\n{output}", manifest.display())]
    Manifest {
        /// The manifest.
        manifest: PathBuf,
        /// What Cargo said.
        output: String,
    },
    /// A plugin's `package.json` or `pyproject.toml` does not say what it has to.
    #[error("{} cannot be used: {output}\nOne that can be:\n\n    {example}", manifest.display())]
    #[non_exhaustive]
    ScriptManifest {
        /// The manifest.
        manifest: PathBuf,
        /// What is wrong.
        output: String,
        /// One that does.
        example: &'static str,
    },
    /// A program is missing that a plugin's language needs.
    #[error(
        "this plugin needs {what}, and `{program}` does not do here: {output}\nGet it, on Debian with\n\n    {get}"
    )]
    #[non_exhaustive]
    NoTool {
        /// The program.
        program: &'static str,
        /// What has it.
        what: &'static str,
        /// What to type.
        get: &'static str,
        /// What happened.
        output: String,
    },
    /// A tool cannot be installed.
    #[error(
        "{tool} cannot be installed, which takes a network that reaches the package registries:\n{output}"
    )]
    #[non_exhaustive]
    Tool {
        /// Its name.
        tool: &'static str,
        /// What its installer said.
        output: String,
    },
    /// The manifest is a workspace without a package.
    #[error(
        "{} describes a workspace, not a plugin; give the folder of one of its crates: {}",
        manifest.display(), members.join(", ")
    )]
    NotAPackage {
        /// The manifest.
        manifest: PathBuf,
        /// The folders of the workspace's members.
        members: Vec<String>,
    },
    /// The crate does not make a WebAssembly library.
    #[error(
        "{} makes no WebAssembly library; add to it\n\n    [lib]\n    crate-type = [\"cdylib\", \"rlib\"]\n\n\
         (`rlib` lets the plugin's own tests run natively)",
        manifest.display()
    )]
    NoCdylib {
        /// The manifest.
        manifest: PathBuf,
    },
    /// None of the crate's examples makes a WebAssembly library.
    #[error(
        "{} has no example that makes a WebAssembly library; add for each\n\n    [[example]]\n    \
         name = \"NAME\"\n    crate-type = [\"cdylib\"]",
        manifest.display()
    )]
    NoExamples {
        /// The manifest.
        manifest: PathBuf,
    },
    /// The crate does not know the contract.
    #[error(
        "{} does not depend on groundswell-plugin, so it cannot speak to a host; add it to [dependencies]",
        manifest.display()
    )]
    NoDependency {
        /// The manifest.
        manifest: PathBuf,
    },
    /// The crate's or example's name is not a plugin's.
    #[error(
        "a plugin cannot be named `{name}`: names are kebab-case and at most 64 bytes; try `{suggestion}`"
    )]
    Name {
        /// As in the manifest.
        name: String,
        /// The nearest name that would do.
        suggestion: String,
    },
    /// A forced route that is none.
    #[error("{place} is `{value}`, which is no route; use `toolchain`, `rustup` or `debian`")]
    UnknownRoute {
        /// Where the value came from.
        place: String,
        /// The value.
        value: String,
    },
    /// No route leads to the target.
    #[error(
        "the target wasm32-unknown-unknown cannot be had here:\n{}\nGet it with one of\n\n    \
         rustup target add wasm32-unknown-unknown\n    \
         apt-get update && apt-get install --no-install-recommends {}\n",
        tried.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n"),
        crate::debian::PACKAGES.join(" ")
    )]
    NoTarget {
        /// Each route with what was in the way.
        tried: Vec<String>,
    },
    /// A program could not be started.
    #[error("`{program}` could not be started: {source}")]
    Start {
        /// Its name or path.
        program: String,
        /// The reason.
        source: std::io::Error,
    },
    /// Cargo refused to build before it compiled anything.
    #[error(
        "cargo refused to build {name}:\n{output}\nWhere the lock file is out of date, run `cargo check` in \
         the plugin's folder once and keep the Cargo.lock that it writes"
    )]
    Cargo {
        /// The plugin.
        name: String,
        /// What Cargo said.
        output: String,
    },
    /// The plugin does not compile.
    #[error("{name} {version} does not compile:\n\n{rendered}")]
    Compile {
        /// The plugin.
        name: String,
        /// Its version.
        version: String,
        /// The compiler's messages, as Cargo rendered them.
        rendered: String,
    },
    /// Cargo succeeded without the expected file.
    #[error("cargo built {name} {version} without a .wasm file; is its crate-type `cdylib`?")]
    NoModule {
        /// The plugin.
        name: String,
        /// Its version.
        version: String,
    },
    /// Bytes that are not what they should be.
    #[error("{name}: not a {expected}: {reason}")]
    Format {
        /// The plugin, or `component`.
        name: String,
        /// What the bytes should have been.
        expected: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The plugin wants something that no host offers.
    #[error("{name} {version} imports `{import}`, which no host offers: {why}")]
    Import {
        /// The plugin.
        name: String,
        /// Its version.
        version: String,
        /// The import.
        import: String,
        /// Where it comes from, and the way out.
        why: String,
    },
    /// The plugin does not export what the contract asks for.
    #[error("{name} {version} {what}")]
    Export {
        /// The plugin.
        name: String,
        /// Its version.
        version: String,
        /// What is wrong, and the way out.
        what: String,
    },
    /// The module cannot become a component.
    #[error("{name} {version} cannot be made a component: {reason}")]
    Encode {
        /// The plugin.
        name: String,
        /// Its version.
        version: String,
        /// What the encoder said.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{} could not be {what}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// The reason.
        source: std::io::Error,
    },
}
