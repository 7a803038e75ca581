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
    let run = ["run", community.to_str().unwrap(), "--dry-run", "--format", "json"];
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
