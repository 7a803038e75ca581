//! Compiled plugins that are kept.

use crate::shell::{Answer, Planted, command};

fn with(cache: &std::path::Path, arguments: &[&str]) -> Answer {
    command(arguments).env("GROUNDSWELL_CACHE", cache).output().unwrap().into()
}

#[test]
fn plugins_are_kept_until_the_cache_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("compiled");
    let plugins = || with(&cache, &["cache", "info", "--format", "json"]).json()["entries"].as_u64();
    assert_eq!(plugins(), Some(0));
    let planted = Planted::new();
    let community = planted.path("community.toml");
    let run =
        ["run", community.to_str().unwrap(), "--definition", "regulars", "--dry-run", "--format", "json"];
    let first = with(&cache, &run).json();
    assert_eq!(plugins(), Some(1));
    assert_eq!(with(&cache, &run).json(), first);
    let told = with(&cache, &["cache", "info"]).done();
    assert!(told.contains("plugins: 1\n"), "{told}");
    let told = with(&cache, &["cache", "clear"]).done();
    assert!(told.starts_with("removed 1 compiled plugins, "), "{told}");
    assert_eq!(plugins(), Some(0));
    assert!(with("off".as_ref(), &["cache", "info"]).done().contains("off"));
}

/// A plugin that is as large as those with an interpreter are: most of it a section that nobody reads.
fn large() -> Vec<u8> {
    let content = [b"\x07padding".as_slice(), &[0; 5_000_000]].concat();
    let mut section = vec![0];
    let mut left = content.len();
    while left > 0x7f {
        section.push(0x80 | (left & 0x7f) as u8);
        left >>= 7;
    }
    section.push(left as u8);
    [groundswell_attackers::good(), section, content].concat()
}

#[test]
fn whoever_waits_for_a_large_plugin_to_be_compiled_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("large.wasm");
    std::fs::write(&plugin, large()).unwrap();
    let inspect = |cache: &std::path::Path| with(cache, &["plugin", "inspect", plugin.to_str().unwrap()]);
    let cache = folder.path().join("compiled");
    let first = inspect(&cache);
    insta::assert_snapshot!(first.stderr, @"compiling good 0.1.0 (6 MB), once; kept in the cache");
    // From the cache it is there at once.
    assert_eq!(inspect(&cache).done(), first.stdout);
    insta::assert_snapshot!(
        inspect("off".as_ref()).stderr,
        @"compiling good 0.1.0 (6 MB); there is no cache that keeps it"
    );
}

#[cfg(unix)]
#[test]
fn a_cache_that_others_can_read_is_refused_and_a_run_does_without() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o755)).unwrap();
    let told = with(&open, &["cache", "info"]).stopped(2);
    assert!(told.contains("is not private: its mode is 755, not 700"), "{told}");
    let planted = Planted::new();
    let community = planted.path("community.toml");
    let answer = with(&open, &["run", community.to_str().unwrap(), "--dry-run"]);
    assert_eq!(answer.code, Some(0));
    assert!(answer.stderr.starts_with("note: the cache of compiled plugins in "), "{}", answer.stderr);
    assert_eq!(std::fs::read_dir(&open).unwrap().count(), 0);
}
