//! The text of a shoutout: what may stand in braces in it.

use super::section::{File, Found};
use crate::Error;
use crate::nearest::{listed, nearest};

/// What is filled in.
const PLACEHOLDERS: [&str; 3] = ["{member}", "{title}", "{reason}"];

/// Refuses braces that nothing is filled into: whoever writes `{nmae}` would thank nobody.
pub(super) fn check(file: File<'_>, text: &Found<&str>) -> Result<(), Error> {
    let known = || format!("`text` may have {}", listed(PLACEHOLDERS));
    let mut rest = text.value;
    while let Some((_, behind)) = rest.split_once('{') {
        let Some((name, behind)) = behind.split_once('}') else {
            let message = "`text` has a brace that is not closed".to_owned();
            let written = format!("{{{behind}");
            return Err(file.error(place(file, text, &written), message, Some(known())));
        };
        let written = format!("{{{name}}}");
        if !PLACEHOLDERS.contains(&written.as_str()) {
            let message = format!(
                "`text` has the placeholder `{}`, which nothing is filled into",
                written.escape_debug()
            );
            let meant = nearest(name.trim(), PLACEHOLDERS.iter().map(|one| one.trim_matches(['{', '}'])));
            let help = match meant {
                Some(meant) => format!("did you mean `{{{meant}}}`? {}", known()),
                None => known(),
            };
            return Err(file.error(place(file, text, &written), message, Some(help)));
        }
        rest = behind;
    }
    Ok(())
}

/// Where a part of a text stands in the file; all of the text where it is written in another way there.
fn place(file: File<'_>, text: &Found<&str>, part: &str) -> std::ops::Range<usize> {
    let at = file.text.get(text.span.clone()).and_then(|written| written.find(part));
    at.map_or_else(|| text.span.clone(), |at| text.span.start + at..text.span.start + at + part.len())
}
