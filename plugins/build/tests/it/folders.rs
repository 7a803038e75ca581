//! What can be wrong with a plugin's folder, and the way out that each message names.

use groundswell_plugin_build::{BuildError, Builder};
use insta::assert_snapshot;

use crate::folder::{Folder, manifest};

#[test]
fn a_missing_folder_is_named() {
    assert_snapshot!(Builder::new("no/such/folder").build().unwrap_err(), @"there is no folder no/such/folder; give the one that holds the plugin's Cargo.toml, plugin.js or plugin.py");
    let folder = Folder::good();
    let error = Builder::new(folder.path().join("src/lib.rs")).build().unwrap_err();
    assert_snapshot!(folder.normal(&error.to_string()), @"[temp]/plugin/src/lib.rs is a file, not a folder; give the folder that holds the plugin's Cargo.toml, plugin.js or plugin.py");
}

#[test]
fn a_folder_without_a_manifest_is_named() {
    let folder = Folder::good();
    let error = Builder::new(folder.path().join("src")).build().unwrap_err();
    assert_snapshot!(folder.normal(&error.to_string()), @"[temp]/plugin/src has no Cargo.toml, plugin.js or plugin.py; give the folder of the plugin, or make one of it with `cargo init --lib [temp]/plugin/src`");
}

#[test]
fn a_workspace_is_no_plugin() {
    let folder = Folder::good();
    folder.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"groundswell-plugin\"]\n");
    let error = Builder::new(folder.path().parent().unwrap()).build().unwrap_err();
    assert_snapshot!(folder.normal(&error.to_string()), @"[temp]/Cargo.toml describes a workspace, not a plugin; give the folder of one of its crates: [temp]/groundswell-plugin");
}

#[test]
fn a_manifest_that_cargo_cannot_read_is_shown_as_cargo_shows_it() {
    let folder = Folder::good();
    folder.write("plugin/Cargo.toml", "[package]\nname = 1\n[workspace]\n");
    let refusal = folder.refusal();
    assert!(refusal.starts_with("cargo cannot read [temp]/plugin/Cargo.toml:\nerror: "), "{refusal}");
    assert!(refusal.contains("2 | name = 1\n"), "{refusal}");
}

