//! What a template makes of values that nobody has: for trying templates.

use jiff::tz::TimeZone;

use super::style::Style;
use super::template::{Template, all_sections};
use super::{SHIPPED, USUAL, tidy};
use crate::Error;

/// What a template says where every place is filled with `value`: each section by its title, then a number, a share and a day.
/// What the template does not say is said in English. For fuzzing.
///
/// # Errors
///
/// As [`Community::letter`](crate::Community::letter) would: [`Error::Letter`].
#[doc(hidden)]
pub fn sample_letter(text: &str, value: &str) -> Result<Vec<(&'static str, String)>, Error> {
    let shipped = SHIPPED.iter().find(|(name, _)| *name == USUAL).map_or("", |(_, text)| *text);
    let template = Template::parse("sample.txt", text)?.over(Template::parse(USUAL, shipped)?);
    let template = template.whole("sample.txt")?;
    let style = Style::new(&template, "sample")?;
    let sections = all_sections().map(|(title, places)| {
        let values: Vec<(&str, &str)> = places.iter().map(|place| (*place, value)).collect();
        (title, tidy(&template.fill(title, &values)))
    });
    let mut all: Vec<(&'static str, String)> = sections.collect();
    all.push(("number", style.number(-1_234_567.891)));
    all.push(("share", style.share(0.5)));
    all.push(("date", style.date(0, &TimeZone::UTC)));
    Ok(all)
}
