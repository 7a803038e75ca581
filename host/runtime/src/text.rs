//! Texts from strangers, and figures for people.

use std::fmt;

/// The text with control, bidirectional and invisible characters escaped, cut to `most` characters.
///
/// Everything that a plugin wrote goes through here before a person sees it.
///
/// ```
/// assert_eq!(groundswell_runtime::shown("red \u{1b}[31m", 80), "red \\u{1b}[31m");
/// assert_eq!(groundswell_runtime::shown("a long sentence", 6), "a lon…");
/// ```
pub fn shown(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count + 1 >= most && text.chars().nth(most).is_some() {
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

/// Whether a name is kebab-case, of at most 64 bytes: lowercase words and digits joined by single hyphens, starting
/// with a letter.
pub(crate) fn is_kebab(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(word)
}

/// A whole number with thousands separated by commas.
pub(crate) struct Figure<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Figure<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let figures = [0_u64, 999, 1_000, 1_819_200_000].map(|figure| Figure(figure).to_string());
        assert_eq!(figures, ["0", "999", "1,000", "1,819,200,000"]);
    }

    #[test]
    fn what_could_fool_a_reader_is_escaped() {
        assert_eq!(shown("a\u{202e}b\nc\u{feff}", 80), "a\\u{202e}b\\u{a}c\\u{feff}");
        assert_eq!(shown("grüße 🌊", 80), "grüße 🌊");
        assert_eq!(shown("abcdef", 6), "abcdef");
        assert_eq!(shown("abcdefg", 6), "abcde…");
    }
}
