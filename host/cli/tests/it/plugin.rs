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

/// A definition that looks at a metric of the community's own, which another plugin measures.
#[test]
fn a_definition_goes_by_what_another_plugin_measures() {
    let folder = tempfile::tempdir().unwrap();
    let first = repository("examples/plugins/first");
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let source = std::fs::read_to_string(first.join("src/lib.rs")).unwrap();
    let source = source
        .replace("Input::percentile(\"answers\"", "Input::raw(\"trust\"")
        .replace("\"answers\"", "\"trust\"");
    std::fs::write(folder.path().join("src/lib.rs"), source).unwrap();
    let manifest = std::fs::read_to_string(first.join("Cargo.toml")).unwrap();
    let sdk = repository("plugins/sdk");
    let manifest = manifest.replace("../../../plugins/sdk", sdk.to_str().unwrap());
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(first.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let toml = std::fs::read_to_string(first.join("community.toml")).unwrap();
    let planted = Planted::with(|_| {
        let toml = toml.replace("../../communities/planted/", "");
        format!(
            "{toml}\n[metrics.trust]\nplugin = \"fading-trust\"\nsettings = {{ verb = \"thank\", half-life = 60 }}\n"
        )
    });
    let wasm = planted.path("first.wasm");
    let mut build =
        command(&["plugin", "build", folder.path().to_str().unwrap(), "--out", wasm.to_str().unwrap()]);
    let built: Answer = build
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins"))
        .output()
        .unwrap()
        .into();
    built.done();
    let run = planted.run(&["--format", "json"]).json();
    let config = planted.path("community.toml");
    let asked = "select member, trust from metrics('trust') order by trust desc, member limit 1";
    let first = groundswell(&["sql", config.to_str().unwrap(), asked, "--format", "json"]).json();
    let best = &run["members"][0];
    assert_eq!(best["member"], first[0]["member"], "{first}");
    assert!(best["score"].as_f64().unwrap() > 0.0 && best["score"] == first[0]["trust"]);
    let receipt =
        planted.path(".groundswell/runs").join(run["run"]["receipt"].as_str().unwrap()).join("receipt.json");
    let receipt: serde_json::Value = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    let trust = &receipt["metrics"]["trust"];
    assert_eq!((&trust["plugin"], &trust["settings"]["half-life"]), (&"fading-trust".into(), &60.into()));
    // What measured is kept beside what scored, so that the run can be repeated.
    let kept = planted.path(".groundswell/plugins").join(format!("{}.wasm", trust["hash"].as_str().unwrap()));
    assert_eq!(std::fs::read(kept).unwrap(), groundswell_plugins::FADING_TRUST);
}

/// What is installed and compiled for tests stays from run to run.
fn kept() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Builds an example in another language than Rust; `None`, said aloud, where its tools cannot be had.
fn build_script(folder: &str, wasm: &Path, missing: &str) -> Option<String> {
    let mut build = command(&["plugin", "build", repository(folder).to_str().unwrap()]);
    let answer: Answer = build.arg("--out").arg(wasm).env("XDG_CACHE_HOME", kept()).output().unwrap().into();
    let unavailable = ["this plugin needs ", "cannot be installed, which takes a network"];
    if unavailable.iter().any(|told| answer.stderr.contains(told)) {
        println!("skipped: {folder} cannot be built without {missing} and a network: {}", answer.stderr);
        return None;
    }
    Some(answer.done())
}

/// Runs a command with the compiled plugins that are kept. Where the cache does not have one yet, half a minute of silence
/// is explained.
fn with_kept(arguments: &[&str], plugin: &str) -> Answer {
    let mut run = command(arguments);
    let mut answer: Answer = run.env("GROUNDSWELL_CACHE", kept().join("compiled")).output().unwrap().into();
    if answer.stderr.starts_with(&format!("compiling {plugin} 0.1.0 (")) {
        assert!(answer.stderr.ends_with(" MB), once; kept in the cache\n"), "{}", answer.stderr);
        answer.stderr.clear();
    }
    answer
}

#[test]
fn a_metric_in_python_measures_the_planted_community() {
    let folder = "examples/plugins/thanked-py";
    let toml = std::fs::read_to_string(repository(folder).join("community.toml")).unwrap();
    let planted = Planted::with(|_| toml.replace("../../communities/planted/", ""));
    let Some(told) = build_script(folder, &planted.path("thanked.wasm"), "Python") else { return };
    assert!(told.starts_with("built thanked-py 0.1.0: "), "{told}");
    let config = planted.path("community.toml");
    let asked = "select member, thanked as own, \"supporters(verb=thank)\" as hosts from metrics('thanked', 'supporters(verb=thank)')";
    let arguments = ["sql", config.to_str().unwrap(), asked, "--format", "json"];
    let answer = with_kept(&arguments, "thanked-py").json();
    let rows = answer.as_array().unwrap();
    assert!(rows.iter().filter(|row| row["own"].as_f64().unwrap() > 1.0).count() >= 10);
    for row in rows {
        assert_eq!(row["own"], row["hosts"], "{row}");
    }
}

#[test]
fn plugins_in_other_languages_build_and_score_the_planted_community() {
    for (language, missing) in [("py", "Python"), ("js", "Node.js")] {
        let folder = format!("examples/plugins/helpers-{language}");
        let toml = std::fs::read_to_string(repository(&folder).join("community.toml")).unwrap();
        let planted = Planted::with(|_| toml.replace("../../communities/planted/", ""));
        let wasm = planted.path("helpers.wasm");
        let Some(told) = build_script(&folder, &wasm, missing) else { continue };
        assert!(told.starts_with(&format!("built helpers-{language} 0.1.0: ")), "{told}");
        let config = planted.path("community.toml");
        let arguments = ["run", config.to_str().unwrap(), "--format", "json"];
        let run = with_kept(&arguments, &format!("helpers-{language}")).json();
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
    insta::assert_snapshot!(refused(&["plugin", "build", "nowhere"]), @"x there is no folder nowhere; give the one that holds the plugin's Cargo.toml, plugin.js or plugin.py");
    std::fs::create_dir(there.path().join("folder")).unwrap();
    insta::assert_snapshot!(refused(&["plugin", "build", "folder", "--out", "nodir/x.wasm"]), @r"
    x there is no folder nodir for nodir/x.wasm
      help: make it first: mkdir -p nodir
    ");
    insta::assert_snapshot!(refused(&["plugin", "build", "folder", "--out", "folder"]), @r"
    x --out folder is a folder
      help: name a file in it: folder/NAME.wasm
    ");
    insta::assert_snapshot!(refused(&["plugin", "build", "folder"]).replace(there.path().to_str().unwrap(), "[there]"), @"x folder has no Cargo.toml, plugin.js or plugin.py; give the folder of the plugin, or make one of it with `cargo init --lib folder`");
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

#[test]
fn a_bundled_plugin_is_inspected_by_its_name() {
    let told = groundswell(&["plugin", "inspect", "regulars"]).done();
    assert!(told.starts_with("regulars 0.1.0") && told.contains("micro-influencer-badge"), "{told}");
    let metric = groundswell(&["plugin", "inspect", "fading-trust", "--format", "json"]).json();
    assert_eq!((&metric["name"], metric["measuring"].is_object()), (&"fading-trust".into(), true));
    insta::assert_snapshot!(groundswell(&["plugin", "inspect", "regulers"]).stopped(2), @r"
    x there is no bundled plugin `regulers`, and no file of that name
      help: bundled are audience-band, fading-trust, orbit, regulars, thought-leader, trust-levels, trust-rank, word-of-mouth; anything else is the path of a component
    ");
    // A path is one, whatever is bundled.
    insta::assert_snapshot!(groundswell(&["plugin", "inspect", "./regulars"]).stopped(2), @"x failed to read plugin ./regulars: No such file or directory (os error 2)");
}
