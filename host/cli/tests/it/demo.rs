use crate::shell::{Answer, command, files};

#[test]
fn the_demo_shows_a_leaderboard_and_what_to_try_next_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let mut demo = command(&["demo", "--top", "3"]);
    let answer: Answer = demo.env("TMPDIR", temporary.path()).output().unwrap().into();
    insta::assert_snapshot!(answer.done(), @r"
    planted: 474 members as of 2024-12-29T20:03:20Z, window 365d, scored by regulars 0.1.0

     rank  member  tier              score  weighs most
        1  m0314   Micro-influencer  99.01  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)
        2  m0293   Micro-influencer  98.99  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)
        3  m0445   Micro-influencer  98.94  received(verb=thank) 34 (+23.08), received(verb=endorse) 21 (+23.08), answers 52 (+13.33)

     tier              members
     Not rated              12
     Member                361
     Regular                71
     Micro-influencer       20
     Celebrity               6
     Staff                   4

     award                             kind      given  new  for example
     Thank you, in front of everybody  shoutout     20   20  m0010: Became a micro-influencer for the first time.
     Micro-influencer                  badge        20   20  m0010: Is a micro-influencer: active, and trusted by others.
     The micro-influencers' circle     circle       20   20  m0010: Belongs among the micro-influencers.
     Invitation to training            training     20   20  m0010: Has helped 45 members, and could help more.

    left out: 120 members inactive
    left out: 3 members opted out
    left out: 3 members with an excluded role

    Nothing was kept. Try next:
      groundswell metrics                                     what a definition can ask for
      groundswell import stackexchange FOLDER --out DIR       a community of your own
      groundswell run DIR/community.toml                      its leaderboard
    ");
    assert_eq!(files(temporary.path()), []);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_demo_that_is_interrupted_leaves_nothing_behind() {
    use std::os::unix::process::ExitStatusExt;

    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let temporary = tempfile::tempdir().unwrap();
        let mut demo = command(&["demo"]);
        let mut child =
            demo.env("TMPDIR", temporary.path()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        // The last of its files is there, so the run is about to begin.
        let (last, _) = groundswell_planted::FILES.last().unwrap();
        while !files_of_any_folder(temporary.path()).contains(&(*last).to_owned()) {
            assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
            std::thread::yield_now();
        }
        let killed = std::process::Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
        assert!(killed.unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(number));
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
    }
}

/// The names of the files in the folders of a folder.
#[cfg(unix)]
fn files_of_any_folder(folder: &std::path::Path) -> Vec<String> {
    let inside = |folder: std::path::PathBuf| std::fs::read_dir(folder).into_iter().flatten();
    let folders = inside(folder.to_owned()).map(|entry| entry.unwrap().path());
    folders.flat_map(inside).map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
