//! Templates of letters: sections of text with `{placeholders}`.

use std::collections::BTreeMap;

use crate::Error;
use crate::nearest::nearest;

/// The sections whose text becomes part of a letter, and the placeholders that each may have.
const SECTIONS: [(&str, &[&str]); 20] = [
    (
        "letter",
        &[
            "member",
            "community",
            "date",
            "tier",
            "summary",
            "score",
            "rank",
            "of",
            "reasons",
            "counted",
            "changed",
            "awards",
            "next",
        ],
    ),
    ("reason", &["reason"]),
    ("counted-raised", &["what", "value", "percentile", "points"]),
    ("counted-lowered", &["what", "value", "percentile", "points"]),
    ("counted-none", &[]),
    ("percentile", &["percent"]),
    ("changed-same", &["then", "tier"]),
    ("changed-up", &["then", "before", "tier"]),
    ("changed-down", &["then", "before", "tier"]),
    ("changed-aside", &["then", "before", "tier"]),
    ("changed-first", &["tier"]),
    ("changed-unknown", &[]),
    ("changed-definition", &[]),
    ("unconfirmed", &["counts", "tier", "runs"]),
    ("awards", &["list"]),
    ("award", &["award", "state", "why"]),
    ("why", &["reason"]),
    ("next", &["tier", "summary", "members", "lowest", "helps"]),
    ("lowest", &["score"]),
    ("next-none", &[]),
];
/// Sections that are there for others: what a line of `{helps}` is, and what is before all of them.
const HELPS: [(&str, &[&str]); 2] = [("helps", &["list"]), ("help", &["what", "value"])];
/// Sections of lines `key = text`, with the keys that have to be there.
const LISTS: [(&str, &[&str]); 3] = [
    ("style", &["decimal", "group", "percent", "date", "months", "unknown", "word"]),
    (
        "states",
        &[
            "held",
            "pending",
            "lapsed",
            "rejected",
            "granted",
            "invited",
            "accepted",
            "completed",
            "joined",
            "leaving",
            "revoking",
            "revoked",
            "left",
            "expired",
            "spent",
            "appealed",
            "upheld",
        ],
    ),
    ("words", &[]),
];
/// The placeholders of texts in lists.
const IN_LISTS: [(&str, &str, &[&str]); 3] = [
    ("style", "percent", &["number"]),
    ("style", "date", &["day", "month", "year"]),
    ("style", "word", &["word"]),
];
const IN_WORDS: &[&str] = &["parameters"];

/// Text with places that are filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Plain(String),
    Place(String),
}

impl Text {
    /// Fills the places once: what is filled in is not looked at again.
    pub(super) fn fill(&self, values: &[(&str, &str)]) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Plain(text) => text.as_str(),
            Part::Place(name) => {
                values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
            }
        });
        parts.collect()
    }
}

/// A template of a letter in one language.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    sections: BTreeMap<String, Text>,
    lists: BTreeMap<String, BTreeMap<String, Text>>,
}

impl Template {
    /// Reads a template; `name` says in errors where it stands.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let mut template = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for section in split(name, text)? {
            if let Some(known) = all_sections().find(|(title, _)| *title == section.title) {
                let body = body(&section.lines);
                let (line, body) = body.unwrap_or((section.line, String::new()));
                let read = text_of(&body, known.1).map_err(|(at, problem)| {
                    wrong(name, line + at, format!("in [{}], {problem}", section.title))
                })?;
                template.sections.insert(section.title, read);
            } else {
                let list = list(name, &section)?;
                template.lists.insert(section.title, list);
            }
        }
        Ok(template)
    }

    /// What this one does not say, as another says it.
    pub(super) fn over(mut self, base: Self) -> Self {
        for (title, text) in base.sections {
            self.sections.entry(title).or_insert(text);
        }
        for (title, list) in base.lists {
            let own = self.lists.entry(title).or_default();
            for (key, text) in list {
                own.entry(key).or_insert(text);
            }
        }
        self
    }

    /// That nothing is missing.
    pub(super) fn whole(self, name: &str) -> Result<Self, Error> {
        let section =
            all_sections().map(|(title, _)| title).find(|title| !self.sections.contains_key(*title));
        let lacks = |what: String| Error::Letter {
            place: name.to_owned(),
            problem: format!("it lacks {what}; the English template that comes along has all of them"),
        };
        if let Some(title) = section {
            return Err(lacks(format!("the section [{title}]")));
        }
        for (title, keys) in LISTS {
            let list = self.lists.get(title);
            if let Some(key) = keys.iter().find(|key| list.is_none_or(|list| !list.contains_key(**key))) {
                return Err(lacks(format!("`{key}` in [{title}]")));
            }
        }
        Ok(self)
    }

    /// A section, filled.
    pub(super) fn fill(&self, section: &str, values: &[(&str, &str)]) -> String {
        self.sections.get(section).map_or_else(String::new, |text| text.fill(values))
    }

    /// A text of a list, filled; `None` where it is not there.
    pub(super) fn said(&self, list: &str, key: &str, values: &[(&str, &str)]) -> Option<String> {
        Some(self.lists.get(list)?.get(key)?.fill(values))
    }
}

