//! Plugins that are pinned, and what others would change.

use groundswell::RunOptions;

use crate::planted::{PROGRAMME, open, planted};

#[test]
fn once_plugins_are_pinned_others_record_nothing_until_they_are_accepted() {
    let written = planted(300, "", PROGRAMME);
    let community = open(&written);
    // Nothing is pinned, and nothing refused.
    assert!(community.upgrade(&RunOptions::default()).unwrap_err().to_string().contains("plugin lock"));
    let first = community.run(&RunOptions::default()).unwrap();
    let lock = community.lock_plugins().unwrap();
    assert!(lock.ends_with("community.lock"));
    let text = std::fs::read_to_string(&lock).unwrap();
    let hash = &first.info().plugin.hash;
    assert!(
        text.contains("[\"definitions.regulars\"]") && text.matches(hash.as_str()).count() == 2,
        "{text}"
    );
    assert!(community.run(&RunOptions::default()).unwrap().changes().is_empty());
    assert!(community.upgrade(&RunOptions::default()).unwrap().plugins.is_empty());

    let toml = std::fs::read_to_string(written.path("community.toml")).unwrap();
    let other = toml.replacen("plugin = \"regulars\"", "plugin = \"orbit\"", 1);
    assert_ne!(toml, other);
    written.write("community.toml", other.as_bytes());
    let changed = open(&written);
    let refused = changed.run(&RunOptions::default()).unwrap_err().to_string();
    let place = written.path("community.toml").display().to_string();
    let refused = refused.replace(&place, "community.toml").replace(hash.get(..12).unwrap(), "[hash]");
    insta::assert_snapshot!(refused, @"community.toml:12:10: plugin orbit 0.1.0 is not the one that is pinned, regulars 0.1.0 ([hash]…); `groundswell plugin upgrade` shows what would change, and lets it count with --accept");
    // To look is not to record.
    changed.run(&RunOptions::default().dry_run(true)).unwrap();
    changed.explain(first.members().next().unwrap().member, &RunOptions::default()).unwrap();

    let upgrade = changed.upgrade(&RunOptions::default()).unwrap();
    assert_eq!(upgrade.plugins.keys().collect::<Vec<_>>(), ["definitions.regulars"]);
    let moved = &upgrade.tiers["regulars"];
    assert!(!moved.is_empty());
    let after = changed.run(&RunOptions::default().dry_run(true)).unwrap();
    for one in moved {
        assert_eq!(one.from.as_deref(), first.member(&one.member).map(|member| member.tier));
        assert_eq!(one.to.as_deref(), after.member(&one.member).map(|member| member.tier));
    }
    assert_eq!(upgrade.changes, after.changes());
    changed.lock_plugins().unwrap();
    // It is pinned now; that something else decides within the period has to be approved besides.
    let run = changed.run(&RunOptions::default()).unwrap();
    assert!(run.info().notes.iter().any(|note| note.contains("--approve")));
}

#[test]
fn a_lock_file_that_is_none_is_told_with_the_way_out() {
    let written = planted(300, "", PROGRAMME);
    written.write("community.lock", b"these are no pins");
    let told = open(&written).run(&RunOptions::default()).unwrap_err().to_string();
    assert!(told.contains("it is no lock file") && told.contains("groundswell plugin lock"), "{told}");
    open(&written).lock_plugins().unwrap();
    open(&written).run(&RunOptions::default()).unwrap();
}
