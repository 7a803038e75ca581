//! How much of what a server says is shown.

use std::collections::HashSet;

use serde_json::Value;

use crate::hex::to_hex;
use crate::{Message, Secret};

/// The longest problem, in characters.
pub const MOST_PROBLEM: usize = 500;
/// The longest excerpt of what a server says, in characters.
const MOST_EXCERPT: usize = 120;
/// So many letters and digits in a row that were sent, and an excerpt is not shown.
const RUN: usize = 8;
/// Texts of fewer letters and digits than these say nothing about anybody.
const SHORT: usize = 4;

/// One line of plain text: what cannot be seen is escaped, and what is beyond `most` characters cut off.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for letter in text.trim().chars() {
        let escaped = match letter {
            '\'' | '"' | '\\' => letter.to_string(),
            '\n' | '\r' | '\t' => " ".to_owned(),
            _ => letter.escape_debug().to_string(),
        };
        length += escaped.chars().count();
        if length > most {
            line.push('…');
            break;
        }
        line.push_str(&escaped);
    }
    line
}

/// A server's own words, in quotes, or why they are not shown. They are withheld as soon as they repeat anything of the
/// message's texts or of the key, in whatever letters' case and however JSON writes it: a server that sends back what it
/// was sent must not bring reasons and keys into logs.
pub(crate) fn quoted(said: &[u8], message: &Message, key: &Secret) -> String {
    let text = String::from_utf8_lossy(said);
    if text.trim().is_empty() {
        return "nothing".to_owned();
    }
    let key_itself = said.windows(key.bytes().len()).any(|window| window == key.bytes());
    if key_itself || repeats(&folded(&text), &private(message, key)) {
        return "something that repeats what it was sent, and is not shown".to_owned();
    }
    format!("“{}”", plain(&text, MOST_EXCERPT))
}

/// Everything that is nobody else's business, folded.
fn private(message: &Message, key: &Secret) -> Vec<Vec<char>> {
    let mut found = vec![folded(&String::from_utf8_lossy(key.bytes())), folded(&to_hex(key.bytes()))];
    match serde_json::from_slice(&message.body) {
        Ok(value) => texts(&value, &mut found),
        Err(_) => found.push(folded(&String::from_utf8_lossy(&message.body))),
    }
    found
}

/// Every text in a value; not the names of its fields, which are the same for everybody.
fn texts(value: &Value, found: &mut Vec<Vec<char>>) {
    match value {
        Value::String(text) => found.push(folded(text)),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn repeats(said: &[char], private: &[Vec<char>]) -> bool {
    let runs: HashSet<&[char]> = said.windows(RUN).collect();
    private.iter().any(|text| match text.len() {
        ..SHORT => false,
        SHORT..RUN => said.windows(text.len()).any(|window| window == text),
        _ => text.windows(RUN).any(|window| runs.contains(window)),
    })
}

/// Letters and digits alone, as small ones, after `\u0041` was read as what it stands for.
fn folded(text: &str) -> Vec<char> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let escaped = rest.strip_prefix("\\u").and_then(|after| after.get(..4));
        if let Some(unit) = escaped.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            units.push(unit);
            rest = rest.get(6..).unwrap_or_default();
        } else {
            units.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    let letters = char::decode_utf16(units).filter_map(Result::ok);
    letters.filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIDDEN: &str = "something that repeats what it was sent, and is not shown";

    fn said(text: &str) -> String {
        let body = r#"{"kind":"badge","reason":"Müde, but never \"rude\" to новичкам","short":"Gold","level":12345678}"#;
        let key = Secret::new("0123-a-key-nobody-knows").unwrap();
        quoted(text.as_bytes(), &Message::new(1, "k", "lane", body), &key)
    }

    #[test]
    fn what_has_nothing_of_the_message_is_shown_on_one_short_line() {
        assert_eq!(said(""), "nothing");
        assert_eq!(said(" \r\n"), "nothing");
        assert_eq!(said("no such\r\nkind"), "“no such  kind”");
        assert_eq!(said("a reason is missing"), "“a reason is missing”");
        assert_eq!(said("level 12345678 is too high"), "“level 12345678 is too high”");
        assert_eq!(said("\u{1b}[31mred\u{202e}\0"), "“\\u{1b}[31mred\\u{202e}\\0”");
        assert_eq!(said(&"xyz ".repeat(100)).chars().count(), 123);
    }

    #[test]
    fn what_repeats_the_message_or_the_key_is_not_shown_however_it_is_written() {
        for text in [
            "got: Müde, but never rude",
            "NEVER RUDE TO",
            r#"{"echo":"never \"rude\" to"}"#,
            r"\u043d\u043e\u0432\u0438\u0447\u043a\u0430\u043c",
            "no tier gold",
            "key 0123-A-KEY-nobody-knows is old",
            "0123akeynobodyknows",
            &to_hex(b"0123-a-key-nobody-knows"),
        ] {
            assert_eq!(said(text), HIDDEN, "{text}");
        }
    }

    #[test]
    fn a_key_of_signs_alone_is_not_shown_either() {
        let key = Secret::new("!!--!!--!!--!!--").unwrap();
        let message = Message::new(1, "k", "lane", "{}");
        assert_eq!(quoted(b"<!!--!!--!!--!!-->", &message, &key), HIDDEN);
    }

    #[test]
    fn folding_any_text_ends() {
        for text in ["\\u", "\\u12", "\\uD83D\\uDE00x", "\\uD83D", "\\\\u0041", "é\\u00e", "\\u+123"] {
            let _ = folded(text);
        }
        assert_eq!(folded("\\u0041-B é"), ['a', 'b', 'é']);
    }
}
