//! The build of both packages of attackers: a module of every folder under `attacks/` that is theirs, and a table of them.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Lists the folders under `attacks`, which is relative to the package, with a file of this name.
pub(crate) fn list(attacks: &str, file: &str) -> ExitCode {
    println!("cargo::rerun-if-changed={attacks}");
    match write(attacks, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the attacks cannot be listed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(attacks: &str, file: &str) -> std::io::Result<()> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut names = Vec::new();
    for folder in std::fs::read_dir(root.join(attacks))? {
        let folder = folder?;
        if folder.path().join(file).is_file() {
            names.push(folder.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let (mut modules, mut table) = (String::new(), String::new());
    for name in &names {
        let module = name.replace('-', "_");
        let path = root.join(attacks).join(name).join(file);
        writeln!(modules, "#[path = {path:?}]\nmod attack_{module};").map_err(std::io::Error::other)?;
        writeln!(table, "    ({name:?}, attack_{module}::ATTACK),").map_err(std::io::Error::other)?;
    }
    let text =
        format!("{modules}\n/// Every attack by its folder.\nconst ALL: &[(&str, Played)] = &[\n{table}];\n");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    std::fs::write(Path::new(&out).join("attacks.rs"), text)
}
