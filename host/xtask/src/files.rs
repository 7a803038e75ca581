//! Files as such: none too long to be read, none that a compiler made.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, Step};

/// Beyond this many lines a file is more than one noun.
const LONG: usize = 600;
/// Beyond this many the check fails.
const TOO_LONG: usize = 1_000;
/// Components may be committed here: frozen fixtures of released contracts.
const FROZEN: &str = "wit/";

pub(crate) fn check(step: &Step) -> Result<(), Failure> {
    let root = Path::new(".");
    let mut failures = Vec::new();
    for path in sources(root).map_err(|error| step.failed(&error))? {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| step.failed(&format!("{}: {error}", path.display())))?;
        match verdict(&path, text.lines().count()) {
            Verdict::Fine => {}
            Verdict::Long(warning) => println!("warning: {warning}"),
            Verdict::TooLong(failure) => failures.push(failure),
        }
    }
    match listed(root).map_err(|error| step.failed(&error))? {
        Some(paths) => failures.extend(paths.iter().filter_map(|path| built(path))),
        None => println!("skipped: there is no .git, so what is committed cannot be told"),
    }
    if failures.is_empty() { Ok(()) } else { Err(step.failed(&failures.join("\n"))) }
}

/// What is committed, and what would be: new files count too, ignored ones do not. `None` where there is no
/// repository; an error where there is one and git does not say.
fn listed(root: &Path) -> Result<Option<Vec<String>>, String> {
    // A file in a worktree, a folder else.
    if !root.join(".git").exists() {
        return Ok(None);
    }
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().map_err(|error| format!("`git` could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("git refused to list the files:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let listed = String::from_utf8_lossy(&output.stdout);
    Ok(Some(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()))
}

/// What is wrong with a path that is committed, if it is a file that a compiler made.
fn built(path: &str) -> Option<String> {
    (path.ends_with(".wasm") && !path.starts_with(FROZEN))
        .then(|| format!("{path}: WebAssembly is built, not committed; it would go stale"))
}

/// All Rust sources but those of tests, in order; not those in hidden folders, in folders of builds and in other
/// repositories.
fn sources(root: &Path) -> Result<Vec<PathBuf>, String> {
    let (mut folders, mut found) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                let other = ["target", "tests", "benches"].contains(&name.as_ref()) || name.starts_with('.');
                if !other && !path.join(".git").exists() {
                    folders.push(path);
                }
            } else if kind.is_file() && name.ends_with(".rs") && !name.ends_with("tests.rs") {
                found.push(path.strip_prefix(root).map(Path::to_owned).unwrap_or(path));
            }
        }
    }
    found.sort();
    Ok(found)
}

enum Verdict {
    Fine,
    Long(String),
    TooLong(String),
}

fn verdict(path: &Path, lines: usize) -> Verdict {
    let path = path.display();
    if lines <= LONG {
        Verdict::Fine
    } else if lines <= TOO_LONG {
        Verdict::Long(format!("{path} has {lines} lines; a file is one noun, below {LONG}"))
    } else {
        Verdict::TooLong(format!("{path} has {lines} lines; split it, at most {TOO_LONG} are allowed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "\n").unwrap();
        }
        folder
    }

    #[test]
    fn sources_are_found_without_git() {
        let folder = folder(&[
            "src/lib.rs",
            "src/deep/er.rs",
            "src/tests.rs",
            "tests/it.rs",
            "target/made.rs",
            ".hidden/made.rs",
            "other/.git/HEAD",
            "other/lib.rs",
            "README.md",
        ]);
        let found = sources(folder.path()).unwrap();
        assert_eq!(found, ["src/deep/er.rs", "src/lib.rs"].map(PathBuf::from));
    }

    #[test]
    fn long_files_are_warned_of_and_longer_ones_refused() {
        let path = Path::new("src/lib.rs");
        assert!(matches!(verdict(path, 600), Verdict::Fine));
        let Verdict::Long(warning) = verdict(path, 601) else { panic!("601 lines are long") };
        insta::assert_snapshot!(warning, @"src/lib.rs has 601 lines; a file is one noun, below 600");
        let Verdict::TooLong(failure) = verdict(path, 1_001) else { panic!("1,001 lines are too long") };
        insta::assert_snapshot!(failure, @"src/lib.rs has 1001 lines; split it, at most 1000 are allowed");
    }

    #[test]
    fn committed_webassembly_is_refused_outside_of_frozen_contracts() {
        assert_eq!(built("wit/frozen/0.1.0/regulars.wasm"), None);
        assert_eq!(built("src/lib.rs"), None);
        insta::assert_snapshot!(built("plugins/x.wasm").unwrap(), @"plugins/x.wasm: WebAssembly is built, not committed; it would go stale");
    }

    #[test]
    fn only_the_lack_of_a_repository_is_passed_over() {
        assert_eq!(listed(folder(&["a.rs"]).path()), Ok(None));
        // Something is there, and git makes nothing of it, as where another user owns it.
        let broken = folder(&["a.rs"]);
        std::fs::write(broken.path().join(".git"), "gitdir: nowhere\n").unwrap();
        let refusal = listed(broken.path()).unwrap_err();
        assert!(
            refusal.starts_with("git refused to list the files:\nfatal: not a git repository"),
            "{refusal}"
        );
    }
}
