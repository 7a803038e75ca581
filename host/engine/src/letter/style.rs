//! Numbers and dates as a language writes them.

use groundswell_runtime::shown;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::template::Template;
use crate::reason::plain_number;
use crate::{Error, ExplainedInput, ExplainedValue};

/// The unit of metrics that are written as percentages.
const SHARE: &str = "share, 0 to 1";

/// How a language writes numbers and dates: `[style]` of its template.
pub(super) struct Style {
    template: Template,
    decimal: String,
    group: String,
    months: Vec<String>,
    unknown: String,
}

impl Style {
    pub(super) fn new(template: &Template, language: &str) -> Result<Self, Error> {
        let said = |key: &str| template.said("style", key, &[]).unwrap_or_default();
        let months: Vec<String> = said("months").split(',').map(|month| month.trim().to_owned()).collect();
        if months.len() != 12 {
            let problem =
                format!("`months` in [style] names {} months, with commas between them", months.len());
            return Err(Error::Letter { place: format!("in `{language}`"), problem });
        }
        Ok(Self {
            decimal: said("decimal"),
            group: said("group"),
            unknown: said("unknown"),
            months,
            template: template.clone(),
        })
    }

    /// As people write it: at most two decimals, thousands apart.
    pub(super) fn number(&self, number: f64) -> String {
        if !number.is_finite() {
            return self.unknown.clone();
        }
        let plain = plain_number(number);
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("−", digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let mut written = sign.to_owned();
        let grouped = whole.bytes().all(|byte| byte.is_ascii_digit());
        for (place, digit) in whole.chars().enumerate() {
            if grouped && place > 0 && (whole.len() - place).is_multiple_of(3) {
                written.push_str(&self.group);
            }
            written.push(digit);
        }
        if !decimals.is_empty() {
            written.push_str(&self.decimal);
            written.push_str(decimals);
        }
        written
    }

    /// A share from 0 to 1 as a percentage, whole.
    pub(super) fn share(&self, share: f64) -> String {
        let number = self.number((share * 100.0).round());
        self.template.said("style", "percent", &[("number", &number)]).unwrap_or(number)
    }

    /// What a member has of an input.
    pub(super) fn value(&self, input: &ExplainedInput) -> String {
        match &input.value {
            ExplainedValue::Missing => self.unknown.clone(),
            ExplainedValue::Number(share) if input.unit == SHARE => self.share(*share),
            ExplainedValue::Number(number) => self.number(*number),
            ExplainedValue::Word(word) => {
                let word = shown(word, 100);
                self.template.said("style", "word", &[("word", &word)]).unwrap_or(word)
            }
        }
    }

    /// The day that a moment (nanoseconds since 1970, UTC) lies in.
    pub(super) fn date(&self, moment: i64, zone: &TimeZone) -> String {
        let Ok(moment) = Timestamp::from_nanosecond(moment.into()) else { return self.unknown.clone() };
        let date = moment.to_zoned(zone.clone()).date();
        let month = usize::try_from(date.month()).ok().and_then(|month| self.months.get(month - 1));
        let (day, year) = (date.day().to_string(), date.year().to_string());
        let values = [("day", day.as_str()), ("month", month.map_or("", String::as_str)), ("year", &year)];
        self.template.said("style", "date", &values).unwrap_or_else(|| date.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::SHIPPED;

    fn style(language: &str) -> Style {
        let (name, text) = SHIPPED.iter().find(|(name, _)| *name == language).unwrap();
        Style::new(&Template::parse(name, text).unwrap(), name).unwrap()
    }

    #[test]
    fn numbers_and_dates_are_written_as_the_language_does() {
        let told = |language: &str| {
            let style = style(language);
            let numbers = [0.0, -3.5, 999.0, 1234.5, 1_234_567.891, 0.000_012, f64::NAN, 1e17];
            let mut all: Vec<String> = numbers.map(|number| style.number(number)).to_vec();
            all.push(style.share(0.834));
            // An hour before midnight in UTC it is the next day in Berlin.
            all.push(style.date(1_590_966_000_000_000_000, &TimeZone::get("Europe/Berlin").unwrap()));
            all.join(" | ")
        };
        insta::assert_snapshot!(told("en"), @"0 | −3.5 | 999 | 1,234.5 | 1,234,567.89 | 1.20e-5 | unknown | 1.00e17 | 83% | 1 June 2020");
        insta::assert_snapshot!(told("de"), @"0 | −3,5 | 999 | 1.234,5 | 1.234.567,89 | 1,20e-5 | unbekannt | 1,00e17 | 83 % | 1. Juni 2020");
    }
}
