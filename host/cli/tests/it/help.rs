use crate::shell::{self, Answer, groundswell};

/// The names under `Commands:`.
fn listed(help: &str) -> Vec<&str> {
    let commands = help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest);
    let commands = commands.split_once("\n\n").map_or(commands, |(commands, _)| commands);
    let named = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    named.filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn help_of_every_command_lists_its_subcommands_and_has_examples() {
    let tree: [(&[&str], &[&str]); 43] = [
        (
            &[],
            &[
                "init",
                "validate",
                "run",
                "explain",
                "appreciate",
                "rewards",
                "ledger",
                "deliver",
                "history",
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
        (
            &["rewards"],
            &[
                "plan", "list", "story", "approve", "reject", "revoke", "grant", "spend", "record", "pin",
                "exclude", "release", "appeal", "help",
            ],
        ),
        (&["rewards", "plan"], &[]),
        (&["rewards", "list"], &[]),
        (&["rewards", "story"], &[]),
        (&["rewards", "approve"], &[]),
        (&["rewards", "reject"], &[]),
        (&["rewards", "revoke"], &[]),
        (&["rewards", "grant"], &[]),
        (&["rewards", "spend"], &[]),
        (&["rewards", "record"], &[]),
        (&["rewards", "pin"], &[]),
        (&["rewards", "exclude"], &[]),
        (&["rewards", "release"], &[]),
        (&["rewards", "appeal"], &[]),
        (&["ledger"], &["verify", "help"]),
        (&["ledger", "verify"], &[]),
        (&["deliver"], &[]),
        (&["history"], &[]),
        (&["appreciate"], &[]),
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
        (&["plugin"], &["build", "inspect", "lock", "upgrade", "help"]),
        (&["plugin", "lock"], &[]),
        (&["plugin", "upgrade"], &[]),
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
        // On a terminal of the usual width each is one line, which can be copied.
        let narrow: Answer = shell::command(&arguments).env("COLUMNS", "80").output().unwrap().into();
        let narrow = narrow.done();
        let examples = narrow.split_once("\nExample").map_or("", |(_, examples)| examples);
        for line in examples.lines().skip(1).take_while(|line| !line.is_empty()) {
            assert!(line.starts_with("  groundswell "), "{command:?}:\n{narrow}");
        }
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
    insta::assert_snapshot!(filtered, @r"
    HELP AND TRUST

    newcomers-helped[(verb=V, days=D)]
      says     How many different newcomers the member answered.
      unit     members
      formula  distinct recipients, other than the member, of activities V given
               when the recipient's account was at most `days` old: since joined_at,
               or else since their first activity, given or received
      looks at V in the window, first activities at any time
      counts   what members do towards themselves does not count; a pair that comes
               again counts once; without actor or recipient an activity counts for
               nobody
      needs    activities.actor and activities.recipient
      source   newcomer support; Kraut, Resnick: Building successful online
               communities, 2012, chapter 5
      with     verb: what counts as help. Communities that chat may want `reply` (a
               verb; answer where it is left out)
      with     days: how old an account may be to be a newcomer's (days, such as
               30d; 30d where it is left out)

    h-index[(verb=V)]
      says     How many of the member's objects received at least as many likes
               each.
      unit     objects
      formula  the largest h such that h objects have at least h activities V from
               others to the member each; objects are told apart by 64 bits of the
               hash of their ids
      looks at the run's window
      counts   V towards oneself does not count; equal rows without ids all count;
               an unknown actor is somebody else; without an object V does not count
      needs    activities.recipient and activities.object
      source   Hirsch: An index to quantify an individual's scientific research
               output, PNAS 102, 2005
      with     verb: what speaks for an object (a verb; like where it is left out)
    ");
    let refused = groundswell(&["metrics", "fame"]).stopped(2);
    insta::assert_snapshot!(refused, @r"
    x no metric speaks of `fame`
      help: `groundswell metrics` lists all of them
    ");
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
