//! One table of a TOML file, read key by key; every error points at the bytes that are meant.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::nearest::{listed, nearest};
use crate::{ConfigError, Error, Location};

/// The file that is read.
#[derive(Clone, Copy)]
pub(super) struct File<'t> {
    pub(super) path: &'t Path,
    pub(super) text: &'t Arc<str>,
}

impl File<'_> {
    /// An error about these bytes of the file.
    pub(super) fn error(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Error {
        let end = span.end.min(self.text.len());
        let span = span.start.min(end)..end;
        let location = Location { path: self.path.to_owned(), text: self.text.clone(), span, help };
        ConfigError { message: message.into(), location }.into()
    }
}

/// A table of the file, with the keys that may stand in it.
pub(super) struct Section<'t> {
    pub(super) file: File<'t>,
    /// As it stands in the file: `[community]`.
    title: String,
    span: Range<usize>,
    table: Option<&'t DeTable<'t>>,
}

/// A value and where it stands.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

impl<'t> Section<'t> {
    /// The table of that name inside of `parent`, empty when it is not there.
    pub(super) fn inside(
        parent: &Section<'t>,
        key: &str,
        title: impl Into<String>,
        known: &[&str],
    ) -> Result<Self, Error> {
        let title = title.into();
        match parent.get(key) {
            None => Ok(Self { file: parent.file, title, span: parent.span.clone(), table: None }),
            Some(found) => Self::of(parent.file, title, found, known),
        }
    }

    /// The table that this value is.
    pub(super) fn of(
        file: File<'t>,
        title: impl Into<String>,
        found: &'t Spanned<DeValue<'t>>,
        known: &[&str],
    ) -> Result<Self, Error> {
        let title = title.into();
        match found.get_ref() {
            DeValue::Table(table) => Self::new(file, title, found.span(), table, known),
            other => {
                Err(file.error(found.span(), format!("{title} must be a table, not {}", a_type(other)), None))
            }
        }
    }

    /// A table, after a look at its keys: those not `known` are refused. No known keys at all means that any will do.
    pub(super) fn new(
        file: File<'t>,
        title: impl Into<String>,
        span: Range<usize>,
        table: &'t DeTable<'t>,
        known: &[&str],
    ) -> Result<Self, Error> {
        let title = title.into();
        let unknown = |key: &&'t Spanned<_>| -> bool {
            let key: &Spanned<std::borrow::Cow<'_, str>> = key;
            !known.is_empty() && !known.contains(&key.get_ref().as_ref())
        };
        // The one that stands first in the file, whatever order the table is kept in.
        if let Some(key) = table.keys().filter(unknown).min_by_key(|key| key.span().start) {
            let help = match nearest(key.get_ref(), known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.contains(&"settings") => format!(
                    "{title} has the keys {}; what the plugin is told goes into settings = {{ {} = … }}",
                    listed(known),
                    key.get_ref().escape_debug()
                ),
                None => format!("{title} has the keys {}", listed(known)),
            };
            let message = format!("{title} has no key `{}`", key.get_ref().escape_debug());
            return Err(file.error(key.span(), message, Some(help)));
        }
        Ok(Self { file, title, span, table: Some(table) })
    }

    /// Whether the table stands in the file at all.
    pub(super) fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// The keys and values, as they are.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Found<&'t str>, &'t Spanned<DeValue<'t>>)> {
        self.table
            .into_iter()
            .flatten()
            .map(|(key, value)| (Found { value: key.get_ref().as_ref(), span: key.span() }, value))
    }

    /// The value of a key, of whatever type.
    pub(super) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table?.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Text.
    pub(super) fn text(&self, key: &str, example: &str) -> Result<Option<Found<&'t str>>, Error> {
        self.get(key).map(|found| self.text_of(key, found, example)).transpose()
    }

    /// Text that has to be there.
    pub(super) fn needed_text(&self, key: &str, example: &str) -> Result<Found<&'t str>, Error> {
        self.text(key, example)?.ok_or_else(|| self.missing(key, example))
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(found) = self.get(key) else { return Ok(None) };
        found.get_ref().as_bool().map(Some).ok_or_else(|| self.mistyped(key, found, "true or false", "false"))
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str, example: &str) -> Result<Option<Vec<Found<&'t str>>>, Error> {
        let Some(found) = self.get(key) else { return Ok(None) };
        match found.get_ref() {
            DeValue::Array(list) => self.texts_of(key, list, example).map(Some),
            _ => Err(self.mistyped(key, found, "a list of texts", example)),
        }
    }

    /// The texts in a list.
    pub(super) fn texts_of(
        &self,
        key: &str,
        list: &'t DeArray<'t>,
        example: &str,
    ) -> Result<Vec<Found<&'t str>>, Error> {
        list.iter().map(|item| self.text_of(&format!("each of `{key}`"), item, example)).collect()
    }

    fn text_of(
        &self,
        key: &str,
        found: &'t Spanned<DeValue<'t>>,
        example: &str,
    ) -> Result<Found<&'t str>, Error> {
        let value = found.get_ref().as_str().ok_or_else(|| self.mistyped(key, found, "text", example))?;
        Ok(Found { value, span: found.span() })
    }

    /// The error that a key is not there.
    pub(super) fn missing(&self, key: &str, example: &str) -> Error {
        let message = format!("{} lacks `{key}`", self.title);
        self.file.error(self.header(), message, Some(format!("write, for example, {key} = {example}")))
    }

    /// The error that a value has another type than it should.
    pub(super) fn mistyped(
        &self,
        key: &str,
        found: &Spanned<DeValue<'_>>,
        wanted: &str,
        example: &str,
    ) -> Error {
        let key = if key.contains('`') { key.to_owned() } else { format!("`{key}`") };
        let message = format!("{key} in {} must be {wanted}, not {}", self.title, a_type(found.get_ref()));
        self.file.error(found.span(), message, Some(format!("such as {example}")))
    }

    /// The error that a text is none of those that a key knows.
    pub(super) fn not_one_of(&self, key: &str, found: &Found<&str>, choices: &[&str]) -> Error {
        let message = format!("`{key}` cannot be \"{}\"", found.value.escape_debug());
        let choices_text =
            choices.iter().map(|choice| format!("\"{choice}\"")).collect::<Vec<_>>().join(", ");
        let help = match nearest(found.value, choices.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("it is one of {choices_text}"),
        };
        self.file.error(found.span.clone(), message, Some(help))
    }

    /// The first line of the table.
    pub(super) fn header(&self) -> Range<usize> {
        let start = self.span.start;
        let line =
            self.file.text.get(start..self.span.end).and_then(|text| text.lines().next()).map_or(0, str::len);
        start..start + line
    }
}

/// The type of a value, with its article.
pub(super) fn a_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
