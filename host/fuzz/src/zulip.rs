//! Bytes as a file of a Zulip export.

use groundswell::import::zulip;
use serde_json::Value;

use crate::frozen::gzip;
use crate::scratch::{folder, write};
use crate::sourcecred::{assert_refused, assert_report, assert_same};

/// The files of a small export.
const FILES: [(&str, &str); 3] = [
    (
        "realm.json",
        r#"{"zerver_userprofile":[{"id":7,"full_name":"Ada","is_bot":false,"date_joined":1577836800.5,"role":100},{"id":8,"full_name":"Bo","is_bot":false,"date_joined":1577923200.0,"role":400}],"zerver_userprofile_crossrealm":[{"id":2,"email":"bot@z.example"}],"zerver_userprofile_mirrordummy":[],"zerver_stream":[{"id":3,"name":"general"}],"zerver_recipient":[{"id":30,"type":2,"type_id":3},{"id":31,"type":1,"type_id":7}],"zerver_subscription":[{"id":1,"user_profile":7,"recipient":30}],"zerver_reaction":[{"id":1,"user_profile":8,"message":100,"emoji_name":"heart","emoji_code":"2764"}]}"#,
    ),
    (
        "messages-000001.json",
        r#"{"zerver_message":[{"id":100,"sender":7,"recipient":30,"subject":"hops","content":"hello","rendered_content":"<p>hello</p>","date_sent":1580000000.25},{"id":101,"sender":8,"recipient":31,"subject":"","content":"psst","date_sent":1580000001}],"zerver_usermessage":[{"id":1}]}"#,
    ),
    (
        "messages-000002.json",
        r#"{"zerver_message":[{"id":102,"sender":8,"recipient":30,"subject":"hops","content":"@**Ada** yes","date_sent":1580000002}],"zerver_reaction":[{"id":2,"user_profile":7,"message":102,"emoji_name":"thumbs_down"}]}"#,
    ),
];

pub(crate) fn run(input: &[u8]) {
    let Some((way, rest)) = input.split_first() else { return };
    let which = usize::from(way % 3);
    let scratch = folder();
    let (plain, packed) = (scratch.path().join("plain"), scratch.path().join("packed"));
    for folder in [&plain, &packed] {
        if std::fs::create_dir(folder).is_err() {
            return;
        }
        for (place, (name, text)) in FILES.iter().enumerate() {
            let bytes = if place == which { rest } else { text.as_bytes() };
            write(
                folder,
                name,
                &if folder == &packed && place == which { gzip(bytes) } else { bytes.to_vec() },
            );
        }
    }
    let (out, again) = (scratch.path().join("out"), scratch.path().join("again"));
    let import = || zulip(&plain, &out, &|_, _, _| ());
    match import() {
        Ok(report) => {
            assert_report(&report, &out);
            let (name, _) = FILES.get(which).copied().unwrap_or_default();
            for file in &report.files {
                let rows = file.file.split_once(" of ").filter(|(_, file)| *file == name);
                if let Some(rows) = rows.and_then(|(table, _)| elements(rest, table)) {
                    assert_eq!(file.rows, rows, "rows of {} lost, or counted twice", file.file);
                }
            }
            let told = zulip(&packed, &again, &|_, _, _| ());
            if !matches!(rest, [0x1f, 0x8b, ..] | [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
                assert!(told.is_ok(), "packed, it is refused: {told:?}");
                assert_same(&out, &again);
            }
        }
        Err(error) => assert_refused(&error, &out, || import().err()),
    }
}

/// How many rows a table of a file has, where it has only one of that name.
fn elements(file: &[u8], table: &str) -> Option<u64> {
    let text = std::str::from_utf8(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file)).ok()?;
    if text.matches(&format!("\"{table}\"")).count() != 1 || text.contains('\\') {
        return None;
    }
    let file: Value = serde_json::from_str(text).ok()?;
    file.get(table)?.as_array().map(|rows| rows.len() as u64)
}
