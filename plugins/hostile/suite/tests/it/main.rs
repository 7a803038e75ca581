//! The README's table is the list of attackers.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;

use groundswell_attackers::{Attacker, Expected, all};
use serde::Serialize;

/// A moment, a means or a part as JSON writes it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().replace('-', " ")
}

fn words(values: &[impl Serialize]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// What has to come of a family in one mode.
fn outcome(family: &[&Attacker], mode: impl Fn(&Attacker) -> Expected) -> String {
    let mut outcomes: Vec<(String, Vec<String>)> = Vec::new();
    for attacker in family {
        let (by, when) = match mode(attacker) {
            Expected::Stopped { when, by } => (words(by), words(when)),
            Expected::StoppedOrSame { by } => (format!("{}, or harmless", words(by)), String::new()),
            Expected::Same => ("harmless".to_owned(), String::new()),
            _ => ("not looked for".to_owned(), String::new()),
        };
        match outcomes.iter_mut().find(|(other, _)| *other == by) {
            Some((_, moments)) if moments.contains(&when) => {}
            Some((_, moments)) => moments.push(when),
            None => outcomes.push((by, vec![when])),
        }
    }
    let told = outcomes.into_iter().map(|(by, moments)| match moments.join(", ") {
        moments if moments.is_empty() => by,
        moments => format!("{by} in {moments}"),
    });
    told.collect::<Vec<_>>().join("; ")
}

fn table() -> String {
    let attackers = all();
    let mut families: BTreeMap<&str, Vec<&Attacker>> = BTreeMap::new();
    for attacker in &attackers {
        families.entry(attacker.family).or_default().push(attacker);
    }
    let rows = families.iter().map(|(folder, family)| {
        let (strict, fast) = (outcome(family, |one| one.strict), outcome(family, |one| one.fast));
        let fast = if fast == strict { String::new() } else { format!("; in fast mode {fast}") };
        let tries = family.first().unwrap().tries;
        format!("| `{folder}` | {} | {tries} | {strict}{fast} |\n", family.len())
    });
    let head = "| attack | attackers | what it tries | what comes of it |\n| --- | --- | --- | --- |\n";
    format!("{head}{}", rows.collect::<String>())
}

/// Written under `INSTA_UPDATE=always`.
#[test]
fn the_readme_lists_every_attack_with_what_comes_of_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, after) = readme.split_once("| attack |").unwrap();
    let rest = after.split_once("\n\n").unwrap().1;
    let expected = format!("{before}{}\n{rest}", table());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(readme, expected, "write it with INSTA_UPDATE=always");
    }
}
