//! Reasons: a plugin's sentences, filled and made safe to show.

use groundswell_runtime::{Column, Reason, ReasonText, shown};

/// How long a filled sentence may be, in characters.
const MOST: usize = 400;
/// How long a word filled into a sentence may be, in characters.
const MOST_WORD: usize = 80;

/// The sentence of a reason: `{value}` is replaced by the member's raw value of the reason's input, then
/// everything that could fool a reader is escaped.
///
/// `raw` answers the raw column of an input of the same description.
pub(crate) fn filled<'a>(
    reason: Reason,
    texts: &[ReasonText],
    raw: impl FnOnce(usize) -> Option<&'a Column>,
    row: usize,
) -> String {
    let Some(text) = texts.get(reason.text as usize) else { return String::new() };
    if !text.text.contains("{value}") {
        return shown(&text.text, MOST);
    }
    let column = reason.input.and_then(|input| raw(input as usize));
    let value = match column {
        None => None,
        Some(column) => column
            .number(row)
            .map(plain_number)
            .or_else(|| column.word(row).map(|word| shown(word, MOST_WORD))),
    };
    shown(&text.text.replace("{value}", value.as_deref().unwrap_or("unknown")), MOST)
}

/// A number as people write it: whole, or with at most two decimals (three digits that count below 0.1).
pub(crate) fn plain_number(number: f64) -> String {
    if !number.is_finite() {
        return "unknown".to_owned();
    }
    if number == number.trunc() && number.abs() < 1e15 {
        return format!("{}", number as i64);
    }
    let magnitude = number.abs();
    if !(1e-4..1e15).contains(&magnitude) {
        return format!("{number:.2e}");
    }
    let decimals = if magnitude >= 0.1 { 2 } else { 4 };
    let text = format!("{number:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_plainly() {
        let plain =
            [0.0, -0.0, 3.0, 0.5, 1.0 / 3.0, 0.012_34, 1e-9, -2.005, 1e17, 12_345.678].map(plain_number);
        assert_eq!(plain, ["0", "0", "3", "0.5", "0.33", "0.0123", "1.00e-9", "-2", "1.00e17", "12345.68"]);
    }

    #[test]
    fn a_value_is_filled_in_and_what_could_fool_a_reader_is_escaped() {
        let texts = [
            ReasonText::new("a", "in the team {value}\u{202e}"),
            ReasonText::new("b", "has {value} answers"),
            ReasonText::new("c", "no value here"),
        ];
        let raw = [
            Some(Column::from_words([Some("core\n{value}"), None])),
            Some(Column::Number([7.0, f64::NAN].into())),
            None,
        ];
        let raw = |input: usize| raw[input].as_ref();
        let filled = |text, input, row| filled(Reason::new(text, input), &texts, raw, row);
        assert_eq!(filled(0, Some(0), 0), "in the team core\\u{a}{value}\\u{202e}");
        assert_eq!(filled(1, Some(1), 0), "has 7 answers");
        assert_eq!(filled(1, Some(1), 1), "has unknown answers");
        assert_eq!(filled(1, Some(2), 0), "has unknown answers");
        assert_eq!(filled(2, None, 0), "no value here");
    }
}