pub(super) fn all_sections() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    SECTIONS.into_iter().chain(HELPS)
}

fn titles() -> impl Iterator<Item = &'static str> {
    all_sections().map(|(title, _)| title).chain(LISTS.iter().map(|(title, _)| *title))
}

fn wrong(name: &str, line: usize, problem: String) -> Error {
    Error::Letter { place: format!("{name}, line {line}"), problem }
}

/// A section as it stands in the file.
struct Section<'t> {
    title: String,
    line: usize,
    /// With their numbers, from 1.
    lines: Vec<(usize, &'t str)>,
}

/// Parts a file at lines that are a title in square brackets. Lines that begin with `#` are comments.
fn split<'t>(name: &str, text: &'t str) -> Result<Vec<Section<'t>>, Error> {
    let mut sections: Vec<Section<'t>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with('#') {
            continue;
        }
        let title = line.trim_end().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(title) = title {
            if !titles().any(|known| known == title) {
                let way_out = match nearest(title, titles()) {
                    Some(meant) => format!("did you mean [{meant}]?"),
                    None => {
                        format!(
                            "there are {}",
                            titles().map(|known| format!("[{known}]")).collect::<Vec<_>>().join(", ")
                        )
                    }
                };
                let problem = format!("there is no section [{}]; {way_out}", title.escape_debug());
                return Err(wrong(name, number, problem));
            }
            if let Some(first) = sections.iter().find(|section| section.title == title) {
                let problem = format!("[{title}] stands in line {} already; make one of them", first.line);
                return Err(wrong(name, number, problem));
            }
            sections.push(Section { title: title.to_owned(), line: number, lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push((number, line));
        } else if !line.trim().is_empty() {
            let problem = "before the first text there has to be a title such as [letter]".to_owned();
            return Err(wrong(name, number, problem));
        }
    }
    Ok(sections)
}

/// The lines without blank ones before and after, and the number of the first.
fn body(lines: &[(usize, &str)]) -> Option<(usize, String)> {
    let is_text = |(_, line): &(usize, &str)| !line.trim().is_empty();
    let first = lines.iter().position(is_text)?;
    let last = lines.iter().rposition(is_text)?;
    let lines = lines.get(first..=last)?;
    let text = lines.iter().map(|(_, line)| line.trim_end()).collect::<Vec<_>>().join("\n");
    Some((lines.first()?.0, text))
}

fn list(name: &str, section: &Section<'_>) -> Result<BTreeMap<String, Text>, Error> {
    let known =
        LISTS.iter().find(|(title, _)| *title == section.title).map_or(&[] as &[&str], |(_, keys)| keys);
    let mut list = BTreeMap::new();
    for (number, line) in section.lines.iter().filter(|(_, line)| !line.trim().is_empty()) {
        // A metric's id has `=` in it, and no blank.
        let Some((key, text)) = line.split_once(" = ").or_else(|| Some((line.strip_suffix(" =")?, "")))
        else {
            let problem = format!("[{}] has lines such as `key = text`", section.title);
            return Err(wrong(name, *number, problem));
        };
        let key = key.trim();
        if !known.is_empty() && !known.contains(&key) {
            let way_out = match nearest(key, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it has {}", known.join(", ")),
            };
            let problem = format!("[{}] has no `{}`; {way_out}", section.title, key.escape_debug());
            return Err(wrong(name, *number, problem));
        }
        let places = IN_LISTS.iter().find(|(title, of, _)| *title == section.title && *of == key);
        let places = match places {
            Some((.., places)) => places,
            None if section.title == "words" => IN_WORDS,
            None => &[],
        };
        // Other blanks than these may be meant: they part thousands.
        let text = text_of(text.trim_matches([' ', '\t']), places).map_err(|(_, problem)| {
            wrong(name, *number, format!("in `{}`, {problem}", key.escape_debug()))
        })?;
        list.insert(key.to_owned(), text);
    }
    Ok(list)
}

/// Finds the places in a text. An error comes with the number of its line, from 0.
fn text_of(text: &str, known: &[&str]) -> Result<Text, (usize, String)> {
    let (mut parts, mut plain) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let twice = ["{{", "}}"].iter().find_map(|brace| from.strip_prefix(brace).map(|rest| (brace, rest)));
        if let Some((brace, after)) = twice {
            plain.extend(brace.chars().take(1));
            rest = after;
            continue;
        }
        let place = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let line = || text.get(..text.len() - from.len()).unwrap_or_default().matches('\n').count();
        let Some((place, after)) = place else {
            return Err((
                line(),
                "there is a brace alone; write {{ or }} for one that is to be seen".to_owned(),
            ));
        };
        if !known.contains(&place) {
            return Err((line(), unknown(place, known)));
        }
        if !plain.is_empty() {
            parts.push(Part::Plain(std::mem::take(&mut plain)));
        }
        parts.push(Part::Place(place.to_owned()));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Plain(plain));
    }
    Ok(Text(parts))
}

