//! Bytes as a file of a Stack Exchange dump.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use groundswell::import::{ImportReport, stackexchange};
use groundswell::{Config, Snapshot, Table};

use crate::message::assert_plain;
use crate::scratch::{folder, write};
use crate::tags;

/// The files of a small dump.
const FILES: [(&str, &str); 8] = [
    (
        "Users.xml",
        r#"<users><row Id="-1" CreationDate="2020-01-01T00:00:00.000" Reputation="1"/><row Id="1" CreationDate="2020-01-02T00:00:00.000" DisplayName="Ada" Reputation="7"/><row Id="2" CreationDate="2020-01-03T00:00:00.000" DisplayName="Bo"/></users>"#,
    ),
    (
        "Posts.xml",
        r#"<posts><row Id="10" PostTypeId="1" CreationDate="2020-02-01T00:00:00.000" OwnerUserId="1" AcceptedAnswerId="11" Tags="&lt;ale&gt;"/><row Id="11" PostTypeId="2" ParentId="10" CreationDate="2020-02-02T00:00:00.000" OwnerUserId="2"/></posts>"#,
    ),
    (
        "Votes.xml",
        r#"<votes><row Id="1" PostId="11" VoteTypeId="2" CreationDate="2020-02-03T00:00:00.000"/><row Id="2" PostId="10" VoteTypeId="8" UserId="1" BountyAmount="50" CreationDate="2020-02-04T00:00:00.000"/></votes>"#,
    ),
    (
        "Comments.xml",
        r#"<comments><row Id="1" PostId="11" UserId="1" Text="@Bo thanks" CreationDate="2020-02-05T00:00:00.000"/></comments>"#,
    ),
    ("Badges.xml", r#"<badges><row Id="1"/></badges>"#),
    ("PostHistory.xml", r#"<posthistory><row Id="1"/></posthistory>"#),
    ("PostLinks.xml", r#"<postlinks><row Id="1"/></postlinks>"#),
    ("Tags.xml", r#"<tags><row Id="1" TagName="ale"/></tags>"#),
];

pub(crate) fn run(input: &[u8]) {
    let Some((which, rest)) = input.split_first() else { return };
    // Files of which most is read come up more often.
    let which = usize::from(which % 16);
    let which = if which < FILES.len() { which } else { which % 4 };
    let scratch = folder();
    let (dump, out) = (scratch.path().join("dump"), scratch.path().join("out"));
    if std::fs::create_dir(&dump).is_err() {
        return;
    }
    for (place, (name, text)) in FILES.iter().enumerate() {
        write(&dump, name, if place == which { rest } else { text.as_bytes() });
    }
    let import = || stackexchange(&dump, &out, &|_, _, _| ());
    match import() {
        Ok(report) => {
            assert!(report.adds_up(), "rows lost, or counted twice: {report:?}");
            assert_plain(&report.to_string());
            let name = FILES.get(which).map_or("", |(name, _)| name);
            let file = report.files.iter().find(|file| file.file == name);
            let counted = if rest.starts_with(&[0x1f, 0x8b]) { None } else { Some(tags::rows(rest)) };
            if let (Some(file), Some(rows)) = (file, counted) {
                assert_eq!(file.rows, rows, "rows of {name}");
            }
            assert_usable(&out, &report);
        }
        Err(error) => {
            let said = error.to_string();
            assert_plain(&said);
            assert!(!out.join("members.csv").exists(), "half an import is left");
            assert_eq!(import().err().map(|error| error.to_string()), Some(said));
        }
    }
}

/// Asserts that the community that was written can be read, and has what the report says.
pub(crate) fn assert_usable(out: &Path, report: &ImportReport) {
    let snapshot = Config::read(out.join("community.toml"))
        .and_then(|config| Snapshot::take(&config, &config.community.state.join("snapshots"), None));
    let snapshot = match snapshot {
        Ok(snapshot) => snapshot,
        Err(error) => unreachable!("what was imported cannot be read: {error}"),
    };
    assert_eq!(snapshot.rejected(), [], "rows that were imported are rejected");
    assert_eq!(snapshot.rows(Table::Members), report.members);
    let mut activities = Vec::new();
    let packed = std::fs::read(out.join("activities.csv.gz")).unwrap_or_default();
    let read = GzDecoder::new(packed.as_slice()).read_to_end(&mut activities);
    assert!(read.is_ok(), "{read:?}");
    assert_eq!(crate::rows::rows(&activities, b',').rows.len() as u64, report.activities);
}
