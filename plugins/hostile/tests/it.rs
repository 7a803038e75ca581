//! The README's table is the list of attackers, word for word.

use std::fs;
use std::path::Path;

#[test]
fn every_attacker_stands_in_the_table_and_in_the_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut attackers = 0;
    for folder in fs::read_dir(root.join("attacks")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let source = fs::read_to_string(folder.path().join("attack.rs")).unwrap();
        let tries = source.lines().next().unwrap().strip_prefix("//! ").unwrap();
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        assert!(row.is_some_and(|row| row.contains(tries)), "{name}: the table does not say {tries:?}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in Cargo.toml");
        assert!(source.contains(&format!("NAME: &'static str = \"{name}\"")), "{name} has another NAME");
        attackers += 1;
    }
    assert_eq!(attackers, readme.lines().filter(|line| line.starts_with("| `")).count());
}
