//! Text as the template of a letter.

use groundswell::sample_letter;

use crate::message::assert_plain;

/// What places are filled with: it looks like places itself.
const VALUE: &str = "{member}}{{\u{2e3b}{what}\u{2e3b}";

pub(crate) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match sample_letter(text, VALUE) {
        Ok(filled) => {
            let Ok(empty) = sample_letter(text, "") else {
                unreachable!("the same template, read once more")
            };
            for ((title, filled), (_, empty)) in filled.iter().zip(&empty) {
                // What is filled in is not looked at again, and nothing else changes by it.
                if !text.contains('\u{2e3b}') {
                    let without: String = words(&filled.replace(VALUE, " "));
                    assert_eq!(without, words(empty), "[{title}] of {text:?}");
                }
                assert!(!filled.ends_with("\n\n") && !filled.starts_with('\n'), "[{title}]: {filled:?}");
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert_plain(&said);
            let again = sample_letter(text, "").err().map(|error| error.to_string());
            assert_eq!(again, Some(said));
        }
    }
}

/// What is left where blanks do not count: lines without words go.
fn words(text: &str) -> String {
    text.split_whitespace().collect()
}
