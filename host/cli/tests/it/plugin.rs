use std::path::Path;

use crate::shell::{Answer, Planted, command, groundswell, repository};

/// Builds a plugin of the repository, with what is compiled kept from run to run.
fn build(folder: &str, out: &Path) -> Answer {
    let mut build = command(&["plugin", "build", repository(folder).to_str().unwrap()]);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder.replace('/', "-"));
    build.arg("--out").arg(out).env("CARGO_TARGET_DIR", kept).output().unwrap().into()
}

#[test]
fn the_first_plugin_builds_and_scores_the_planted_community() {
    let folder = "examples/plugins/first";
    let toml = std::fs::read_to_string(repository(folder).join("community.toml")).unwrap();
    assert!(toml.contains("\"../../communities/planted/"));
    let planted = Planted::with(|_| toml.replace("../../communities/planted/", ""));
    let wasm = planted.path("first.wasm");
    let told = build(folder, &wasm).done();
    assert!(told.starts_with("built first 0.1.0: ") && told.contains("first.wasm, "), "{told}");
    let inspected = groundswell(&["plugin", "inspect", wasm.to_str().unwrap()]).done();
    assert!(inspected.contains("\nscores: The tenth who answer most.\n"), "{inspected}");
    let run = planted.run(&["--format", "json"]).json();
    assert_eq!(run["run"]["plugin"]["name"], "first");
    let tier = |id: &str| {
        run["tiers"].as_array().unwrap().iter().find(|tier| tier["id"] == id).unwrap()["members"].clone()
    };
    assert_eq!((tier("member"), tier("helper")), (421.into(), 53.into()));
}

#[test]
fn plugins_in_other_languages_build_and_score_the_planted_community() {
    for (language, missing) in [("py", "Python"), ("js", "Node.js")] {
        let folder = format!("examples/plugins/helpers-{language}");
        let toml = std::fs::read_to_string(repository(&folder).join("community.toml")).unwrap();
        let planted = Planted::with(|_| toml.replace("../../communities/planted/", ""));
        let wasm = planted.path("helpers.wasm");
        let mut build = command(&["plugin", "build", repository(&folder).to_str().unwrap()]);
        // What is installed and compiled stays from run to run.
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let answer: Answer =
            build.arg("--out").arg(&wasm).env("XDG_CACHE_HOME", kept).output().unwrap().into();
        let unavailable = ["this plugin needs ", "cannot be installed, which takes a network"];
        if unavailable.iter().any(|told| answer.stderr.contains(told)) {
            println!("skipped: {folder} cannot be built without {missing} and a network: {}", answer.stderr);
            continue;
        }
        let told = answer.done();
        assert!(told.starts_with(&format!("built helpers-{language} 0.1.0: ")), "{told}");
        let config = planted.path("community.toml");
        let mut run = command(&["run", config.to_str().unwrap(), "--format", "json"]);
        let mut answer: Answer = run.env("GROUNDSWELL_CACHE", kept.join("compiled")).output().unwrap().into();
        // Where the cache does not have it yet, half a minute of silence is explained.
        if answer.stderr.starts_with(&format!("compiling helpers-{language} 0.1.0 (")) {
            assert!(answer.stderr.ends_with(" MB), once; kept in the cache\n"), "{}", answer.stderr);
            answer.stderr.clear();
        }
        let run = answer.json();
        assert_eq!(run["run"]["plugin"]["name"], format!("helpers-{language}"));
        let tiers = run["tiers"].as_array().unwrap();
        let members: Vec<_> = tiers.iter().map(|tier| tier["members"].as_u64().unwrap()).collect();
        assert_eq!(members, [425, 49], "{language}");
    }
}

#[test]
fn the_readme_shows_the_first_plugin_as_it_is() {
    let readme = include_str!("../../../../README.md");
    let section = readme.split_once("## A first plugin").unwrap().1;
    let block = |language: &str| {
        section.split_once(&format!("```{language}\n")).unwrap().1.split_once("```").unwrap().0
    };
    assert_eq!(block("rust"), include_str!("../../../../examples/plugins/first/src/lib.rs"));
    assert_eq!(block("toml"), include_str!("../../../../examples/plugins/first/Cargo.toml"));
    let lines = block("rust").lines().filter(|line| !line.trim().is_empty());
    assert!(lines.count() <= 15);
    for line in section.lines().filter_map(|line| line.trim().strip_prefix("$ groundswell ")) {
        let toml = include_str!("../../../../examples/plugins/first/community.toml");
        assert!(line.starts_with("explain") || toml.contains(&format!("groundswell {line}\n")), "{line}");
    }
}

#[test]
fn the_bundled_definition_can_be_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regulars.wasm");
    std::fs::write(&file, groundswell_plugins::REGULARS).unwrap();
    let file = file.to_str().unwrap();
    assert!(groundswell(&["plugin", "inspect", file]).done().contains("    micro-influencer  "));
    let json = groundswell(&["plugin", "inspect", file, "--format", "json"]).json();
    assert_eq!(json["name"], "regulars");
}

#[test]
fn a_folder_or_file_that_cannot_be_built_says_what_to_give() {
    let there = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let answer: Answer = command(arguments).current_dir(there.path()).output().unwrap().into();
        answer.stopped(2)
    };
    insta::assert_snapshot!(refused(&["plugin", "build", "nowhere"]), @"x there is no folder nowhere; give the folder that holds the plugin's Cargo.toml");
    std::fs::create_dir(there.path().join("folder")).unwrap();
    insta::assert_snapshot!(refused(&["plugin", "build", "folder", "--out", "nodir/x.wasm"]), @r"
    x there is no folder nodir for nodir/x.wasm
      help: make it first: mkdir -p nodir
    ");
    insta::assert_snapshot!(refused(&["plugin", "build", "folder", "--out", "folder"]), @r"
    x --out folder is a folder
      help: name a file in it: folder/NAME.wasm
    ");
    insta::assert_snapshot!(refused(&["plugin", "build", "folder"]).replace(there.path().to_str().unwrap(), "[there]"), @"x folder has no Cargo.toml, plugin.js or plugin.py; give the folder of the plugin, or make one with `cargo new --lib folder`");
}

#[test]
fn a_plugin_that_does_not_compile_is_its_own_fault() {
    let there = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = there.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    // An empty crate stands in for the SDK: nothing of it is used before the error.
    write("sdk/Cargo.toml", "[package]\nname = \"groundswell-plugin\"\n");
    write("sdk/src/lib.rs", "");
    let manifest = include_str!("../../../../examples/plugins/first/Cargo.toml");
    write("first/Cargo.toml", &manifest.replace("../../../plugins/sdk", "../sdk"));
    write("first/src/lib.rs", "fn wrong() -> u32 {\n    \"text\"\n}\n");
    let answer: Answer =
        command(&["plugin", "build", "first"]).current_dir(there.path()).output().unwrap().into();
    let told = answer.stopped(3);
    assert!(told.contains("first 0.1.0 does not compile") && told.contains("error[E0308]"), "{told}");
}
