//! Texts out of a file that somebody may have edited.

/// The longest that is told, in characters.
const MOST: usize = 1_000;

/// The text with control, bidirectional and invisible characters escaped, and cut where it is long.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == MOST {
            out.push('…');
            break;
        }
        if is_hidden(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether a character can change what surrounds it on a screen, or cannot be seen.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_fool_a_reader_is_escaped_and_what_is_long_is_cut() {
        assert_eq!(plain("a\u{202e}b\nü\u{0}"), "a\\u{202e}b\\u{a}ü\\u{0}");
        assert_eq!(plain(&"x".repeat(MOST + 1)), format!("{}…", "x".repeat(MOST)));
    }
}
