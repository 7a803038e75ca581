//! What messages must be, whatever the input was.

use groundswell_runtime::shown;

/// Characters of the longest message: twenty lines of 300, and what stands around them.
const LONGEST: usize = 8_000;

/// Asserts that a text can be shown as it is: no control and no invisible characters but ends of lines, and not too
/// long for anybody to read.
pub(crate) fn assert_plain(text: &str) {
    let lines = text.replace('\n', " ");
    assert!(shown(&lines, usize::MAX) == lines, "it can fool a reader: {text:?}");
    let length = text.chars().count();
    assert!(length <= LONGEST, "a message of {length} characters: {text:.300}");
}