#[test]
fn a_library_for_rust_alone_is_told_what_to_add() {
    let folder = Folder::good();
    folder.write("plugin/Cargo.toml", &manifest("tiny", "[\"rlib\"]"));
    assert_snapshot!(folder.refusal(), @r#"
    [temp]/plugin/Cargo.toml makes no WebAssembly library; add to it

        [lib]
        crate-type = ["cdylib", "rlib"]

    (`rlib` lets the plugin's own tests run natively)
    "#);
}

#[test]
fn a_crate_that_does_not_know_the_contract_is_refused() {
    let folder = Folder::good();
    folder.write(
        "plugin/Cargo.toml",
        &manifest("tiny", "[\"cdylib\"]").replace("groundswell-plugin =", "other ="),
    );
    folder.write("groundswell-plugin/Cargo.toml", "[package]\nname = \"other\"\n");
    assert_snapshot!(folder.refusal(), @"[temp]/plugin/Cargo.toml does not depend on groundswell-plugin, so it cannot speak to a host; add it to [dependencies]");
}

#[test]
fn a_name_that_is_not_kebab_case_is_refused_with_one_that_is() {
    let folder = Folder::good();
    folder.write("plugin/Cargo.toml", &manifest("My_Plugin", "[\"cdylib\"]"));
    assert_snapshot!(folder.refusal(), @"a plugin cannot be named `My_Plugin`: names are kebab-case and at most 64 bytes; try `my-plugin`");
}

#[test]
fn a_crate_without_examples_has_none_to_build() {
    let folder = Folder::good();
    let error = folder.builder().build_examples().unwrap_err();
    assert_snapshot!(folder.normal(&error.to_string()), @r#"
    [temp]/plugin/Cargo.toml has no example that makes a WebAssembly library; add for each

        [[example]]
        name = "NAME"
        crate-type = ["cdylib"]
    "#);
}

#[test]
fn a_mistake_of_the_author_is_shown_as_cargo_renders_it() {
    let folder = Folder::good();
    folder.append("fn score() -> f64 {\n    \"high\"\n}\n");
    let refusal = folder.refusal();
    assert!(
        refusal.starts_with("tiny 0.3.0 does not compile:\n\nerror[E0308]: mismatched types\n"),
        "{refusal}"
    );
    assert!(
        refusal.contains("--> src/lib.rs:31:5\n") && refusal.contains("31 |     \"high\"\n"),
        "{refusal}"
    );
    assert!(matches!(folder.build(), Err(BuildError::Compile { .. })));
}

#[test]
fn a_lock_file_that_is_out_of_date_is_not_changed() {
    let folder = Folder::good();
    let stale = "version = 4\n\n[[package]]\nname = \"tiny\"\nversion = \"0.2.0\"\n";
    folder.write("plugin/Cargo.lock", stale);
    let refusal = folder.refusal();
    assert!(refusal.starts_with("cargo refused to build tiny:"), "{refusal}");
    assert!(
        refusal.ends_with(
            "run `cargo check` in the plugin's folder once and keep the Cargo.lock that it writes"
        )
    );
    assert_eq!(std::fs::read_to_string(folder.path().join("Cargo.lock")).unwrap(), stale);
}

#[test]
fn a_script_without_a_manifest_that_does_is_shown_one() {
    let folder = Folder::good();
    let refused = |file: &str, manifest: &str, text: &str| {
        let scripts = folder.path().join(file);
        std::fs::create_dir_all(&scripts).unwrap();
        std::fs::write(scripts.join(file), "").unwrap();
        std::fs::write(scripts.join(manifest), text).unwrap();
        folder.normal(&Builder::new(&scripts).build().unwrap_err().to_string())
    };
    assert_snapshot!(refused("plugin.js", "package.json", "{}"), @r#"
    [temp]/plugin/plugin.js/package.json cannot be used: missing field `name` at line 1 column 2
    One that can be:

        { "name": "my-plugin", "version": "0.1.0", "type": "module" }
    "#);
    assert_snapshot!(refused("plugin.py", "pyproject.toml", "[project]\nname = \"mine\"\nversion = \"1.0.0\"\n[tool.groundswell]\nworld = \"metrics\""), @r#"
    [temp]/plugin/plugin.py/pyproject.toml cannot be used: its world is `metrics`; a plugin's is one of definition, reward-rules, community-plugin, metric
    One that can be:

        [project]
        name = "my-plugin"
        version = "0.1.0"

        [tool.groundswell]
        world = "definition"
    "#);
    assert_snapshot!(refused("plugin.js", "package.json", r#"{"name": "mine", "version": "1.0.0", "groundswel": {"world": "metric"}}"#), @r#"
    [temp]/plugin/plugin.js/package.json cannot be used: it says `groundswel`; did you mean `groundswell`?
    One that can be:

        { "name": "my-plugin", "version": "0.1.0", "type": "module", "groundswell": { "world": "definition" } }
    "#);
    assert_snapshot!(refused("plugin.js", "package.json", r#"{"name": "mine", "version": "1.0.0", "groundswell": {"worl": "metric"}}"#), @r#"
    [temp]/plugin/plugin.js/package.json cannot be used: unknown field `worl`, expected `world` at line 1 column 59
    One that can be:

        { "name": "my-plugin", "version": "0.1.0", "type": "module", "groundswell": { "world": "definition" } }
    "#);
    let python = "[project]\nname = \"mine\"\nversion = \"1.0.0\"\n[tool.Groundswell]\nworld = \"metric\"\n";
    assert_snapshot!(refused("plugin.py", "pyproject.toml", python), @r#"
    [temp]/plugin/plugin.py/pyproject.toml cannot be used: it says `[tool.Groundswell]`; did you mean `[tool.groundswell]`?
    One that can be:

        [project]
        name = "my-plugin"
        version = "0.1.0"

        [tool.groundswell]
        world = "definition"
    "#);
    assert_snapshot!(refused("plugin.js", "package.json", "{\"name\": \"My_Own\", \"version\": \"1.0.0\"}"), @"a plugin cannot be named `My_Own`: names are kebab-case and at most 64 bytes; try `my-own`");
}