fn unknown(place: &str, known: &[&str]) -> String {
    let place = groundswell_runtime::shown(place, 60);
    let known: Vec<String> = known.iter().map(|known| format!("{{{known}}}")).collect();
    match known.as_slice() {
        [] => format!("there is no placeholder {{{place}}}; there are none here"),
        known => format!("there is no placeholder {{{place}}}; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        let text = text_of("{{{member}}} is {tier}", &["member", "tier"]).unwrap();
        assert_eq!(text.fill(&[("member", "{tier}"), ("tier", "new")]), "{{tier}} is new");
    }

    #[test]
    fn what_is_wrong_with_a_template_is_told_with_its_line_and_the_way_out() {
        let told = |text: &str| Template::parse("en.txt", text).map(|_| ()).unwrap_err().to_string();
        let all = [
            told("Dear you\n[letter]\n"),
            told("[lettre]\n"),
            told("[p.s.]\n"),
            told("[reason]\n[reason]\n"),
            told("# a comment\n[reason]\n\nbecause\nof {raison}\n"),
            told("[counted-none]\nnothing {much}\n"),
            told("[reason]\n{reason\n"),
            told("[style]\ndecimal: ,\n"),
            told("[style]\ndecimals = ,\n"),
            told("[style]\npercent = {percent} %\n"),
            Template::parse("fr.txt", "[reason]\n{reason}\n")
                .unwrap()
                .whole("fr.txt")
                .unwrap_err()
                .to_string(),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        the letter en.txt, line 1: before the first text there has to be a title such as [letter]
        the letter en.txt, line 1: there is no section [lettre]; did you mean [letter]?
        the letter en.txt, line 1: there is no section [p.s.]; there are [letter], [reason], [counted-raised], [counted-lowered], [counted-none], [percentile], [changed-same], [changed-up], [changed-down], [changed-aside], [changed-first], [changed-unknown], [changed-definition], [unconfirmed], [awards], [award], [why], [next], [lowest], [next-none], [helps], [help], [style], [states], [words]
        the letter en.txt, line 2: [reason] stands in line 1 already; make one of them
        the letter en.txt, line 5: in [reason], there is no placeholder {raison}; there are {reason}
        the letter en.txt, line 2: in [counted-none], there is no placeholder {much}; there are none here
        the letter en.txt, line 2: in [reason], there is a brace alone; write {{ or }} for one that is to be seen
        the letter en.txt, line 2: [style] has lines such as `key = text`
        the letter en.txt, line 2: [style] has no `decimals`; did you mean `decimal`?
        the letter en.txt, line 2: in `percent`, there is no placeholder {percent}; there are {number}
        the letter fr.txt: it lacks the section [letter]; the English template that comes along has all of them
        ");
    }

    #[test]
    fn what_a_community_does_not_say_is_said_as_it_comes_along() {
        let base = Template::parse(
            "base",
            "[reason]\nas {reason}\n[why]\n({reason})\n[style]\ndecimal = .\ngroup =\n",
        )
        .unwrap();
        let own =
            Template::parse("own", "[reason]\nbecause: {reason}\n[style]\ndecimal = ,\n").unwrap().over(base);
        assert_eq!(own.fill("reason", &[("reason", "x")]), "because: x");
        assert_eq!(own.fill("why", &[("reason", "x")]), "(x)");
        assert_eq!(own.said("style", "decimal", &[]).as_deref(), Some(","));
        assert_eq!(own.said("style", "group", &[]).as_deref(), Some(""));
        assert_eq!(own.said("style", "date", &[]), None);
    }

    proptest! {
        #[test]
        fn whatever_a_template_says_it_is_read_or_told_what_is_wrong(
            title in prop::sample::select(titles().collect::<Vec<_>>()),
            text in "([a-z {}#=\\[\\]]|\\{member\\}|\\{\\{|\\PC|\n){0,80}",
        ) {
            match Template::parse("it", &format!("[{title}]\n{text}")) {
                Err(error) => prop_assert!(error.to_string().starts_with("the letter it, line "), "{error}"),
                // What is filled in is there as it is, and nothing else that looks like a place is filled.
                Ok(template) => {
                    let told = template.fill(title, &[("member", "{tier}"), ("tier", "unseen")]);
                    let place = ["{tier}", "unseen"].iter().any(|place| text.contains(place));
                    prop_assert!(place || !told.contains("unseen"));
                }
            }
        }
    }
}
