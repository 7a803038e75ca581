use crate::shell::groundswell;

/// The names under `Commands:`.
fn listed(help: &str) -> Vec<&str> {
    let commands = help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest);
    let commands = commands.split_once("\n\n").map_or(commands, |(commands, _)| commands);
    let named = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    named.filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn help_of_every_command_lists_its_subcommands_and_has_examples() {
    let tree: [(&[&str], &[&str]); 22] = [
        (
            &[],
            &[
                "init",
                "validate",
                "run",
                "explain",
                "sql",
                "snapshot",
                "metrics",
                "forget",
                "export-member",
                "demo",
                "import",
                "plugin",
                "cache",
                "attack",
                "help",
            ],
        ),
        (&["init"], &[]),
        (&["validate"], &[]),
        (&["run"], &[]),
        (&["explain"], &[]),
        (&["metrics"], &[]),
        (&["sql"], &[]),
        (&["snapshot"], &[]),
        (&["forget"], &[]),
        (&["export-member"], &[]),
        (&["demo"], &[]),
        (&["import"], &["stackexchange", "zulip", "sourcecred", "help"]),
        (&["import", "zulip"], &[]),
        (&["import", "sourcecred"], &[]),
        (&["import", "stackexchange"], &[]),
        (&["plugin"], &["build", "inspect", "help"]),
        (&["plugin", "build"], &[]),
        (&["plugin", "inspect"], &[]),
        (&["cache"], &["info", "clear", "help"]),
        (&["cache", "info"], &[]),
        (&["cache", "clear"], &[]),
        (&["attack"], &[]),
    ];
    for (command, subcommands) in tree {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let help = groundswell(&arguments).done();
        assert_eq!(listed(&help), subcommands, "{command:?}:\n{help}");
        let typed = format!("\n  groundswell {}", command.join(" "));
        let examples = help.split_once("\nExample").map_or("", |(_, examples)| examples);
        assert!(examples.contains(typed.trim_end()), "{command:?}:\n{help}");
    }
    assert!(groundswell(&["--help"]).done().contains("\nExit codes: 0 done; 2 usage"));
}

#[test]
fn metrics_are_listed_with_id_unit_formula_and_source() {
    let listed = groundswell(&["metrics"]).done();
    let known = groundswell(&["metrics", "--format", "json"]).json();
    // What is one line is the title of a group.
    let blocks: Vec<&str> = listed.trim_end().split("\n\n").filter(|block| block.contains('\n')).collect();
    assert_eq!(blocks.len(), known.as_array().unwrap().len());
    for (block, metric) in blocks.iter().zip(known.as_array().unwrap()) {
        assert_eq!(block.lines().next(), metric["id"].as_str());
        let told = block.split_whitespace().collect::<Vec<_>>().join(" ");
        for key in ["unit", "formula", "source"] {
            let text = metric[key].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(&format!(" {key} {text}")), "{key} is not in:\n{block}");
        }
        assert!(block.lines().all(|line| line.chars().count() <= 80), "{block}");
    }
    let filtered = groundswell(&["metrics", "H-index", "newcomers"]).done();
    insta::assert_snapshot!(filtered, @"");
    let refused = groundswell(&["metrics", "fame"]).stopped(2);
    insta::assert_snapshot!(refused, @"");
}

#[test]
fn the_page_of_metrics_says_what_the_command_says() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/METRICS.md");
    let written = std::fs::read_to_string(page).unwrap_or_default();
    let told = groundswell(&["metrics", "--format", "markdown"]).done();
    assert!(
        written == told,
        "host/engine/METRICS.md is not what `cargo run -- metrics --format markdown` says: write it anew"
    );
}
