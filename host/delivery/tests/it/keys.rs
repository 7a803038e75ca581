//! Keys of signatures, and where they come from.

use std::path::Path;
use std::time::Duration;

use groundswell_delivery::{Secret, sign, verify};
use insta::assert_snapshot;
use jiff::Timestamp;
use proptest::prelude::*;

fn file(folder: &Path, content: impl AsRef<[u8]>, mode: u32) -> std::path::PathBuf {
    let path = folder.join("key");
    _ = std::fs::remove_file(&path);
    std::fs::write(&path, content).unwrap();
    set_mode(&path, mode);
    path
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

fn same(left: &Secret, right: &Secret) -> bool {
    sign(b"{}", left, Timestamp::UNIX_EPOCH) == sign(b"{}", right, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_key_comes_from_a_file_without_the_line_break_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let expected = Secret::new("0123456789abcdef").unwrap();
    for content in ["0123456789abcdef", "0123456789abcdef\n", "0123456789abcdef\r\n"] {
        let found = Secret::from_file(file(folder.path(), content, 0o600)).unwrap();
        assert!(same(&found, &expected), "{content:?}");
    }
    let spaced = Secret::from_file(file(folder.path(), " 0123456789abcdef \n\n", 0o400)).unwrap();
    assert!(same(&spaced, &Secret::new(" 0123456789abcdef \n").unwrap()), "what else is there belongs to it");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_or_write_is_refused_with_the_command_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o777] {
        let path = file(folder.path(), "0123456789abcdef", mode);
        let told = Secret::from_file(&path).unwrap_err().to_string();
        assert!(told.contains("its mode is ") && told.contains("chmod 600"), "{told}");
        assert!(!told.contains("0123456789"));
    }
    let path = file(folder.path(), "0123456789abcdef", 0o644);
    let told = Secret::from_file(&path).unwrap_err().to_string();
    assert_snapshot!(told.replace(&path.display().to_string(), "KEY"), @"the key in KEY is open to others (its mode is 0644); make it its owner's alone: chmod 600 KEY");
}

#[test]
fn what_is_no_key_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        let error = Secret::from_file(path).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("0123456789"), "{told}");
        error.to_string().replace(&folder.path().display().to_string(), "FOLDER")
    };
    assert_snapshot!(refused(&file(folder.path(), "0123456789abcde\n", 0o600)), @"the key in FOLDER/key has 15 bytes, and a key needs 16 at least; make one by `openssl rand -hex 32`");
    assert_snapshot!(refused(&file(folder.path(), "", 0o600)), @"the key in FOLDER/key has 0 bytes, and a key needs 16 at least; make one by `openssl rand -hex 32`");
    assert_snapshot!(refused(&file(folder.path(), "0123456789".repeat(1_000), 0o600)), @"the key in FOLDER/key cannot be read: it has more than 4096 bytes; a key of 32 is long");
    assert_snapshot!(refused(folder.path()), @"the key in FOLDER cannot be read: it is no regular file");
    assert_snapshot!(refused(&folder.path().join("none")), @"the key in FOLDER/none cannot be read: No such file or directory (os error 2)");
    let pipe = folder.path().join("pipe");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        assert_snapshot!(refused(&pipe), @"the key in FOLDER/pipe cannot be read: it is no regular file");
    } else {
        println!("skipped: there is no mkfifo here, so that there is no pipe to refuse");
    }
}

#[test]
fn a_key_comes_from_the_environment_and_one_that_is_not_there_is_told() {
    // What cargo sets for tests is long enough to stand for a key.
    let name = "CARGO_MANIFEST_DIR";
    let value = std::env::var(name).unwrap();
    assert!(same(&Secret::from_env(name).unwrap(), &Secret::new(value).unwrap()));
    let told = Secret::from_env("GROUNDSWELL_NO_SUCH_KEY").unwrap_err();
    assert_snapshot!(told, @"the environment has no key in GROUNDSWELL_NO_SUCH_KEY; set that variable, or name a file that holds the key");
    assert_snapshot!(Secret::new("short").unwrap_err(), @"the key has 5 bytes, and a key needs 16 at least; make one by `openssl rand -hex 32`");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_header_that_was_not_made_with_the_key_is_taken_by_no_chance(
        header in prop_oneof![".*", "t=[0-9]{0,20}(,v1=[0-9a-f]{0,70}){0,3}", "[tv1=,0-9a-f ]{0,80}"],
        body in prop::collection::vec(any::<u8>(), 0..50),
        second in -9_000_000_000_i64..9_000_000_000,
    ) {
        let (key, other) = (Secret::new("0123456789abcdef").unwrap(), Secret::new("0123456789abcdeg").unwrap());
        let now = Timestamp::from_second(second).unwrap();
        let taken = |header: &str, key| verify(header, &body, key, now, Duration::from_secs(u64::MAX));
        prop_assert!(taken(&header, &key).is_err());
        let made = sign(&body, &key, now);
        prop_assert_eq!(taken(&made, &other).is_err(), true);
        // A time before 1970 is no time of a signature.
        prop_assert_eq!(taken(&made, &key).is_ok(), second >= 0);
    }
}
