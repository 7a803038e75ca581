//! The contract and its changelog: no change without a line.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use groundswell_contract::{VERSION, digest_of};

/// What stands in a proposed line until somebody says it.
const UNSAID: &str = "WHAT CHANGED";

/// Compares the text of the contract in `folder` with the last digest in the changelog beside it.
///
/// A draft may get any number of lines for one version; a released version has one digest for ever.
pub(crate) fn check(folder: &Path, is_draft: bool) -> Result<()> {
    let digest = digest(folder)?;
    let changelog = folder.join("CHANGELOG.md");
    let text = std::fs::read_to_string(&changelog).with_context(|| changelog.display().to_string())?;
    let lines: Vec<Line<'_>> = text.lines().filter_map(line).collect();
    let proposal = format!("- {VERSION} blake3:{digest} — {UNSAID}");
    let Some(last) = lines.last().filter(|line| line.digest == digest) else {
        let known = lines.last().map_or("it has no digest yet".to_owned(), |line| {
            format!("its last digest is\n{}, of version {}", line.digest, line.version)
        });
        bail!(
            "the text of the contract has the digest\n{digest}, but in {} {known}. Add this line at its end, and say \
             in it what changed:\n\n{proposal}\n",
            changelog.display()
        );
    };
    ensure!(
        last.version == VERSION,
        "the last line of {} is about {}, the contract is {VERSION}; it should read\n\n{proposal}\n",
        changelog.display(),
        last.version
    );
    ensure!(
        !last.what.is_empty() && last.what != UNSAID,
        "the last line of {} does not say what changed",
        changelog.display()
    );
    let other = lines.iter().find(|line| line.version == VERSION && line.digest != digest);
    ensure!(
        is_draft || other.is_none(),
        "version {VERSION} of the contract is released, and its text has changed since; give it a new version"
    );
    Ok(())
}

/// One state of the contract, as the changelog has it.
struct Line<'a> {
    version: &'a str,
    digest: &'a str,
    what: &'a str,
}

/// Reads `- VERSION blake3:DIGEST — what changed`. Every other line is prose.
fn line(text: &str) -> Option<Line<'_>> {
    let (version, rest) = text.strip_prefix("- ")?.split_once(" blake3:")?;
    let (digest, what) = rest.split_once(" — ").unwrap_or((rest, ""));
    Some(Line { version, digest: digest.trim(), what: what.trim() })
}

/// The digest of the WIT files in a folder, as hosts and builders compute it.
fn digest(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "wit") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).with_context(|| path.display().to_string())?));
        }
    }
    files.sort();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let listed = groundswell_contract::FILES.map(|(name, _)| name);
    ensure!(
        names == listed,
        "{} holds {names:?}, but groundswell_contract::FILES lists {listed:?}: hosts and builders would not see the \
         same contract",
        folder.display()
    );
    Ok(digest_of(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// A copy of the contract, whose changelog knows it.
    fn copy() -> TempDir {
        let copy = TempDir::new().unwrap();
        for (name, text) in groundswell_contract::FILES {
            fs::write(copy.path().join(name), text).unwrap();
        }
        let line =
            format!("# Changelog\n\n- {VERSION} blake3:{} — First draft.\n", groundswell_contract::digest());
        fs::write(copy.path().join("CHANGELOG.md"), line).unwrap();
        copy
    }

    fn append(folder: &TempDir, file: &str, text: &str) {
        let path = folder.path().join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap() + text).unwrap();
    }

    #[test]
    fn the_contract_of_this_repository_has_its_line() {
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        check(&wit, groundswell_contract::IS_DRAFT).unwrap();
        assert_eq!(digest(&wit).unwrap(), groundswell_contract::digest());
    }

    #[test]
    fn a_changed_comment_is_refused_until_its_line_stands_in_the_changelog() {
        let wit = copy();
        check(wit.path(), true).unwrap();
        append(&wit, "log.wit", "/// A new comment.\n");
        let refusal = check(wit.path(), true).unwrap_err().to_string();

        // The refusal ends with the line to add. As it stands it says nothing.
        let line = refusal.lines().last().unwrap();
        assert_eq!(line, format!("- {VERSION} blake3:{} — {UNSAID}", digest(wit.path()).unwrap()));
        append(&wit, "CHANGELOG.md", &format!("{line}\n"));
        let refusal = check(wit.path(), true).unwrap_err().to_string();
        assert!(refusal.ends_with("does not say what changed"), "{refusal}");

        let text = fs::read_to_string(wit.path().join("CHANGELOG.md")).unwrap();
        fs::write(wit.path().join("CHANGELOG.md"), text.replace(UNSAID, "A comment.")).unwrap();
        check(wit.path(), true).unwrap();
    }

    #[test]
    fn a_change_that_is_taken_back_needs_its_line_too() {
        let wit = copy();
        let other = "0".repeat(64);
        append(&wit, "CHANGELOG.md", &format!("- {VERSION} blake3:{other} — Something else.\n"));
        assert!(check(wit.path(), true).unwrap_err().to_string().contains(&other));
    }

    #[test]
    fn a_released_contract_changes_under_a_new_version_only() {
        let wit = copy();
        check(wit.path(), false).unwrap();
        append(&wit, "log.wit", "/// A new comment.\n");
        let digest = digest(wit.path()).unwrap();
        append(&wit, "CHANGELOG.md", &format!("- {VERSION} blake3:{digest} — A comment.\n"));
        check(wit.path(), true).unwrap();
        let refusal = check(wit.path(), false).unwrap_err().to_string();
        assert!(refusal.ends_with("give it a new version"), "{refusal}");
    }

    #[test]
    fn a_line_for_another_version_is_refused() {
        let wit = copy();
        let line = format!("- 9.9.9 blake3:{} — Another.\n", groundswell_contract::digest());
        append(&wit, "CHANGELOG.md", &line);
        let refusal = check(wit.path(), true).unwrap_err().to_string();
        assert!(refusal.contains("is about 9.9.9"), "{refusal}");
    }

    #[test]
    fn a_file_that_no_host_reads_is_refused() {
        let wit = copy();
        fs::write(wit.path().join("clock.wit"), "").unwrap();
        let refusal = check(wit.path(), true).unwrap_err().to_string();
        assert!(refusal.contains("clock.wit"), "{refusal}");
    }
}
